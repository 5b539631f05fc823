/* SPDX-License-Identifier: MIT */
/*
 * Mappings of files. The memory behind one is the enclave's own, filled by reading. A shared one that may be written has a twin: what the
 * file held when we last looked, byte by byte. Bytes that differ from it are the program's, and are written back; the others follow
 * the file. That happens at msync, munmap, fsync, close and exit, and around locks of the file, as NFS does it (docs/decisions says why).
 *
 *	maps.c		the table, and what cuts it
 *	mapcall.c	the program's calls
 *	mapmove.c	mremap
 *	mapfile.c	bytes between a mapping and its file
 */
#ifndef RUNTIME_POSIX_MAP_H
#define RUNTIME_POSIX_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/svc.h"
#include "lib/lock.h"

struct rm_desc;
struct rm_thread;

#define RM_PAGE		4096ul
#define RM_MAPS_MAX	512u

struct rm_map {
	uint64_t start, end;		/* whole pages; start 0: a free entry */
	uint64_t filled;		/* up to here its pages are there; behind, the file had ended: touching is SIGBUS */
	uint64_t offset;		/* of start in the file */
	uint64_t twin;			/* where the byte that belongs to `start` stands in the twin; 0: none */
	struct rm_desc *desc;		/* with a reference */
	uint64_t inode;
	uint64_t device;
	bool shared, writable;		/* writable: the file is open for it, so a shared mapping may be made so */
	bool append;			/* the descriptor's writes go to the end of the file: ours must not */
};

/* Of an enclave. */
struct rm_maps {
	struct rm_lock lock;		/* held over reads and writes of the files; taken before any other lock but a description's */
	uint32_t count, shared;		/* entries in use; of those, shared ones */
	struct rm_map map[RM_MAPS_MAX];
};

/*
 * Hooks of other calls. All are cheap if nothing of any file is mapped shared. `desc` names the file, by whichever description.
 *   rm_map_flush     what the program changed goes to the file: before the file is read, synced, closed, or a lock of it given back
 *   rm_map_refresh   what others changed comes from the file: after it was written, cut, or a lock of it was got
 */
long rm_map_flush(struct rm_thread *t, struct rm_desc *desc);
void rm_map_refresh(struct rm_thread *t, struct rm_desc *desc);
/* All files: before the enclave ends, sync(), and before other processes are started. */
void rm_map_flush_all(struct rm_thread *t);

/* What is mapped at an address, for /proc/self/maps: false if no file. The descriptor is the proxy's. */
struct rm_map_told {
	uint64_t end, offset, inode, device;	/* device: major << 32 | minor */
	int host_fd;
	bool shared;
};
bool rm_map_tell(uint64_t address, struct rm_map_told *told);

/*
 * Inside (lock held, but for the first).
 */

static inline uint64_t rm_page_up(uint64_t value) { return (value + RM_PAGE - 1) & ~(RM_PAGE - 1); }
static inline uint64_t rm_smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t rm_larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* The region at an address: RM_SVC_REGIONS. false: none. */
bool rm_region_at(uint64_t address, struct rm_region *region);
/* What the program may do with it: PROT_*. */
static inline uint32_t rm_map_protection(const struct rm_region *region)
{
	return region->flags & (RM_REGION_READ | RM_REGION_WRITE | RM_REGION_EXEC);
}

/* The first entry that touches [start, end), or NULL. */
struct rm_map *rm_map_in(uint64_t start, uint64_t end);
/* Is no file in the range? Without the lock: a thread that maps one there at this moment races with the call natively too. */
bool rm_map_none(uint64_t start, uint64_t size);
/* Writes back what of [start, end) is mapped shared: the first error, or 0. */
long rm_map_flush_range(struct rm_thread *t, uint64_t start, uint64_t end);
/* munmap(), with what that takes. */
long rm_map_unmap(struct rm_thread *t, uint64_t start, uint64_t size);
/* Addresses for a twin as large as the mapping: no memory yet. 0 or -errno. */
long rm_map_reserve_twin(struct rm_map *map);
/* A free entry, or NULL. */
struct rm_map *rm_map_new(void);
/* Is there room for what cutting a range out of the table may need? */
bool rm_map_room(void);
/* Forgets [start, end): entries end, shrink or split, twins go. The memory itself was unmapped before. */
void rm_map_cut(struct rm_thread *t, uint64_t start, uint64_t end);

/* All shared mappings of a file: the first error, or 0. */
long rm_map_each(struct rm_thread *t, uint64_t inode, uint64_t device, long (*act)(struct rm_thread *t, struct rm_map *map));

/* Brings in pages up to the end of the file, as it is now: 0 or -errno, and then map->filled says how far it came. */
long rm_map_bring(struct rm_thread *t, struct rm_map *map);
/* Writes what differs from the twin in [start, end): 0 or -errno. */
long rm_map_write_back(struct rm_thread *t, const struct rm_map *map, uint64_t start, uint64_t end);
long rm_map_write_all(struct rm_thread *t, struct rm_map *map);
/* Reads [start, end) from the file over whatever is there: a private mapping's pages that were given up. */
long rm_map_reread(struct rm_thread *t, const struct rm_map *map, uint64_t start, uint64_t end);
/* The same for bytes that the program has not changed, after the file may have become longer or shorter. */
long rm_map_follow(struct rm_thread *t, struct rm_map *map);

#endif
