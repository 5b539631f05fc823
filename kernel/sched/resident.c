/* SPDX-License-Identifier: MIT */
#include "sched/resident.h"
#include "arch/timer.h"
#include "enclave/thread.h"
#include "lib/panic.h"

static uint64_t periods, late_max;

static void arm(const struct cpu *cpu)
{
	uint64_t next = WAIT_FOREVER;

	for (const struct thread *t = cpu->resident; t; t = t->resident_next)
		if (t->state == THREAD_WAITING)
			next = min_u64(next, t->release);
	timer_set(next);
}

void resident_add(struct cpu *cpu, struct thread *t, uint64_t period)
{
	assert(cpu == cpu_this() && t->state == THREAD_READY && period > 0);
	t->resident = true;
	t->context.pstate |= SPSR_F;
	t->period = period;
	t->release = counter() + period;
	t->state = THREAD_WAITING;
	t->resident_next = cpu->resident;
	cpu->resident = t;
	arm(cpu);
}

void resident_tick(struct cpu *cpu)
{
	uint64_t now = counter();

	assert(cpu == cpu_this());
	for (struct thread *t = cpu->resident; t; t = t->resident_next)
		if (t->state == THREAD_WAITING && t->release <= now) {
			late_max = max_u64(late_max, now - t->release);
			t->release += t->period;
			t->state = THREAD_RUNNING;
			periods++;
		}
	arm(cpu);
}

void resident_wait(struct thread *t)
{
	assert(t->resident && t->state == THREAD_RUNNING);
	t->state = THREAD_WAITING;
	arm(cpu_this());
}

struct thread *resident_next(const struct cpu *cpu)
{
	for (struct thread *t = cpu->resident; t; t = t->resident_next)
		if (t->state == THREAD_RUNNING)
			return t;
	return NULL;
}

bool resident_on(const struct cpu *cpu)
{
	return cpu->resident != NULL;
}

uint64_t resident_periods(void)
{
	return periods;
}

uint64_t resident_late_max(void)
{
	return counter_to_ns(late_max);
}
