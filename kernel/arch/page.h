/* SPDX-License-Identifier: MIT */
/* Whole pages, 4096-aligned, by the instructions made for it. */
#ifndef KERNEL_ARCH_PAGE_H
#define KERNEL_ARCH_PAGE_H

#include "lib/types.h"

#ifdef __aarch64__
static inline void page_zero(void *page)
{
	uint64_t block;

	__asm__ volatile("mrs %0, dczid_el0" : "=r"(block));
	block = 4ul << (block & 15);
	for (char *p = page; p < (char *)page + PAGE_SIZE; p += block)
		__asm__ volatile("dc zva, %0" : : "r"(p) : "memory");
}
#else
static inline void page_zero(void *page) { __builtin_memset(page, 0, PAGE_SIZE); }
#endif

#endif
