/* SPDX-License-Identifier: MIT */
/*
 * handoff futex|pipe COUNT [CPU CPU]: two threads, on these cores if they are named, hand a number to each other COUNT times and back. Prints the
 * nanoseconds that one time took.
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint32_t whose[2];	/* the number that was handed to a thread last */
static int pipes[2][2];
static int use_pipes, cpus[2] = { -1, -1 };
static uint32_t count;

static void give(int to, uint32_t number)
{
	if (use_pipes) {
		if (write(pipes[to][1], &number, sizeof(number)) != sizeof(number))
			abort();
		return;
	}
	__atomic_store_n(&whose[to], number, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &whose[to], FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

static void take(int me, uint32_t expected)
{
	uint32_t number;

	if (use_pipes) {
		if (read(pipes[me][0], &number, sizeof(number)) != sizeof(number) || number != expected)
			abort();
		return;
	}
	while ((number = __atomic_load_n(&whose[me], __ATOMIC_SEQ_CST)) != expected)
		syscall(SYS_futex, &whose[me], FUTEX_WAIT | FUTEX_PRIVATE_FLAG, number, NULL, NULL, 0);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (cpu >= 0 && sched_setaffinity(0, sizeof(set), &set) != 0)
		perror("sched_setaffinity");
}

static void *answer(void *arg)
{
	pin(cpus[1]);
	for (uint32_t i = 1; i <= count; i++) {
		take(1, i);
		give(0, i);
	}
	return arg;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	pthread_t thread;

	if ((argc != 3 && argc != 5) || pipe(pipes[0]) || pipe(pipes[1]))
		return 2;
	use_pipes = strcmp(argv[1], "pipe") == 0;
	count = (uint32_t)atoi(argv[2]);
	for (int i = 0; argc == 5 && i < 2; i++)
		cpus[i] = atoi(argv[3 + i]);
	if (pthread_create(&thread, NULL, answer, NULL))
		return 1;
	pin(cpus[0]);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (uint32_t i = 1; i <= count; i++) {
		give(1, i);
		take(0, i);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	pthread_join(thread, NULL);
	printf("%lld\n", ((end.tv_sec - start.tv_sec) * 1000000000ll + end.tv_nsec - start.tv_nsec) / count);
	return 0;
}
