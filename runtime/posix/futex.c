/* SPDX-License-Identifier: MIT */
/*
 * What the secure kernel leaves to the runtime of futex(2): waits until a time of day, and locks that name their owner, since the kernel
 * knows neither the time of day nor the numbers of threads. FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI are -ENOSYS.
 *
 * Attacks considered: the time of day is Linux's word; a wait by it can end at any moment, as it can on a machine whose clock is set. A
 * robust list is the program's memory and may be a ring or rubbish: the walk is bounded and each step may fail.
 */
#include "posix/signal.h"

#define FUTEX_WAIT		0u
#define FUTEX_LOCK_PI		6u
#define FUTEX_UNLOCK_PI		7u
#define FUTEX_TRYLOCK_PI	8u
#define FUTEX_WAIT_BITSET	9u
#define FUTEX_LOCK_PI2		13u
#define FUTEX_PRIVATE		128u
#define FUTEX_CLOCK_REALTIME	256u
#define FUTEX_WAKE		1u
#define FUTEX_ANY		0xfffffffful
#define NS			1000000000ul

#define ROBUST_STEPS		2048	/* as Linux */

struct robust_head {
	uint64_t next;
	int64_t offset;
	uint64_t pending;
};

/* Reads a time of a clock: nanoseconds of the counter; UINT64_MAX if there is none. 0, -EFAULT, -EINVAL. */
static long read_deadline(unsigned long user, bool realtime, uint64_t *until)
{
	struct lx_timespec ts;
	uint64_t ns;

	*until = UINT64_MAX;
	if (user == 0)
		return 0;
	if (rm_get_user(&ts, user, sizeof(ts)) != 0)
		return -EFAULT;
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec >= (int64_t)NS)
		return -EINVAL;
	if (__builtin_mul_overflow((uint64_t)ts.sec, NS, &ns) || __builtin_add_overflow(ns, (uint64_t)ts.nsec, &ns))
		return 0;
	*until = realtime ? rm_time_real_to_counter(ns) : ns;
	return 0;
}

/*
 * FUTEX_WAIT (a stretch of time) and FUTEX_WAIT_BITSET (a moment of either clock). Stretches become moments, so that a wait that goes on is
 * not longer for it. As on Linux a signal's handler makes a wait without a limit be made again (SA_RESTART), one with a limit end.
 */
static long wait(struct rm_thread *t, const struct rm_args *args, unsigned long operation)
{
	const bool stretch = operation == FUTEX_WAIT;
	uint64_t until;
	struct lx_timespec ts;
	long result = read_deadline(args->a[3], (operation & FUTEX_CLOCK_REALTIME) != 0, &until);

	if (result)
		return result;
	if (stretch && until != UINT64_MAX && __builtin_add_overflow(until, rm_time_monotonic(), &until))
		until = UINT64_MAX;
	do {
		/* A signal that waits already ends the wait, but a word that has changed comes first. */
		const bool interrupted = rm_interrupted(t);
		const uint64_t limit = interrupted ? 0 : rm_timer_next(t, until);

		ts.sec = (int64_t)(limit / NS);
		ts.nsec = (int64_t)(limit % NS);
		result = rm_svc(LX_futex, args->a[0], FUTEX_WAIT_BITSET | FUTEX_PRIVATE, args->a[2],
				limit == UINT64_MAX ? 0 : (unsigned long)&ts, 0, stretch ? FUTEX_ANY : args->a[5]);
		if (interrupted && result == -ETIMEDOUT && (args->a[3] == 0 || rm_time_monotonic() < until))
			return args->a[3] ? -LX_ERESTARTNOHAND : -LX_ERESTARTSYS;
		if (result == -ETIMEDOUT && !interrupted && limit < until)
			result = -EINTR;
	} while (result == -EINTR);
	return result;
}

/* FUTEX_LOCK_PI's clock is the time of day, FUTEX_LOCK_PI2's is told by the flag. */
static long lock_pi(struct rm_thread *t, const struct rm_args *args, unsigned long operation)
{
	uint64_t until = UINT64_MAX;
	long result = 0;

	if ((operation & ~FUTEX_CLOCK_REALTIME) != FUTEX_UNLOCK_PI && operation != FUTEX_TRYLOCK_PI)
		result = read_deadline(args->a[3], operation != FUTEX_LOCK_PI2, &until);
	if (result)
		return result;
	if ((operation & ~FUTEX_CLOCK_REALTIME) != FUTEX_UNLOCK_PI && operation != FUTEX_TRYLOCK_PI && rm_interrupted(t))
		return -LX_ERESTARTNOINTR;
	operation &= ~(unsigned long)FUTEX_CLOCK_REALTIME;
	result = rm_svc(RM_SVC_FUTEX_PI, operation == FUTEX_LOCK_PI2 ? FUTEX_LOCK_PI : operation, args->a[0],
			rm_enclave.pid + t->index, until, 0, 0);
	/* Handlers run, and the wait goes on. */
	return result == -EINTR ? -LX_ERESTARTNOINTR : result;
}

long rm_sys_futex(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long operation = (uint32_t)args->a[1] & ~FUTEX_PRIVATE;

	/* Words of the runtime are its locks. */
	if (!rm_user_range(args->a[0], sizeof(uint32_t)))
		return -EFAULT;
	switch (operation) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME:
		return wait(t, args, operation);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME:
	case FUTEX_TRYLOCK_PI:
	case FUTEX_UNLOCK_PI:
		return lock_pi(t, args, operation);
	default:
		return rm_sys_pass_on(t, args);
	}
}

long rm_sys_set_robust_list(struct rm_thread *t, const struct rm_args *args)
{
	if (args->a[1] != sizeof(struct robust_head))
		return -EINVAL;
	t->robust_list = args->a[0];
	return 0;
}

long rm_sys_get_robust_list(struct rm_thread *t, const struct rm_args *args)
{
	const int64_t pid = (int)args->a[0];
	const uint64_t size = sizeof(struct robust_head);

	/* Another thread's list is for debuggers. */
	if (pid != 0 && pid != (int64_t)rm_enclave.pid + t->index)
		return pid > (int64_t)rm_enclave.pid && pid < (int64_t)rm_enclave.pid + RM_THREAD_MAX ? -EPERM : -ESRCH;
	if (rm_put_user(args->a[2], &size, sizeof(size)) != 0)
		return -EFAULT;
	return rm_put_user(args->a[1], &t->robust_list, sizeof(t->robust_list));
}

/* One entry of the list, whose lowest bit says that its lock is of the kind of FUTEX_LOCK_PI. */
static void owner_died(struct rm_thread *t, uint64_t entry, int64_t offset, bool pending)
{
	const uint64_t word = (entry & ~1ul) + (uint64_t)offset;
	const bool pi = entry & 1;
	uint32_t value;

	if ((entry & ~1ul) == 0 || (word & 3) || rm_get_user(&value, word, sizeof(value)) != 0)
		return;
	/* It died between giving the lock up and waking who waits for it. */
	if (pending && !pi && value == 0)
		rm_svc(LX_futex, word, FUTEX_WAKE | FUTEX_PRIVATE, 1, 0, 0, 0);
	else
		rm_svc(RM_SVC_FUTEX_PI, pi ? RM_FUTEX_DIED_PI : RM_FUTEX_DIED, word, rm_enclave.pid + t->index, 0, 0, 0);
}

/* The calling thread ends: locks in its robust list are given up, marked. */
void rm_robust_list_leave(struct rm_thread *t)
{
	const uint64_t list = t->robust_list;
	struct robust_head head;
	uint64_t entry, next;

	t->robust_list = 0;
	if (list == 0 || rm_get_user(&head, list, sizeof(head)) != 0)
		return;
	entry = head.next;
	for (int i = 0; i < ROBUST_STEPS && (entry & ~1ul) != list; i++) {
		const bool more = rm_get_user(&next, entry & ~1ul, sizeof(next)) == 0;

		/* Read before the lock is given up: its next owner may free it. */
		if ((entry & ~1ul) != (head.pending & ~1ul))
			owner_died(t, entry, head.offset, false);
		if (!more)
			return;
		entry = next;
	}
	if (head.pending)
		owner_died(t, head.pending, head.offset, true);
}
