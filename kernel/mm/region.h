/* SPDX-License-Identifier: MIT */
/*
 * What an enclave has reserved of its addresses: regions [start, end) with their flags, in a tree sorted by address. Pages are
 * mapped when they are touched (mm/space.c). Neighbours with equal flags are one region. Nodes come from frames of the
 * enclave. Each function here costs at most some walks from the root to a leaf, whatever the number of regions. Pure logic, tested
 * natively. Kernel lock held.
 */
#ifndef KERNEL_MM_REGION_H
#define KERNEL_MM_REGION_H

#include "svc.h"
#include "lib/types.h"

#define PROT_NONE	0u
#define PROT_READ	RM_REGION_READ
#define PROT_WRITE	RM_REGION_WRITE
#define PROT_EXEC	RM_REGION_EXEC
#define PROT_ALL	(PROT_READ | PROT_WRITE | PROT_EXEC)

#define REGION_CLOSING	8u	/* its pages are on the move: reserved, but nothing is mapped on touch; never merged */

#define REGIONS_MAX	65530u	/* per enclave, as Linux's default for a process */

struct region {
	struct region *left, *right;	/* unused nodes: chained by left */
	vaddr_t start, end;
	uint32_t flags;			/* RM_REGION_* (svc.h), REGION_CLOSING */
	/* Of the subtree that starts here: */
	uint32_t height, any;		/* any: flags of all its regions */
	vaddr_t first, last;		/* lowest start, highest end */
	uint64_t hole;			/* largest hole between two of its regions */
};

struct regions {
	struct region *root, *unused;
	paddr_t slabs;			/* frames that hold nodes, linked by their first word */
	unsigned int owner, count;
	uint64_t size;			/* bytes of all regions */
};

static inline uint32_t region_protection(const struct region *r) { return r->flags & PROT_ALL; }

void regions_init(struct regions *regions, unsigned int owner);

/* Gives back one frame of nodes; true when none is left. The regions are not to be used any more. */
bool regions_destroy_step(struct regions *regions);

/* Adds [start, end), which must be free (assert). -ENOMEM. */
int regions_add(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t flags);

/*
 * Removes the first region that lies in [start, end), or the part of it that does. 1: there was one; 0: there was none; -ENOMEM,
 * nothing changed: a split needs a node and there is none. The second form removes all; for ranges of few regions.
 */
int regions_remove_first(struct regions *regions, vaddr_t start, vaddr_t end);
int regions_remove(struct regions *regions, vaddr_t start, vaddr_t end);

/* Sets `flags` where `mask` has bits, in [start, end), which must lie in one region (assert). -ENOMEM: no node; nothing is changed. */
int regions_set(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t mask, uint32_t flags);

/* The region that holds va, or NULL. */
const struct region *regions_find(const struct regions *regions, vaddr_t va);
/* The first one that ends behind va, and the last that starts before va; or NULL. */
const struct region *regions_next(const struct regions *regions, vaddr_t va);
const struct region *regions_before(const struct regions *regions, vaddr_t va);

/* Is all of [start, end) free / reserved? */
bool regions_free(const struct regions *regions, vaddr_t start, vaddr_t end);
bool regions_covered(const struct regions *regions, vaddr_t start, vaddr_t end);

/* Flags of all regions that touch [start, end), or-ed. */
uint32_t regions_any(const struct regions *regions, vaddr_t start, vaddr_t end);

/* Highest free place for size bytes in [low, high), or 0. */
vaddr_t regions_place(const struct regions *regions, uint64_t size, vaddr_t low, vaddr_t high);

#endif
