/* SPDX-License-Identifier: MIT */
/*
 * crowd THREADS ROUNDS: many threads, more than cores, in rounds of everything that pthreads offer to wait with. All results are sums that do not
 * depend on who was first.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX	48
#define ADDS		40
#define ITEMS		30
#define QUEUE		5
#define VICTIMS		4

static int threads, rounds;
static pthread_barrier_t barrier;

static void check(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "wrong: %s, errno %d\n", what, errno);
		_exit(1);
	}
}

/* Counters, each with its lock. */
static struct {
	pthread_mutex_t lock;
	long value;
} counters[3];

static void add(int me)
{
	for (int i = 0; i < ADDS; i++) {
		const int n = (me + i) % 3;

		while (i % 4 == 0 ? pthread_mutex_trylock(&counters[n].lock) : pthread_mutex_lock(&counters[n].lock))
			sched_yield();
		counters[n].value += me + i;
		pthread_mutex_unlock(&counters[n].lock);
	}
}

/* A queue with room for few, by condition variables: half of the threads put, half take. */
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int queue[QUEUE], queued, first;
static long taken;

static void put(int item)
{
	pthread_mutex_lock(&queue_lock);
	while (queued == QUEUE)
		pthread_cond_wait(&not_full, &queue_lock);
	queue[(first + queued++) % QUEUE] = item;
	pthread_cond_signal(&not_empty);
	pthread_mutex_unlock(&queue_lock);
}

static void take(void)
{
	pthread_mutex_lock(&queue_lock);
	while (queued == 0)
		pthread_cond_wait(&not_empty, &queue_lock);
	taken += queue[first];
	first = (first + 1) % QUEUE;
	queued--;
	pthread_cond_broadcast(&not_full);
	pthread_mutex_unlock(&queue_lock);
}

/* Two numbers that are always the same to a reader. */
static pthread_rwlock_t pair_lock = PTHREAD_RWLOCK_INITIALIZER;
static long pair[2];

static void read_and_write(int me)
{
	for (int i = 0; i < 10; i++) {
		if ((me + i) % 5 == 0) {
			pthread_rwlock_wrlock(&pair_lock);
			pair[0]++;
			pair[1]++;
		} else {
			pthread_rwlock_rdlock(&pair_lock);
			check(pair[0] == pair[1], "pair");
		}
		pthread_rwlock_unlock(&pair_lock);
	}
}

static long late;

/* A wait that nobody ends. */
static void time_out(int me)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond;
	pthread_condattr_t attributes;
	struct timespec until, now;
	int error = 0;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&cond, &attributes);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 1000000 * (1 + me % 5);
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&lock);
	while (error == 0)
		error = pthread_cond_timedwait(&cond, &lock, &until);
	clock_gettime(CLOCK_MONOTONIC, &now);
	check(error == ETIMEDOUT, "timedwait");
	check(now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec), "woke too early");
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&cond);
	__atomic_add_fetch(&late, 1, __ATOMIC_RELAXED);
}

static void *work(void *arg)
{
	const int me = (int)(long)arg;
	int serial;

	for (int r = 0; r < rounds; r++) {
		add(me);
		pthread_barrier_wait(&barrier);
		for (int i = 0; i < ITEMS; i++)
			if (me % 2)
				take();
			else
				put(me * 1000 + i);
		read_and_write(me);
		serial = pthread_barrier_wait(&barrier);
		if (serial == PTHREAD_BARRIER_SERIAL_THREAD)
			check(queued == 0, "queue is empty");
		time_out(me);
	}
	return NULL;
}

/* Threads that are cancelled where they wait, each with its lock, which its cleanup gives back. */
static sem_t never;
static long cleaned;

static void clean(void *lock)
{
	pthread_mutex_unlock(lock);
	__atomic_add_fetch(&cleaned, 1, __ATOMIC_RELAXED);
}

static void *wait_for_ever(void *arg)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	struct timespec long_time = { 1000, 0 };

	pthread_mutex_lock(&lock);
	pthread_cleanup_push(clean, &lock);
	switch ((int)(long)arg % 3) {
	case 0:
		for (;;)
			pthread_cond_wait(&cond, &lock);
	case 1:
		while (sem_wait(&never) != 0)
			;
		break;
	default:
		nanosleep(&long_time, NULL);
	}
	pthread_cleanup_pop(0);
	return NULL;
}

static void cancel_some(void)
{
	pthread_t victim[VICTIMS];
	void *result;

	for (long i = 0; i < VICTIMS; i++)
		check(pthread_create(&victim[i], NULL, wait_for_ever, (void *)i) == 0, "pthread_create");
	for (int i = 0; i < VICTIMS; i++)
		check(pthread_cancel(victim[i]) == 0, "pthread_cancel");
	for (int i = 0; i < VICTIMS; i++)
		check(pthread_join(victim[i], &result) == 0 && result == PTHREAD_CANCELED, "pthread_join");
}

int main(int argc, char **argv)
{
	pthread_t thread[THREADS_MAX];
	long sum = 0;

	threads = argc == 3 ? atoi(argv[1]) & ~1 : 0;
	rounds = argc == 3 ? atoi(argv[2]) : 0;
	if (threads < 2 || threads > THREADS_MAX || rounds < 1)
		return 2;
	pthread_barrier_init(&barrier, NULL, (unsigned)threads);
	sem_init(&never, 0, 0);
	for (int i = 0; i < 3; i++)
		pthread_mutex_init(&counters[i].lock, NULL);
	for (long i = 0; i < threads; i++)
		check(pthread_create(&thread[i], NULL, work, (void *)i) == 0, "pthread_create");
	for (int r = 0; r < rounds; r++)
		cancel_some();
	for (int i = 0; i < threads; i++)
		check(pthread_join(thread[i], NULL) == 0, "pthread_join");
	for (int i = 0; i < 3; i++)
		sum += counters[i].value;
	printf("added %ld, taken %ld, written %ld, timed out %ld, cancelled %ld\n", sum, taken, pair[0], late, cleaned);
	return 0;
}
