/* SPDX-License-Identifier: MIT */
/*
 * Threads: create, join, mutex, condition, thread-local storage, once, detached, fifty in a row. limit: 180 s, since on a
 * busy build machine each wake from core to core takes long.
 */
#include <pthread.h>
#include <semaphore.h>

#include "t.h"

#define THREADS 6
#define ROUNDS 2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t done;
static long counter, onces;
static int turn;
static __thread long own = 17;

static void do_once(void)
{
	onces++;
}

static void *add(void *arg)
{
	pthread_once(&once, do_once);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		own += (long)arg;
	}
	return (void *)own;
}

static void *take_turns(void *arg)
{
	long me = (long)arg;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < 20; i++) {
		while (turn % THREADS != me)
			pthread_cond_wait(&turn_changed, &lock);
		turn++;
		pthread_cond_broadcast(&turn_changed);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *finish(void *arg)
{
	sem_post(arg);
	return NULL;
}

static void run_all(void *(*body)(void *), long *results)
{
	pthread_t threads[THREADS];

	for (long i = 0; i < THREADS; i++)
		MUST(pthread_create(&threads[i], NULL, body, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++) {
		void *result;

		MUST(pthread_join(threads[i], &result) == 0);
		if (results)
			results[i] = (long)result;
	}
}

int main(void)
{
	long results[THREADS];
	pthread_t thread;

	run_all(add, results);
	printf("counter %ld, once %ld, own %ld\n", counter, onces, own);
	for (int i = 0; i < THREADS; i++)
		printf("thread %d: %ld\n", i, results[i]);
	run_all(take_turns, NULL);
	printf("turns %d\n", turn);

	for (int i = 0; i < 200; i++) {
		void *result;

		MUST(pthread_create(&thread, NULL, add, NULL) == 0);
		MUST(pthread_join(thread, &result) == 0 && (long)result == 17);
		i += 3;
	}
	MUST(sem_init(&done, 0, 0) == 0);
	for (int i = 0; i < 20; i++) {
		MUST(pthread_create(&thread, NULL, finish, &done) == 0);
		MUST(pthread_detach(thread) == 0);
		sem_wait(&done);
	}

	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	pthread_mutex_lock(&lock);
	CHECK(pthread_cond_timedwait(&turn_changed, &lock, &until) == ETIMEDOUT);
	pthread_mutex_unlock(&lock);
	return t_done();
}
