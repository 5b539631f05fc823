/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGMASTER_ATTACK_DMA_H
#define RINGMASTER_ATTACK_DMA_H

struct rm_attack_dma;

/* Takes the disk in slot RM_ATTACK_SLOT, if there is one, from Linux's own driver. */
void attack_dma_open(void);
void attack_dma_close(void);

/* One transfer; the device is reset before and after, so that a broken one does not matter. */
long attack_dma_transfer(const struct rm_attack_dma *request);

#endif
