/* SPDX-License-Identifier: MIT */
/*
 * mremap() of file mappings: the secure kernel moves the pages, region by region; the table follows, and what is new comes from the file.
 *
 * Attacks considered: as in mapcall.c.
 */
#include "posix/map.h"

#include "posix/posix.h"

static struct rm_maps *maps(void)
{
	return &rm_enclave.maps;
}

#define MAYMOVE		1u
#define FIXED		2u
#define DONTUNMAP	4u

/* Takes the memory of [from, from + size) to `to`, where something of ours is reserved, region by region as they are; or all of it back. */
static long carry(uint64_t from, uint64_t size, uint64_t to)
{
	struct rm_region region;
	long result;

	for (uint64_t at = from, end = from + size, piece; at < end; at += piece) {
		if (!rm_region_at(at, &region))
			return -EFAULT;
		piece = rm_smaller(region.end, end) - at;
		result = rm_svc(LX_mremap, at, piece, piece, MAYMOVE | FIXED, to + (at - from), 0);
		if (result < 0) {
			if (at > from)
				carry(to, at - from, from);	/* its own failure takes a shorter part forth again */
			return result;
		}
	}
	return 0;
}

/* What the program may do with [start, end), or -EFAULT: not the same everywhere, which Linux calls several mappings. */
static long protection(uint64_t start, uint64_t end)
{
	struct rm_region region;
	long all = -1;

	for (uint64_t at = start; at < end; at = region.end) {
		if (!rm_region_at(at, &region) || (all >= 0 && all != (long)rm_map_protection(&region)))
			return -EFAULT;
		all = rm_map_protection(&region);
	}
	return all;
}

/* The twin of an entry that is to have `size` bytes: moved to where so much is free. */
static long twin_resize(struct rm_map *map, uint64_t size)
{
	const uint64_t old = map->twin, old_size = map->end - map->start;
	struct rm_map larger_map = *map;
	long result;

	if (!old)
		return 0;
	larger_map.end = map->start + size;
	result = rm_map_reserve_twin(&larger_map);
	result = result ? result : carry(old, old_size, larger_map.twin);
	if (result == 0)
		map->twin = larger_map.twin;
	else if (larger_map.twin)
		rm_svc2(LX_munmap, larger_map.twin, size);
	return result;
}

/* A whole entry goes to `to`, where `size` bytes are reserved for it, and gets what the file has behind it, with its protection. */
static long move_entry(struct rm_thread *t, struct rm_map *map, uint64_t to, uint64_t size)
{
	const uint64_t old_size = map->end - map->start, delta = to - map->start;
	const uint32_t kind = RM_REGION_FILE | RM_REGION_BEYOND | (map->shared ? RM_REGION_SHARED : 0);
	const long prot = protection(map->start, map->end);
	long result = prot < 0 ? prot : 0;

	if (result == 0 && size > old_size)
		result = twin_resize(map, size);
	if (result == 0 && size > old_size)
		result = rm_svc(LX_mmap, to + old_size, size - old_size, (uint32_t)prot, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED |
				LX_MAP_NORESERVE | RM_MAP_KIND(kind), (unsigned long)-1, 0);
	if (result >= 0 && delta != 0)
		result = carry(map->start, old_size, to);
	if (result < 0)
		return result;
	map->start += delta;
	map->filled += delta;
	map->end = to + size;
	/* If there is no memory for it, the new part stays beyond. */
	rm_map_bring(t, map);
	return (long)to;
}

/* An entry that has exactly [start, end): what else it had becomes one or two others. */
static struct rm_map *isolate(uint64_t start, uint64_t end)
{
	struct rm_map *map = rm_map_in(start, end), *rest;
	const uint32_t parts = map ? (uint32_t)(map->start < start) + (uint32_t)(map->end > end) : 0;

	if (!map || map->start > start || map->end < end || maps()->count + parts > RM_MAPS_MAX)
		return NULL;
	for (int i = 0; i < 2; i++) {
		const uint64_t at = i ? end : start;

		if (at <= map->start || at >= map->end)
			continue;
		rest = rm_map_new();
		*rest = *map;
		rm_fd_hold(&rm_enclave.fds, map->desc);
		maps()->count++;
		maps()->shared += map->shared;
		rest->start = map->end = at;
		rest->offset += at - map->start;
		rest->twin = map->twin ? map->twin + (at - map->start) : 0;
		rest->filled = rm_larger(map->filled, at);
		map->filled = rm_smaller(map->filled, at);
		map = i ? map : rest;
	}
	return map;
}

static long reserve(uint64_t address, uint64_t size, uint64_t flags)
{
	return rm_svc(LX_mmap, address, size, 0, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_NORESERVE | flags, (unsigned long)-1, 0);
}

/* Grows or moves: all of the old range is in one mapping. */
static long remap(struct rm_thread *t, uint64_t old, uint64_t old_size, uint64_t size, uint64_t flags, uint64_t new)
{
	const long prot = protection(old, old + old_size);
	struct rm_map *map = prot < 0 ? NULL : isolate(old, old + old_size);
	long to;

	if (!map)
		return -EFAULT;
	if (flags & FIXED) {
		to = rm_map_unmap(t, new, size);
		to = to ? to : reserve(new, size, LX_MAP_FIXED_NOREPLACE);
	} else {
		to = reserve(old + old_size, size - old_size, LX_MAP_FIXED_NOREPLACE);
		if (to >= 0) {
			to = move_entry(t, map, old, size);
			if (to < 0)
				rm_svc2(LX_munmap, old + old_size, size - old_size);
			return to;
		}
		to = flags & MAYMOVE ? reserve(0, size, 0) : -ENOMEM;
	}
	if (to < 0)
		return to;
	map = isolate(old, old + old_size);	/* rm_map_unmap() may have moved entries about */
	return map ? move_entry(t, map, (uint64_t)to, size) : -EFAULT;
}

static long remap_checked(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t old = args->a[0], flags = args->a[3], new = args->a[4], size = rm_page_up(args->a[2]);
	uint64_t old_size = rm_page_up(args->a[1]);
	long result = 0;

	if ((flags & ~(uint64_t)(MAYMOVE | FIXED | DONTUNMAP)) || ((flags & FIXED) && !(flags & MAYMOVE)) || (flags & DONTUNMAP))
		return -EINVAL;
	if (old % RM_PAGE != 0 || size == 0 || old_size == 0 || old + old_size < old || size > RM_USER_TOP)
		return -EINVAL;
	if ((flags & FIXED) && (new % RM_PAGE != 0 || (old < new + size && new < old + old_size)))
		return -EINVAL;
	if (size < old_size) {
		result = rm_map_unmap(t, old + size, old_size - size);
		old_size = size;
	}
	if (result)
		return result;
	return size == old_size && !(flags & FIXED) ? (long)old : remap(t, old, old_size, size, flags, new);
}

long rm_sys_mremap(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long *a = args->a;
	long result;

	if (rm_map_none(a[0], a[1] ? a[1] : 1) && (!(a[3] & FIXED) || rm_map_none(a[4], a[2])))
		return rm_svc(LX_mremap, a[0], a[1], a[2], a[3], a[4], 0);
	rm_lock(&maps()->lock);
	if (!rm_map_none(a[0], a[1] ? a[1] : 1)) {
		result = remap_checked(t, args);
	} else {
		/* Anonymous memory goes to where a file is mapped: room first. */
		rm_map_flush_range(t, a[4], a[4] + rm_page_up(a[2]));
		result = rm_map_room() ? rm_svc(LX_mremap, a[0], a[1], a[2], a[3], a[4], 0) : -ENOMEM;
		if (result >= 0)
			rm_map_cut(t, a[4], a[4] + rm_page_up(a[2]));
	}
	rm_unlock(&maps()->lock);
	return result;
}
