/* SPDX-License-Identifier: MIT */
/*
 * Before a program dies by a signal: its registers and a backtrace for the proxy, if the manifest permits debugging.
 *
 * Attacks considered: registers and return addresses are secrets of the enclave, so nothing leaves without that permission. The chain of
 * frames is the program's, and may be anything: it is read through the accessors, has to go upwards, and is cut.
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "load/policy.h"
#include "ring/access.h"
#include "ring/arena.h"

/* Frame records of AArch64: { previous x29, return address }. */
static void walk(struct rm_death *death)
{
	uint64_t record[2], at = death->x[29];

	death->frame[death->frames++] = death->pc;
	while (death->frames < RM_DEATH_FRAMES && at != 0 && at % 8 == 0 && rm_get_user(record, at, sizeof(record)) == 0) {
		if (record[1] == 0)
			break;
		death->frame[death->frames++] = record[1];
		if (record[0] <= at)
			break;
		at = record[0];
	}
}

void rm_death(struct rm_thread *t, int signal, unsigned long address, const struct rm_context *context)
{
	struct rm_death death = { .signal = (uint32_t)signal, .address = address };
	int slot;

	if (!rm_policy_debug() || t->dead)
		return;
	memcpy(death.x, context->x, sizeof(death.x));
	death.sp = context->sp;
	death.pc = context->pc;
	death.pstate = context->pstate;
	death.bias = rm_enclave.exec_bias;
	death.start = rm_enclave.exec_start;
	death.end = rm_enclave.exec_end;
	walk(&death);
	slot = rm_arena_take(t, 1);
	if (slot >= 0 && rm_copy(rm_arena_here(t, slot), &death, sizeof(death)) == 0)
		rm_ring_host(t, RM_HOST_DEATH, rm_arena_offset(t, slot), 0);
	if (slot >= 0)
		rm_arena_give(t, slot, 1);
}
