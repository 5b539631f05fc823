/* SPDX-License-Identifier: MIT */
/*
 * early: a boot enclave. It has no file and nobody to talk to, so it tells by its status: 42 if 300 periods of 10 ms passed, each counted by a
 * second thread, memory and random numbers came, and what needs Linux failed instead of waiting; and then, when somebody attached, it had files, streams
 * and threads like any program.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <ringmaster.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define PERIODS	300
#define NS	10000000

static sem_t tick;

static void *count(void *argument)
{
	int *counted = argument;

	while (*counted < PERIODS && sem_wait(&tick) == 0)
		++*counted;
	return counted;
}

static int alone(int argc, char **argv, char **environment)
{
	char bytes[16] = { 0 };

	if (argc != 2 || strcmp(argv[1], "one") != 0 || environment[0] != NULL)
		return 0;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes) || write(1, "x", 1) >= 0)
		return 0;
	return open("/etc/passwd", O_RDONLY) < 0 && (errno == EIO || errno == ETIMEDOUT);
}

static void sleep_until(struct timespec *next)
{
	next->tv_nsec += NS;
	next->tv_sec += next->tv_nsec / 1000000000;
	next->tv_nsec %= 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

/* Linux has come up, and somebody is there for this thread too: a descriptor. */
static int open_in_company(const char *path, struct timespec *next)
{
	int fd;

	while ((fd = open(path, O_RDONLY)) < 0 && (errno == EIO || errno == ETIMEDOUT))
		sleep_until(next);
	return fd;
}

static void *look(void *argument)
{
	struct timespec next;
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &next);
	fd = open_in_company("/etc/passwd", &next);
	if (fd < 0 || read(fd, argument, 4) != 4)
		return NULL;
	close(fd);
	return argument;
}

/* A thread that was made while nobody served this one has company as well: 0. */
static int in_company(struct timespec *next)
{
	char early[5] = "", name[5] = "";
	pthread_t first, second;
	void *result;

	if (pthread_create(&first, NULL, look, early) != 0)
		return 5;
	if (open_in_company("/", next) < 0 || ringmaster_host() != 2)
		return 6;
	if (pthread_join(first, &result) != 0 || result == NULL)
		return 7;
	if (pthread_create(&second, NULL, look, name) != 0 || pthread_join(second, &result) != 0 || result == NULL || strcmp(early, name) != 0)
		return 8;
	printf("early sees %s\n", name);
	return fflush(stdout) == 0 ? 0 : 9;
}

int main(int argc, char **argv, char **environment)
{
	struct timespec next;
	pthread_t thread;
	int counted = 0, error;
	char *memory = malloc(1 << 20);

	if (memory == NULL || !alone(argc, argv, environment))
		return 1;
	memset(memory, 1, 1 << 20);
	sem_init(&tick, 0, 0);
	if (pthread_create(&thread, NULL, count, &counted) != 0)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int i = 0; i < PERIODS; i++) {
		sleep_until(&next);
		sem_post(&tick);
	}
	pthread_join(thread, NULL);
	if (counted != PERIODS)
		return 4;
	error = in_company(&next);
	return error ? error : 42;
}
