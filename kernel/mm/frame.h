/* SPDX-License-Identifier: MIT */
/*
 * All secure memory behind the kernel image, in frames of 4 KiB. A frame belongs to one owner (an enclave's number, or
 * OWNER_KERNEL) and counts against that owner's limit; it is zeroed when it is freed, so a free frame is always zero.
 * Kernel lock held everywhere.
 */
#ifndef KERNEL_MM_FRAME_H
#define KERNEL_MM_FRAME_H

#include "lib/types.h"

#define OWNER_KERNEL	0u
#define OWNERS_MAX	65u	/* the kernel and 64 enclaves */
#define FRAME_NONE	((paddr_t)0)

struct frame_account {
	uint64_t used, peak, limit;	/* frames */
	bool guaranteed;		/* the rest of the limit is kept free for it */
};

/* Takes over [start, end), both page-aligned; the first frames hold the bookkeeping. Boot core, once. */
void frames_init(paddr_t start, paddr_t end);

/* A zeroed frame, or FRAME_NONE when the owner's limit or the memory is used up. Bounded. */
paddr_t frame_alloc(unsigned int owner);

/* Zeroes and gives back a frame that nothing maps any more. */
void frame_free(paddr_t frame, unsigned int owner);

/* Keeps so many frames free for an owner that it can have all of its limit; the limit stays. False: there are not so many, or it has more already. */
bool frame_guarantee(unsigned int owner);
/* The owner has none, and needs none any more. */
void frame_renounce(unsigned int owner);

/* Is this an allocated frame of that owner? */
bool frame_owned(paddr_t frame, unsigned int owner);

struct frame_account *frame_account(unsigned int owner);
uint64_t frames_free(void);	/* and kept for nobody */
uint64_t frames_total(void);	/* that enclaves can have: all but the bookkeeping */

#endif
