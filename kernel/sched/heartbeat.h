/* SPDX-License-Identifier: MIT */
/*
 * The built-in resident enclave: one S-EL0 thread that the secure timer releases ten times a second on the boot core, and
 * that reports once a second on the secure console. It shows, in every boot, that time cannot be taken away by Linux.
 */
#ifndef KERNEL_SCHED_HEARTBEAT_H
#define KERNEL_SCHED_HEARTBEAT_H

#define HEARTBEAT_NS		100000000u
#define HEARTBEAT_BUDGET_NS	100000u
#define HEARTBEAT_REPORT	10		/* periods */

#ifndef __ASSEMBLER__
#include "lib/types.h"

void heartbeat_start(void);	/* boot core, once: the only one that is on */
uint64_t heartbeat_count(void);	/* periods that it has begun */
#endif

#endif
