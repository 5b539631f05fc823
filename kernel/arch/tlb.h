/* SPDX-License-Identifier: MIT */
/*
 * Barriers and invalidations around changes of translation tables (Arm ARM D8.14), for all cores. To take a page away:
 * clear the entry, dsb_ishst(), flush, dsb_ish(); only then may the frame have another use.
 */
#ifndef KERNEL_ARCH_TLB_H
#define KERNEL_ARCH_TLB_H

#include "lib/types.h"

#ifdef __aarch64__
static inline void dsb_ish(void) { __asm__ volatile("dsb ish" ::: "memory"); }
static inline void dsb_ishst(void) { __asm__ volatile("dsb ishst" ::: "memory"); }
static inline void context_sync(void) { __asm__ volatile("isb" ::: "memory"); }

/* One page of an address space, table walks that led to it included. */
static inline void tlb_flush_page(unsigned int asid, vaddr_t va)
{
	__asm__ volatile("tlbi vae1is, %0" : : "r"(((uint64_t)asid << 48) | (va >> PAGE_SHIFT)) : "memory");
}

static inline void tlb_flush_space(unsigned int asid)
{
	__asm__ volatile("tlbi aside1is, %0" : : "r"((uint64_t)asid << 48) : "memory");
}

/* New instructions: 16 bytes of them to the point of unification; then all instruction caches, behind dsb_ish(). */
static inline void code_clean(const void *line) { __asm__ volatile("dc cvau, %0" : : "r"(line) : "memory"); }
static inline void code_invalidate(void) { __asm__ volatile("ic ialluis" ::: "memory"); }
#else	/* native tests */
static inline void code_clean(const void *line) { (void)line; }
static inline void code_invalidate(void) { }
static inline void dsb_ish(void) { }
static inline void dsb_ishst(void) { }
static inline void context_sync(void) { }
static inline void tlb_flush_page(unsigned int asid, vaddr_t va) { (void)asid; (void)va; }
static inline void tlb_flush_space(unsigned int asid) { (void)asid; }
#endif

#endif
