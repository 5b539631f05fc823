/* SPDX-License-Identifier: MIT */
/*
 * Memory that involves a file, and brk(). All other memory calls are the secure kernel's.
 *
 * A private mapping of a file is anonymous memory filled by reading: it does not change when the file does, which POSIX leaves
 * open. A shared mapping would have to; it is refused (ENODEV), whether writable or not, since a copy is not coherent.
 *
 * Attacks considered: the bytes are the host's word as those of any read() are. Addresses and sizes come from the program and are
 * checked by the secure kernel, which made the mapping before a byte of it is written.
 */
#include "posix/posix.h"

#define PAGE		4096ul
#define BRK_MAX		(1ul << 36)

static long map(unsigned long address, unsigned long size, unsigned long prot, unsigned long flags)
{
	return rm_svc(LX_mmap, address, size, prot, flags, (unsigned long)-1, 0);
}

/* Fills a new mapping from the file. */
static long fill(struct rm_thread *t, struct rm_desc *desc, unsigned long address, unsigned long size, unsigned long offset)
{
	unsigned long done = 0;
	long result = rm_kind(t, desc);

	if (result < 0)
		return result;
	if (result == RM_KIND_DIRECTORY || result == RM_KIND_TTY)
		return -ENODEV;
	while (done < size) {
		const unsigned long piece = size - done > LX_RW_MAX ? LX_RW_MAX : size - done;

		result = rm_read_at(t, desc->host_fd, (void *)(address + done), piece, offset + done);
		if (result < 0)
			return result == -EBADF ? -EACCES : result == -ESPIPE ? -ENODEV : result;
		done += (unsigned long)result;
		if ((unsigned long)result < piece)
			break;
	}
	return 0;
}

static long map_file(struct rm_thread *t, const struct rm_args *args, struct rm_desc *desc)
{
	const unsigned long size = args->a[1], prot = args->a[2], flags = args->a[3], offset = args->a[5];
	long address, error;

	if ((flags & LX_MAP_TYPE) != LX_MAP_PRIVATE)
		return -ENODEV;
	if (offset % PAGE != 0 || size == 0 || offset > INT64_MAX - size)
		return -EINVAL;
	address = map(args->a[0], size, LX_PROT_READ | LX_PROT_WRITE, flags | LX_MAP_ANONYMOUS);
	if (address < 0)
		return address;
	error = fill(t, desc, (unsigned long)address, size, offset);
	if (error == 0 && prot != (LX_PROT_READ | LX_PROT_WRITE)) {
		error = rm_svc3(LX_mprotect, address, size, prot);
		if (error == 0 && (prot & LX_PROT_EXEC))
			rm_svc2(RM_SVC_FLUSH_CODE, address, size);
	}
	if (error) {
		rm_svc2(LX_munmap, address, size);
		return error;
	}
	return address;
}

long rm_sys_mmap(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc;
	long result;

	if (args->a[3] & LX_MAP_ANONYMOUS)
		return rm_svc(LX_mmap, args->a[0], args->a[1], args->a[2], (uint32_t)args->a[3], args->a[4], args->a[5]);
	desc = rm_get(args->a[4]);
	if (!desc)
		return -EBADF;
	result = map_file(t, args, desc);
	rm_put(t, desc);
	return result;
}

static uint64_t page_up(uint64_t address)
{
	return (address + PAGE - 1) & ~(PAGE - 1);
}

/* Maps or unmaps the pages between the old and the new end: whether that worked. */
static bool move_brk(uint64_t from, uint64_t to)
{
	long address;

	if (to > from) {
		address = map(from, to - from, LX_PROT_READ | LX_PROT_WRITE,
			      LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED_NOREPLACE | RM_MAP_KIND(RM_REGION_HEAP));
		if (address >= 0 && (uint64_t)address != from)
			rm_svc2(LX_munmap, address, to - from);
		return address >= 0 && (uint64_t)address == from;
	}
	return to == from || rm_svc2(LX_munmap, to, from - to) == 0;
}

long rm_sys_brk(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_enclave *e = &rm_enclave;
	const uint64_t wanted = args->a[0];
	uint64_t result;

	(void)t;
	rm_lock(&e->brk_lock);
	if (wanted >= e->brk_start && wanted - e->brk_start <= BRK_MAX && wanted <= e->brk_limit &&
	    move_brk(page_up(e->brk_now), page_up(wanted)))
		e->brk_now = wanted;
	result = e->brk_now;
	rm_unlock(&e->brk_lock);
	return (long)result;
}

/* No mapping is shared with a file, so there is never anything to write; what is checked is the range. */
long rm_sys_msync(struct rm_thread *t, const struct rm_args *args)
{
	enum { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4, MADV_NORMAL = 0 };
	const unsigned long flags = args->a[2];

	(void)t;
	if ((flags & ~(unsigned long)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	return rm_svc3(LX_madvise, args->a[0], args->a[1], MADV_NORMAL);
}
