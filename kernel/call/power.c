/* SPDX-License-Identifier: MIT */
/*
 * PSCI events that TF-A's dispatcher reports. A core with resident threads does not go off: TF-A carries the refusal back
 * to Linux (boot/firmware/patches). SYSTEM_OFF and RESET complete when no resident enclave lives, but for the built-in one: until then the core that
 * Linux gave up stays here, and goes on with what is due on it.
 */
#include "arch/gic.h"
#include "arch/timer.h"
#include "call/svc.h"
#include "lib/lock.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "sched/resident.h"
#include "sched/sched.h"

#define PSCI_DENIED ((uint64_t)-3)

static _Noreturn void done(uint64_t function, uint64_t result)
{
	console_drain();
	kernel_unlock();
	monitor_call(function, result, 0, 0, 0);
}

_Noreturn void power_core_off(void)
{
	struct cpu *cpu = sched_enter();

	if (resident_on(cpu))
		done(OPTEED_OFF_DONE, PSCI_DENIED);
	cpu->online = false;
	gic_doorbell_leave(cpu->index);
	done(OPTEED_OFF_DONE, 0);
}

_Noreturn void power_core_suspend(void)
{
	sched_enter();
	done(OPTEED_SUSPEND_DONE, 0);
}

_Noreturn void power_core_resume(void)
{
	sched_enter();
	done(OPTEED_RESUME_DONE, 0);
}

static uint64_t held_for;	/* which answer TF-A waits for; 0: no core is held */

_Noreturn static void complete(const char *what, uint64_t function)
{
	print("system %s\n", what);
	timer_set(UINT64_MAX);	/* or it would wake the firmware from its last wait */
	console_flush();
	done(function, 0);
}

static _Noreturn void end_system(const char *what, uint64_t function)
{
	struct cpu *cpu = sched_enter();

	if (!enclave_next_resident(NULL))
		complete(what, function);
	print("system %s waits until the resident enclaves are shut down\n", what);
	held_for = function;
	cpu->held = cpu->look = true;
	gic_ignore_normal();
	sched_leave(cpu);
}

_Noreturn void power_system_off(void)
{
	end_system("off", OPTEED_SYSTEM_OFF_DONE);
}

_Noreturn void power_system_reset(void)
{
	end_system("reset", OPTEED_SYSTEM_RESET_DONE);
}

/* Without the lock, as long as nothing is pending: the other cores go on. */
static void doze(void)
{
	kernel_unlock();
	__asm__ volatile("wfi" ::: "memory");
	kernel_lock();
}

_Noreturn void power_hold(struct cpu *cpu)
{
	assert(cpu->held && !cpu->hosted && held_for);
	if (!enclave_next_resident(NULL))
		complete(held_for == OPTEED_SYSTEM_OFF_DONE ? "off" : "reset", held_for);
	cpu->current = NULL;
	doze();
	cpu->masked_since = counter();
	secure_interrupt(cpu);
	sched_leave(cpu);
}
