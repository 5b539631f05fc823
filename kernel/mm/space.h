/* SPDX-License-Identifier: MIT */
/*
 * Address space of an enclave: regions (what is reserved), tables (what is mapped), an ASID. Pages come on touch. Kernel
 * lock held everywhere. Long walks go in steps of at most SPACE_STEP pages and say how far they came.
 */
#ifndef KERNEL_MM_SPACE_H
#define KERNEL_MM_SPACE_H

#include "svc.h"
#include "mm/table.h"
#include "mm/region.h"

#define SPACE_STEP	6u
#define SPACE_SHARES	RM_SHARE_BASE	/* from here on: Normal-world pages only, and from RM_WINDOW_BASE on windows (mm/window.h) */
#define SPACE_GROWTH	RM_USER_STACK_SIZE	/* a region that grows down gets no larger than this */
#define SPACE_GUARD	(256 * PAGE_SIZE)	/* and keeps this distance, as on Linux */

struct space {
	paddr_t root;
	unsigned int owner;		/* of frames; also the ASID */
	struct regions regions;
	vaddr_t cursor;			/* how far space_destroy_step() came, */
	unsigned int tables_freed;	/* and in the entries of the root */
	uint64_t shared_pages;		/* Normal-world pages mapped now */
	uint64_t size_limit;		/* of all regions, in bytes: RLIMIT_AS */
	const void *changer;		/* who is in the middle of a change that goes in steps; others wait. NULL: nobody */
};

/* owner: 1 to OWNERS_MAX - 1. -ENOMEM. */
int space_init(struct space *space, unsigned int owner);

/* Unmaps and frees; true when all is done, false: call again. */
bool space_destroy_step(struct space *space);

/* Makes one access (PROT_* bits) at va possible, mapping a zeroed page if its region allows. -EFAULT, -ENOMEM; -EIO: the region
 * is that of a file, beyond its end. */
int space_touch(struct space *space, vaddr_t va, uint32_t access);

/* Removes mappings in [start, end), not regions; returns up to where it came, to be called again from there until that is end.
 * Empty tables go too, in a call of their own: until then it may return the same place. */
vaddr_t space_unmap(struct space *space, vaddr_t start, vaddr_t end);

/* The last-level table of va, if it is empty: gone, with the translations that led through it. */
void space_prune(struct space *space, vaddr_t va);

/* Is a page mapped there? */
bool space_present(const struct space *space, vaddr_t va);

/* Moves the pages of [from, end), of which none is mapped at `to` on, as they are, to there; returns up to where it came in [from,
 * end), or 0: no frame for a table. The regions are the caller's to change. */
vaddr_t space_move(struct space *space, vaddr_t from, vaddr_t end, vaddr_t to);

/* Gives mapped pages in [start, end) the protection of their regions; returns up to where it came. */
vaddr_t space_protect(struct space *space, vaddr_t start, vaddr_t end);

/* Maps pages of the kernel image / a checked Normal-world page / below. -ENOMEM, -EEXIST: something is mapped there. */
int space_map_image(struct space *space, vaddr_t va, paddr_t frame, uint64_t pages, uint32_t protection);
int space_map_normal(struct space *space, vaddr_t va, paddr_t page);
/* A device's registers. */
int space_map_device(struct space *space, vaddr_t va, paddr_t page);

/* Kernel's pointer to the byte at va after making the access possible, good to the end of its page; never to
 * Normal-world memory or a device. NULL: *error is -EFAULT or -ENOMEM. */
void *space_pointer(struct space *space, vaddr_t va, uint32_t access, int *error);

/* Copies between kernel and enclave memory. -EFAULT, -ENOMEM; some bytes may have been copied then. size <= PAGE_SIZE. */
int space_read(struct space *space, void *to, vaddr_t from, size_t size);
int space_write(struct space *space, vaddr_t to, const void *from, size_t size);

#endif
