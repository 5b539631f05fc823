/* SPDX-License-Identifier: MIT */
/*
 * Translation tables of an enclave: 39 bits, three levels, 4 KiB pages. Table frames belong to the enclave. Only the
 * entries are handled here; the caller flushes translations (arch/mmu.h). Compiled natively for tests too.
 */
#ifndef KERNEL_MM_TABLE_H
#define KERNEL_MM_TABLE_H

#include "lib/types.h"

#define USER_BITS	39
#define USER_END	(1ul << USER_BITS)
#define TABLE_ENTRIES	512u
#define TABLE_SPAN	(TABLE_ENTRIES * PAGE_SIZE)	/* what one last-level table maps */

typedef uint64_t pte_t;

#define PTE_BORROWED	(1ul << 55)	/* software: the frame is not the enclave's (kernel image, Normal world) */

static inline bool pte_used(pte_t e) { return e != 0; }
static inline bool pte_borrowed(pte_t e) { return (e & PTE_BORROWED) != 0; }
static inline paddr_t pte_address(pte_t e) { return e & 0x0000fffffffff000ul; }

/* Entry for a page of the enclave's own, with PROT_* (mm/region.h); PROT_NONE keeps the frame and denies EL0. */
pte_t pte_make(paddr_t frame, uint32_t protection);
/* The same for a page of the kernel image that enclaves may read or execute. */
pte_t pte_make_image(paddr_t frame, uint32_t protection);
/* A Normal-world page: non-secure, read-write, never executable. */
pte_t pte_make_normal(paddr_t page);
/* The same, read-only. */
pte_t pte_make_window(paddr_t page);

/* A page of a device's registers in the Secure world: device nGnRE, read-write, never executable. */
pte_t pte_make_device(paddr_t page);
bool pte_is_device(pte_t e);

/* Does the entry allow EL0 this access (PROT_*)? */
bool pte_allows(pte_t e, uint32_t access);

/* The last-level entry for va, or NULL if there is no table for it (or, with create, no frame for one). */
pte_t *table_entry(paddr_t root, vaddr_t va, unsigned int owner, bool create);

/* Skips what has no last-level table: va itself, or an address behind it with nothing mapped between, at most end. Bounded:
 * the place it stops at may be without a table too. */
vaddr_t table_next(paddr_t root, vaddr_t va, vaddr_t end);

/* If no entry of the last-level table of va is used: unlinks the table and returns its frame; otherwise FRAME_NONE. */
paddr_t table_prune(paddr_t root, vaddr_t va);

#endif
