/* SPDX-License-Identifier: MIT */
/* POSIX semaphores, unnamed and named. */
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <time.h>

#include "case.h"

static sem_t full, empty;
static int items, sum;

static void *consume(void *arg)
{
	for (int i = 0; i < 100; i++) {
		while (sem_wait(&full) != 0)
			;
		sum += items;
		sem_post(&empty);
	}
	return arg;
}

CASE_LIMIT(producer_consumer, "clone futex", 60)
{
	void *thread;

	MUST(sem_init(&full, 0, 0) == 0 && sem_init(&empty, 0, 1) == 0);
	sum = 0;
	thread = case_thread(consume, NULL);
	for (int i = 0; i < 100; i++) {
		while (sem_wait(&empty) != 0)
			;
		items = i;
		sem_post(&full);
	}
	case_join(thread);
	EXPECT_EQ(sum, 4950);
}

static void *post_twice(void *arg)
{
	sem_post(&full);
	sem_post(&full);
	return arg;
}

CASE(counting, "clone futex")
{
	int value = -1;

	MUST(sem_init(&full, 0, 2) == 0);
	EXPECT(sem_getvalue(&full, &value) == 0 && value == 2);
	EXPECT(sem_trywait(&full) == 0);
	EXPECT(sem_trywait(&full) == 0);
	EXPECT_ERRNO(sem_trywait(&full), EAGAIN);
	case_join(case_thread(post_twice, NULL));
	EXPECT(sem_getvalue(&full, &value) == 0 && value == 2);
	EXPECT(sem_destroy(&full) == 0);
}

CASE(limits, "clone")
{
	EXPECT_ERRNO(sem_init(&full, 0, (unsigned)SEM_VALUE_MAX + 1), EINVAL);
	MUST(sem_init(&full, 0, SEM_VALUE_MAX) == 0);
	EXPECT_ERRNO(sem_post(&full), EOVERFLOW);
	MUST(sem_init(&full, 0, 0) == 0);
	case_join(case_thread(post_twice, NULL));
	EXPECT(sem_trywait(&full) == 0);
}

CASE(timedwait, "futex clone")
{
	struct timespec until;
	int64_t start;

	MUST(sem_init(&full, 0, 0) == 0);
	start = case_ms();
	case_deadline(&until, CLOCK_REALTIME, 40);
	EXPECT_ERRNO(sem_timedwait(&full, &until), ETIMEDOUT);
	EXPECT(case_ms() - start >= 35);
	until.tv_nsec = -5;
	EXPECT_ERRNO(sem_timedwait(&full, &until), EINVAL);
	case_join(case_thread(post_twice, NULL));
	EXPECT(sem_timedwait(&full, &until) == 0);
}

static void *wait_and_post(void *arg)
{
	while (sem_wait(&full) != 0)
		;
	sem_post(arg);
	return NULL;
}

CASE(wakes_each, "futex clone")
{
	void *threads[3];

	MUST(sem_init(&full, 0, 0) == 0 && sem_init(&empty, 0, 0) == 0);
	for (int i = 0; i < 3; i++)
		threads[i] = case_thread(wait_and_post, &empty);
	for (int i = 0; i < 3; i++) {
		EXPECT(sem_post(&full) == 0);
		while (sem_wait(&empty) != 0)
			;
	}
	for (int i = 0; i < 3; i++)
		case_join(threads[i]);
	EXPECT_ERRNO(sem_trywait(&full), EAGAIN);
}
