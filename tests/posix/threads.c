/* SPDX-License-Identifier: MIT */
/* Threads: made, joined, detached, ended in each way; their attributes and numbers. */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static void *give_back(void *arg)
{
	return arg;
}

static void *leave(void *arg)
{
	pthread_exit((char *)arg + 1);
}

CASE(create_join, "clone")
{
	void *result = NULL;
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, give_back, (void *)17) == 0);
	EXPECT(pthread_join(thread, &result) == 0);
	EXPECT_EQ(result, 17);
}

CASE(exit_value, "clone exit")
{
	void *result = NULL;
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, leave, (void *)17) == 0);
	EXPECT(pthread_join(thread, &result) == 0);
	EXPECT_EQ(result, 18);
}

static int ready, go, done;

static void *wait_for_go(void *arg)
{
	case_set(&ready, 1);
	case_until(&go, 1);
	case_set(&done, 1);
	return arg;
}

CASE(tryjoin, "clone futex")
{
	void *thread, *result = NULL;
	struct timespec until;

	ready = go = done = 0;
	thread = case_thread(wait_for_go, (void *)5);
	case_until(&ready, 1);
	EXPECT_ERROR(pthread_tryjoin_np((pthread_t)thread, &result), EBUSY);
	case_deadline(&until, CLOCK_REALTIME, 20);
	EXPECT_ERROR(pthread_timedjoin_np((pthread_t)thread, &result, &until), ETIMEDOUT);
	case_set(&go, 1);
	case_deadline(&until, CLOCK_REALTIME, 10000);
	EXPECT_ERROR(pthread_timedjoin_np((pthread_t)thread, &result, &until), 0);
	EXPECT_EQ(result, 5);
}

CASE(detached, "clone futex")
{
	pthread_attr_t attr;
	pthread_t thread;
	int state = -1;

	ready = go = done = 0;
	MUST(pthread_attr_init(&attr) == 0);
	EXPECT(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
	EXPECT(pthread_attr_getdetachstate(&attr, &state) == 0 && state == PTHREAD_CREATE_DETACHED);
	EXPECT_ERROR(pthread_attr_setdetachstate(&attr, 77), EINVAL);
	case_set(&go, 1);
	MUST(pthread_create(&thread, &attr, wait_for_go, NULL) == 0);
	case_until(&done, 1);
	pthread_attr_destroy(&attr);
	done = 0;
	MUST(pthread_create(&thread, NULL, wait_for_go, NULL) == 0);
	EXPECT(pthread_detach(thread) == 0);
	case_until(&done, 1);
}

static void *tell_ids(void *arg)
{
	long *ids = arg;

	ids[0] = syscall(SYS_gettid);
	ids[1] = getpid();
	return NULL;
}

CASE(ids, "gettid getpid")
{
	long first[2], second[2];
	void *thread = case_thread(tell_ids, first);

	case_join(thread);
	case_join(case_thread(tell_ids, second));
	EXPECT_EQ(first[1], getpid());
	EXPECT_EQ(second[1], getpid());
	EXPECT(syscall(SYS_gettid) == getpid());
	EXPECT(first[0] != getpid() && first[0] > 0 && second[0] > 0);
}
