/* SPDX-License-Identifier: MIT */
/*
 * Where a program goes on after one instruction: there is no single step here, since the debug registers are Linux's, so the debugger
 * lets it run into a breakpoint. Sequences of exclusive loads and stores, which a breakpoint would break, are gdb's own to step over.
 *
 * Attacks considered: the instruction and the registers may be anything; every answer is only an address to put a breakpoint at.
 */
#include "debug/step.h"

#define FLAG_N		(1ul << 31)
#define FLAG_Z		(1ul << 30)
#define FLAG_C		(1ul << 29)
#define FLAG_V		(1ul << 28)
#define LINK		30u
#define ZERO		31u
#define ADDRESS_BITS	48u	/* of a program's addresses; above may stand the code that authenticates a pointer */

static uint64_t bits(uint32_t instruction, unsigned low, unsigned count)
{
	return instruction >> low & ((1u << count) - 1);
}

/* A signed field that counts instructions, as an offset in bytes. */
static uint64_t offset(uint32_t instruction, unsigned low, unsigned count)
{
	const uint64_t sign = 1ul << (count - 1);

	return ((bits(instruction, low, count) ^ sign) - sign) * 4;
}

static uint64_t reg(const struct rm_context *c, uint64_t number)
{
	return number == ZERO ? 0 : c->x[number];
}

static uint64_t condition_holds(uint64_t pstate, uint64_t condition)
{
	const uint64_t n = (pstate & FLAG_N) != 0, z = (pstate & FLAG_Z) != 0, c = (pstate & FLAG_C) != 0, v = (pstate & FLAG_V) != 0;
	uint64_t holds;

	switch (condition >> 1) {
	case 0: holds = z; break;
	case 1: holds = c; break;
	case 2: holds = n; break;
	case 3: holds = v; break;
	case 4: holds = c && !z; break;
	case 5: holds = n == v; break;
	case 6: holds = n == v && !z; break;
	default: return 1;	/* always, of both kinds */
	}
	return holds ^ (condition & 1);
}

/* BR, BLR, RET and their kin that authenticate: opcode 0-2, 8, 9. */
static uint64_t register_branch(const struct rm_context *c, uint32_t instruction)
{
	const uint64_t opcode = bits(instruction, 21, 4), kind = bits(instruction, 10, 6);
	const uint64_t number = opcode == 2 && kind != 0 ? LINK : bits(instruction, 5, 5);
	const uint64_t target = reg(c, number);

	if (opcode > 2 && opcode != 8 && opcode != 9)
		return c->pc + 4;
	return kind != 0 || opcode >= 8 ? target & ((1ul << ADDRESS_BITS) - 1) : target;
}

static uint64_t compare_branch(const struct rm_context *c, uint32_t instruction)
{
	uint64_t value = reg(c, bits(instruction, 0, 5));

	if (!(instruction >> 31))
		value = (uint32_t)value;
	return (value != 0) == bits(instruction, 24, 1) ? c->pc + offset(instruction, 5, 19) : c->pc + 4;
}

static uint64_t test_branch(const struct rm_context *c, uint32_t instruction)
{
	const uint64_t bit = (uint64_t)(instruction >> 31) << 5 | bits(instruction, 19, 5);

	return (reg(c, bits(instruction, 0, 5)) >> bit & 1) == bits(instruction, 24, 1) ? c->pc + offset(instruction, 5, 14) : c->pc + 4;
}

uint64_t rm_step_next(const struct rm_context *c, uint32_t instruction)
{
	if ((instruction & 0x7c000000) == 0x14000000)
		return c->pc + offset(instruction, 0, 26);
	if ((instruction & 0xff000000) == 0x54000000)
		return c->pc + (condition_holds(c->pstate, instruction & 15) ? offset(instruction, 5, 19) : 4);
	if ((instruction & 0x7e000000) == 0x34000000)
		return compare_branch(c, instruction);
	if ((instruction & 0x7e000000) == 0x36000000)
		return test_branch(c, instruction);
	if ((instruction & 0xfe000000) == 0xd6000000)
		return register_branch(c, instruction);
	return c->pc + 4;
}
