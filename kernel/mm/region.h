/* SPDX-License-Identifier: MIT */
/*
 * What an enclave has reserved of its addresses: a sorted list of regions [start, end) with their protection. Pages are
 * mapped when they are touched (mm/space.c). Neighbours with equal protection are one region. Nodes come from frames of the
 * enclave. Pure logic, tested natively. Kernel lock held.
 */
#ifndef KERNEL_MM_REGION_H
#define KERNEL_MM_REGION_H

#include "lib/types.h"

#define PROT_NONE	0u
#define PROT_READ	1u
#define PROT_WRITE	2u
#define PROT_EXEC	4u

#define REGION_CLOSING	8u	/* being unmapped in steps: reserved, but nothing is mapped on touch */

#define REGIONS_MAX	1024u	/* per enclave: what a walk costs stays bounded */

struct region {
	struct region *next;
	vaddr_t start, end;
	uint32_t protection;
	uint32_t reserved;
};

struct regions {
	struct region *first, *unused;
	paddr_t slabs;			/* frames that hold nodes, linked by their first word */
	unsigned int owner, count;
};

void regions_init(struct regions *regions, unsigned int owner);

/* Gives back the frames of all nodes. At most REGIONS_MAX / 127 frames: bounded. */
void regions_destroy(struct regions *regions);

/* Adds [start, end), which must be free (assert). -ENOMEM. */
int regions_add(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection);

/* Removes whatever lies in [start, end). -ENOMEM, nothing changed: a split needs a node and there is none. */
int regions_remove(struct regions *regions, vaddr_t start, vaddr_t end);

/* Whatever lies in [start, end) becomes one region of that protection. -ENOMEM, nothing changed. */
int regions_replace(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection);

/* Sets the protection of [start, end). -ENOMEM: a hole in it, or no node; then nothing is changed. */
int regions_protect(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection);

/* The region that holds va, or NULL. */
const struct region *regions_find(const struct regions *regions, vaddr_t va);

/* Is all of [start, end) free / reserved? */
bool regions_free(const struct regions *regions, vaddr_t start, vaddr_t end);
bool regions_covered(const struct regions *regions, vaddr_t start, vaddr_t end);

/* Highest free place for size bytes in [low, high), or 0. */
vaddr_t regions_place(const struct regions *regions, uint64_t size, vaddr_t low, vaddr_t high);

#endif
