/* SPDX-License-Identifier: MIT */
/* Condition variables. */
#include <pthread.h>
#include <time.h>

#include "case.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond;
static int ready, value, woken;

static void make(int clock)
{
	pthread_condattr_t attr;

	MUST(pthread_condattr_init(&attr) == 0);
	if (clock >= 0)
		MUST(pthread_condattr_setclock(&attr, clock) == 0);
	MUST(pthread_cond_init(&cond, &attr) == 0);
	pthread_condattr_destroy(&attr);
	ready = value = woken = 0;
}

static void *wait_for_value(void *arg)
{
	pthread_mutex_lock(&mutex);
	case_set(&ready, ready + 1);
	while (value < (int)(long)arg)
		pthread_cond_wait(&cond, &mutex);
	woken++;
	pthread_mutex_unlock(&mutex);
	return arg;
}

static void set_value(int to)
{
	pthread_mutex_lock(&mutex);
	value = to;
	pthread_mutex_unlock(&mutex);
}

CASE(signal_one, "clone futex")
{
	void *thread;

	make(-1);
	thread = case_thread(wait_for_value, (void *)1);
	case_until(&ready, 1);
	set_value(1);
	EXPECT_ERROR(pthread_cond_signal(&cond), 0);
	EXPECT_EQ(case_join(thread), 1);
	EXPECT_ERROR(pthread_cond_destroy(&cond), 0);
}

CASE(broadcast, "clone futex")
{
	void *threads[6];

	make(-1);
	for (int i = 0; i < 6; i++)
		threads[i] = case_thread(wait_for_value, (void *)1);
	case_until(&ready, 6);
	set_value(1);
	EXPECT_ERROR(pthread_cond_broadcast(&cond), 0);
	for (int i = 0; i < 6; i++)
		case_join(threads[i]);
	EXPECT_EQ(woken, 6);
}

/* Each signal wakes a waiter: with as many signals as waiters none is left. */
CASE(signals_add_up, "clone futex")
{
	void *threads[4];

	make(-1);
	for (int i = 0; i < 4; i++)
		threads[i] = case_thread(wait_for_value, (void *)1);
	case_until(&ready, 4);
	set_value(1);
	for (int i = 0; i < 4; i++)
		EXPECT_ERROR(pthread_cond_signal(&cond), 0);
	for (int i = 0; i < 4; i++)
		case_join(threads[i]);
	EXPECT_EQ(woken, 4);
}

static void *nothing(void *arg)
{
	return arg;
}

static void timed(int clock)
{
	struct timespec until;
	int64_t start;
	int error = 0;

	make(clock);
	pthread_mutex_lock(&mutex);
	start = case_ms();
	case_deadline(&until, clock, 40);
	while (error == 0)
		error = pthread_cond_timedwait(&cond, &mutex, &until);
	EXPECT_EQ(error, ETIMEDOUT);
	EXPECT(case_ms() - start >= 35);
	EXPECT_ERROR(pthread_mutex_trylock(&mutex), EBUSY);
	until.tv_nsec = -1;
	EXPECT_ERROR(pthread_cond_timedwait(&cond, &mutex, &until), EINVAL);
	until = (struct timespec){ 0, 0 };
	EXPECT_ERROR(pthread_cond_timedwait(&cond, &mutex, &until), ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	case_join(case_thread(nothing, NULL));
}

CASE(timedwait_realtime, "futex clone")
{
	timed(CLOCK_REALTIME);
}

CASE(timedwait_monotonic, "futex clone")
{
	timed(CLOCK_MONOTONIC);
}

CASE(timedwait_in_time, "futex clone")
{
	struct timespec until;
	void *thread;

	make(CLOCK_MONOTONIC);
	thread = case_thread(wait_for_value, (void *)2);
	case_until(&ready, 1);
	pthread_mutex_lock(&mutex);
	value = 2;
	pthread_cond_signal(&cond);
	case_deadline(&until, CLOCK_MONOTONIC, 10000);
	pthread_mutex_unlock(&mutex);
	EXPECT_EQ(case_join(thread), 2);
	EXPECT_EQ(woken, 1);
}

CASE(attributes, "clone futex")
{
	pthread_condattr_t attr;
	clockid_t clock;
	int shared = -1;

	MUST(pthread_condattr_init(&attr) == 0);
	EXPECT(pthread_condattr_getclock(&attr, &clock) == 0 && clock == CLOCK_REALTIME);
	EXPECT_ERROR(pthread_condattr_setclock(&attr, CLOCK_THREAD_CPUTIME_ID), EINVAL);
	EXPECT_ERROR(pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	EXPECT(pthread_condattr_getpshared(&attr, &shared) == 0 && shared == PTHREAD_PROCESS_SHARED);
	MUST(pthread_cond_init(&cond, &attr) == 0);
	ready = value = woken = 0;
	void *thread = case_thread(wait_for_value, (void *)1);
	case_until(&ready, 1);
	set_value(1);
	pthread_cond_broadcast(&cond);
	EXPECT_EQ(case_join(thread), 1);
}

/* Threads pass a token round and round: each step is a wake of another thread. */
static void *pass_on(void *arg)
{
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 25; i++) {
		while (value % 4 != (int)(long)arg)
			pthread_cond_wait(&cond, &mutex);
		value++;
		pthread_cond_broadcast(&cond);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

CASE_LIMIT(token_ring, "clone futex", 60)
{
	void *threads[4];

	make(-1);
	for (long i = 0; i < 4; i++)
		threads[i] = case_thread(pass_on, (void *)i);
	for (int i = 0; i < 4; i++)
		case_join(threads[i]);
	EXPECT_EQ(value, 100);
}
