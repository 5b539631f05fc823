/* SPDX-License-Identifier: MIT */
/* ringmaster trace: from records (abi/trace.h) to what people read. What the files know of each other, by file. */
#ifndef RINGMASTER_TRACE_TRACE_H
#define RINGMASTER_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../abi/trace.h"

#define TRACE_NUMBERS	512u	/* calls of Linux have numbers below */
#define TRACE_ITEMS	24u

/* read.c: one record, copied out of shared memory and checked. */
struct trace_item {
	uint8_t arg, flags;
	uint16_t size;
	const uint8_t *bytes;
};

struct trace_call {
	struct rm_trace_record record;
	unsigned count;
	struct trace_item items[TRACE_ITEMS];
	uint8_t bytes[RM_TRACE_RECORD_MAX];	/* what the items point into */
};

/* Parses `size` bytes, which begin with a record: its size, or -1. Copies all that it keeps. */
int trace_parse(const uint8_t *bytes, size_t size, struct trace_call *call);

/* *to = *from, with items that point into *to. */
void trace_copy(struct trace_call *to, const struct trace_call *from);

/* A thread's trace area. */
struct trace_source {
	struct rm_trace_ring *ring;
	const uint8_t *data;
	uint32_t tail;
};

/* The next record, which stays there until trace_done(): 1, 0 if there is none, -1 if what is there is no record. */
int trace_peek(struct trace_source *source, struct trace_call *call);
/* Frees the room of the record that trace_peek() gave, or of all that is there if it was none. */
void trace_done(struct trace_source *source, const struct trace_call *call);

/* calls.c */
const char *trace_name(uint32_t number);	/* NULL: unknown */
int trace_number(const char *name, size_t length);	/* -1: unknown */
enum rm_trace_kind trace_kind(uint32_t number, int arg);
const char *trace_opcode(unsigned opcode);
bool trace_by_kernel(uint32_t number);	/* the runtime asks the secure kernel for it */

/* filter.c: -e EXPRESSION into a set of calls; -1 with a message. */
struct trace_filter {
	bool hidden[TRACE_NUMBERS];
};
int trace_filter_parse(struct trace_filter *filter, const char *text, char *error, size_t error_size);

/* flags.c: prints a value as its names. */
void trace_print_value(FILE *out, enum rm_trace_kind kind, uint64_t value);

/* print.c: "name(arguments"; exit NULL: not yet known. */
void trace_print_call(FILE *out, const struct trace_call *enter, const struct trace_call *exit);
/* " = result <time; who>" */
void trace_print_result(FILE *out, const struct trace_call *enter, const struct trace_call *exit);

/* structures.c: what a pointer named. */
void trace_print_bytes(FILE *out, const uint8_t *bytes, size_t size, bool cut);
void trace_print_structure(FILE *out, enum rm_trace_kind kind, const struct trace_item *item, uint64_t result);

/* summary.c: -c */
struct trace_summary;
struct trace_summary *trace_summary_new(void);
void trace_summary_add(struct trace_summary *summary, const struct trace_call *enter, const struct trace_call *exit);
void trace_summary_print(FILE *out, const struct trace_summary *summary);

#endif
