/* SPDX-License-Identifier: MIT */
#include "sched/heartbeat.h"
#include "arch/timer.h"
#include "enclave/enclave.h"
#include "lib/panic.h"
#include "sched/resident.h"

extern const char heartbeat_blob[];	/* sched/blobs.S: one page of code */

void heartbeat_start(struct cpu *cpu)
{
	struct enclave *e;
	struct thread *t = NULL;

	if (enclave_create_resident(&e) || space_map_image(&e->space, RM_USER_PIE, kernel_physical(heartbeat_blob), 1,
							   PROT_READ | PROT_EXEC) ||
	    thread_create(e, RM_USER_PIE, &t))
		panic("no memory for the heartbeat");
	resident_add(cpu, t, counter_from_ns(HEARTBEAT_NS));
}
