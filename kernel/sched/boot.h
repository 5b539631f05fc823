/* SPDX-License-Identifier: MIT */
/*
 * Boot enclaves: signed images that are part of the firmware (kernel.mk, BOOT_ENCLAVES). Their runtimes check and load them before
 * Linux exists, on the boot core, with all its time; each becomes resident or ends. Then the core goes back to TF-A, for the first time.
 */
#ifndef KERNEL_SCHED_BOOT_H
#define KERNEL_SCHED_BOOT_H

#include "arch/cpu.h"

/* Makes them. Does not return if there are any: the core is theirs first. Boot core, once, last. */
void boot_enclaves_start(struct cpu *cpu);

/* None of them has anything to do now: TF-A goes on, and starts Linux. */
_Noreturn void boot_finish(struct cpu *cpu);

#endif
