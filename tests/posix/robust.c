/* SPDX-License-Identifier: MIT */
/* Robust mutexes, and the lists behind them: threads that end with a lock. */
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static pthread_mutex_t mutex;
static int ready, go;

static void make(int protocol, int type)
{
	pthread_mutexattr_t attr;

	MUST(pthread_mutexattr_init(&attr) == 0);
	MUST(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0);
	MUST(pthread_mutexattr_settype(&attr, type) == 0);
	if (protocol)
		MUST(pthread_mutexattr_setprotocol(&attr, protocol) == 0);
	MUST(pthread_mutex_init(&mutex, &attr) == 0);
	ready = go = 0;
}

static void *lock_and_leave(void *arg)
{
	EXPECT_ERROR(pthread_mutex_lock(&mutex), 0);
	case_set(&ready, 1);
	if (arg)
		case_until(&go, 1);
	return NULL;
}

CASE(owner_dead, "clone exit get_robust_list")
{
	make(0, PTHREAD_MUTEX_NORMAL);
	case_join(case_thread(lock_and_leave, NULL));
	EXPECT_ERROR(pthread_mutex_lock(&mutex), EOWNERDEAD);
	EXPECT_ERROR(pthread_mutex_consistent(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_destroy(&mutex), 0);
}

CASE(not_recoverable, "clone exit get_robust_list")
{
	make(0, PTHREAD_MUTEX_ERRORCHECK);
	case_join(case_thread(lock_and_leave, NULL));
	EXPECT_ERROR(pthread_mutex_trylock(&mutex), EOWNERDEAD);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), ENOTRECOVERABLE);
	EXPECT(pthread_mutex_consistent(&mutex) != 0);
}

static void *lock_late(void *arg)
{
	const int error = pthread_mutex_lock(&mutex);

	EXPECT_ERROR(pthread_mutex_consistent(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	return (void *)(long)error + (long)arg;
}

CASE(waiter_is_woken, "clone futex exit get_robust_list")
{
	void *owner, *waiter;

	make(0, PTHREAD_MUTEX_NORMAL);
	owner = case_thread(lock_and_leave, (void *)1);
	case_until(&ready, 1);
	waiter = case_thread(lock_late, NULL);
	case_set(&go, 1);
	case_join(owner);
	EXPECT_EQ(case_join(waiter), EOWNERDEAD);
}

CASE(waiter_is_woken_pi, "clone futex exit")
{
	void *owner, *waiter;

	make(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_NORMAL);
	owner = case_thread(lock_and_leave, (void *)1);
	case_until(&ready, 1);
	waiter = case_thread(lock_late, NULL);
	case_set(&go, 1);
	case_join(owner);
	EXPECT_EQ(case_join(waiter), EOWNERDEAD);
}

CASE(list_calls, "set_robust_list get_robust_list")
{
	struct robust_list_head head = { { &head.list }, 0, NULL }, *old = NULL, *now = NULL;
	size_t size = 0;

	EXPECT(syscall(SYS_get_robust_list, 0, &old, &size) == 0 && size == sizeof(head));
	EXPECT(syscall(SYS_set_robust_list, &head, sizeof(head)) == 0);
	EXPECT(syscall(SYS_get_robust_list, (int)syscall(SYS_gettid), &now, &size) == 0 && now == &head);
	EXPECT_ERRNO(syscall(SYS_set_robust_list, &head, sizeof(head) - 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_get_robust_list, 0, 8, &size), EFAULT);
	EXPECT_ERRNO(syscall(SYS_get_robust_list, 0, &now, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_get_robust_list, 0x3fffffff, &now, &size), ESRCH);
	EXPECT(syscall(SYS_set_robust_list, old, sizeof(head)) == 0);
}

/* The list itself, as a libc of its own would use it: a thread that ends without a word. */
static struct {
	struct robust_list list;
	uint32_t word;
} locks[3];
static struct robust_list_head own_head;

static void *leave_with_locks(void *arg)
{
	const uint32_t tid = (uint32_t)syscall(SYS_gettid);

	own_head.futex_offset = (char *)&locks[0].word - (char *)&locks[0].list;
	own_head.list.next = &locks[0].list;
	locks[0].list.next = &locks[1].list;
	locks[1].list.next = arg ? (struct robust_list *)16 : &own_head.list;	/* an end as it should be, or rubbish */
	own_head.list_op_pending = &locks[2].list;
	locks[0].word = tid;
	locks[1].word = tid | FUTEX_WAITERS;
	locks[2].word = tid;
	syscall(SYS_set_robust_list, &own_head, sizeof(own_head));
	return NULL;
}

CASE(list_walk, "set_robust_list clone exit")
{
	for (long i = 0; i < 2; i++) {
		memset(locks, 0, sizeof(locks));
		case_join(case_thread(leave_with_locks, (void *)i));
		EXPECT_EQ(locks[0].word, FUTEX_OWNER_DIED);
		EXPECT_EQ(locks[1].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
		if (i == 0)
			EXPECT_EQ(locks[2].word, FUTEX_OWNER_DIED);
		else
			EXPECT((locks[2].word & FUTEX_OWNER_DIED) == 0);
	}
}

static void *leave_with_a_ring(void *arg)
{
	own_head.futex_offset = (char *)&locks[0].word - (char *)&locks[0].list;
	own_head.list_op_pending = NULL;
	own_head.list.next = &locks[0].list;
	locks[0].list.next = &locks[1].list;
	locks[1].list.next = &locks[0].list;
	locks[1].word = (uint32_t)syscall(SYS_gettid);
	syscall(SYS_set_robust_list, &own_head, sizeof(own_head));
	return arg;
}

CASE(list_that_never_ends, "set_robust_list clone exit")
{
	memset(locks, 0, sizeof(locks));
	case_join(case_thread(leave_with_a_ring, NULL));
	EXPECT_EQ(locks[0].word, 0);
	EXPECT_EQ(locks[1].word, FUTEX_OWNER_DIED);
}
