/* SPDX-License-Identifier: MIT */
/*
 * The operation in FUTEX_WAKE_OP: an atomic change of a word of the program, and a comparison of what stood there before. Other threads of
 * the enclave may change the word meanwhile; after a few lost races the call is made again, so that interrupts are taken.
 */
#include "call/svc.h"
#include "lib/errno.h"
#include "lib/panic.h"

#define RACES	16
#define SHIFT	8u	/* flag of the operation: the operand is the number of a bit */

static int32_t signed_12(uint32_t field)
{
	return (int32_t)(field << 20) >> 20;
}

/* The new value; false: there is no such operation. */
static bool change(uint32_t operation, uint32_t old, uint32_t operand, uint32_t *new)
{
	switch (operation) {
	case 0: *new = operand; return true;
	case 1: *new = old + operand; return true;
	case 2: *new = old | operand; return true;
	case 3: *new = old & ~operand; return true;
	case 4: *new = old ^ operand; return true;
	default: return false;
	}
}

static int64_t compare(uint32_t comparison, int32_t old, int32_t with, bool *result)
{
	switch (comparison) {
	case 0: *result = old == with; return 0;
	case 1: *result = old != with; return 0;
	case 2: *result = old < with; return 0;
	case 3: *result = old <= with; return 0;
	case 4: *result = old > with; return 0;
	case 5: *result = old >= with; return 0;
	default: return -ENOSYS;
	}
}

int64_t futex_operate(struct enclave *e, vaddr_t address, uint32_t operation, bool *compared)
{
	int error;
	uint32_t *word = space_pointer(&e->space, address, PROT_WRITE, &error), old, new;
	uint32_t operand = (uint32_t)signed_12(operation >> 12 & 0xfff);

	assert(!(address & 3));
	if (!word)
		return error;
	if (operation >> 28 & SHIFT)
		operand = 1u << (operand & 31);
	old = __atomic_load_n(word, __ATOMIC_RELAXED);
	for (int i = 0; i < RACES; i++) {
		if (!change(operation >> 28 & 7, old, operand, &new))
			return -ENOSYS;
		if (__atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return compare(operation >> 24 & 0xf, (int32_t)old, signed_12(operation & 0xfff), compared);
	}
	return SVC_AGAIN;
}
