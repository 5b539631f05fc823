/* SPDX-License-Identifier: MIT */
/*
 * Normal-world memory: which physical addresses are its RAM (learned from the firmware's device tree before Linux could
 * write it, never from Linux), and reading it. Everything there may change between two reads: copy once, check the copy.
 */
#ifndef KERNEL_MM_NORMAL_H
#define KERNEL_MM_NORMAL_H

#include "lib/types.h"

/* Reads the board's device tree: RAM ranges, and seed bytes for the random generator. Boot core, once. Panics without RAM. */
void normal_init(paddr_t device_tree);

/* Is [pa, pa + size) wholly Normal-world RAM? Never true for secure memory, firmware or devices. */
bool normal_is_ram(paddr_t pa, uint64_t size);

/* Are these all pages of such RAM? */
bool normal_are_pages(const paddr_t *pages, uint64_t count);

/* Copies from one page of Normal-world RAM. -EFAULT: not RAM or crosses a page. Lock held. */
int normal_read(void *to, paddr_t from, size_t size);

/* Seed found in the device tree (/chosen rng-seed and kaslr-seed); returns its size, 0 if none. */
size_t normal_seed(void *to, size_t size);

#endif
