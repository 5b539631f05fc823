/* SPDX-License-Identifier: MIT */
/*
 * What the runtime reports in the boot pages (struct rm_report): into the log as it happens, and summed up for --stats. The numbers come
 * from the enclave and may be any; the text is ours.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../trace/trace.h"
#include "proxy.h"

static const char *const what[RM_COUNT_COUNT] = {
	[RM_COUNT_CQ_RANGE] = "impossible end of the completion queue",
	[RM_COUNT_SQ_RANGE] = "impossible start of the submission queue",
	[RM_COUNT_CQE_UNKNOWN] = "completions of nothing",
	[RM_COUNT_RESULT] = "impossible results",
	[RM_COUNT_CONTENT] = "impossible contents",
	[RM_COUNT_VANISHED] = "shared pages that went away",
	[RM_COUNT_UNSUPPORTED] = "unsupported calls",
	[RM_COUNT_THREADS] = "threads refused, an enclave has 64 at most (EAGAIN)",
	[RM_COUNT_REFUSED] = "paths and programs refused by the manifest",
	[RM_COUNT_HASH] = "files that are not what the manifest says",
	[RM_COUNT_LATE] = "calls that Linux did not answer by the deadline",
	[RM_COUNT_SIGNALS] = "signals that nobody asked for or the manifest does not permit",
};

_Static_assert(RM_THREAD_MAX == 64, "the text above");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct region *live[RM_THREAD_MAX];	/* under lock, as all below */
static uint64_t gone[RM_COUNT_COUNT];			/* of threads that ended */
static uint64_t told[RM_COUNT_COUNT];			/* what the log has */
static struct {
	uint32_t number, count;
} calls[RM_REPORT_CALLS];
static uint32_t calls_used;

/* A line of the log. Whatever stands in the way of it is no reason to disturb the enclave. */
void log_line(const struct proxy *proxy, uint32_t source, const char *format, ...)
{
	struct rm_ioc_log line = { .source = source };
	va_list args;

	va_start(args, format);
	vsnprintf(line.text, sizeof(line.text), format, args);
	va_end(args);
	ioctl(proxy->device, RM_IOC_LOG, &line);
}

static struct rm_report read_report(const struct region *region)
{
	struct rm_report copy;

	memcpy(&copy, region->base + RM_REPORT_OFFSET, sizeof(copy));
	return copy;
}

static void sum(uint64_t *counts)
{
	memcpy(counts, gone, sizeof(gone));
	for (unsigned i = 0; i < RM_THREAD_MAX; i++) {
		struct rm_report report;

		if (live[i] == NULL)
			continue;
		report = read_report(live[i]);
		for (unsigned c = 0; c < RM_COUNT_COUNT; c++)
			counts[c] += report.count[c];
	}
}

static void one_call(const struct proxy *proxy, uint32_t number, uint32_t count)
{
	const char *name = trace_name(number);

	for (uint32_t i = 0; i < calls_used; i++) {
		if (calls[i].number != number)
			continue;
		if (count > calls[i].count)
			calls[i].count = count;
		return;
	}
	if (calls_used == RM_REPORT_CALLS)
		return;
	calls[calls_used].number = number;
	calls[calls_used++].count = count;
	log_line(proxy, RM_LOG_RUNTIME, "unsupported call %s (%" PRIu32 "), or use of it: -ENOSYS", name != NULL ? name : "?", number);
}

static void compare(const struct proxy *proxy, const struct region *region)
{
	struct rm_report report = read_report(region);
	uint64_t counts[RM_COUNT_COUNT];

	for (uint32_t i = 0; i < report.calls && i < RM_REPORT_CALLS; i++)
		one_call(proxy, report.call[i].number, report.call[i].count);
	sum(counts);
	for (unsigned c = 0; c < RM_COUNT_COUNT; c++) {
		/* The first of a kind at once, then at each power of two: a lying host must not fill the log. */
		bool tell = c != RM_COUNT_UNSUPPORTED && counts[c] != 0 && (told[c] == 0 || counts[c] / 2 >= told[c]);

		if (!tell)
			continue;
		told[c] = counts[c];
		log_line(proxy, RM_LOG_RUNTIME, "%s%s: %" PRIu64, c <= RM_COUNT_VANISHED ? "violation by the host: " : "", what[c], counts[c]);
	}
}

/* The thread came back. */
void report_look(const struct proxy *proxy, struct region *region)
{
	uint32_t sequence = __atomic_load_n((uint32_t *)(void *)(region->base + RM_REPORT_OFFSET), __ATOMIC_ACQUIRE);

	if (sequence == region->reported)
		return;
	region->reported = sequence;
	pthread_mutex_lock(&lock);
	compare(proxy, region);
	pthread_mutex_unlock(&lock);
}

void report_open(const struct region *region)
{
	pthread_mutex_lock(&lock);
	live[region->index] = region;
	pthread_mutex_unlock(&lock);
}

/* The region is about to go; its numbers stay. */
void report_close(const struct proxy *proxy, struct region *region)
{
	struct rm_report report;

	report_look(proxy, region);
	report = read_report(region);
	pthread_mutex_lock(&lock);
	live[region->index] = NULL;
	for (unsigned c = 0; c < RM_COUNT_COUNT; c++)
		gone[c] += report.count[c];
	pthread_mutex_unlock(&lock);
}

/* At the end: how often each unsupported call was made. */
void report_end(const struct proxy *proxy)
{
	pthread_mutex_lock(&lock);
	for (unsigned i = 0; i < RM_THREAD_MAX; i++)
		if (live[i] != NULL)
			compare(proxy, live[i]);
	for (uint32_t i = 0; i < calls_used; i++)
		if (calls[i].count > 1)
			log_line(proxy, RM_LOG_RUNTIME, "unsupported call %s (%" PRIu32 "): %" PRIu32 " times",
				 trace_name(calls[i].number) != NULL ? trace_name(calls[i].number) : "?", calls[i].number, calls[i].count);
	pthread_mutex_unlock(&lock);
}

/* For --stats: what was counted, by name; NULL at the end. */
const char *report_count(unsigned index, uint64_t *count)
{
	uint64_t counts[RM_COUNT_COUNT];

	if (index >= RM_COUNT_COUNT)
		return NULL;
	pthread_mutex_lock(&lock);
	sum(counts);
	pthread_mutex_unlock(&lock);
	*count = counts[index];
	return what[index];
}
