/* SPDX-License-Identifier: MIT */
/* Read-write locks. */
#include <pthread.h>
#include <time.h>

#include "case.h"

static pthread_rwlock_t lock;
static int ready, go, inside, most, writers;

static void make(void)
{
	MUST(pthread_rwlock_init(&lock, NULL) == 0);
	ready = go = inside = most = writers = 0;
}

static void *hold(void *arg)
{
	EXPECT_ERROR(arg ? pthread_rwlock_wrlock(&lock) : pthread_rwlock_rdlock(&lock), 0);
	case_set(&ready, 1);
	case_until(&go, 1);
	EXPECT_ERROR(pthread_rwlock_unlock(&lock), 0);
	return NULL;
}

CASE(readers_share, "clone futex")
{
	void *thread;

	make();
	thread = case_thread(hold, NULL);
	case_until(&ready, 1);
	EXPECT_ERROR(pthread_rwlock_tryrdlock(&lock), 0);
	EXPECT_ERROR(pthread_rwlock_trywrlock(&lock), EBUSY);
	EXPECT_ERROR(pthread_rwlock_unlock(&lock), 0);
	EXPECT_ERROR(pthread_rwlock_trywrlock(&lock), EBUSY);
	case_set(&go, 1);
	case_join(thread);
	EXPECT_ERROR(pthread_rwlock_trywrlock(&lock), 0);
	EXPECT_ERROR(pthread_rwlock_unlock(&lock), 0);
	EXPECT_ERROR(pthread_rwlock_destroy(&lock), 0);
}

CASE(writer_excludes, "clone futex")
{
	struct timespec until;
	void *thread;

	make();
	thread = case_thread(hold, (void *)1);
	case_until(&ready, 1);
	EXPECT_ERROR(pthread_rwlock_tryrdlock(&lock), EBUSY);
	EXPECT_ERROR(pthread_rwlock_trywrlock(&lock), EBUSY);
	case_deadline(&until, CLOCK_REALTIME, 20);
	EXPECT_ERROR(pthread_rwlock_timedrdlock(&lock, &until), ETIMEDOUT);
	case_deadline(&until, CLOCK_REALTIME, 20);
	EXPECT_ERROR(pthread_rwlock_timedwrlock(&lock, &until), ETIMEDOUT);
	until.tv_nsec = 2000000000;
	EXPECT_ERROR(pthread_rwlock_timedrdlock(&lock, &until), EINVAL);
	case_set(&go, 1);
	case_deadline(&until, CLOCK_REALTIME, 10000);
	EXPECT_ERROR(pthread_rwlock_timedrdlock(&lock, &until), 0);
	EXPECT_ERROR(pthread_rwlock_unlock(&lock), 0);
	case_join(thread);
}

CASE(writer_waits_for_readers, "clone futex")
{
	struct timespec until;
	void *first, *second;

	make();
	first = case_thread(hold, NULL);
	case_until(&ready, 1);
	second = case_thread(hold, NULL);
	case_deadline(&until, CLOCK_REALTIME, 20);
	EXPECT_ERROR(pthread_rwlock_timedwrlock(&lock, &until), ETIMEDOUT);
	case_set(&go, 1);
	case_deadline(&until, CLOCK_REALTIME, 10000);
	EXPECT_ERROR(pthread_rwlock_timedwrlock(&lock, &until), 0);
	EXPECT_ERROR(pthread_rwlock_unlock(&lock), 0);
	case_join(first);
	case_join(second);
}

static long a, b;

static void *write_both(void *arg)
{
	for (int i = 0; i < 300; i++) {
		pthread_rwlock_wrlock(&lock);
		a++;
		b++;
		pthread_rwlock_unlock(&lock);
	}
	return arg;
}

static void *read_both(void *arg)
{
	long wrong = 0;

	for (int i = 0; i < 300; i++) {
		pthread_rwlock_rdlock(&lock);
		wrong += a != b;
		pthread_rwlock_unlock(&lock);
	}
	return (void *)wrong + (long)arg;
}

CASE_LIMIT(consistency, "clone futex", 60)
{
	void *threads[4];

	make();
	a = b = 0;
	for (int i = 0; i < 4; i++)
		threads[i] = case_thread(i < 2 ? write_both : read_both, NULL);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(case_join(threads[i]), 0);
	EXPECT_EQ(a, 600);
	EXPECT_EQ(b, 600);
}

CASE(attributes, "clone futex")
{
	pthread_rwlockattr_t attr;
	int shared = -1;

	MUST(pthread_rwlockattr_init(&attr) == 0);
	EXPECT(pthread_rwlockattr_getpshared(&attr, &shared) == 0 && shared == PTHREAD_PROCESS_PRIVATE);
	EXPECT_ERROR(pthread_rwlockattr_setpshared(&attr, 77), EINVAL);
	EXPECT_ERROR(pthread_rwlockattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	MUST(pthread_rwlock_init(&lock, &attr) == 0);
	ready = go = 0;
	void *thread = case_thread(hold, (void *)1);
	case_until(&ready, 1);
	case_set(&go, 1);
	EXPECT_ERROR(pthread_rwlock_wrlock(&lock), 0);
	EXPECT_ERROR(pthread_rwlock_unlock(&lock), 0);
	case_join(thread);
}
