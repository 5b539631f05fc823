/* SPDX-License-Identifier: MIT */
/*
 * Resident threads: CPU time that Linux cannot take. Bound to a core, released each period by the secure physical timer,
 * which interrupts Linux whatever it masks. The seed of the scheduler: no budgets yet, so only built-in threads.
 */
#ifndef KERNEL_SCHED_RESIDENT_H
#define KERNEL_SCHED_RESIDENT_H

#include "arch/cpu.h"

/* Makes t a resident thread of this core with that period (counter ticks); first release one period from now. */
void resident_add(struct cpu *cpu, struct thread *t, uint64_t period);

/* Secure timer interrupt: releases what is due and sets the timer for what comes next. */
void resident_tick(struct cpu *cpu);

/* The thread asked to sleep until its next release. */
void resident_wait(struct thread *t);

/* Released thread of the highest priority on this core, or NULL. */
struct thread *resident_next(const struct cpu *cpu);

/* Does this core have resident threads (then Linux may not turn it off)? */
bool resident_on(const struct cpu *cpu);

uint64_t resident_periods(void);	/* that the heartbeat has begun */
uint64_t resident_late_max(void);	/* worst release latency, nanoseconds */

#endif
