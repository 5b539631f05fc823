/* SPDX-License-Identifier: MIT */
/*
 * What the proxy is told of violations and of calls that are not there: a copy of our counters in the boot page. One of the files that
 * touch shared words. Nothing of it is ever read back; a page that has gone is nobody's loss.
 */
#include "ring/ring.h"

#include "lib/lock.h"
#include "ring/access.h"

_Static_assert(RM_COUNT_COUNT <= RM_REPORT_COUNTS, "contract");

static struct rm_lock lock;
static struct rm_report_call calls[RM_REPORT_CALLS];	/* under lock: the first different numbers */
static uint32_t calls_used;

void rm_report_start(void)
{
	calls_used = 0;
}

static void report(struct rm_thread *t)
{
	struct rm_report report = { .sequence = 0 };
	uint8_t *to = t->region + RM_REPORT_OFFSET;

	for (unsigned i = 0; i < RM_COUNT_COUNT; i++) {
		report.count[i] = t->count[i];
		report.sequence += (uint32_t)t->count[i];
	}
	rm_lock(&lock);
	report.calls = calls_used;
	for (uint32_t i = 0; i < calls_used; i++)
		report.call[i] = calls[i];
	rm_unlock(&lock);
	if (rm_copy(to + sizeof(report.sequence), (uint8_t *)&report + sizeof(report.sequence), sizeof(report) - sizeof(report.sequence)) == 0)
		rm_store32_release(to, report.sequence);
}

void rm_count(struct rm_thread *t, enum rm_count what)
{
	t->count[what]++;
	report(t);
}

void rm_count_unsupported(struct rm_thread *t, uint32_t number)
{
	uint32_t i;

	rm_lock(&lock);
	for (i = 0; i < calls_used && calls[i].number != number; i++)
		;
	if (i == calls_used && i < RM_REPORT_CALLS)
		calls[calls_used++] = (struct rm_report_call){ .number = number };
	if (i < RM_REPORT_CALLS)
		calls[i].count++;
	rm_unlock(&lock);
	rm_count(t, RM_COUNT_UNSUPPORTED);
}
