/* SPDX-License-Identifier: MIT */
/*
 * What a program of bench/cases is: a table of cases, and bench_main(). The same source is built twice, for an enclave and for Linux, and
 * both programs wait side by side for lines on standard input:
 *
 *   list                     the names of the cases, a line each with the bytes that one operation moves and the milliseconds that a sample
 *                            takes at least, then an empty line
 *   run NAME OPERATIONS      does that many and answers "NANOSECONDS", by the program's own monotonic clock; or "error TEXT"
 *   run NAME 0 NANOSECONDS   the same with as many operations as take at least so long: "NANOSECONDS OPERATIONS"
 *
 * A case does nothing in between: who waits for a line costs the other nothing.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

struct bench_case {
	const char *name;
	unsigned bytes;					/* that one operation moves; 0: operations are what counts */
	/* Before and after the operations, outside of the time that is taken; may be NULL. */
	void (*begin)(const struct bench_case *c);
	void (*run)(const struct bench_case *c, unsigned long operations);
	void (*end)(const struct bench_case *c);
	const char *path;				/* what the case works on, for cases that share functions */
	int flags;
	unsigned least_ms;				/* that a sample takes at least, if the driver does not say more */
};

int bench_main(const struct bench_case *cases, size_t count);

/* Ends the sample with a message: the driver reports the case as failed. Takes printf's arguments. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same numbers in each run, on each side. */
unsigned bench_random(void);

#endif
