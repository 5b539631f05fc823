// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cores that carry resident threads of the Secure world stay on. The secure kernel refuses to let them go, and arm64 Linux
 * takes such a refusal for a bug of the firmware; so Linux is told early enough to leave everything as it was.
 */
#include "module.h"

#include <linux/cpuhotplug.h>

static int rm_cpu_state;

static int rm_cpu_going_off(unsigned int cpu)
{
	u64 reserved = rm_smc_core();	/* on the CPU that goes off */

	if (!reserved)
		return 0;
	pr_warn("CPU %u stays on: resident enclaves have %llu.%02llu %% of it\n", cpu, reserved / 10000, reserved / 100 % 100);
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
