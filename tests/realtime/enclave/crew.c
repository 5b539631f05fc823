/* SPDX-License-Identifier: MIT */
/*
 * crew NAME PRIORITY:PERIOD:WORK...: threads that number their releases, each with a reservation of its own; times in microseconds. Number k of a
 * thread is due at its base + k periods. One that is late is served late, and none is left out.
 * The first thread, with the lowest priority, tells once in 250 ms what the numbers are, a line for each thread:
 *
 *	@@crew NAME PRIORITY due=N done=N skipped=N early=N late=N,N,...
 *
 * due and not done: still to come, or never. skipped: times that another number followed than the next. early: begun before they were due. late: how many were late by less than 1, 2, 4, ... us, the last by that or more. A Linux that
 * does not take a line misses it, no more.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS		7
#define BUCKETS		22
#define NS_PER_S	1000000000
#define TELL_NS		250000000

static struct member {
	int64_t priority, period, work, base;
	uint64_t next;
	_Atomic uint64_t done, skipped, early, late[BUCKETS];
} members[THREADS];

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void sleep_until(int64_t ns)
{
	const struct timespec at = { .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
		;
}

static int bucket(int64_t late)
{
	int n = 0;

	for (int64_t us = late / 1000; us > 0 && n < BUCKETS - 1; us /= 2)
		n++;
	return n;
}

static void *serve(void *argument)
{
	struct member *m = argument;

	for (int64_t due = m->base;; due += m->period) {
		sleep_until(due);
		const int64_t late = now_ns() - due;
		const uint64_t number = (uint64_t)((due - m->base) / m->period);

		m->skipped += number != m->next;
		m->next = number + 1;
		m->early += late < 0;
		m->late[bucket(late)]++;
		for (const int64_t end = now_ns() + m->work; now_ns() < end;)
			;
		m->done++;
	}
	return NULL;
}

/* With one write, which a Linux that is not there lets fail. */
static void tell(const char *name, const struct member *m)
{
	const int64_t since = now_ns() - m->base;
	char line[512];
	int used = snprintf(line, sizeof(line), "@@crew %s %lld due=%lld done=%llu skipped=%llu early=%llu", name, (long long)m->priority,
			    since < 0 ? 0ll : (long long)(since / m->period + 1), (unsigned long long)m->done, (unsigned long long)m->skipped,
			    (unsigned long long)m->early);

	for (int i = 0; i < BUCKETS; i++)
		used += snprintf(line + used, sizeof(line) - (size_t)used, "%s%llu", i ? "," : " late=", (unsigned long long)m->late[i]);
	line[used++] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)used) != used)
		return;
}

static int start(struct member *m, const char *text)
{
	struct sched_param parameter;
	pthread_attr_t attributes;
	pthread_t thread;
	long long priority, period, work;

	if (sscanf(text, "%lld:%lld:%lld", &priority, &period, &work) != 3 || period <= 0)
		return EINVAL;
	m->priority = priority;
	m->period = period * 1000;
	m->work = work * 1000;
	m->base = now_ns() + m->period;
	parameter.sched_priority = (int)priority;
	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
	pthread_attr_setschedparam(&attributes, &parameter);
	return pthread_create(&thread, &attributes, serve, m);
}

int main(int argc, char **argv)
{
	if (argc < 3 || argc - 2 > THREADS) {
		fprintf(stderr, "usage: crew NAME PRIORITY:PERIOD:WORK...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		const int error = start(&members[i - 2], argv[i]);

		if (error) {
			fprintf(stderr, "crew: %s: %s\n", argv[i], strerror(error));
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	for (int64_t next = now_ns() + TELL_NS;; next += TELL_NS) {
		sleep_until(next);
		for (int i = 2; i < argc; i++)
			tell(argv[1], &members[i - 2]);
	}
}
