/* SPDX-License-Identifier: MIT */
/*
 * The area of file windows in an address space: Normal-world pages that Linux lends, read-only, and takes back at any moment from any context.
 * So nothing here goes in steps, and taking back neither frees nor allocates: last-level tables stay until the space is destroyed. A place
 * of RM_WINDOW_CHUNK bytes is what one such table maps. Kernel lock held everywhere.
 */
#ifndef KERNEL_MM_WINDOW_H
#define KERNEL_MM_WINDOW_H

#include "smc.h"
#include "mm/space.h"

#define WINDOW_STEP	128u	/* entries that one step of the destruction clears */

/* Are `count` pages from page number `page` of the area on in it, and in one place? */
bool window_in_place(uint64_t page, uint64_t count);

/* Maps checked Normal-world pages there: all or none. -ENOMEM: no frame for a table; -EEXIST. */
int window_map(struct space *space, uint64_t page, const paddr_t *pages, uint64_t count);

/* Unmaps; no core reaches anything there when it returns. */
void window_unmap(struct space *space, uint64_t page, uint64_t count);

/* Unmaps from va on, frees what it leaves empty; how far it came, USER_END: all done. */
vaddr_t window_destroy_step(struct space *space, vaddr_t va);

#endif
