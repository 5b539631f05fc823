/* SPDX-License-Identifier: MIT */
/* Mutexes of each type, with and without waiting. */
#include <pthread.h>
#include <time.h>

#include "case.h"

static pthread_mutex_t mutex;
static int ready, go, counter;

static void make(int type, int protocol)
{
	pthread_mutexattr_t attr;

	MUST(pthread_mutexattr_init(&attr) == 0);
	MUST(pthread_mutexattr_settype(&attr, type) == 0);
	if (protocol)
		MUST(pthread_mutexattr_setprotocol(&attr, protocol) == 0);
	MUST(pthread_mutex_init(&mutex, &attr) == 0);
	pthread_mutexattr_destroy(&attr);
	ready = go = counter = 0;
}

static void *hold(void *arg)
{
	EXPECT_ERROR(pthread_mutex_lock(&mutex), 0);
	case_set(&ready, 1);
	case_until(&go, 1);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	return arg;
}

static void *add(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

static void count_by_threads(void)
{
	void *threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = case_thread(add, NULL);
	for (int i = 0; i < 4; i++)
		case_join(threads[i]);
	EXPECT_EQ(counter, 4000);
	EXPECT_ERROR(pthread_mutex_destroy(&mutex), 0);
}

CASE_LIMIT(exclusion, "clone futex", 60)
{
	make(PTHREAD_MUTEX_NORMAL, 0);
	count_by_threads();
}

CASE_LIMIT(exclusion_recursive, "clone futex", 60)
{
	make(PTHREAD_MUTEX_RECURSIVE, 0);
	count_by_threads();
}

CASE_LIMIT(exclusion_pi, "clone futex", 60)
{
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT);
	count_by_threads();
}

CASE(trylock, "clone futex")
{
	void *thread;

	make(PTHREAD_MUTEX_NORMAL, 0);
	thread = case_thread(hold, NULL);
	case_until(&ready, 1);
	EXPECT_ERROR(pthread_mutex_trylock(&mutex), EBUSY);
	case_set(&go, 1);
	case_join(thread);
	EXPECT_ERROR(pthread_mutex_trylock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_trylock(&mutex), EBUSY);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
}

static void *unlock_of_other(void *arg)
{
	return (void *)(long)(arg ? pthread_mutex_trylock(&mutex) : pthread_mutex_unlock(&mutex));
}

CASE(errorcheck, "clone")
{
	make(PTHREAD_MUTEX_ERRORCHECK, 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), EPERM);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), EDEADLK);
	EXPECT_ERROR(pthread_mutex_trylock(&mutex), EBUSY);
	EXPECT_EQ(case_join(case_thread(unlock_of_other, NULL)), EPERM);
	EXPECT_EQ(case_join(case_thread(unlock_of_other, (void *)1)), EBUSY);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), EPERM);
}

CASE(recursive, "clone")
{
	make(PTHREAD_MUTEX_RECURSIVE, 0);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_trylock(&mutex), 0);
	EXPECT_EQ(case_join(case_thread(unlock_of_other, (void *)1)), EBUSY);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	EXPECT_EQ(case_join(case_thread(unlock_of_other, NULL)), EPERM);
	EXPECT_EQ(case_join(case_thread(unlock_of_other, (void *)1)), EBUSY);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), EPERM);
}

/* musl does not come back from a lock of the kind that inherits priority when the time is no time. */
static void timed(bool with_no_time)
{
	struct timespec until;
	void *thread = case_thread(hold, NULL);
	int64_t start;

	case_until(&ready, 1);
	start = case_ms();
	case_deadline(&until, CLOCK_REALTIME, 30);
	EXPECT_ERROR(pthread_mutex_timedlock(&mutex, &until), ETIMEDOUT);
	EXPECT(case_ms() - start >= 25);
	until = (struct timespec){ 1, 0 };
	EXPECT_ERROR(pthread_mutex_timedlock(&mutex, &until), ETIMEDOUT);
	until.tv_nsec = 1000000000;
	if (with_no_time)
		EXPECT_ERROR(pthread_mutex_timedlock(&mutex, &until), EINVAL);
	case_set(&go, 1);
	case_deadline(&until, CLOCK_REALTIME, 10000);
	EXPECT_ERROR(pthread_mutex_timedlock(&mutex, &until), 0);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
	case_join(thread);
}

CASE(timedlock, "clone futex")
{
	make(PTHREAD_MUTEX_NORMAL, 0);
	timed(true);
}

CASE(timedlock_pi, "clone futex")
{
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT);
	timed(false);
}

CASE(pi_errorcheck, "clone futex")
{
	make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), 0);
	EXPECT_ERROR(pthread_mutex_lock(&mutex), EDEADLK);
	EXPECT_EQ(case_join(case_thread(unlock_of_other, NULL)), EPERM);
	EXPECT_ERROR(pthread_mutex_unlock(&mutex), 0);
}

CASE(attributes, "clone futex")
{
	pthread_mutexattr_t attr;
	int value = -1;

	MUST(pthread_mutexattr_init(&attr) == 0);
	EXPECT(pthread_mutexattr_gettype(&attr, &value) == 0 && value == PTHREAD_MUTEX_DEFAULT);
	EXPECT_ERROR(pthread_mutexattr_settype(&attr, 99), EINVAL);
	EXPECT_ERROR(pthread_mutexattr_setprotocol(&attr, 99), EINVAL);
	EXPECT_ERROR(pthread_mutexattr_setrobust(&attr, 99), EINVAL);
	EXPECT_ERROR(pthread_mutexattr_setpshared(&attr, 99), EINVAL);
	EXPECT_ERROR(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	EXPECT(pthread_mutexattr_getpshared(&attr, &value) == 0 && value == PTHREAD_PROCESS_SHARED);
	EXPECT_ERROR(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT), 0);
	EXPECT(pthread_mutexattr_getprotocol(&attr, &value) == 0 && value == PTHREAD_PRIO_INHERIT);
	make(PTHREAD_MUTEX_NORMAL, 0);
	case_set(&go, 1);
	case_join(case_thread(hold, NULL));
}
