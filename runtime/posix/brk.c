/* SPDX-License-Identifier: MIT */
/*
 * brk(): a region of its own behind the program, kept by the secure kernel like any other.
 */
#include "posix/posix.h"

#define PAGE		4096ul
#define BRK_MAX		(1ul << 36)

static long map(unsigned long address, unsigned long size, unsigned long prot, unsigned long flags)
{
	return rm_svc(LX_mmap, address, size, prot, flags, (unsigned long)-1, 0);
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
