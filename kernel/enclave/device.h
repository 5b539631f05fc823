/* SPDX-License-Identifier: MIT */
/*
 * Devices in the Secure world that enclaves have to themselves (boards/, BOARD_DEVICES): the registers are mapped into the enclave, whose
 * runtime drives them; the interrupt comes here, is disabled, and wakes who waits for it. Until a thread waits again it stays disabled: a
 * device that never stops interrupting takes its enclave's time and nobody else's. Kernel lock held everywhere.
 */
#ifndef KERNEL_ENCLAVE_DEVICE_H
#define KERNEL_ENCLAVE_DEVICE_H

#include "arch/cpu.h"
#include "enclave/enclave.h"

/* Boot core, once, after gic_init(). */
void devices_init(void);

/* e gets these RM_DEVICE_*; those that it has already, it keeps. -ENODEV: the board does not have one; -EBUSY: another enclave has; -ENOMEM. What it has
 * got by then it keeps until its end. */
int devices_claim(struct enclave *e, uint32_t devices);

/* e is resident: its devices interrupt its core. */
void devices_route(const struct enclave *e);

/* e, of which no thread runs any more, has none: they are silent, and others may have them. */
void devices_release(struct enclave *e);

/* t, which is resident, waits for its devices t->devices: they may interrupt. */
void devices_listen(const struct thread *t);

/* One has interrupted, which it now cannot do again. */
void device_interrupt(struct cpu *cpu, uint32_t intid);

#endif
