/* SPDX-License-Identifier: MIT */
/*
 * Registers of a thread that stands still, as gdb numbers them: x0-x30, sp, pc, cpsr, v0-v31, fpsr, fpcr.
 *
 * Attacks considered: numbers and lengths are checked. A program counter outside of the program's addresses is refused, and of the
 * processor's state only the flags count (the secure kernel sees to that).
 */
#include "debug/inside.h"

#include "lib/string.h"

enum { SP = 31, PC = 32, CPSR = 33, V0 = 34, FPSR = 66, FPCR = 67, COUNT = 68 };

/* Where a register of that number is kept. */
static void *place_of(uint32_t index, uint64_t number)
{
	struct rm_thread *t = rm_thread_block(index);

	if (number < SP)
		return &t->context.x[number];
	if (number == SP)
		return &t->context.sp;
	if (number == PC)
		return &t->context.pc;
	if (number < V0)
		return &t->context.pstate;
	if (number < FPSR)
		return &t->fp.v[2 * (number - V0)];
	return number == FPSR ? &t->fp.fpsr : &t->fp.fpcr;
}

static size_t size_of(uint64_t number)
{
	if (number < CPSR)
		return 8;
	return number == CPSR || number >= FPSR ? 4 : 16;
}

bool rm_register_put(struct rm_text *text, uint32_t index, uint64_t number)
{
	if (number < COUNT)
		rm_hex_put(text, place_of(index, number), size_of(number));
	return number < COUNT;
}

bool rm_register_get(uint32_t index, uint64_t number, const char *digits, size_t size)
{
	struct rm_thread *t = rm_thread_block(index);
	uint64_t value[2] = { 0 };

	if (number >= COUNT || size != 2 * size_of(number) || !rm_hex_bytes(digits, value, size_of(number)))
		return false;
	if (number == PC && value[0] >= RM_USER_TOP)
		return false;
	if (memcmp(place_of(index, number), value, size_of(number)) == 0)
		return true;
	memcpy(place_of(index, number), value, size_of(number));
	t->debug_written |= number < V0;
	t->debug_x0 |= number == 0;
	t->debug_fp |= number >= V0;
	return true;
}

void rm_registers_put(struct rm_text *text, uint32_t index)
{
	for (uint64_t number = 0; number < COUNT; number++)
		rm_register_put(text, index, number);
}

bool rm_registers_get(uint32_t index, const char *digits, size_t size)
{
	bool done = size == RM_REGISTERS_HEX;

	for (uint64_t number = 0; number < COUNT && done; number++) {
		done = rm_register_get(index, number, digits, 2 * size_of(number));
		digits += 2 * size_of(number);
	}
	return done;
}
