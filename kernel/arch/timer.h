/* SPDX-License-Identifier: MIT */
/*
 * Secure time: the physical counter (Linux can shift the virtual one) and the secure physical timer of each core (CNTPS, Arm ARM
 * D12.2), which Linux can neither stop nor mask.
 */
#ifndef KERNEL_ARCH_TIMER_H
#define KERNEL_ARCH_TIMER_H

#include "arch/sysreg.h"

#define TIMER_INTID	29	/* PPI of CNTPS */

#ifdef UNIT_TEST
uint64_t counter(void);
#else
static inline uint64_t counter(void)
{
	__asm__ volatile("isb" ::: "memory");
	return read_sysreg(cntpct_el0);
}
#endif

/* This core's timer interrupts when the counter reaches `at`; UINT64_MAX turns it off. */
void timer_set(uint64_t at);

/* Sleeps for that many ticks or until something is pending for this core; what the timer was set to stands again afterwards. */
void timer_doze(uint64_t ticks);

uint64_t counter_to_ns(uint64_t ticks);		/* saturates at UINT64_MAX */
uint64_t counter_from_ns(uint64_t ns);		/* rounds up, saturates */

#endif
