/* SPDX-License-Identifier: MIT */
/*
 * The program's memory calls where files are mapped: mmap, munmap, mprotect, madvise, msync (mremap: mapmove.c). Without a file in the range each is the
 * secure kernel's, which reflects only those that touch one.
 *
 * Attacks considered: addresses and sizes are the program's and are checked by the secure kernel, which makes or changes a mapping before
 * this table does. What kind of file a descriptor names, and how it is open, is the host's word: it decides which error a program sees.
 */
#include "posix/map.h"

#include "debug/debug.h"
#include "lib/string.h"
#include "posix/posix.h"
#include "ring/access.h"

#define LEGACY_FLAGS	0x15dffful	/* that MAP_SHARED_VALIDATE knows without the help of a file system: all up to MAP_HUGETLB */
#define SHARED_VALIDATE	3u
#define ADDRESS_FLAGS	(LX_MAP_FIXED | LX_MAP_FIXED_NOREPLACE)
#define ZERO_DEVICE	(1ul << 32 | 5)

static struct rm_maps *maps(void)
{
	return &rm_enclave.maps;
}

bool rm_map_none(uint64_t start, uint64_t size)
{
	return __atomic_load_n(&maps()->count, __ATOMIC_RELAXED) == 0 || size == 0 || start % RM_PAGE != 0 ||
	       rm_page_up(size) < size || start + rm_page_up(size) < start || !rm_map_in(start, start + rm_page_up(size));
}

/*
 * mmap.
 */

struct request {
	uint64_t address, size, flags, offset;
	uint32_t prot;
	bool shared;
};

static long check_mode(struct rm_thread *t, const struct rm_desc *desc, const struct request *r, struct rm_map *map)
{
	const long mode = rm_host_fcntl(t, desc->host_fd, LX_F_GETFL, 0);

	if (mode < 0)
		return mode;
	if (mode & LX_O_PATH)
		return -EBADF;
	map->writable = (mode & LX_O_ACCMODE) == LX_O_RDWR;
	map->append = (mode & LX_O_APPEND) != 0;
	if ((mode & LX_O_ACCMODE) == LX_O_WRONLY || (r->shared && (r->prot & LX_PROT_WRITE) && !map->writable))
		return -EACCES;
	return 0;
}

static long check_request(const struct rm_args *args, struct request *r)
{
	const unsigned long type = args->a[3] & LX_MAP_TYPE;

	*r = (struct request){ .address = args->a[0], .size = rm_page_up(args->a[1]), .flags = (uint32_t)args->a[3], .offset = args->a[5],
			       .prot = (uint32_t)args->a[2] & (LX_PROT_READ | LX_PROT_WRITE | LX_PROT_EXEC) };
	r->shared = type != LX_MAP_PRIVATE;
	if (args->a[1] == 0 || type == 0 || type > SHARED_VALIDATE)
		return -EINVAL;
	if (r->size < args->a[1])
		return -ENOMEM;
	if (r->offset > INT64_MAX - r->size)
		return -EOVERFLOW;
	if (type == SHARED_VALIDATE && (r->flags & ~LEGACY_FLAGS))
		return -EOPNOTSUPP;
	if ((r->prot & LX_PROT_WRITE) && (r->prot & LX_PROT_EXEC))
		return -EACCES;
	return 0;
}

/* Regular files are ours to map. /dev/zero is anonymous memory by another name: 1. */
static long check_file(struct rm_thread *t, const struct rm_desc *desc, struct rm_map *map)
{
	struct lx_statx file;
	const long result = rm_statx(t, desc->host_fd, NULL, 0, 0, LX_STATX_BASIC, &file);

	if (result)
		return result;
	map->inode = file.ino;
	map->device = (uint64_t)file.dev_major << 32 | file.dev_minor;
	if ((file.mode & LX_S_IFMT) == LX_S_IFCHR && ((uint64_t)file.rdev_major << 32 | file.rdev_minor) == ZERO_DEVICE)
		return 1;
	return (file.mode & LX_S_IFMT) == LX_S_IFREG && (desc->kind != RM_KIND_MADE || desc->made == RM_MADE_CHECKED) ? 0 : -ENODEV;
}

long rm_map_flush_range(struct rm_thread *t, uint64_t start, uint64_t end)
{
	struct rm_map *map;
	long result, first = 0;

	for (uint64_t at = start; (map = rm_map_in(at, end)); at = map->end) {
		result = rm_map_write_back(t, map, rm_larger(map->start, start), rm_smaller(map->end, end));
		first = first ? first : result;
	}
	return first;
}

long rm_map_reserve_twin(struct rm_map *map)
{
	const long twin = rm_svc(LX_mmap, 0, map->end - map->start, 0, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_NORESERVE,
				 (unsigned long)-1, 0);

	map->twin = twin < 0 ? 0 : (uint64_t)twin;
	return twin < 0 ? twin : 0;
}

/* Puts a mapping into the table, at addresses that the request chooses; its pages come from the file. The address. */
static long map_pages(struct rm_thread *t, struct rm_map *map, const struct request *r)
{
	const uint64_t size = r->size;
	uint64_t address = r->address;
	const uint32_t kind = RM_REGION_FILE | RM_REGION_BEYOND | (map->shared ? RM_REGION_SHARED : 0);
	struct rm_map *entry;
	long result;

	if (!rm_map_room() || maps()->count + 2 > RM_MAPS_MAX)
		return -ENOMEM;
	if (r->flags & LX_MAP_FIXED)
		rm_map_flush_range(t, address, address + size);
	result = rm_svc(LX_mmap, address, size, r->prot, (r->flags & ADDRESS_FLAGS) | LX_MAP_PRIVATE | LX_MAP_ANONYMOUS |
			LX_MAP_NORESERVE | RM_MAP_KIND(kind), (unsigned long)-1, 0);
	if (result < 0)
		return result;
	address = (uint64_t)result;
	rm_map_cut(t, address, address + size);
	entry = rm_map_new();
	*entry = *map;
	entry->start = entry->filled = address;
	entry->end = address + size;
	maps()->count++;
	maps()->shared += entry->shared;
	rm_fd_hold(&rm_enclave.fds, entry->desc);
	result = entry->shared && entry->writable ? rm_map_reserve_twin(entry) : 0;
	result = result ? result : rm_map_bring(t, entry);
	if (result == 0)
		return (long)address;
	rm_svc2(LX_munmap, address, size);
	rm_map_cut(t, address, address + size);
	return result == -EBADF ? -EACCES : result;
}

static long map_file(struct rm_thread *t, const struct rm_args *args, struct rm_desc *desc)
{
	struct rm_map map = { .desc = desc };
	struct request r;
	long result = check_request(args, &r);

	if (result == 0)
		result = check_mode(t, desc, &r, &map);
	if (result == 0)
		result = check_file(t, desc, &map);
	if (result < 0)
		return result;
	if (result == 1)
		return rm_svc(LX_mmap, r.address, r.size, r.prot, r.flags | LX_MAP_ANONYMOUS, (unsigned long)-1, 0);
	map.offset = r.offset;
	map.shared = r.shared;
	rm_lock(&maps()->lock);
	/* What the program wrote through another mapping of the file is to be seen in this one. */
	rm_map_each(t, map.inode, map.device, rm_map_write_all);
	result = map_pages(t, &map, &r);
	rm_unlock(&maps()->lock);
	return result;
}

/* Anonymous memory that replaces what is there. */
static long map_over(struct rm_thread *t, const struct rm_args *args, unsigned long flags)
{
	const uint64_t end = args->a[0] + rm_page_up(args->a[1]);
	long result;

	rm_lock(&maps()->lock);
	rm_map_flush_range(t, args->a[0], end);
	result = rm_map_room() ? rm_svc(LX_mmap, args->a[0], args->a[1], args->a[2], flags, args->a[4], args->a[5]) : -ENOMEM;
	if (result >= 0)
		rm_map_cut(t, args->a[0], end);
	rm_unlock(&maps()->lock);
	return result;
}

long rm_sys_mmap(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long flags = (uint32_t)args->a[3];
	struct rm_desc *desc;
	long result;

	if (flags & LX_MAP_ANONYMOUS) {
		if ((flags & LX_MAP_FIXED) && !rm_map_none(args->a[0], args->a[1]))
			return map_over(t, args, flags);
		return rm_svc(LX_mmap, args->a[0], args->a[1], args->a[2], flags, args->a[4], args->a[5]);
	}
	if (args->a[5] % RM_PAGE != 0)
		return -EINVAL;
	desc = rm_get(args->a[4]);
	if (!desc)
		return -EBADF;
	result = map_file(t, args, desc);
	rm_put(t, desc);
	return result;
}

/*
 * munmap, mprotect, msync.
 */

long rm_map_unmap(struct rm_thread *t, uint64_t start, uint64_t size)
{
	long result;

	if (!rm_map_room())
		return -ENOMEM;
	/* No signal interrupts that. Errors are nobody's to hear, as on Linux. */
	rm_map_flush_range(t, start, start + rm_page_up(size));
	result = rm_svc2(LX_munmap, start, size);
	if (result == 0)
		rm_map_cut(t, start, start + rm_page_up(size));
	return result;
}

long rm_sys_munmap(struct rm_thread *t, const struct rm_args *args)
{
	long result;

	if (rm_map_none(args->a[0], args->a[1]))
		return rm_svc2(LX_munmap, args->a[0], args->a[1]);
	rm_lock(&maps()->lock);
	result = rm_map_unmap(t, args->a[0], args->a[1]);
	rm_unlock(&maps()->lock);
	return result;
}

long rm_sys_mprotect(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t start = args->a[0], size = args->a[1], end = start + rm_page_up(size), prot = args->a[2];
	struct rm_map *map;
	long result = 0;

	(void)t;
	if (rm_map_none(start, size))
		return rm_svc3(LX_mprotect, start, size, prot);
	rm_lock(&maps()->lock);
	for (uint64_t at = start; (prot & LX_PROT_WRITE) && (map = rm_map_in(at, end)); at = map->end)
		if (map->shared && !map->writable)
			result = -EACCES;
	result = result ? result : rm_svc3(LX_mprotect, start, size, prot);
	rm_unlock(&maps()->lock);
	if (result == 0 && (prot & LX_PROT_EXEC))
		rm_svc2(RM_SVC_FLUSH_CODE, start, rm_page_up(size));
	return result;
}

/* Linux's own order: what can be written is, a hole is told at the end. */
long rm_sys_msync(struct rm_thread *t, const struct rm_args *args)
{
	enum { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4, MADV_NORMAL = 0 };
	const uint64_t start = args->a[0], size = rm_page_up(args->a[1]), flags = args->a[2], end = start + size;
	struct rm_map *map;
	long result = 0, error;

	if ((flags & ~(uint64_t)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (start % RM_PAGE != 0)
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	rm_lock(&maps()->lock);
	for (uint64_t at = start; (map = rm_map_in(at, end)); at = map->end) {
		error = rm_map_write_back(t, map, rm_larger(map->start, start), rm_smaller(map->end, end));
		if (error == 0 && (flags & MS_SYNC) && map->shared) {
			const struct rm_sqe sqe = { .opcode = RM_OP_FSYNC, .fd = map->desc->host_fd, .op_flags = RM_FSYNC_DATASYNC };

			error = rm_ring_call(t, &sqe, RM_RULE_ZERO, 0);
		}
		/* Other mappings of the file see it too. */
		if (error == 0 && map->shared && (maps()->shared > 1 || (flags & MS_INVALIDATE)))
			error = rm_map_each(t, map->inode, map->device, rm_map_follow);
		result = result ? result : error;
	}
	rm_unlock(&maps()->lock);
	return result ? result : size == 0 ? 0 : rm_svc3(LX_madvise, start, size, MADV_NORMAL);
}

/*
 * madvise.
 */

/* Up to the end of the region: pages that are given up come back as the file has them, unless the mapping is shared. */
static long discard_piece(struct rm_thread *t, const struct rm_region *region, uint64_t start, uint64_t end, uint64_t advice)
{
	struct rm_map *map;
	long result;

	if (!(region->flags & RM_REGION_FILE) || (region->flags & (RM_REGION_SHARED | RM_REGION_BEYOND)))
		return region->flags & RM_REGION_FILE ? 0 : rm_svc3(LX_madvise, start, end - start, advice);
	result = rm_svc3(LX_madvise, start, end - start, advice);
	for (uint64_t at = start; result == 0 && (map = rm_map_in(at, end)); at = map->end)
		result = rm_map_reread(t, map, rm_larger(map->start, start), rm_smaller(map->end, end));
	return result;
}

static long discard(struct rm_thread *t, uint64_t start, uint64_t end, uint64_t advice, bool free)
{
	struct rm_region region;
	bool hole = false;
	long result = 0;

	for (uint64_t at = start; result == 0 && at < end; at = region.end) {
		if (rm_svc2(RM_SVC_REGIONS, at, &region) != 1 || region.start >= end)
			return -ENOMEM;
		hole = hole || region.start > at;
		if (free && (region.flags & RM_REGION_FILE))
			return -EINVAL;
		result = discard_piece(t, &region, rm_larger(region.start, at), rm_smaller(region.end, end), advice);
	}
	return result ? result : hole ? -ENOMEM : 0;
}

long rm_sys_madvise(struct rm_thread *t, const struct rm_args *args)
{
	enum { DONTNEED = 4, FREE = 8, REMOVE = 9, WIPEONFORK = 18, DONTNEED_LOCKED = 24 };
	const uint64_t start = args->a[0], size = args->a[1];
	long result;

	if (rm_map_none(start, size))
		return rm_svc3(LX_madvise, start, size, args->a[2]);
	switch ((int)args->a[2]) {
	case DONTNEED:
	case DONTNEED_LOCKED:
	case FREE:
		rm_lock(&maps()->lock);
		result = discard(t, start, start + rm_page_up(size), args->a[2], (int)args->a[2] == FREE);
		rm_unlock(&maps()->lock);
		return result;
	case REMOVE:
		return -EOPNOTSUPP;
	case WIPEONFORK:
		return -EINVAL;
	default:
		return rm_svc3(LX_madvise, start, size, args->a[2]);
	}
}

/*
 * The end: what the program changed goes out first.
 */

long rm_sys_exit_group(struct rm_thread *t, const struct rm_args *args)
{
	if (rm_debug_on)
		rm_debug_ends(t);
	rm_map_flush_all(t);
	return rm_svc1((long)args->number, args->a[0]);
}

long rm_sys_sync(struct rm_thread *t, const struct rm_args *args)
{
	rm_map_flush_all(t);
	return rm_sys_host(t, args);
}
