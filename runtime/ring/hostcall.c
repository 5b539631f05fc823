/* SPDX-License-Identifier: MIT */
/*
 * Host calls. One of the files that touch shared words.
 *
 * Attacks considered: the request is built in private memory, copied out, and never read back except for its result, once.
 * A result beyond what the call can have is -EIO. What the host wrote into a room is copied once by rm_hostcall_take(), and
 * checked there by the caller, who knows what it should be. A proxy that comes back without having answered is found out by a
 * mark in the result word.
 */
#include "ring/hostcall.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/arena.h"
#include "ring/ring.h"
#include "sys/linux.h"

#define UNANSWERED INT64_MIN

long rm_hostcall_begin_large(struct rm_hostcall *h, struct rm_thread *t, uint32_t number, unsigned slots)
{
	memset(h, 0, sizeof(*h));
	h->t = t;
	h->message.number = number;
	h->slots = slots;
	h->used = sizeof(struct rm_host_call);
	if (t->dead) {
		h->slot = -1;
		return -EIO;
	}
	h->slot = rm_arena_take(t, slots);
	return h->slot < 0 ? h->slot : 0;
}

long rm_hostcall_begin(struct rm_hostcall *h, struct rm_thread *t, uint32_t number)
{
	return rm_hostcall_begin_large(h, t, number, 1);
}

void rm_hostcall_end(struct rm_hostcall *h)
{
	if (h->slot >= 0)
		rm_arena_give(h->t, h->slot, h->slots);
	h->slot = -1;
}

long rm_hostcall_room(struct rm_hostcall *h, int arg, size_t size)
{
	const uint32_t start = (h->used + 15) & ~15u;
	const uint32_t all = h->slots * RM_SLOT_SIZE;
	long offset;

	if (start > all || size > all - start)
		return -E2BIG;
	offset = (long)rm_arena_offset(h->t, h->slot) + start;
	h->used = start + (uint32_t)size;
	h->message.arg[arg] = (uint64_t)offset;
	return offset;
}

long rm_hostcall_put(struct rm_hostcall *h, int arg, const void *from, size_t size)
{
	const long offset = rm_hostcall_room(h, arg, size);
	long error;

	if (offset < 0)
		return offset;
	error = rm_copy(h->t->region + offset, from, size);
	return error ? error : offset;
}

long rm_hostcall_take(struct rm_hostcall *h, long room, void *to, size_t size)
{
	const uint64_t start = rm_arena_offset(h->t, h->slot);

	if (room < (long)start || size > h->slots * RM_SLOT_SIZE ||
	    (uint64_t)room - start > h->slots * RM_SLOT_SIZE - size)
		return -EIO;
	return rm_copy(to, h->t->region + room, size);
}

/* One round: out, wait, result word in. */
static long round_trip(struct rm_hostcall *h)
{
	struct rm_thread *t = h->t;
	uint8_t *here = rm_arena_here(t, h->slot);
	int64_t result;

	h->message.result = UNANSWERED;
	t->host_number = h->message.number;
	t->host_calls++;
	if (t->dead || rm_copy(here, &h->message, sizeof(h->message)) != 0)
		return -EIO;
	rm_ring_host(t, RM_HOST_CALL, rm_arena_offset(t, h->slot), 0);
	if (t->dead || rm_copy(&result, here + offsetof(struct rm_host_call, result), sizeof(result)) != 0)
		return -EIO;
	return result;
}

long rm_hostcall_try(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit)
{
	const long result = round_trip(h);
	bool possible;

	if (rule == RM_RULE_COUNT && result >= 0)
		possible = (uint64_t)result <= limit;
	else
		possible = rm_result_possible(rule, 0, result);
	if (!possible) {
		rm_count(h->t, RM_COUNT_RESULT);
		return -EIO;
	}
	return result;
}

long rm_hostcall_do(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit)
{
	long result;

	do {
		result = rm_hostcall_try(h, rule, limit);
	} while (result == -EINTR);
	return result;
}

long rm_hostcall_thread_result(struct rm_thread *t)
{
	uint32_t word;

	if (rm_load32(t->region + t->result, &word) != 0)
		return -EIO;
	return rm_result_possible(RM_RULE_ZERO, 0, (int32_t)word) ? (int32_t)word : -EIO;
}
