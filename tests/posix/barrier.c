/* SPDX-License-Identifier: MIT */
/* Barriers and spin locks. */
#include <pthread.h>

#include "case.h"

static pthread_barrier_t barrier;
static int serials, before, wrong;

static void *rounds(void *arg)
{
	for (int i = 0; i < 20; i++) {
		__atomic_add_fetch(&before, 1, __ATOMIC_SEQ_CST);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&serials, 1, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&before, __ATOMIC_SEQ_CST) < 4 * (i + 1))
			wrong = 1;
		pthread_barrier_wait(&barrier);
	}
	return arg;
}

static void run(void)
{
	void *threads[4];

	serials = before = wrong = 0;
	for (int i = 0; i < 4; i++)
		threads[i] = case_thread(rounds, NULL);
	for (int i = 0; i < 4; i++)
		case_join(threads[i]);
	EXPECT_EQ(serials, 20);
	EXPECT_EQ(before, 80);
	EXPECT_EQ(wrong, 0);
	EXPECT_ERROR(pthread_barrier_destroy(&barrier), 0);
}

CASE_LIMIT(rounds, "clone futex", 60)
{
	MUST(pthread_barrier_init(&barrier, NULL, 4) == 0);
	run();
}

CASE_LIMIT(rounds_shared, "clone futex", 60)
{
	pthread_barrierattr_t attr;
	int shared = -1;

	MUST(pthread_barrierattr_init(&attr) == 0);
	EXPECT_ERROR(pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	EXPECT(pthread_barrierattr_getpshared(&attr, &shared) == 0 && shared == PTHREAD_PROCESS_SHARED);
	MUST(pthread_barrier_init(&barrier, &attr, 4) == 0);
	run();
}

static void *alone(void *arg)
{
	return (void *)(long)(pthread_barrier_wait(arg) == PTHREAD_BARRIER_SERIAL_THREAD);
}

CASE(of_one, "clone")
{
	EXPECT_ERROR(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
	MUST(pthread_barrier_init(&barrier, NULL, 1) == 0);
	EXPECT_EQ(case_join(case_thread(alone, &barrier)), 1);
	EXPECT_EQ(pthread_barrier_wait(&barrier), PTHREAD_BARRIER_SERIAL_THREAD);
	EXPECT_ERROR(pthread_barrier_destroy(&barrier), 0);
}

CASE(reused, "clone futex")
{
	for (int i = 0; i < 5; i++) {
		void *thread;
		long serial;

		MUST(pthread_barrier_init(&barrier, NULL, 2) == 0);
		thread = case_thread(alone, &barrier);
		serial = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
		EXPECT_EQ(serial + (long)case_join(thread), 1);
		EXPECT_ERROR(pthread_barrier_destroy(&barrier), 0);
	}
}

static pthread_spinlock_t spin;
static int counter;

static void *spin_and_add(void *arg)
{
	for (int i = 0; i < 500; i++) {
		pthread_spin_lock(&spin);
		counter++;
		pthread_spin_unlock(&spin);
	}
	return arg;
}

static void *try_spin(void *arg)
{
	return (void *)(long)(arg ? 0 : pthread_spin_trylock(&spin));
}

CASE_LIMIT(spin, "clone", 60)
{
	void *first, *second;

	MUST(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE) == 0);
	counter = 0;
	EXPECT_ERROR(pthread_spin_lock(&spin), 0);
	EXPECT_EQ(case_join(case_thread(try_spin, NULL)), EBUSY);
	EXPECT_ERROR(pthread_spin_unlock(&spin), 0);
	first = case_thread(spin_and_add, NULL);
	second = case_thread(spin_and_add, NULL);
	case_join(first);
	case_join(second);
	EXPECT_EQ(counter, 1000);
	EXPECT_ERROR(pthread_spin_destroy(&spin), 0);
}
