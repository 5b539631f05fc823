/* SPDX-License-Identifier: MIT */
/*
 * The table of file mappings: which there are, cutting them, and the hooks by which other calls keep them and their files alike.
 *
 * Attacks considered: which file a descriptor names (device, inode) is the host's word: a lie makes mappings follow the wrong file's
 * events, whose bytes are the host's own anyway.
 */
#include "posix/map.h"

#include "posix/posix.h"

static struct rm_maps *maps(void)
{
	return &rm_enclave.maps;
}

bool rm_region_at(uint64_t address, struct rm_region *region)
{
	return rm_svc2(RM_SVC_REGIONS, address, region) == 1 && region->start <= address;
}

struct rm_map *rm_map_in(uint64_t start, uint64_t end)
{
	struct rm_map *first = NULL;

	for (uint32_t i = 0; maps()->count > 0 && i < RM_MAPS_MAX; i++) {
		struct rm_map *map = &maps()->map[i];

		if (map->start != 0 && map->start < end && map->end > start && (!first || map->start < first->start))
			first = map;
	}
	return first;
}

struct rm_map *rm_map_new(void)
{
	for (uint32_t i = 0; i < RM_MAPS_MAX; i++)
		if (maps()->map[i].start == 0)
			return &maps()->map[i];
	return NULL;
}

bool rm_map_room(void)
{
	return maps()->count < RM_MAPS_MAX;
}

/* Takes [start, end) of one entry away, which may leave two. */
static void cut_one(struct rm_thread *t, struct rm_map *map, uint64_t start, uint64_t end)
{
	const struct rm_map old = *map;
	struct rm_map *rest;

	if (old.twin)
		rm_svc2(LX_munmap, old.twin + (start - old.start), end - start);
	if (start > old.start) {
		map->end = start;
		map->filled = rm_smaller(old.filled, start);
	} else {
		map->start = 0;
		maps()->count--;
		maps()->shared -= old.shared;
	}
	if (end < old.end) {
		rest = rm_map_new();
		*rest = old;
		rest->start = end;
		rest->filled = rm_larger(old.filled, end);
		rest->offset += end - old.start;
		rest->twin = old.twin ? old.twin + (end - old.start) : 0;
		rm_fd_hold(&rm_enclave.fds, old.desc);
		maps()->count++;
		maps()->shared += old.shared;
	}
	if (start <= old.start)
		rm_put(t, old.desc);
}

void rm_map_cut(struct rm_thread *t, uint64_t start, uint64_t end)
{
	struct rm_map *map;

	while ((map = rm_map_in(start, end)))
		cut_one(t, map, rm_larger(start, map->start), rm_smaller(end, map->end));
}

bool rm_map_tell(uint64_t address, struct rm_map_told *told)
{
	const struct rm_map *map;

	rm_lock(&maps()->lock);
	map = rm_map_in(address, address + 1);
	if (map)
		*told = (struct rm_map_told){ .end = map->end, .offset = map->offset + (address - map->start), .inode = map->inode,
					      .device = map->device, .host_fd = map->desc->host_fd, .shared = map->shared };
	rm_unlock(&maps()->lock);
	return map != NULL;
}

/*
 * Hooks.
 */

/* Asked once: a description names one file for good. */
static long identify(struct rm_thread *t, struct rm_desc *desc)
{
	struct lx_statx file;
	long result;

	if (__atomic_load_n(&desc->identified, __ATOMIC_ACQUIRE))
		return 0;
	result = rm_statx(t, desc->host_fd, NULL, 0, 0, LX_STATX_BASIC, &file);
	if (result)
		return result;
	desc->inode = file.ino;
	desc->device = (uint64_t)file.dev_major << 32 | file.dev_minor;
	__atomic_store_n(&desc->identified, true, __ATOMIC_RELEASE);
	return 0;
}

static bool of_file(const struct rm_map *map, uint64_t inode, uint64_t device)
{
	return map->start != 0 && map->shared && map->inode == inode && map->device == device;
}

long rm_map_each(struct rm_thread *t, uint64_t inode, uint64_t device, long (*act)(struct rm_thread *t, struct rm_map *map))
{
	long result, first = 0;

	for (uint32_t i = 0, left = maps()->count; left > 0 && i < RM_MAPS_MAX; i++) {
		struct rm_map *map = &maps()->map[i];

		left -= map->start != 0;
		result = of_file(map, inode, device) ? act(t, map) : 0;
		first = first ? first : result;
	}
	return first;
}

/* Does one thing with all shared mappings of a file: the first error, or 0. */
static long each_of_file(struct rm_thread *t, struct rm_desc *desc, long (*act)(struct rm_thread *t, struct rm_map *map))
{
	long result;

	if (__atomic_load_n(&maps()->shared, __ATOMIC_RELAXED) == 0)
		return 0;
	result = identify(t, desc);
	if (result)
		return result;
	rm_lock(&maps()->lock);
	result = rm_map_each(t, desc->inode, desc->device, act);
	rm_unlock(&maps()->lock);
	return result;
}

long rm_map_write_all(struct rm_thread *t, struct rm_map *map)
{
	return rm_map_write_back(t, map, map->start, map->end);
}

long rm_map_flush(struct rm_thread *t, struct rm_desc *desc)
{
	return each_of_file(t, desc, rm_map_write_all);
}

void rm_map_refresh(struct rm_thread *t, struct rm_desc *desc)
{
	each_of_file(t, desc, rm_map_follow);
}

void rm_map_flush_all(struct rm_thread *t)
{
	if (__atomic_load_n(&maps()->shared, __ATOMIC_RELAXED) == 0)
		return;
	rm_lock(&maps()->lock);
	for (uint32_t i = 0; i < RM_MAPS_MAX; i++)
		if (maps()->map[i].start != 0)
			rm_map_write_all(t, &maps()->map[i]);
	rm_unlock(&maps()->lock);
}
