/* SPDX-License-Identifier: MIT */
/* futex(2) itself. */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static uint32_t word, other;
static int ready, woken;

static long futex(uint32_t *at, int operation, uint32_t value, const void *timeout, uint32_t *second, uint32_t value3)
{
	return syscall(SYS_futex, at, operation, value, timeout, second, value3);
}

static void *wait_on_word(void *arg)
{
	long result;

	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	do {
		result = arg ? futex(&word, FUTEX_WAIT_BITSET, 1, NULL, NULL, (uint32_t)(long)arg) : futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0);
	} while (result < 0 && errno == EINTR);
	__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
	return (void *)(result < 0 ? (long)errno : 0);
}

/* Threads that sleep on `word`, all of them: a requeue from it to itself says how many there are without waking any. */
static void start_waiters(void **threads, int count, long mask)
{
	word = 1;
	other = 1;
	ready = woken = 0;
	for (int i = 0; i < count; i++)
		threads[i] = case_thread(wait_on_word, (void *)mask);
	while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < count)
		sched_yield();
	/* Whoever is counted went to sleep: they are moved to another word and back. */
	for (int moved = 0, start = (int)(case_ms() / 1000); moved < count && case_ms() / 1000 - start < 10;) {
		const long there = futex(&word, FUTEX_CMP_REQUEUE, 0, (void *)1000, &other, 1);

		MUST(there >= 0);
		moved += (int)there;
	}
	EXPECT_EQ(futex(&other, FUTEX_CMP_REQUEUE, 0, (void *)1000, &word, 1), count);
}

static void wake_rest(void **threads, int count, int expected)
{
	EXPECT_EQ(futex(&word, FUTEX_WAKE, 1000, NULL, NULL, 0), expected);
	for (int i = 0; i < count; i++)
		EXPECT_EQ(case_join(threads[i]), 0);
}

CASE(wait_value_differs, "futex")
{
	word = 1;
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 2, NULL, NULL, 0), EAGAIN);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 2, NULL, NULL, 1), EAGAIN);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 2, NULL, NULL, 1), EAGAIN);
}

CASE(wait_timeout, "futex")
{
	struct timespec until = { 0, 30000000 };
	int64_t start = case_ms();

	word = 1;
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 1, &until, NULL, 0), ETIMEDOUT);
	EXPECT(case_ms() - start >= 29);
	start = case_ms();
	case_deadline(&until, CLOCK_MONOTONIC, 30);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 1, &until, NULL, FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
	EXPECT(case_ms() - start >= 25);
	start = case_ms();
	case_deadline(&until, CLOCK_REALTIME, 30);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, &until, NULL, FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
	EXPECT(case_ms() - start >= 25);
	until = (struct timespec){ 1, 0 };
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 1, &until, NULL, FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, &until, NULL, FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
}

CASE(bad_arguments, "futex")
{
	struct timespec until = { 0, 1000000000 };

	word = 1;
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 1, &until, NULL, 0), EINVAL);
	until = (struct timespec){ -1, 0 };
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 1, &until, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 1, (void *)8, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex((uint32_t *)8, FUTEX_WAIT, 1, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex((uint32_t *)((char *)&word + 1), FUTEX_WAIT, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex((uint32_t *)((char *)&word + 2), FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, 99, 1, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(&word, FUTEX_FD, 1, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)-1, &other, 1), EINVAL);
	EXPECT_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
}

CASE(wake_counts, "futex clone")
{
	void *threads[4];

	start_waiters(threads, 4, 0);
	EXPECT_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	EXPECT_EQ(futex(&word, FUTEX_WAKE, 0, NULL, NULL, 0), 1);
	EXPECT_EQ(futex(&other, FUTEX_WAKE, 10, NULL, NULL, 0), 0);
	wake_rest(threads, 4, 2);
}

CASE(bitset, "futex clone")
{
	void *threads[2];

	start_waiters(threads, 2, 6);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET, 10, NULL, NULL, 9), 0);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 2), 1);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET, 10, NULL, NULL, 4), 1);
	wake_rest(threads, 2, 0);
}

CASE(requeue, "futex clone")
{
	void *threads[3];

	start_waiters(threads, 3, 0);
	EXPECT_ERRNO(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 77), EAGAIN);
	EXPECT_EQ(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 1), 2);
	EXPECT_EQ(futex(&other, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
	wake_rest(threads, 3, 1);
	start_waiters(threads, 3, 0);
	EXPECT_EQ(futex(&word, FUTEX_REQUEUE, 1, (void *)1, &other, 0), 2);
	EXPECT_EQ(futex(&other, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
	wake_rest(threads, 3, 1);
	/* To where they are. */
	start_waiters(threads, 3, 0);
	EXPECT_EQ(futex(&word, FUTEX_REQUEUE, 1, (void *)1, &word, 0), 2);
	wake_rest(threads, 3, 2);
}

/* So many that a kernel with bounded steps needs several; each is moved and woken once. */
CASE(many, "futex clone")
{
	enum { COUNT = 40 };
	void *threads[COUNT];

	start_waiters(threads, COUNT, 0);
	EXPECT_EQ(futex(&word, FUTEX_CMP_REQUEUE, 9, (void *)20, &other, 1), 29);
	EXPECT_EQ(futex(&other, FUTEX_WAKE, 7, NULL, NULL, 0), 7);
	EXPECT_EQ(futex(&other, FUTEX_WAKE_OP, 1000, (void *)1000, &word, FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 1)), 24);
	EXPECT_EQ(futex(&other, FUTEX_WAKE, 1000, NULL, NULL, 0), 0);
	wake_rest(threads, COUNT, 0);
}

CASE(wake_op, "futex clone")
{
	void *threads[3];

	start_waiters(threads, 3, 0);
	/* other += 5, and it was 1: wakes on both words. */
	EXPECT_EQ(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 1)), 1);
	EXPECT_EQ(other, 6);
	EXPECT_EQ(futex(&other, FUTEX_WAKE_OP, 1, (void *)1, &word, FUTEX_OP(FUTEX_OP_SET, 3, FUTEX_OP_CMP_GT, 0)), 1);
	EXPECT_EQ(word, 3);
	EXPECT_EQ(futex(&other, FUTEX_WAKE_OP, 1, (void *)1, &word, FUTEX_OP(FUTEX_OP_OR, 8, FUTEX_OP_CMP_LT, 0)), 0);
	EXPECT_EQ(word, 11);
	EXPECT_EQ(futex(&other, FUTEX_WAKE_OP, 1, (void *)1, &word, FUTEX_OP(FUTEX_OP_ANDN, 2, FUTEX_OP_CMP_NE, 11)), 0);
	EXPECT_EQ(word, 9);
	EXPECT_EQ(futex(&other, FUTEX_WAKE_OP, 1, (void *)1, &word,
			FUTEX_OP((FUTEX_OP_XOR | FUTEX_OP_OPARG_SHIFT), 4, FUTEX_OP_CMP_LE, 8)), 0);
	EXPECT_EQ(word, 25);
	EXPECT_ERRNO(futex(&other, FUTEX_WAKE_OP, 1, (void *)1, &word, FUTEX_OP(6, 0, 0, 0)), ENOSYS);
	EXPECT_ERRNO(futex(&other, FUTEX_WAKE_OP, 1, (void *)1, (uint32_t *)8, 0), EFAULT);
	wake_rest(threads, 3, 1);
}

CASE(lock_pi, "futex gettid")
{
	const uint32_t tid = (uint32_t)syscall(SYS_gettid);

	word = 0;
	EXPECT(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0 && word == tid);
	EXPECT_ERRNO(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	EXPECT_ERRNO(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	EXPECT(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0 && word == 0);
	EXPECT_ERRNO(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
	EXPECT(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0) == 0 && word == tid);
	EXPECT(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
	EXPECT(futex(&word, FUTEX_LOCK_PI2, 0, NULL, NULL, 0) == 0 && word == tid);
	EXPECT(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
	word = 0x3ffffff0;
	EXPECT_ERRNO(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), ESRCH);
	EXPECT_ERRNO(futex((uint32_t *)8, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EFAULT);
}

static void *lock_pi_and_say(void *arg)
{
	const uint32_t tid = (uint32_t)syscall(SYS_gettid);
	struct timespec until;
	long result;

	case_deadline(&until, CLOCK_REALTIME, 20);
	EXPECT_ERRNO(futex(&word, FUTEX_LOCK_PI, 0, &until, NULL, 0), ETIMEDOUT);
	EXPECT_ERRNO(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN);
	EXPECT_ERRNO(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
	case_set(&ready, 1);
	result = futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	EXPECT((word & FUTEX_TID_MASK) == tid);
	woken++;
	EXPECT(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
	return (void *)result + (long)arg;
}

CASE(lock_pi_hand_over, "futex clone")
{
	void *thread;

	word = 0;
	ready = woken = 0;
	MUST(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
	thread = case_thread(lock_pi_and_say, NULL);
	case_until(&ready, 1);
	while (!(__atomic_load_n(&word, __ATOMIC_SEQ_CST) & FUTEX_WAITERS))
		sched_yield();
	EXPECT_EQ(woken, 0);
	EXPECT(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
	EXPECT_EQ(case_join(thread), 0);
	EXPECT_EQ(woken, 1);
}

CASE(private, "futex clone")
{
	void *threads[1];

	start_waiters(threads, 1, 0);
	/* A waiter that is not private is not seen by a wake that is; the other way round the enclave and Linux agree, too. */
	EXPECT_EQ(futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0) >= 0, 1);
	futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0);
	EXPECT_EQ(case_join(threads[0]), 0);
}
