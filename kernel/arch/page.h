/* SPDX-License-Identifier: MIT */
/* Whole pages, 4096-aligned. */
#ifndef KERNEL_ARCH_PAGE_H
#define KERNEL_ARCH_PAGE_H

#include "lib/types.h"

#ifdef __aarch64__
/* Makes a page zero. Needs no lock; leaves FP/SIMD registers as they are. */
void page_zero(void *page);
#else
static inline void page_zero(void *page) { __builtin_memset(page, 0, PAGE_SIZE); }
#endif

#endif
