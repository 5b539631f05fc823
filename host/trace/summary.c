/* SPDX-License-Identifier: MIT */
/* -c: a table of the calls instead of the calls. */
#include <inttypes.h>
#include <stdlib.h>

#include "trace/trace.h"

struct line {
	uint32_t number;
	uint64_t calls, errors, exits, ns;
};

struct trace_summary {
	struct line lines[TRACE_NUMBERS];
};

struct trace_summary *trace_summary_new(void)
{
	return calloc(1, sizeof(struct trace_summary));
}

/* exit NULL: it never came back. */
void trace_summary_add(struct trace_summary *summary, const struct trace_call *enter, const struct trace_call *exit)
{
	uint32_t number = enter->record.number < TRACE_NUMBERS ? enter->record.number : TRACE_NUMBERS - 1;
	struct line *line = &summary->lines[number];

	line->number = number;
	line->calls++;
	if (exit == NULL)
		return;
	line->errors += (int64_t)exit->record.arg[RM_TRACE_RESULT] < 0 && (int64_t)exit->record.arg[RM_TRACE_RESULT] >= -4095;
	line->exits += exit->record.arg[RM_TRACE_EXITS];
	if (exit->record.ns > enter->record.ns)
		line->ns += exit->record.ns - enter->record.ns;
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->ns == y->ns ? (y->calls > x->calls) - (y->calls < x->calls) : (y->ns > x->ns) - (y->ns < x->ns);
}

static void print_line(FILE *out, const struct line *line, uint64_t all)
{
	const char *name = trace_name(line->number);

	fprintf(out, "%6.2f %11.6f %11" PRIu64 " %9" PRIu64 " ", all ? 100.0 * (double)line->ns / (double)all : 0.0,
		(double)line->ns / 1e9, line->calls ? line->ns / line->calls / 1000 : 0, line->calls);
	if (line->errors)
		fprintf(out, "%9" PRIu64, line->errors);
	else
		fprintf(out, "%9s", "");
	fprintf(out, " %9" PRIu64 " %s\n", line->exits, name ? name : "others");
}

void trace_summary_print(FILE *out, const struct trace_summary *summary)
{
	static const char rule[] = "------ ----------- ----------- --------- --------- --------- ----------------\n";
	struct trace_summary sorted = *summary;
	struct line all = { 0 };

	qsort(sorted.lines, TRACE_NUMBERS, sizeof(sorted.lines[0]), by_time);
	for (unsigned i = 0; i < TRACE_NUMBERS; i++) {
		all.calls += sorted.lines[i].calls;
		all.errors += sorted.lines[i].errors;
		all.exits += sorted.lines[i].exits;
		all.ns += sorted.lines[i].ns;
	}
	fprintf(out, "%% time     seconds  usecs/call     calls    errors     exits syscall\n%s", rule);
	for (unsigned i = 0; i < TRACE_NUMBERS; i++)
		if (sorted.lines[i].calls != 0)
			print_line(out, &sorted.lines[i], all.ns);
	fprintf(out, "%s%6.2f %11.6f %11" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " total\n", rule, 100.0, (double)all.ns / 1e9,
		all.calls ? all.ns / all.calls / 1000 : 0, all.calls, all.errors, all.exits);
}
