/* SPDX-License-Identifier: MIT */
/* The loop of a program of cases: see bench.h. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static jmp_buf failed;
static char failure[256];
static uint32_t random_state;

void bench_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(failure, sizeof(failure), format, args);
	va_end(args);
	longjmp(failed, 1);
}

unsigned bench_random(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t sample(const struct bench_case *c, unsigned long operations)
{
	uint64_t start, time;

	random_state = 1;
	if (c->begin)
		c->begin(c);
	start = now();
	c->run(c, operations);
	time = now() - start;
	if (c->end)
		c->end(c);
	return time;
}

/* Twice as many until they take long enough, twice: once can be an accident. The first samples also bring everything into the caches. */
static uint64_t calibrate(const struct bench_case *c, uint64_t at_least, unsigned long *operations)
{
	const uint64_t own = c->least_ms * 1000000ull;
	uint64_t time;

	at_least = own > at_least ? own : at_least;
	for (*operations = 1;; *operations *= 2) {
		if (sample(c, *operations) < at_least)
			continue;
		time = sample(c, *operations);
		if (time >= at_least)
			return time;
	}
}

static void measure(const struct bench_case *c, unsigned long operations, uint64_t at_least)
{
	uint64_t time;

	if (operations) {
		printf("%llu\n", (unsigned long long)sample(c, operations));
		return;
	}
	time = calibrate(c, at_least, &operations);
	printf("%llu %lu\n", (unsigned long long)time, operations);
}

static void answer(const struct bench_case *c, unsigned long operations, uint64_t at_least)
{
	if (setjmp(failed) == 0)
		measure(c, operations, at_least);
	else
		printf("error %s\n", failure);
}

static const struct bench_case *find(const struct bench_case *cases, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(cases[i].name, name) == 0)
			return &cases[i];
	}
	return NULL;
}

int bench_main(const struct bench_case *cases, size_t count)
{
	char line[256], name[128];
	unsigned long operations;
	unsigned long long at_least;

	while (fgets(line, sizeof(line), stdin)) {
		at_least = 0;
		if (strcmp(line, "list\n") == 0) {
			for (size_t i = 0; i < count; i++)
				printf("%s %u %u\n", cases[i].name, cases[i].bytes, cases[i].least_ms);
			puts("");
		} else if (sscanf(line, "run %127s %lu %llu", name, &operations, &at_least) >= 2 && find(cases, count, name)) {
			answer(find(cases, count, name), operations, at_least);
		} else {
			printf("error not understood: %s", line);
		}
		fflush(stdout);
	}
	return 0;
}
