/* SPDX-License-Identifier: MIT */
/* GICv3 (IHI 0069): the secure timer and devices of enclaves as Group 1 Secure interrupts, and a spare SPI as the doorbell into Linux. */
#ifndef KERNEL_ARCH_GIC_H
#define KERNEL_ARCH_GIC_H

#include "lib/types.h"

void gic_init(void);		/* boot core, once, before gic_init_core() */
void gic_init_core(void);	/* every core when it comes on */

/* Interrupts another core, if it is on, whatever its Normal world masks: KICK_INTID. */
void gic_kick(unsigned int core);
#define KICK_INTID	8	/* a SGI; Linux has 0 to 7 */

/* From now on only secure interrupts are pending for this core. For ever. */
void gic_ignore_normal(void);

/* Acknowledges a secure interrupt: its INTID, or >= 1020 if there is none. Never takes one of the Normal world's. */
uint32_t gic_acknowledge(void);
void gic_end(uint32_t intid);

/* A device's interrupt (a SPI, by level) becomes one of the Secure world. It is disabled. Boot core. */
void gic_device_init(uint32_t intid);
/* Where it goes from now on. */
void gic_device_route(uint32_t intid, unsigned int core);
void gic_device_enable(uint32_t intid);
void gic_device_disable(uint32_t intid);

/* Something is pending for this core, whoever it belongs to. */
bool gic_pending(void);

/* Makes BOARD_DOORBELL pending: Linux gets an interrupt, on that core if it is online, and asks (WAKES). */
void gic_doorbell(unsigned int core);
/* That core goes off: the doorbell is not for it any more. */
void gic_doorbell_leave(unsigned int core);

#endif
