/* SPDX-License-Identifier: MIT */
/*
 * mmap and its kin for anonymous memory (semantics: mmap(2), mprotect(2), madvise(2) of Linux). Attacks considered: sizes
 * and addresses that wrap, ranges into the runtime or the shared pages, writable and executable at once, many tiny regions.
 */
#include "arch/layout.h"
#include "arch/tlb.h"
#include "call/svc.h"
#include "lib/errno.h"
#include "mm/frame.h"

#define MAP_SHARED		0x01
#define MAP_TYPE		0x0f
#define MAP_FIXED		0x10
#define MAP_ANONYMOUS		0x20
#define MAP_NORESERVE		0x4000
#define MAP_FIXED_NOREPLACE	0x100000
#define PROT_ALL		(PROT_READ | PROT_WRITE | PROT_EXEC)

#define PLACE_LOW		0x100000000ul	/* where addresses are chosen: above programs linked low */
#define PLACE_HIGH		(RM_USER_STACK_TOP - 0x40000000ul)

#define MREMAP_MAYMOVE		1

#define MADV_NORMAL		0
#define MADV_WILLNEED		3
#define MADV_DONTNEED		4
#define MADV_FREE		8
#define MADV_DONTFORK		10
#define MADV_DODUMP		17

static bool in_program(vaddr_t start, uint64_t size)
{
	return start >= RM_USER_MIN && start < RM_USER_TOP && size <= RM_USER_TOP - start;
}

static bool protection_allowed(uint64_t protection)
{
	return (protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC);
}

/* Linux lets a writable page be read, and an executable one too. */
static uint32_t protection_effective(uint64_t protection)
{
	return (uint32_t)(protection & (PROT_WRITE | PROT_EXEC) ? protection | PROT_READ : protection);
}

/* Empties [start, end) in steps: the range is reserved as closing, its pages go, then it is all of `protection`, or free. */
static int64_t withdraw(struct thread *t, vaddr_t start, vaddr_t end, bool keep, uint32_t protection)
{
	struct space *space = &t->enclave->space;

	if (!t->progress) {
		int error = regions_replace(&space->regions, start, end, REGION_CLOSING);

		if (error)
			return error;
		t->progress = start;
	}
	t->progress = space_unmap(space, t->progress, end);
	if (t->progress < end)
		return SVC_AGAIN;
	if (keep)
		return regions_replace(&space->regions, start, end, protection);
	return regions_remove(&space->regions, start, end);
}

static int64_t map_fixed(struct thread *t, vaddr_t start, uint64_t size, uint32_t protection, bool replace)
{
	struct regions *regions = &t->enclave->space.regions;

	if (!page_aligned(start))
		return -EINVAL;
	if (!in_program(start, size))
		return -ENOMEM;
	if (!t->progress && regions_free(regions, start, start + size)) {
		int error = regions_add(regions, start, start + size, protection);

		return error ? error : (int64_t)start;
	}
	if (!replace)
		return -EEXIST;
	int64_t result = withdraw(t, start, start + size, true, protection);

	return result ? result : (int64_t)start;
}

static int64_t map_anywhere(struct thread *t, vaddr_t hint, uint64_t size, uint32_t protection)
{
	struct regions *regions = &t->enclave->space.regions;
	vaddr_t start = page_down(hint);

	if (!hint || !in_program(start, size) || !regions_free(regions, start, start + size))
		start = regions_place(regions, size, PLACE_LOW, PLACE_HIGH);
	if (!start)
		return -ENOMEM;
	int error = regions_add(regions, start, start + size, protection);

	return error ? error : (int64_t)start;
}

int64_t svc_mmap(struct thread *t)
{
	const uint64_t *x = t->context.x;
	uint64_t size = page_up(x[1]), flags = x[3];
	uint64_t limit = frame_account(enclave_owner(t->enclave))->limit * PAGE_SIZE;

	if (!(flags & MAP_ANONYMOUS))
		return SVC_REFLECT;
	if (x[1] == 0 || (flags & MAP_TYPE) == 0 || (flags & MAP_TYPE) > 3 || (x[2] & ~(uint64_t)PROT_ALL))
		return -EINVAL;
	if (size < x[1] || (size > limit && !(flags & MAP_NORESERVE) && x[2] != PROT_NONE))
		return -ENOMEM;
	if (!protection_allowed(x[2]))
		return -EACCES;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return map_fixed(t, x[0], size, protection_effective(x[2]), !(flags & MAP_FIXED_NOREPLACE));
	return map_anywhere(t, x[0], size, protection_effective(x[2]));
}

int64_t svc_munmap(struct thread *t)
{
	vaddr_t start = t->context.x[0];
	uint64_t size = page_up(t->context.x[1]);

	if (!page_aligned(start) || size == 0 || !in_program(start, size))
		return -EINVAL;
	if (!t->progress && regions_free(&t->enclave->space.regions, start, start + size))
		return 0;
	return withdraw(t, start, start + size, false, 0);
}

int64_t svc_mprotect(struct thread *t)
{
	const uint64_t *x = t->context.x;
	struct space *space = &t->enclave->space;
	uint64_t size = page_up(x[1]);

	if (!page_aligned(x[0]) || (x[2] & ~(uint64_t)PROT_ALL))
		return -EINVAL;
	if (x[1] == 0)
		return 0;
	if (size == 0 || !in_program(x[0], size))
		return -ENOMEM;
	if (!protection_allowed(x[2]))
		return -EACCES;
	if (!t->progress) {
		int error = regions_protect(&space->regions, x[0], x[0] + size, protection_effective(x[2]));

		if (error)
			return error;
		t->progress = x[0];
	}
	t->progress = space_protect(space, t->progress, x[0] + size);
	return t->progress < x[0] + size ? SVC_AGAIN : 0;
}

/* Grows in place where there is room, shrinks; does not move: -ENOMEM then, after which realloc() copies. */
int64_t svc_mremap(struct thread *t)
{
	const uint64_t *x = t->context.x;
	struct regions *regions = &t->enclave->space.regions;
	uint64_t old = page_up(x[1]), new = page_up(x[2]);

	if (!page_aligned(x[0]) || old == 0 || new == 0 || (x[3] & ~(uint64_t)MREMAP_MAYMOVE))
		return -EINVAL;
	if (!in_program(x[0], old) || !in_program(x[0], new))
		return -ENOMEM;
	if (!t->progress && !regions_covered(regions, x[0], x[0] + old))
		return -EFAULT;
	if (new < old) {
		int64_t result = withdraw(t, x[0] + new, x[0] + old, false, 0);

		return result ? result : (int64_t)x[0];
	}
	if (!regions_free(regions, x[0] + old, x[0] + new) || new > frame_account(enclave_owner(t->enclave))->limit * PAGE_SIZE)
		return -ENOMEM;
	int error = new == old ? 0 : regions_add(regions, x[0] + old, x[0] + new,
						 regions_find(regions, x[0] + old - 1)->protection);

	return error ? error : (int64_t)x[0];
}

int64_t svc_madvise(struct thread *t)
{
	const uint64_t *x = t->context.x;
	uint64_t size = page_up(x[1]);

	if (!page_aligned(x[0]) || size < x[1])
		return -EINVAL;
	if (size == 0)
		return 0;
	if (!in_program(x[0], size) || !regions_covered(&t->enclave->space.regions, x[0], x[0] + size))
		return -ENOMEM;
	if (x[2] == MADV_DONTNEED || x[2] == MADV_FREE) {
		t->progress = space_unmap(&t->enclave->space, t->progress ? t->progress : x[0], x[0] + size);
		return t->progress < x[0] + size ? SVC_AGAIN : 0;
	}
	return x[2] <= MADV_WILLNEED || (x[2] >= MADV_DONTFORK && x[2] <= MADV_DODUMP) ? 0 : -EINVAL;
}

/* A page a step: data cache to the point of unification, then all instruction caches. */
int64_t svc_flush_code(struct thread *t)
{
	vaddr_t end, va = t->progress ? t->progress : t->context.x[0];
	int error;

	if (__builtin_add_overflow(t->context.x[0], t->context.x[1], &end) || !in_program(t->context.x[0], t->context.x[1]))
		return -EINVAL;
	if (va < end) {
		char *p = space_pointer(&t->enclave->space, va, PROT_READ, &error);

		if (!p)
			return error;
		for (char *line = p; line < p + (PAGE_SIZE - (va & PAGE_MASK)); line += 16)
			__asm__ volatile("dc cvau, %0" : : "r"(line) : "memory");
		t->progress = page_down(va) + PAGE_SIZE;
		if (t->progress < end)
			return SVC_AGAIN;
	}
	dsb_ish();
	__asm__ volatile("ic ialluis" ::: "memory");
	dsb_ish();
	return 0;
}

int64_t svc_address(struct thread *t)
{
	int error;
	const void *p = space_pointer(&t->enclave->space, t->context.x[0], PROT_READ, &error);

	return p ? (int64_t)page_down(kernel_physical(p)) : error;
}
