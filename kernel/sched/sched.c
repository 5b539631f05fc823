/* SPDX-License-Identifier: MIT */
#include "sched/sched.h"
#include "arch/mmu.h"
#include "arch/timer.h"
#include "enclave/upcall.h"
#include "lib/lock.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "mm/frame.h"
#include "sched/boot.h"
#include "sched/latency.h"
#include "sched/resident.h"

#define MASKED_SHORTLY_NS	8000u

struct cpu *sched_enter(void)
{
	uint64_t now = counter();

	kernel_lock();
	struct cpu *cpu = cpu_this();

	cpu->masked_since = now;
	return cpu;
}

/* This core takes interrupts again, now: all, or, where a resident thread runs, those of the Secure world. */
static void unmasked(const struct cpu *cpu)
{
	latency_note(RM_HISTOGRAM_MASKED, counter() - cpu->masked_since);
}

bool sched_masked_shortly(const struct cpu *cpu)
{
	return counter() - cpu->masked_since < counter_from_ns(MASKED_SHORTLY_NS);
}

static void fp_switch(struct cpu *cpu, struct fp_state *to)
{
	if (cpu->fp_live == to)
		return;
	fp_save(cpu->fp_live);
	fp_load(to);
	cpu->fp_live = to;
}

static _Noreturn void run_thread(struct cpu *cpu, struct thread *t)
{
	struct enclave *e = t->enclave;

	assert(kernel_locked() && cpu == cpu_this() && e->space.root != FRAME_NONE);
	assert(t->state == THREAD_RUNNING);
	upcall_if_notified(t);
	t->context.pstate = (t->context.pstate & ~(uint64_t)SPSR_F) | (t->resident ? SPSR_F : 0);
	fp_switch(cpu, &t->fp);
	if (!cpu->current) {
		cpu->normal_cntkctl = read_sysreg(cntkctl_el1);
		write_sysreg(cntkctl_el1, CNTKCTL_EL0PCTEN);
	}
	cpu->current = t;
	write_sysreg(tpidr_el0, t->tls);
	write_sysreg(tpidrro_el0, thread_block(t->index));
	mmu_switch(e->space.root, e->space.owner);
	unmasked(cpu);
	kernel_unlock();
	context_resume(&t->context, cpu->stack_top);
}

static _Noreturn void run_normal(struct cpu *cpu)
{
	uint64_t r[4] = { cpu->result[0], cpu->result[1], cpu->result[2], cpu->result[3] };
	bool call = cpu->entry == NORMAL_SMC;

	assert(kernel_locked() && !cpu->hosted);
	fp_switch(cpu, &cpu->normal_fp);
	if (cpu->current)
		write_sysreg(cntkctl_el1, cpu->normal_cntkctl);
	cpu->current = NULL;
	mmu_switch(mmu_identity(), 0);
	unmasked(cpu);
	kernel_unlock();
	if (call)
		monitor_call(OPTEED_CALL_DONE, r[0], r[1], r[2], r[3]);
	monitor_call(OPTEED_FIQ_DONE, 0, 0, 0, 0);
}

_Noreturn void sched_leave(struct cpu *cpu)
{
	struct thread *t = NULL;

	assert(kernel_locked());
	console_drain();
	if (cpu->running || cpu->look)
		t = resident_choose(cpu);
	if (!t)
		t = cpu->hosted;
	if (t)
		run_thread(cpu, t);
	if (cpu->held)
		power_hold(cpu);
	if (cpu->booting)
		boot_finish(cpu);
	run_normal(cpu);
}

void sched_lend(struct cpu *cpu, struct thread *t)
{
	assert(!cpu->hosted && t->state == THREAD_READY && !t->resident);
	t->state = THREAD_RUNNING;
	t->enclave->running++;
	t->core = cpu->index;
	cpu->hosted = t;
	cpu->lent_since = counter();
}

uint64_t sched_thread_time(const struct thread *t)
{
	uint64_t ticks = t->cpu_time, now = counter();

	for (unsigned int i = 0; i < CORES_MAX; i++)
		if (cpus[i].hosted == t)
			ticks += now - cpus[i].lent_since;
		else if (cpus[i].running == t)
			ticks += now - cpus[i].running_since;
	return ticks;
}

uint64_t sched_enclave_time(const struct enclave *e)
{
	uint64_t ticks = e->cpu_time, now = counter();

	for (unsigned int i = 0; i < CORES_MAX; i++)
		if (cpus[i].hosted && cpus[i].hosted->enclave == e)
			ticks += now - cpus[i].lent_since;
		else if (cpus[i].running && cpus[i].running->enclave == e)
			ticks += now - cpus[i].running_since;
	return ticks;
}

void sched_give_back(struct cpu *cpu, enum thread_state state, uint64_t reason, uint64_t x1, uint64_t x2, uint64_t x3)
{
	struct thread *t = cpu->hosted;

	assert(t && t->state == THREAD_RUNNING && t->enclave->running > 0 && state != THREAD_RUNNING);
	uint64_t ran = counter() - cpu->lent_since;

	t->cpu_time += ran;
	t->enclave->cpu_time += ran;
	t->state = state;
	t->enclave->running--;
	cpu->hosted = NULL;
	cpu->result[0] = reason;
	cpu->result[1] = x1;
	cpu->result[2] = x2;
	cpu->result[3] = x3;
}
