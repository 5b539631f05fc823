/* SPDX-License-Identifier: MIT */
/* A program of the bench as a child of the driver, as an enclave or natively: lines go to it and come from it. */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include <stdio.h>
#include <sys/types.h>

#include "ioctl.h"
#include "smc.h"

#define SIDE_OPTIONS_MAX 16

struct side {
	const char *kind;	/* "native" or "enclave" */
	pid_t pid;		/* of the program, or of the proxy, which is its enclave's */
	FILE *to, *from;
};

/* Adds an option that side_start() gives to `ringmaster run`; ends the driver if there are too many. */
void side_option(char *option);

/* Starts PROGRAM.KIND with arguments (ended by NULL); it ends when the driver does. */
void side_start(struct side *side, const char *program, const char *kind, char *const *arguments);

/* One line to it, made as by printf. */
void side_say(struct side *side, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line from it. A program that has ended ends the driver. */
void side_hear(struct side *side, char *line, int size);

/* Closes its standard input and waits. Another end than exit status 0 ends the driver. */
void side_finish(struct side *side);

/* Counters of the enclave of a side (enum rm_stat), zeroes of a native one. */
struct rm_ioc_list side_counters(const struct side *side);

/* What is no pair of times: a line of duel.c's second form. */
void side_print_fact(const char *name, const char *unit, double native, double enclave);

#endif
