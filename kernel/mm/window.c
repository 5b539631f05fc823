/* SPDX-License-Identifier: MIT */
#include "mm/window.h"
#include "arch/tlb.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"

#define FLUSH_SINGLE	8u	/* more pages than that: the whole address space's translations go */

_Static_assert(RM_WINDOW_CHUNK == TABLE_SPAN, "a place is a table");
_Static_assert(RM_WINDOW_BASE + RM_WINDOW_CHUNKS * RM_WINDOW_CHUNK == USER_END, "windows stand last");
_Static_assert(RM_WINDOW_BASE >= RM_SHARE_BASE + RM_THREAD_MAX * RM_SHARE_STRIDE, "behind the shared regions");

static vaddr_t address_of(uint64_t page)
{
	return RM_WINDOW_BASE + page * PAGE_SIZE;
}

bool window_in_place(uint64_t page, uint64_t count)
{
	return page < RM_WINDOW_CHUNKS * TABLE_ENTRIES && count > 0 && count <= TABLE_ENTRIES - page % TABLE_ENTRIES;
}

int window_map(struct space *space, uint64_t page, const paddr_t *pages, uint64_t count)
{
	assert(window_in_place(page, count) && count <= RM_WINDOW_MAX);
	pte_t *e = table_entry(space->root, address_of(page), space->owner, true);

	if (!e)
		return -ENOMEM;
	const pte_t kind = pte_make_window(0);
	pte_t used = 0;

	for (uint64_t i = 0; i < count; i++)
		used |= e[i];
	if (used)
		return -EEXIST;
	for (uint64_t i = 0; i < count; i++)
		e[i] = kind | pages[i];
	space->shared_pages += count;
	dsb_ishst();
	context_sync();
	return 0;
}

/* Translations of [va, end) go from all cores; `changed` entries of those were used. */
static void flush(const struct space *space, vaddr_t va, vaddr_t end, unsigned int changed)
{
	dsb_ishst();
	if (changed > FLUSH_SINGLE || end - va > FLUSH_SINGLE * PAGE_SIZE)
		tlb_flush_space(space->owner);
	else
		for (; va < end; va += PAGE_SIZE)
			tlb_flush_page(space->owner, va);
	dsb_ish();
}

static unsigned int clear(struct space *space, pte_t *e, uint64_t count)
{
	unsigned int cleared = 0;

	/* As many as a table has, with interrupts masked. */
#pragma GCC unroll 16
	for (const pte_t *end = e + count; e < end; e++) {
		cleared += pte_used(*e);
		*e = 0;
	}
	assert(space->shared_pages >= cleared);
	space->shared_pages -= cleared;
	return cleared;
}

void window_unmap(struct space *space, uint64_t page, uint64_t count)
{
	assert(window_in_place(page, count));
	vaddr_t va = address_of(page);
	pte_t *e = space->root == FRAME_NONE ? NULL : table_entry(space->root, va, space->owner, false);
	unsigned int cleared = e ? clear(space, e, count) : 0;

	/* Where no entry is, whoever cleared it has flushed before the kernel lock was free again. */
	if (cleared)
		flush(space, va, va + count * PAGE_SIZE, cleared);
}

vaddr_t window_destroy_step(struct space *space, vaddr_t va)
{
	assert(va >= RM_WINDOW_BASE && va < USER_END);
	va = table_next(space->root, va, USER_END);
	if (va == USER_END)
		return va;
	pte_t *e = table_entry(space->root, va, space->owner, false);

	if (!e)
		return va;
	uint64_t left = TABLE_ENTRIES - (va / PAGE_SIZE) % TABLE_ENTRIES, count = min_u64(left, WINDOW_STEP);
	unsigned int cleared = clear(space, e, count);

	vaddr_t end = va + count * PAGE_SIZE;

	if (cleared) {
		flush(space, va, end, cleared);
		return count == left ? end - PAGE_SIZE : end;	/* the table is empty: the next step looks */
	}
	if (count == left)
		space_prune(space, va);
	return end;
}
