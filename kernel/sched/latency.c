/* SPDX-License-Identifier: MIT */
#include "sched/latency.h"
#include "arch/timer.h"
#include "lib/panic.h"

static struct {
	uint64_t buckets[RM_HISTOGRAM_BUCKETS], max;
} histograms[RM_HISTOGRAM_COUNT];

void latency_note(enum rm_histogram which, uint64_t ticks)
{
	static uint64_t width;

	if (!width)
		width = counter_from_ns(RM_HISTOGRAM_NS);
	uint64_t bucket = min_u64(ticks / width, RM_HISTOGRAM_BUCKETS - 1);

	histograms[which].buckets[bucket]++;
	histograms[which].max = max_u64(histograms[which].max, ticks);
}

uint64_t latency_bucket(enum rm_histogram which, unsigned int bucket)
{
	assert(which < RM_HISTOGRAM_COUNT && bucket < RM_HISTOGRAM_BUCKETS);
	return histograms[which].buckets[bucket];
}

uint64_t latency_max(enum rm_histogram which)
{
	return counter_to_ns(histograms[which].max);
}
