/* SPDX-License-Identifier: MIT */
/*
 * What every C test uses. A test ends with `return t_done();`: 0 passed, 1 failed, 77 skipped. A failed CHECK is told and
 * counted, a failed MUST ends the test.
 */
#ifndef T_H
#define T_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define T_SKIPPED 77

static int t_failures;

#define T_FAIL(what) \
	(t_failures++, fprintf(stderr, "%s:%d: %s: %s\n", __FILE_NAME__, __LINE__, __func__, what))

#define CHECK(condition) ((condition) ? (void)0 : (void)T_FAIL(#condition))

/* A call that must fail with the given errno. */
#define CHECK_ERRNO(call, error) do { \
	errno = 0; \
	long t_result = (long)(call); \
	if (t_result != -1 || errno != (error)) { \
		T_FAIL(#call); \
		fprintf(stderr, "\tresult %ld, errno %d, expected %d\n", t_result, errno, error); \
	} \
} while (0)

#define MUST(condition) do { \
	if (!(condition)) { \
		int t_errno = errno; \
		T_FAIL(#condition); \
		fprintf(stderr, "\terrno %d (%s)\n", t_errno, strerror(t_errno)); \
		exit(1); \
	} \
} while (0)

#define T_UNUSED __attribute__((unused))

T_UNUSED static int t_done(void)
{
	return t_failures != 0;
}

T_UNUSED static _Noreturn void t_skip(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
	exit(T_SKIPPED);
}

/* Number from the environment, such as a size that depends on the board. */
T_UNUSED static long t_number(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 0) : otherwise;
}

T_UNUSED static int64_t t_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Repeatable numbers, the same on both sides of a pair. */
T_UNUSED static uint64_t t_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* FNV-1a over words, then bytes: fast enough for 100 MB in an emulator. */
T_UNUSED static uint64_t t_hash(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *p = data;

	for (; size >= 8; p += 8, size -= 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		hash = (hash ^ word) * 0x100000001b3u;
		hash ^= hash >> 29;
	}
	while (size--)
		hash = (hash ^ *p++) * 0x100000001b3u;
	return hash;
}

#endif
