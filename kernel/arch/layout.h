/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own half of the address space (TTBR1, 48 bits, 4 KiB granule):
 *
 *   KERNEL_OFFSET + pa   the kernel image (text RX, rodata R, data RW), all secure frames (RW), the devices it drives
 *   WINDOW_BASE + core   one page a core through which one Normal-world page at a time is seen (mm/normal.c)
 *
 * Enclaves have the lower half (TTBR0, 39 bits; abi/svc.h draws it). While the core is in the Normal world TTBR0 holds
 * the identity map of one page, the entry vectors: TF-A enters us at physical addresses.
 */
#ifndef KERNEL_ARCH_LAYOUT_H
#define KERNEL_ARCH_LAYOUT_H

#ifdef UNIT_TEST		/* native tests: "physical" memory is a buffer of the test */
#define KERNEL_OFFSET	test_kernel_offset
extern unsigned long test_kernel_offset;
#else
#define KERNEL_OFFSET	0xffff000000000000
#endif
#define WINDOW_BASE	0xffff800000000000
#define CORES_MAX	16
#define STACK_SIZE	8192	/* of a core; the page below it is not mapped */

#ifndef __ASSEMBLER__
#include "lib/types.h"

static inline void *kernel_pointer(paddr_t pa) { return (void *)(KERNEL_OFFSET + pa); }
static inline paddr_t kernel_physical(const void *p) { return (uint64_t)p - KERNEL_OFFSET; }
#endif

#endif
