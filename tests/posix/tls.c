/* SPDX-License-Identifier: MIT */
/* What each thread has of its own: __thread, keys and their destructors; pthread_once. */
#include <limits.h>
#include <pthread.h>

#include "case.h"

static __thread long own = 17;
static __thread char zeroed[3000];

static void *change_own(void *arg)
{
	long sum = own;

	for (size_t i = 0; i < sizeof(zeroed); i++)
		sum += zeroed[i];
	memset(zeroed, 1, sizeof(zeroed));
	own += (long)arg;
	return (void *)(sum * 100 + own);
}

CASE(thread_variables, "clone")
{
	own = 5;
	EXPECT_EQ(case_join(case_thread(change_own, (void *)2)), 1719);
	EXPECT_EQ(case_join(case_thread(change_own, (void *)3)), 1720);
	EXPECT_EQ(own, 5);
	EXPECT_EQ(zeroed[100], 0);
}

static pthread_key_t key, other;
static long destroyed, rounds;

static void add_up(void *value)
{
	destroyed += (long)value;
}

static void *use_keys(void *arg)
{
	EXPECT(pthread_getspecific(key) == NULL);
	EXPECT_ERROR(pthread_setspecific(key, arg), 0);
	EXPECT(pthread_getspecific(key) == arg);
	return NULL;
}

CASE(keys, "clone exit")
{
	destroyed = 0;
	MUST(pthread_key_create(&key, add_up) == 0);
	EXPECT_ERROR(pthread_setspecific(key, &key), 0);
	case_join(case_thread(use_keys, (void *)5));
	case_join(case_thread(use_keys, (void *)6));
	EXPECT_EQ(destroyed, 11);
	EXPECT(pthread_getspecific(key) == &key);
	EXPECT_ERROR(pthread_key_delete(key), 0);
}

/* A destructor that sets its value again is called again, but not for ever. */
static void set_again(void *value)
{
	rounds++;
	pthread_setspecific(key, value);
}

CASE(destructor_rounds, "clone exit")
{
	rounds = 0;
	MUST(pthread_key_create(&key, set_again) == 0);
	case_join(case_thread(use_keys, (void *)1));
	EXPECT_EQ(rounds, PTHREAD_DESTRUCTOR_ITERATIONS);
	EXPECT_ERROR(pthread_key_delete(key), 0);
}

static void *exit_inside(void *arg)
{
	use_keys(arg);
	pthread_exit(NULL);
}

CASE(destructor_by_pthread_exit, "clone exit")
{
	destroyed = 0;
	MUST(pthread_key_create(&key, add_up) == 0);
	case_join(case_thread(exit_inside, (void *)9));
	EXPECT_EQ(destroyed, 9);
	EXPECT_ERROR(pthread_key_delete(key), 0);
}

CASE(keys_run_out, "clone")
{
	static pthread_key_t keys[PTHREAD_KEYS_MAX + 1];
	int count = 0, error;

	while ((error = pthread_key_create(&keys[count], NULL)) == 0 && count < PTHREAD_KEYS_MAX)
		count++;
	EXPECT_EQ(error, EAGAIN);
	EXPECT(count > 100);
	for (int i = 0; i < count; i++)
		EXPECT_ERROR(pthread_key_delete(keys[i]), 0);
	MUST(pthread_key_create(&other, NULL) == 0);
	EXPECT_EQ(case_join(case_thread(change_own, (void *)2)), 1719);
	pthread_key_delete(other);
}

static pthread_once_t once;
static int onces, ready, go;

static void slow_once(void)
{
	onces++;
	case_set(&ready, 1);
	case_until(&go, 1);
}

static void *do_once(void *arg)
{
	pthread_once(&once, slow_once);
	return (void *)(long)onces + (long)arg;
}

CASE(once, "clone futex")
{
	void *threads[4];

	once = (pthread_once_t)PTHREAD_ONCE_INIT;
	onces = ready = go = 0;
	for (int i = 0; i < 4; i++)
		threads[i] = case_thread(do_once, NULL);
	case_until(&ready, 1);
	case_set(&go, 1);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(case_join(threads[i]), 1);
	EXPECT_EQ(onces, 1);
}

static void leave_once(void)
{
	onces++;
	if (onces == 1)
		pthread_exit(NULL);
}

static void *leave_in_once(void *arg)
{
	pthread_once(&once, leave_once);
	return (char *)arg + 1;
}

/* A routine that did not come to its end counts as not called (musl and POSIX only say so of cancellation). */
CASE(once_again, "clone futex")
{
	once = (pthread_once_t)PTHREAD_ONCE_INIT;
	onces = 0;
	case_join(case_thread(leave_in_once, NULL));
	EXPECT_EQ(case_join(case_thread(leave_in_once, NULL)), 1);
	EXPECT_EQ(onces, 2);
}
