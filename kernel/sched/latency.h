/* SPDX-License-Identifier: MIT */
/* How long things took that must never take long, since the boot: histograms and maxima (smc.h, enum rm_histogram). Kernel lock held everywhere. */
#ifndef KERNEL_SCHED_LATENCY_H
#define KERNEL_SCHED_LATENCY_H

#include "smc.h"
#include "lib/types.h"

void latency_note(enum rm_histogram which, uint64_t ticks);
uint64_t latency_bucket(enum rm_histogram which, unsigned int bucket);
uint64_t latency_max(enum rm_histogram which);	/* nanoseconds */

#endif
