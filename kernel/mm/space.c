/* SPDX-License-Identifier: MIT */
#include "mm/space.h"
#include "arch/layout.h"
#include "arch/tlb.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/window.h"

#define SPACE_SCAN	128u	/* entries looked at in one step */

int space_init(struct space *space, unsigned int owner)
{
	assert(owner != OWNER_KERNEL && owner < OWNERS_MAX);
	*space = (struct space){ .owner = owner, .root = frame_alloc(owner), .size_limit = UINT64_MAX };
	regions_init(&space->regions, owner);
	return space->root == FRAME_NONE ? -ENOMEM : 0;
}

void space_prune(struct space *space, vaddr_t va)
{
	paddr_t table = table_prune(space->root, va);

	if (table == FRAME_NONE)
		return;
	dsb_ishst();
	tlb_flush_page(space->owner, va);
	dsb_ish();
	frame_free(table, space->owner);
}

/* Frames that no entry names any more, to be freed once no core can still use an old translation. */
struct batch {
	unsigned int count;
	vaddr_t va[SPACE_STEP];
	pte_t entry[SPACE_STEP];
};

static void batch_finish(struct space *space, const struct batch *batch)
{
	if (batch->count == 0)
		return;
	dsb_ishst();
	for (unsigned int i = 0; i < batch->count; i++)
		tlb_flush_page(space->owner, batch->va[i]);
	dsb_ish();
	for (unsigned int i = 0; i < batch->count; i++)
		if (!pte_borrowed(batch->entry[i]))
			frame_free(pte_address(batch->entry[i]), space->owner);
		else if (batch->va[i] >= SPACE_SHARES)
			space->shared_pages--;
}

vaddr_t space_unmap(struct space *space, vaddr_t start, vaddr_t end)
{
	assert(page_aligned(start) && page_aligned(end) && end <= USER_END);
	struct batch batch;
	vaddr_t va = table_next(space->root, start, end);
	/* Within one last-level table: its entries lie side by side. */
	pte_t *e = va < end ? table_entry(space->root, va, space->owner, false) : NULL;
	vaddr_t stop = min_u64(min_u64(end, (va | (TABLE_SPAN - 1)) + 1), va + SPACE_SCAN * PAGE_SIZE);

	if (!e)
		return va;
	batch.count = 0;
	for (; va < stop && batch.count < SPACE_STEP; va += PAGE_SIZE, e++)
		if (pte_used(*e)) {
			batch.va[batch.count] = va;
			batch.entry[batch.count++] = *e;
			*e = 0;
		}
	if (va & (TABLE_SPAN - 1)) {
		batch_finish(space, &batch);
	} else if (batch.count) {
		batch_finish(space, &batch);
		va -= PAGE_SIZE;	/* the table may be empty now: the next step looks */
	} else {
		space_prune(space, va - PAGE_SIZE);
	}
	return va;
}

vaddr_t space_move(struct space *space, vaddr_t from, vaddr_t end, vaddr_t to)
{
	assert(page_aligned(from) && page_aligned(end) && page_aligned(to) && end <= SPACE_SHARES);
	struct batch batch = { .count = 0 };
	pte_t *target[SPACE_STEP];
	vaddr_t va = table_next(space->root, from, end);
	pte_t *e = va < end ? table_entry(space->root, va, space->owner, false) : NULL;
	vaddr_t stop = min_u64(min_u64(end, (va | (TABLE_SPAN - 1)) + 1), va + SPACE_SCAN * PAGE_SIZE);

	if (!e)
		return va;
	for (; va < stop && batch.count < SPACE_STEP; va += PAGE_SIZE, e++) {
		if (!pte_used(*e))
			continue;
		target[batch.count] = table_entry(space->root, to + (va - from), space->owner, true);
		if (!target[batch.count])
			break;
		assert(!pte_used(*target[batch.count]) && !pte_borrowed(*e));
		batch.va[batch.count] = va;
		batch.entry[batch.count++] = *e;
		*e = 0;
	}
	if (batch.count == 0)
		return va < stop ? 0 : va;
	dsb_ishst();
	for (unsigned int i = 0; i < batch.count; i++)
		tlb_flush_page(space->owner, batch.va[i]);
	dsb_ish();
	for (unsigned int i = 0; i < batch.count; i++)
		*target[i] = batch.entry[i];
	dsb_ishst();
	context_sync();
	return va;
}

/* Gives one entry the protection of its region; true if it was another. */
static bool protect_entry(struct space *space, pte_t *e, vaddr_t va)
{
	const struct region *r = pte_used(*e) && !pte_borrowed(*e) ? regions_find(&space->regions, va) : NULL;
	pte_t entry = r ? pte_make(pte_address(*e), region_protection(r)) : *e;

	if (entry == *e)
		return false;
	*e = entry;
	dsb_ishst();
	tlb_flush_page(space->owner, va);
	return true;
}

vaddr_t space_protect(struct space *space, vaddr_t start, vaddr_t end)
{
	unsigned int changed = 0;
	vaddr_t va = table_next(space->root, start, end);

	pte_t *e = va < end ? table_entry(space->root, va, space->owner, false) : NULL;
	vaddr_t stop = min_u64(min_u64(end, (va | (TABLE_SPAN - 1)) + 1), va + SPACE_SCAN * PAGE_SIZE);

	if (!e)
		return va;
	for (; va < stop && changed < SPACE_STEP; va += PAGE_SIZE, e++)
		changed += protect_entry(space, e, va);
	dsb_ish();
	return va;
}

static int map(struct space *space, vaddr_t va, pte_t entry)
{
	assert(page_aligned(va) && space->root != FRAME_NONE);
	pte_t *e = table_entry(space->root, va, space->owner, true);

	if (!e)
		return -ENOMEM;
	if (pte_used(*e))
		return -EEXIST;
	*e = entry;
	dsb_ishst();
	context_sync();
	return 0;
}

int space_map_image(struct space *space, vaddr_t va, paddr_t frame, uint64_t pages, uint32_t protection)
{
	pte_t *e = NULL;

	/* One walk for each table: the image is mapped whole when an enclave is made, with interrupts masked. */
	for (; pages; pages--, va += PAGE_SIZE, frame += PAGE_SIZE, e++) {
		if (!e || (va & (TABLE_SPAN - 1)) == 0)
			e = table_entry(space->root, va, space->owner, true);
		if (!e)
			return -ENOMEM;
		if (pte_used(*e))
			return -EEXIST;
		*e = pte_make_image(frame, protection);
	}
	dsb_ishst();
	context_sync();
	return 0;
}

int space_map_normal(struct space *space, vaddr_t va, paddr_t page)
{
	assert(va >= SPACE_SHARES);
	int error = map(space, va, pte_make_normal(page));

	if (!error)
		space->shared_pages++;
	return error;
}

int space_map_device(struct space *space, vaddr_t va, paddr_t page)
{
	return map(space, va, pte_make_device(page));
}

static int map_fresh(struct space *space, vaddr_t va, uint32_t protection)
{
	paddr_t frame = frame_alloc(space->owner);

	if (frame == FRAME_NONE)
		return -ENOMEM;
	int error = map(space, va, pte_make(frame, protection));

	if (error)
		frame_free(frame, space->owner);
	return error;
}

/* The region allows it but the entry does not yet (mprotect in steps) or the core remembers an old one. */
static void refresh(struct space *space, pte_t *e, vaddr_t va, uint32_t protection)
{
	*e = pte_make(pte_address(*e), protection);
	dsb_ishst();
	tlb_flush_page(space->owner, va);
	dsb_ish();
	context_sync();
}

/* A region that grows down may reach the hole below it, as far as Linux would let a stack: not close to another region. */
static const struct region *grow_down(struct space *space, vaddr_t va)
{
	const struct region *r = regions_next(&space->regions, va), *below = regions_before(&space->regions, va);
	vaddr_t start = page_down(va);

	if (!r || !(r->flags & RM_REGION_GROWS) || (r->flags & REGION_CLOSING) || r->end - start > SPACE_GROWTH)
		return NULL;
	if (below && region_protection(below) != PROT_NONE && start - below->end < SPACE_GUARD)
		return NULL;
	if (regions_add(&space->regions, start, r->start, r->flags) != 0)
		return NULL;
	return regions_find(&space->regions, va);
}

int space_touch(struct space *space, vaddr_t va, uint32_t access)
{
	if (va >= USER_END)
		return -EFAULT;
	pte_t *e = table_entry(space->root, va, space->owner, false);

	if (e && pte_used(*e) && pte_allows(*e, access))
		return 0;
	const struct region *r = regions_find(&space->regions, va);

	if (!r)
		r = grow_down(space, va);
	if (r && (r->flags & RM_REGION_BEYOND) && !(r->flags & REGION_CLOSING))
		return -EIO;
	if (!r || (region_protection(r) & access) != access || (r->flags & REGION_CLOSING))
		return -EFAULT;
	if (!e || !pte_used(*e))
		return map_fresh(space, page_down(va), region_protection(r));
	if (pte_borrowed(*e))
		return -EFAULT;
	refresh(space, e, va, region_protection(r));
	return 0;
}

bool space_present(const struct space *space, vaddr_t va)
{
	assert(va < USER_END);
	const pte_t *e = table_entry(space->root, va, space->owner, false);

	return e && pte_used(*e);
}

void *space_pointer(struct space *space, vaddr_t va, uint32_t access, int *error)
{
	*error = space_touch(space, va, access);
	if (*error) {
		*error = *error == -EIO ? -EFAULT : *error;
		return NULL;
	}
	pte_t e = *table_entry(space->root, va, space->owner, false);

	if (va >= SPACE_SHARES || pte_is_device(e)) {
		*error = -EFAULT;
		return NULL;
	}
	return (char *)kernel_pointer(pte_address(e)) + (va & PAGE_MASK);
}

int space_read(struct space *space, void *to, vaddr_t from, size_t size)
{
	int error;

	for (size_t n; size; size -= n, from += n, to = (char *)to + n) {
		const void *p = space_pointer(space, from, PROT_READ, &error);

		if (!p)
			return error;
		n = min_u64(size, PAGE_SIZE - (from & PAGE_MASK));
		memcpy(to, p, n);
	}
	return 0;
}

int space_write(struct space *space, vaddr_t to, const void *from, size_t size)
{
	int error;

	for (size_t n; size; size -= n, to += n, from = (const char *)from + n) {
		void *p = space_pointer(space, to, PROT_WRITE, &error);

		if (!p)
			return error;
		n = min_u64(size, PAGE_SIZE - (to & PAGE_MASK));
		memcpy(p, from, n);
	}
	return 0;
}

/* The middle tables, a step's worth of the root's entries; each is looked at once. */
static void free_tables(struct space *space)
{
	pte_t *entries = kernel_pointer(space->root);
	unsigned int i = space->tables_freed, freed = 0;
	const unsigned int stop = (unsigned int)min_u64(i + TABLE_ENTRIES / 8, TABLE_ENTRIES);

	for (; i < stop && freed < SPACE_STEP; i++) {
		if (!entries[i])
			continue;
		frame_free(pte_address(entries[i]), space->owner);
		entries[i] = 0;
		freed++;
	}
	space->tables_freed = i;
}

bool space_destroy_step(struct space *space)
{
	if (space->cursor < RM_WINDOW_BASE) {
		space->cursor = space_unmap(space, space->cursor, RM_WINDOW_BASE);
		return false;
	}
	if (space->cursor < USER_END) {
		space->cursor = window_destroy_step(space, space->cursor);
		return false;
	}
	assert(space->shared_pages == 0);
	if (space->tables_freed < TABLE_ENTRIES) {
		free_tables(space);
		return false;
	}
	if (!regions_destroy_step(&space->regions))
		return false;
	frame_free(space->root, space->owner);
	dsb_ish();
	tlb_flush_space(space->owner);
	dsb_ish();
	*space = (struct space){ .root = FRAME_NONE };
	return true;
}
