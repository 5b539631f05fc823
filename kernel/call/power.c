/* SPDX-License-Identifier: MIT */
/*
 * PSCI events that TF-A's dispatcher reports. A core with resident threads does not go off: TF-A carries the refusal back
 * to Linux (boot/firmware/patches). SYSTEM_OFF and RESET complete: holding them is for enclaves that were admitted to.
 */
#include "arch/gic.h"
#include "arch/timer.h"
#include "lib/lock.h"
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
	struct cpu *cpu = sched_enter(true);

	if (resident_on(cpu))
		done(OPTEED_OFF_DONE, PSCI_DENIED);
	cpu->online = false;
	gic_doorbell_leave(cpu->index);
	done(OPTEED_OFF_DONE, 0);
}

_Noreturn void power_core_suspend(void)
{
	sched_enter(true);
	done(OPTEED_SUSPEND_DONE, 0);
}

_Noreturn void power_core_resume(void)
{
	sched_enter(true);
	done(OPTEED_RESUME_DONE, 0);
}

_Noreturn void power_system_off(void)
{
	sched_enter(true);
	print("system off\n");
	timer_set(UINT64_MAX);	/* or it would wake the firmware from its last wait */
	console_flush();
	done(OPTEED_SYSTEM_OFF_DONE, 0);
}

_Noreturn void power_system_reset(void)
{
	sched_enter(true);
	print("system reset\n");
	timer_set(UINT64_MAX);	/* or it would wake the firmware from its last wait */
	console_flush();
	done(OPTEED_SYSTEM_RESET_DONE, 0);
}
