/* SPDX-License-Identifier: MIT */
/* Which CPU polls. A polling thread that shares its CPU with the enclave would starve it, so it takes two. */
#include "cpus.h"

#include <stdio.h>

/* 0 and the CPU, or -1 with a message. */
int cpus_choose(const cpu_set_t *allowed, enum poll_choice choice, unsigned wanted, unsigned *cpu, char *error,
		size_t error_size)
{
	if (CPU_COUNT(allowed) < 2) {
		snprintf(error, error_size,
			 "--poll needs two CPUs, one to poll and one to run, and this process may use one; run without it");
		return -1;
	}
	if (choice == POLL_CPU) {
		if (wanted >= CPU_SETSIZE || !CPU_ISSET(wanted, allowed)) {
			snprintf(error, error_size, "--poll: CPU %u is not there or not allowed to this process",
				 wanted);
			return -1;
		}
		*cpu = wanted;
		return 0;
	}
	for (unsigned i = CPU_SETSIZE; i-- > 0;) {
		if (CPU_ISSET(i, allowed)) {
			*cpu = i;
			break;
		}
	}
	return 0;
}
