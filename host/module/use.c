// SPDX-License-Identifier: GPL-2.0-only
/* What a thread of an enclave has counted in its boot page (abi/use.h): numbers to show, and nothing else. */
#include "module.h"

#include <linux/highmem.h>
#include <linux/minmax.h>

static_assert(RM_USE_COUNT <= RM_USE_MAX && RM_USE_OFFSET + RM_USE_MAX * sizeof(u64) <= PAGE_SIZE);

/*
 * rm_use_add() - adds what the thread of this region has counted to @use
 *
 * Context: any; the caller keeps the region shared.
 */
void rm_use_add(u64 *use, const struct rm_share *share)
{
	const u64 *page = kmap_local_page(share->pages[0]);
	u32 i;

	for (i = 0; i < RM_USE_COUNT; i++) {
		u64 value = READ_ONCE(page[RM_USE_OFFSET / sizeof(u64) + i]);

		use[i] = i < RM_USE_SUMS ? use[i] + value : max(use[i], value);
	}
	kunmap_local(page);
}
