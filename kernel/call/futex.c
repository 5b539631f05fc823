/* SPDX-License-Identifier: MIT */
/*
 * futex(2) within one enclave: waiters are threads of it, found by address, woken in the order they came. Waiting never
 * depends on the Normal world; only being given a core again does, for hosted threads.
 *
 * Who wakes or moves many does it a few at a time, and takes interrupts in between. It has a turn of its own, taken when the call's look
 * at the word and its change of it are done, all in the first step: only who waited before that turn is woken or moved, as if it were at once.
 */
#include "arch/timer.h"
#include "call/svc.h"
#include "enclave/upcall.h"
#include "lib/errno.h"
#include "lib/panic.h"

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

#define STEP_WAITERS	4u	/* woken or moved in one step */

enum { START, ONLY, FIRST, SECOND };	/* phases: of two passes over waiters, or one */

/* The first that wait at an address, at most `most`, of those that came before `turn`; in their order. How many. */
static unsigned int first_waiters(const struct enclave *e, vaddr_t address, uint32_t mask, uint64_t turn, struct thread **first,
				  unsigned int most)
{
	unsigned int count = 0, at;

	for (unsigned int i = 0; i < RM_THREAD_MAX; i++) {
		struct thread *t = e->threads[i];

		if (!t || t->state != THREAD_WAITING || t->futex != address || t->futex_pi || !(t->futex_mask & mask) || t->futex_turn >= turn)
			continue;
		if (count < most)
			count++;
		else if (t->futex_turn > first[most - 1]->futex_turn)
			continue;
		for (at = count - 1; at > 0 && first[at - 1]->futex_turn > t->futex_turn; at--)
			first[at] = first[at - 1];
		first[at] = t;
	}
	return count;
}

void futex_wake_one(struct enclave *e, vaddr_t address)
{
	struct thread *waiter;

	if (first_waiters(e, address, FUTEX_ANY, UINT64_MAX, &waiter, 1))
		thread_wake(waiter, 0);
}

/* The call has looked at what it must look at: from here on, steps. */
static void begin(struct thread *t, unsigned int phase)
{
	assert(t->phase == START && t->progress == 0);
	t->phase = phase;
	t->futex_turn = t->enclave->futex_order++;
}

/* One step of waking `wakes` waiters and moving the `moves` behind them to another address: how many it were in all, or SVC_AGAIN. */
static int64_t pass(struct thread *t, vaddr_t from, uint32_t mask, uint64_t wakes, vaddr_t to, uint64_t moves)
{
	struct enclave *e = t->enclave;
	const uint64_t all = wakes + moves;
	struct thread *waiters[STEP_WAITERS];
	unsigned int most = (unsigned int)min_u64(STEP_WAITERS, all - t->progress);
	unsigned int count = most ? first_waiters(e, from, mask, t->futex_turn, waiters, most) : 0;

	assert(t->phase != START && t->progress <= all);
	for (unsigned int i = 0; i < count; i++) {
		if (t->progress++ < wakes) {
			thread_wake(waiters[i], 0);
		} else {
			waiters[i]->futex = to;
			waiters[i]->futex_turn = e->futex_order++;
		}
	}
	return count < STEP_WAITERS || t->progress == all ? (int64_t)t->progress : SVC_AGAIN;
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
static uint64_t wakes(uint64_t count)
{
	return (int)count > 0 ? (uint32_t)count : 1;
}

static int64_t wake(struct thread *t, vaddr_t address, uint64_t count, uint32_t mask)
{
	if ((address & 3) || mask == 0)
		return -EINVAL;
	if (t->phase == START)
		begin(t, ONLY);
	return pass(t, address, mask, wakes(count), 0, 0);
}

static int64_t wake_op_start(struct thread *t, const uint64_t *x)
{
	bool second;
	int64_t result;

	if ((x[0] & 3) || (x[4] & 3))
		return -EINVAL;
	result = futex_operate(t->enclave, x[4], (uint32_t)x[5], &second);
	if (!result)
		begin(t, second ? FIRST : ONLY);
	return result;
}

static int64_t wake_op(struct thread *t, const uint64_t *x)
{
	int64_t result = t->phase == START ? wake_op_start(t, x) : 0;

	if (result)
		return result;
	if (t->phase == SECOND)
		result = pass(t, x[4], FUTEX_ANY, wakes(x[3]), 0, 0);
	else
		result = pass(t, x[0], FUTEX_ANY, wakes(x[2]), 0, 0);
	if (result == SVC_AGAIN || t->phase == ONLY)
		return result;
	if (t->phase == SECOND)
		return (int64_t)t->target + result;
	t->phase = SECOND;
	t->target = (uint64_t)result;
	t->progress = 0;
	return SVC_AGAIN;
}

static int64_t requeue(struct thread *t, const uint64_t *x, bool compare)
{
	uint32_t value;
	int error = t->phase == START ? read_word(t, x[0], &value) : 0;

	if (error)
		return error;
	if ((x[4] & 3) || (int)x[2] < 0 || (int)x[3] < 0)
		return -EINVAL;
	if (t->phase == START) {
		if (compare && value != (uint32_t)x[5])
			return -EAGAIN;
		begin(t, ONLY);
	}
	return pass(t, x[0], FUTEX_ANY, (uint32_t)x[2], x[4], (uint32_t)x[3]);
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
