/* SPDX-License-Identifier: MIT */
/* Types and small helpers of the whole kernel. */
#ifndef KERNEL_LIB_TYPES_H
#define KERNEL_LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t;	/* physical address */
typedef uint64_t vaddr_t;	/* address in an enclave */

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1ul << PAGE_SHIFT)
#define PAGE_MASK	(PAGE_SIZE - 1)

#define array_count(a)	(sizeof(a) / sizeof((a)[0]))

static inline uint64_t page_down(uint64_t a) { return a & ~PAGE_MASK; }
static inline uint64_t page_up(uint64_t a) { return (a + PAGE_MASK) & ~PAGE_MASK; }
static inline bool page_aligned(uint64_t a) { return (a & PAGE_MASK) == 0; }
static inline uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t max_u64(uint64_t a, uint64_t b) { return a > b ? a : b; }

#endif
