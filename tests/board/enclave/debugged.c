/* SPDX-License-Identifier: MIT */
/* A program to be debugged: debugged [calls|fault|abort|threads|abort-threads|signal|atomic]. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct point {
	int x, y;
	double d;
};

volatile int counter;
struct point global = { 3, 4, 2.5 };
volatile sig_atomic_t handled;
static atomic_int shared;
static volatile int *volatile nowhere = (volatile int *)8;
static pthread_barrier_t barrier;

__attribute__((noinline)) int deepest(int n)
{
	counter += n;	/* deepest */
	return n * 2;
}

__attribute__((noinline)) int middle(int n)
{
	int local = n + 1;

	local += deepest(local);
	return local;
}

/* Never ends by itself: sleeps, or computes. */
__attribute__((noinline)) void spin(volatile int *word)
{
	for (;;)
		++*word;
}

static void *worker(void *arg)
{
	volatile int mine = 0;

	pthread_barrier_wait(&barrier);
	if (arg)
		spin(&mine);	/* the worker that computes */
	for (;;)
		usleep(1000);
	return NULL;
}

static void threads(void)
{
	pthread_t thread[2];

	pthread_barrier_init(&barrier, NULL, 3);
	for (long i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, worker, (void *)i);
	pthread_barrier_wait(&barrier);
	puts("ready");
	fflush(stdout);
}

static void handler(int number)
{
	handled = number;	/* in the handler */
}

static void signalled(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	printf("handled %d\n", (int)handled);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "calls";
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += middle(i);
	printf("sum %d\n", sum);
	fflush(stdout);
	if (strcmp(what, "fault") == 0)
		*nowhere = 1;	/* the fault */
	if (strcmp(what, "abort") == 0)
		abort();
	if (strcmp(what, "threads") == 0) {
		threads();
		pause();
	}
	if (strcmp(what, "abort-threads") == 0) {
		threads();
		usleep(50000);
		abort();
	}
	if (strcmp(what, "signal") == 0)
		signalled();
	if (strcmp(what, "atomic") == 0)
		sum = atomic_fetch_add(&shared, 5) + shared;	/* exclusives */
	return 7;
}
