/* SPDX-License-Identifier: MIT */
/*
 * The kernel lock: one ticket lock, taken on every entry to the kernel and dropped on every exit (sched/sched.c), so that
 * everything between is sequential. Held for at most 50 us: long work is cut in steps (see SVC_AGAIN, RM_EAGAIN_WORK).
 * Data paths of enclaves do not enter the kernel, so nothing fast waits here.
 */
#ifndef KERNEL_LIB_LOCK_H
#define KERNEL_LIB_LOCK_H

#include <stdbool.h>

void kernel_lock(void);		/* interrupts masked; not held by this core */
void kernel_unlock(void);	/* held by this core */
bool kernel_locked(void);	/* by anybody; for assertions */

#endif
