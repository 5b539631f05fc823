/* SPDX-License-Identifier: MIT */
#include "sched/heartbeat.h"
#include "arch/timer.h"
#include "enclave/enclave.h"
#include "lib/panic.h"
#include "sched/resident.h"

extern const char heartbeat_blob[];	/* sched/blobs.S: one page of code */

static const struct rm_resident wanted = {
	.core = RM_CORE_ANY, .count = 1, .deadline = 1, .reservation = { { RM_PRIORITY_MIN, HEARTBEAT_NS / 1000, HEARTBEAT_BUDGET_NS / 1000 } },
};
static struct enclave *heartbeat;

void heartbeat_start(void)
{
	struct thread *t = NULL;
	int error;

	if (enclave_create_builtin(&heartbeat) || space_map_image(&heartbeat->space, RM_USER_PIE, kernel_physical(heartbeat_blob), 1,
								  PROT_READ | PROT_EXEC) ||
	    thread_create(heartbeat, RM_USER_PIE, &t))
		panic("no memory for the heartbeat");
	do
		error = resident_admit(heartbeat, &wanted);
	while (error == RESIDENT_AGAIN);
	assert(!error);
	resident_bind(t, &heartbeat->reservations[0]);
	timer_set(counter());	/* as soon as the Normal world runs */
}

uint64_t heartbeat_count(void)
{
	return enclave_stat(heartbeat, RM_STAT_RELEASES);
}
