/* SPDX-License-Identifier: MIT */
/*
 * Bytes between a mapping and its file.
 *
 * Attacks considered: what is read is the host's word, as with any read(). Sizes that the host tells only decide how many pages are
 * made; a file that ends earlier than it said leaves zeroes, one that is longer is not read beyond what was made. A hostile file changes
 * bytes of the mapping that the program has not changed: the file's content is the host's. The copy that is compared with the twin is
 * private, so that another thread's store meanwhile is either written now or still differs afterwards.
 */
#include "posix/map.h"

#include "lib/string.h"
#include "posix/io.h"
#include "posix/checked.h"
#include "ring/access.h"
#include "ring/arena.h"

#define BLOCK		16384u		/* bytes read at a time */
#define FLIGHT		16u		/* runs of changed bytes written at a time */
#define RWF_NOAPPEND	0x20u		/* Linux 6.9: at the offset, although the descriptor appends */
#define FIXED		(LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED)

/*
 * The program may have taken its own rights to the memory: a copy that fails is made again with the region opened for it.
 */
static long copy_opened(void *to, const void *from, size_t size, uint64_t page, uint32_t prot)
{
	struct rm_region region;
	long result;

	if (!rm_region_at(page, &region) || (region.flags & RM_REGION_BEYOND))
		return -EFAULT;
	result = rm_svc3(LX_mprotect, page, RM_PAGE, prot);
	if (result)
		return result;
	result = rm_copy(to, from, size);
	rm_svc3(LX_mprotect, page, RM_PAGE, rm_map_protection(&region));
	if (result == 0 && (region.flags & RM_REGION_EXEC))
		rm_svc2(RM_SVC_FLUSH_CODE, page, RM_PAGE);
	return result;
}

/* Bytes within one page of the mapping, out and in. */
static long take(void *to, uint64_t from, size_t size)
{
	struct rm_region region;

	if (rm_region_at(from, &region) && (region.flags & RM_REGION_READ))
		return rm_copy(to, (const void *)from, size);
	return copy_opened(to, (const void *)from, size, from & ~(RM_PAGE - 1), LX_PROT_READ);
}

static long give(uint64_t to, const void *from, size_t size)
{
	struct rm_region region;

	if (rm_region_at(to, &region) && (region.flags & RM_REGION_WRITE))
		return rm_copy((void *)to, from, size);
	return copy_opened((void *)to, from, size, to & ~(RM_PAGE - 1), LX_PROT_READ | LX_PROT_WRITE);
}

/* The end of the file, and of the pages that a mapping has of it: 0 or -errno. */
static long file_end(struct rm_thread *t, const struct rm_map *map, uint64_t *size, uint64_t *pages_end)
{
	struct lx_statx file;
	const long result = rm_statx(t, map->desc->host_fd, NULL, 0, 0, LX_STATX_SIZE, &file);

	if (result)
		return result;
	if (map->desc->made == RM_MADE_CHECKED)
		file.size = map->desc->made_used;
	*size = file.size;
	*pages_end = map->start;
	if (file.size > map->offset)
		*pages_end = rm_smaller(map->end, map->start + rm_page_up(rm_smaller(file.size - map->offset, INT64_MAX - RM_PAGE)));
	return 0;
}

/* Reads [start, end) of the mapping's pages, which are there and writable. */
static long fill(struct rm_thread *t, const struct rm_map *map, uint64_t start, uint64_t end)
{
	long result;

	while (start < end) {
		const uint64_t piece = rm_smaller(end - start, LX_RW_MAX);

		result = rm_checked_read_at(t, map->desc, (void *)start, piece, map->offset + (start - map->start));
		if (result < 0)
			return result;
		if ((uint64_t)result < piece)
			break;
		start += piece;
	}
	return 0;
}

static uint32_t kind(const struct rm_map *map)
{
	return RM_REGION_FILE | (map->shared ? RM_REGION_SHARED : 0);
}

/* New, empty pages for [start, end). */
static long replace(uint64_t start, uint64_t end, uint32_t prot, uint64_t flags)
{
	const long result = rm_svc(LX_mmap, start, end - start, prot, FIXED | flags, (unsigned long)-1, 0);

	return result < 0 ? result : 0;
}

/* Pages of [start, end) are no longer there. Each keeps what the program may do with it, which only the kernel knows. */
static long beyond(const struct rm_map *map, uint64_t start, uint64_t end)
{
	struct rm_region region;
	long result = 0;

	for (uint64_t piece; result == 0 && start < end; start = piece) {
		if (!rm_region_at(start, &region))
			return -EFAULT;
		piece = rm_smaller(region.end, end);
		result = replace(start, piece, rm_map_protection(&region), LX_MAP_NORESERVE | RM_MAP_KIND(kind(map) | RM_REGION_BEYOND));
	}
	return result;
}

/* Memory of the twin for [start, end) of the mapping; its addresses were reserved with the mapping. */
static long twin_pages(const struct rm_map *map, uint64_t start, uint64_t end, uint32_t prot, uint64_t flags)
{
	const uint64_t twin = map->twin + (start - map->start);

	return replace(twin, twin + (end - start), prot, flags);
}

/* [start, end) lies in one region, whose protection its pages keep. */
static long bring_piece(struct rm_thread *t, const struct rm_map *map, uint64_t start, uint64_t end, uint32_t prot)
{
	long result = replace(start, end, LX_PROT_READ | LX_PROT_WRITE, RM_MAP_COMMIT | RM_MAP_KIND(kind(map)));

	result = result ? result : fill(t, map, start, end);
	if (result == 0 && map->twin)
		result = twin_pages(map, start, end, LX_PROT_READ | LX_PROT_WRITE, RM_MAP_COMMIT);
	if (result == 0 && map->twin)
		result = rm_copy((void *)(map->twin + (start - map->start)), (const void *)start, end - start);
	if (result)
		replace(start, end, prot, LX_MAP_NORESERVE | RM_MAP_KIND(kind(map) | RM_REGION_BEYOND));
	else if (prot != (LX_PROT_READ | LX_PROT_WRITE))
		result = rm_svc3(LX_mprotect, start, end - start, prot);
	if (result == 0 && (prot & LX_PROT_EXEC))
		rm_svc2(RM_SVC_FLUSH_CODE, start, end - start);
	return result;
}

long rm_map_bring(struct rm_thread *t, struct rm_map *map)
{
	struct rm_region region;
	uint64_t size, end;
	long result = file_end(t, map, &size, &end);

	for (uint64_t piece; result == 0 && map->filled < end; map->filled = result ? map->filled : piece) {
		if (!rm_region_at(map->filled, &region))
			return -EFAULT;
		piece = rm_smaller(region.end, end);
		result = bring_piece(t, map, map->filled, piece, rm_map_protection(&region));
	}
	return result;
}

/*
 * Writing back.
 */

struct runs {
	unsigned count;
	struct run {
		uint32_t start, size;
		int promise;
	} run[FLIGHT];
};

/* Starts to write the runs, which stand in the slot where they stand in the page. */
static void send(struct rm_thread *t, const struct rm_map *map, int slot, uint64_t offset, struct runs *runs)
{
	for (unsigned i = 0; i < runs->count; i++) {
		const struct rm_sqe sqe = {
			.opcode = RM_OP_WRITE, .fd = map->desc->host_fd, .off = offset + runs->run[i].start,
			.addr = rm_arena_there(t, slot) + runs->run[i].start, .len = runs->run[i].size,
			.op_flags = map->append ? RWF_NOAPPEND : 0,
		};

		runs->run[i].promise = rm_ring_submit(t, &sqe, RM_RULE_COUNT, sqe.len);
	}
}

/* Waits for them; what arrived in the file is in the twin from then on. The first error, or 0. */
static long settle(struct rm_thread *t, uint64_t twin, const uint8_t *now, struct runs *runs)
{
	long result, first = 0;

	for (unsigned i = 0; i < runs->count; i++) {
		const struct run *run = &runs->run[i];

		result = run->promise < 0 ? run->promise : rm_ring_wait(t, run->promise);
		if (result > 0 && rm_copy((void *)(twin + run->start), now + run->start, (size_t)result) != 0)
			result = -EFAULT;
		if (result >= 0 && (uint32_t)result < run->size)
			result = -ENOSPC;
		first = first || result >= 0 ? first : result;
	}
	runs->count = 0;
	return first;
}

/* The next run of bytes that differ, from `at` on; its start, or `size`. */
static uint32_t next_run(const uint8_t *now, const uint8_t *then, uint32_t at, uint32_t size, uint32_t *end)
{
	while (at < size && now[at] == then[at])
		at++;
	for (*end = at; *end < size && now[*end] != then[*end]; ++*end)
		;
	return at;
}

/* One page, of which `size` bytes lie in the file. */
static long write_page(struct rm_thread *t, const struct rm_map *map, uint64_t page, uint32_t size)
{
	const uint64_t twin = map->twin + (page - map->start), offset = map->offset + (page - map->start);
	uint8_t now[RM_PAGE] __attribute__((aligned(16))), then[RM_PAGE] __attribute__((aligned(16)));
	struct runs runs = { .count = 0 };
	uint32_t end = 0;
	long result = rm_copy(then, (const void *)twin, sizeof(then));
	int slot;

	result = result ? result : take(now, page, sizeof(now));
	if (result || memcmp(now, then, size) == 0)
		return result;
	slot = rm_arena_take(t, 1);
	if (slot < 0)
		return slot;
	result = rm_copy(rm_arena_here(t, slot), now, size);
	while (result == 0) {
		const uint32_t start = next_run(now, then, end, size, &end);

		if (start < size)
			runs.run[runs.count++] = (struct run){ .start = start, .size = end - start };
		if (runs.count == FLIGHT || (start >= size && runs.count > 0)) {
			send(t, map, slot, offset, &runs);
			result = settle(t, twin, now, &runs);
		}
		if (start >= size)
			break;
	}
	rm_arena_give(t, slot, 1);
	return result;
}

long rm_map_write_back(struct rm_thread *t, const struct rm_map *map, uint64_t start, uint64_t end)
{
	uint64_t size, pages_end;
	long result, first = 0;

	if (!map->twin || map->filled == map->start)
		return 0;
	result = file_end(t, map, &size, &pages_end);
	if (result)
		return result;
	end = rm_smaller(end, rm_smaller(map->filled, pages_end));
	for (; start < end; start += RM_PAGE) {
		result = write_page(t, map, start, (uint32_t)rm_smaller(size - (map->offset + (start - map->start)), RM_PAGE));
		first = first ? first : result;
	}
	return first;
}

/*
 * Following the file.
 */

/* The file's bytes `file` of one page come in, but where the program changed them. */
static long follow_page(const struct rm_map *map, uint64_t page, const uint8_t *file)
{
	const uint64_t twin = map->twin ? map->twin + (page - map->start) : 0;
	uint8_t now[RM_PAGE] __attribute__((aligned(16))), then[RM_PAGE] __attribute__((aligned(16)));
	uint32_t end = 0;
	long result = twin ? rm_copy(then, (const void *)twin, sizeof(then)) : take(then, page, sizeof(then));

	if (result || memcmp(file, then, sizeof(then)) == 0)
		return result;
	if (!twin)
		return give(page, file, RM_PAGE);
	result = take(now, page, sizeof(now));
	for (uint32_t i = 0; i < RM_PAGE; i++)
		if (now[i] != then[i])
			then[i] = file[i];	/* the program's byte: only the twin follows */
	while (result == 0) {
		const uint32_t start = next_run(file, then, end, RM_PAGE, &end);

		if (start >= RM_PAGE)
			break;
		result = give(page + start, file + start, end - start);
	}
	return result ? result : rm_copy((void *)twin, file, RM_PAGE);
}

/* The file is shorter than it was: its last pages go. */
static long shorten(struct rm_map *map, uint64_t pages_end)
{
	long result = beyond(map, pages_end, map->filled);

	if (result == 0 && map->twin)
		result = twin_pages(map, pages_end, map->filled, 0, LX_MAP_NORESERVE);
	if (result == 0)
		map->filled = pages_end;
	return result;
}

/* [start, end) page by page: `act` gets what the file has there now, zeroes behind its end. */
static long each_page(struct rm_thread *t, const struct rm_map *map, uint64_t start, uint64_t end,
		      long (*act)(const struct rm_map *map, uint64_t page, const uint8_t *file))
{
	uint8_t block[BLOCK] __attribute__((aligned(16)));
	long result;

	for (uint64_t piece; start < end; start += piece) {
		piece = rm_smaller(end - start, BLOCK);
		result = rm_checked_read_at(t, map->desc, block, piece, map->offset + (start - map->start));
		if (result < 0)
			return result;
		memset(block + result, 0, piece - (uint64_t)result);
		for (uint64_t i = 0; i < piece; i += RM_PAGE) {
			result = act(map, start + i, block + i);
			if (result)
				return result;
		}
	}
	return 0;
}

long rm_map_follow(struct rm_thread *t, struct rm_map *map)
{
	uint64_t size, pages_end;
	long result = file_end(t, map, &size, &pages_end);

	if (result == 0 && pages_end < map->filled)
		result = shorten(map, pages_end);
	if (result == 0)
		result = each_page(t, map, map->start, map->filled, follow_page);
	return result ? result : rm_map_bring(t, map);
}

static long reread_page(const struct rm_map *map, uint64_t page, const uint8_t *file)
{
	(void)map;
	return give(page, file, RM_PAGE);
}

long rm_map_reread(struct rm_thread *t, const struct rm_map *map, uint64_t start, uint64_t end)
{
	return each_page(t, map, start, rm_smaller(end, map->filled), reread_page);
}
