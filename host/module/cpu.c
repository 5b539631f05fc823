// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cores that carry resident threads of the Secure world stay on. The secure kernel refuses to let them go, and arm64 Linux
 * takes such a refusal for a bug of the firmware; so Linux is told early enough to leave everything as it was.
 */
#include "module.h"

#include <linux/cpuhotplug.h>

#define RM_BOOT_CPU	0	/* the heartbeat lives where the secure kernel was booted */

static int rm_cpu_state;

static int rm_cpu_going_off(unsigned int cpu)
{
	if (cpu != RM_BOOT_CPU)
		return 0;
	pr_warn("CPU %u carries a resident thread of the Secure world and stays on\n", cpu);
	return -EBUSY;
}

int rm_cpu_start(void)
{
	rm_cpu_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "ringmaster:online", NULL, rm_cpu_going_off);
	if (rm_cpu_state < 0) {
		pr_err("cannot watch CPUs going off (%d)\n", rm_cpu_state);
		return rm_cpu_state;
	}
	return 0;
}

void rm_cpu_stop(void)
{
	cpuhp_remove_state_nocalls(rm_cpu_state);
}
