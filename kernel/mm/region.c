/* SPDX-License-Identifier: MIT */
#include "mm/region.h"
#include "arch/layout.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"

struct slab {
	paddr_t next;
	struct region nodes[(PAGE_SIZE - sizeof(paddr_t)) / sizeof(struct region)];
};

_Static_assert(sizeof(struct slab) <= PAGE_SIZE, "a slab is a frame");

void regions_init(struct regions *regions, unsigned int owner)
{
	*regions = (struct regions){ .owner = owner };
}

void regions_destroy(struct regions *regions)
{
	while (regions->slabs) {
		paddr_t next = ((struct slab *)kernel_pointer(regions->slabs))->next;

		frame_free(regions->slabs, regions->owner);
		regions->slabs = next;
	}
	regions_init(regions, regions->owner);
}

static void node_put(struct regions *regions, struct region *node)
{
	*node = (struct region){ .next = regions->unused };
	regions->unused = node;
}

static int grow(struct regions *regions)
{
	paddr_t frame = frame_alloc(regions->owner);

	if (frame == FRAME_NONE)
		return -ENOMEM;
	struct slab *slab = kernel_pointer(frame);

	slab->next = regions->slabs;
	regions->slabs = frame;
	for (size_t i = 0; i < array_count(slab->nodes); i++)
		node_put(regions, &slab->nodes[i]);
	return 0;
}

/* Three nodes at hand are enough for any one operation: a split in three, and a region put in between. */
static int reserve(struct regions *regions)
{
	if (regions->count + 3 > REGIONS_MAX)
		return -ENOMEM;
	if (regions->unused && regions->unused->next && regions->unused->next->next)
		return 0;
	return grow(regions);
}

static struct region *node_new(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection,
			       struct region *next)
{
	struct region *node = regions->unused;

	assert(node && start < end);
	regions->unused = node->next;
	*node = (struct region){ .next = next, .start = start, .end = end, .protection = protection };
	regions->count++;
	return node;
}

static void node_delete(struct regions *regions, struct region **link)
{
	struct region *node = *link;

	*link = node->next;
	node_put(regions, node);
	regions->count--;
}

/* Makes a boundary at va, if a region spans it. A node must be reserved. */
static void split(struct regions *regions, vaddr_t va)
{
	struct region *r = regions->first;

	while (r && r->end <= va)
		r = r->next;
	if (!r || r->start >= va)
		return;
	r->next = node_new(regions, va, r->end, r->protection, r->next);
	r->end = va;
}

static void merge(struct regions *regions)
{
	for (struct region *r = regions->first; r && r->next;)
		if (r->end == r->next->start && r->protection == r->next->protection) {
			r->end = r->next->end;
			node_delete(regions, &r->next);
		} else {
			r = r->next;
		}
}

static bool is_range(vaddr_t start, vaddr_t end)
{
	return page_aligned(start) && page_aligned(end) && start < end;
}

static void insert(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection)
{
	struct region **link = &regions->first;

	while (*link && (*link)->start < start)
		link = &(*link)->next;
	*link = node_new(regions, start, end, protection, *link);
	merge(regions);
}

static void clear(struct regions *regions, vaddr_t start, vaddr_t end)
{
	split(regions, start);
	split(regions, end);
	for (struct region **link = &regions->first; *link && (*link)->start < end;)
		if ((*link)->start >= start)
			node_delete(regions, link);
		else
			link = &(*link)->next;
}

int regions_add(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection)
{
	assert(is_range(start, end) && regions_free(regions, start, end));
	int error = reserve(regions);

	if (!error)
		insert(regions, start, end, protection);
	return error;
}

int regions_remove(struct regions *regions, vaddr_t start, vaddr_t end)
{
	assert(is_range(start, end));
	int error = reserve(regions);

	if (!error)
		clear(regions, start, end);
	return error;
}

int regions_replace(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection)
{
	assert(is_range(start, end));
	int error = reserve(regions);

	if (!error) {
		clear(regions, start, end);
		insert(regions, start, end, protection);
	}
	return error;
}

int regions_protect(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t protection)
{
	assert(is_range(start, end));
	if (!regions_covered(regions, start, end))
		return -ENOMEM;
	int error = reserve(regions);

	if (error)
		return error;
	split(regions, start);
	split(regions, end);
	for (struct region *r = regions->first; r && r->start < end; r = r->next)
		if (r->start >= start)
			r->protection = protection;
	merge(regions);
	return 0;
}

const struct region *regions_find(const struct regions *regions, vaddr_t va)
{
	const struct region *r = regions->first;

	while (r && r->end <= va)
		r = r->next;
	return r && r->start <= va ? r : NULL;
}

bool regions_free(const struct regions *regions, vaddr_t start, vaddr_t end)
{
	const struct region *r = regions->first;

	while (r && r->end <= start)
		r = r->next;
	return !r || r->start >= end;
}

bool regions_covered(const struct regions *regions, vaddr_t start, vaddr_t end)
{
	for (const struct region *r = regions->first; r && start < end; r = r->next)
		if (r->end > start) {
			if (r->start > start)
				return false;
			start = r->end;
		}
	return start >= end;
}

vaddr_t regions_place(const struct regions *regions, uint64_t size, vaddr_t low, vaddr_t high)
{
	vaddr_t best = 0, from = low;

	for (const struct region *r = regions->first; r && from < high; r = r->next) {
		if (r->start > from && min_u64(r->start, high) - from >= size)
			best = min_u64(r->start, high) - size;
		from = max_u64(from, r->end);
	}
	if (from < high && high - from >= size)
		best = high - size;
	return best;
}
