/* SPDX-License-Identifier: MIT */
/*
 * futex(2) within one enclave: waiters are threads of it, found by address, woken in the order they came. Waiting never
 * depends on the Normal world; only being given a core again does, for hosted threads.
 */
#include "arch/timer.h"
#include "call/svc.h"
#include "enclave/upcall.h"
#include "lib/errno.h"

#define FUTEX_WAIT		0
#define FUTEX_WAKE		1
#define FUTEX_REQUEUE		3
#define FUTEX_CMP_REQUEUE	4
#define FUTEX_WAKE_OP		5
#define FUTEX_LOCK_PI		6
#define FUTEX_UNLOCK_PI		7
#define FUTEX_TRYLOCK_PI	8
#define FUTEX_WAIT_BITSET	9
#define FUTEX_WAKE_BITSET	10
#define FUTEX_LOCK_PI2		13
#define FUTEX_PRIVATE		128
#define FUTEX_CLOCK_REALTIME	256
#define FUTEX_ANY		0xffffffffu

static struct thread *first_waiter(struct enclave *e, vaddr_t address, uint32_t mask)
{
	struct thread *first = NULL;

	for (unsigned int i = 0; i < RM_THREAD_MAX; i++) {
		struct thread *t = e->threads[i];

		if (t && t->state == THREAD_WAITING && t->futex == address && !t->futex_pi && (t->futex_mask & mask) &&
		    (!first || t->futex_turn < first->futex_turn))
			first = t;
	}
	return first;
}

int64_t futex_wake(struct enclave *e, vaddr_t address, uint64_t count, uint32_t mask)
{
	int64_t woken = 0;
	struct thread *t;

	while ((uint64_t)woken < count && (t = first_waiter(e, address, mask)) != NULL) {
		thread_wake(t, 0);
		woken++;
	}
	return woken;
}

/* The deadline of a wait: relative for WAIT, absolute monotonic for WAIT_BITSET. */
static int deadline(struct thread *t, vaddr_t from, bool absolute, uint64_t *until)
{
	uint64_t ns;
	int error;

	*until = WAIT_FOREVER;
	if (!from)
		return 0;
	error = time_read(t, from, &ns);
	if (error)
		return error;
	if (__builtin_add_overflow(counter_from_ns(ns), absolute ? 0 : counter(), until))
		*until = WAIT_FOREVER;
	return 0;
}

static int read_word(struct thread *t, vaddr_t address, uint32_t *value)
{
	return address & 3 ? -EINVAL : space_read(&t->enclave->space, value, address, sizeof(*value));
}

static int64_t wait(struct thread *t, vaddr_t address, uint32_t expected, vaddr_t timeout, bool absolute, uint32_t mask)
{
	uint64_t until;
	uint32_t value;
	int error = read_word(t, address, &value);

	if (!error)
		error = deadline(t, timeout, absolute, &until);
	if (error)
		return error;
	if (mask == 0)
		return -EINVAL;
	if (value != expected)
		return -EAGAIN;
	if (until <= counter())
		return -ETIMEDOUT;
	/* A word of the runtime's own memory is a lock of the runtime: waiting for it is no wait of the program. */
	if (address < RM_USER_TOP && upcall_take(t))
		return -EINTR;
	t->futex = address;
	t->futex_mask = mask;
	t->futex_turn = t->enclave->futex_order++;
	t->context.x[0] = (uint64_t)-ETIMEDOUT;		/* unless somebody wakes it before */
	thread_sleep(cpu_this(), t, until, address < RM_USER_TOP);
	return SVC_DONE;
}

/* As Linux: a count that is not positive still wakes one. */
static int64_t wake(struct thread *t, vaddr_t address, uint64_t count, uint32_t mask)
{
	if ((address & 3) || mask == 0)
		return -EINVAL;
	return futex_wake(t->enclave, address, (int)count > 0 ? (uint32_t)count : 1, mask);
}

static int64_t wake_op(struct thread *t, const uint64_t *x)
{
	bool second;
	int64_t result;

	if ((x[0] & 3) || (x[4] & 3))
		return -EINVAL;
	result = futex_operate(t->enclave, x[4], (uint32_t)x[5], &second);
	if (result)
		return result;
	result = futex_wake(t->enclave, x[0], (int)x[2] > 0 ? (uint32_t)x[2] : 1, FUTEX_ANY);
	if (second)
		result += futex_wake(t->enclave, x[4], (int)x[3] > 0 ? (uint32_t)x[3] : 1, FUTEX_ANY);
	return result;
}

static int64_t requeue(struct thread *t, const uint64_t *x, bool compare)
{
	uint32_t value;
	int error = read_word(t, x[0], &value);
	struct thread *waiter;
	int64_t moved = 0;

	if (error)
		return error;
	if ((x[4] & 3) || (int)x[2] < 0 || (int)x[3] < 0)
		return -EINVAL;
	if (compare && value != (uint32_t)x[5])
		return -EAGAIN;
	int64_t woken = futex_wake(t->enclave, x[0], (uint32_t)x[2], FUTEX_ANY);

	for (; moved < (int)x[3] && x[0] != x[4] && (waiter = first_waiter(t->enclave, x[0], FUTEX_ANY)) != NULL; moved++) {
		waiter->futex = x[4];
		waiter->futex_turn = t->enclave->futex_order++;
	}
	return compare ? woken + moved : woken;
}

/* Which time it is by the wall clock, and which number a thread has, is the runtime's to know. */
static bool is_runtimes(uint32_t operation)
{
	switch (operation) {
	case FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME:
	case FUTEX_TRYLOCK_PI:
	case FUTEX_UNLOCK_PI:
		return true;
	default:
		return false;
	}
}

int64_t svc_futex(struct thread *t)
{
	const uint64_t *x = t->context.x;
	uint32_t operation = (uint32_t)x[1] & ~(uint32_t)FUTEX_PRIVATE;

	if (is_runtimes(operation))
		return SVC_REFLECT;
	switch (operation) {
	case FUTEX_WAIT: return wait(t, x[0], (uint32_t)x[2], x[3], false, FUTEX_ANY);
	case FUTEX_WAIT_BITSET: return wait(t, x[0], (uint32_t)x[2], x[3], true, (uint32_t)x[5]);
	case FUTEX_WAKE: return wake(t, x[0], x[2], FUTEX_ANY);
	case FUTEX_WAKE_BITSET: return wake(t, x[0], x[2], (uint32_t)x[5]);
	case FUTEX_REQUEUE: return requeue(t, x, false);
	case FUTEX_CMP_REQUEUE: return requeue(t, x, true);
	case FUTEX_WAKE_OP: return wake_op(t, x);
	default: return -ENOSYS;
	}
}
