/* SPDX-License-Identifier: MIT */
/* Cancellation of threads: deferred at each kind of wait, asynchronous, disabled; cleanup handlers. */
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static int ready, cleaned, ends[2];

static void cleanup(void *unused)
{
	(void)unused;
	cleaned++;
}

static void *in_read(void *unused)
{
	char byte;

	pthread_cleanup_push(cleanup, NULL);
	case_set(&ready, 1);
	while (read(ends[0], &byte, 1) != 0)
		;
	pthread_cleanup_pop(0);
	return unused;
}

static void *in_sleep(void *unused)
{
	pthread_cleanup_push(cleanup, NULL);
	case_set(&ready, 1);
	for (;;)
		sleep(1000);
	pthread_cleanup_pop(0);
	return unused;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void unlock(void *unused)
{
	(void)unused;
	cleaned++;
	pthread_mutex_unlock(&mutex);
}

static void *in_cond_wait(void *unused)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, NULL);
	case_set(&ready, 1);
	for (;;)
		pthread_cond_wait(&condition, &mutex);
	pthread_cleanup_pop(0);
	return unused;
}

static void *computing(void *unused)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(cleanup, NULL);
	case_set(&ready, 1);
	for (;;)
		__asm__ volatile("");
	pthread_cleanup_pop(0);
	return unused;
}

static void *testing(void *unused)
{
	pthread_cleanup_push(cleanup, NULL);
	case_set(&ready, 1);
	for (;;)
		pthread_testcancel();
	pthread_cleanup_pop(0);
	return unused;
}

static void *refusing(void *unused)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	case_set(&ready, 1);
	case_until(&ready, 2);
	usleep(1000);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	pthread_cleanup_push(cleanup, NULL);
	cleaned = 10;
	usleep(1000);
	pthread_cleanup_pop(0);
	return unused;
}

static void cancel(void *(*body)(void *), unsigned delay)
{
	pthread_t thread;
	void *result = NULL;

	ready = cleaned = 0;
	MUST(pthread_create(&thread, NULL, body, NULL) == 0);
	case_until(&ready, 1);
	usleep(delay);
	EXPECT(pthread_cancel(thread) == 0);
	EXPECT(pthread_join(thread, &result) == 0);
	EXPECT(result == PTHREAD_CANCELED);
	EXPECT_EQ(cleaned, 1);
}

CASE(in_read, "tkill read rt_sigaction")
{
	MUST(pipe(ends) == 0);
	for (unsigned i = 0; i < 10; i++)
		cancel(in_read, i * 500);
}

CASE(in_sleep, "tkill rt_sigaction")
{
	for (unsigned i = 0; i < 10; i++)
		cancel(in_sleep, i * 500);
}

CASE(in_cond_wait, "tkill")
{
	for (unsigned i = 0; i < 10; i++)
		cancel(in_cond_wait, i * 500);
	EXPECT(pthread_mutex_trylock(&mutex) == 0);
	pthread_mutex_unlock(&mutex);
}

CASE(asynchronous, "tkill rt_sigaction")
{
	for (unsigned i = 0; i < 5; i++)
		cancel(computing, i * 500);
}

CASE(testcancel, "clone")
{
	cancel(testing, 1000);
}

CASE(disabled, "clone")
{
	pthread_t thread;
	void *result = NULL;

	ready = cleaned = 0;
	MUST(pthread_create(&thread, NULL, refusing, NULL) == 0);
	case_until(&ready, 1);
	EXPECT(pthread_cancel(thread) == 0);
	case_set(&ready, 2);
	EXPECT(pthread_join(thread, &result) == 0);
	EXPECT(result == PTHREAD_CANCELED);
	EXPECT_EQ(cleaned, 11);
}

/* A pending cancellation acts at the next cancellation point, before it does anything. */
static void *self_cancel(void *unused)
{
	pthread_cancel(pthread_self());
	if (write(ends[1], "x", 1) == 1)
		cleaned = 99;
	return unused;
}

CASE(before_the_call, "clone")
{
	pthread_t thread;
	void *result = NULL;
	char byte = 0;

	MUST(pipe(ends) == 0);
	cleaned = 0;
	MUST(pthread_create(&thread, NULL, self_cancel, NULL) == 0);
	EXPECT(pthread_join(thread, &result) == 0);
	EXPECT(result == PTHREAD_CANCELED && cleaned == 0);
	close(ends[1]);
	EXPECT_EQ(read(ends[0], &byte, 1), 0);
}
