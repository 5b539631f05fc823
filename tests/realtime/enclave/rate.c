/* SPDX-License-Identifier: MIT */
/*
 * rate PERIOD WORK: a program that has to do something in each period, both in microseconds. It sleeps until the beginning of each and works; what
 * it does not get done before the next one begins, the secure kernel counts when it wants to sleep until a time that has passed (RM_STAT_MISSES).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int main(int argc, char **argv)
{
	const int64_t period = argc == 3 ? strtoll(argv[1], NULL, 10) * 1000 : 0;
	const int64_t work = argc == 3 ? strtoll(argv[2], NULL, 10) * 1000 : 0;

	if (period <= 0 || work <= 0) {
		fprintf(stderr, "usage: rate PERIOD WORK\n");
		return 2;
	}
	puts("ready");
	fflush(stdout);
	for (int64_t next = now_ns() + period;; next += period) {
		const struct timespec at = { .tv_sec = next / NS_PER_S, .tv_nsec = next % NS_PER_S };

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
			;
		for (const int64_t end = now_ns() + work; now_ns() < end;)
			;
	}
}
