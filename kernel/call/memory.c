/* SPDX-License-Identifier: MIT */
/*
 * mmap and its kin for anonymous memory, as mmap(2), munmap(2) and mprotect(2) of Linux have it; call/remap.c and call/advise.c
 * have the others. A call that has much to do goes in steps: t->phase says in which part of its work it is, t->progress how far that
 * came, t->target what it needs to remember. One thread of an enclave at a time is in the middle of such a change; others give way.
 *
 * Attacks considered: sizes and addresses that wrap, ranges into the runtime or the shared pages, writable and executable at once,
 * many tiny regions, a range of many pages or regions that would keep interrupts masked, threads that change one range together.
 */
#include "arch/layout.h"
#include "arch/tlb.h"
#include "call/svc.h"
#include "enclave/runtime_image.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"

enum {
	NR_MUNMAP = 215, NR_MREMAP = 216, NR_MMAP = 222, NR_MPROTECT = 226, NR_MLOCK = 228, NR_MUNLOCK = 229, NR_MLOCKALL = 230,
	NR_MUNLOCKALL = 231, NR_MINCORE = 232, NR_MADVISE = 233, NR_MLOCK2 = 284,
};

#define MAP_SHARED		0x01
#define MAP_PRIVATE		0x02
#define MAP_TYPE		0x0f
#define MAP_FIXED		0x10
#define MAP_ANONYMOUS		0x20
#define MAP_GROWSDOWN		0x100
#define MAP_LOCKED		0x2000
#define MAP_NORESERVE		0x4000
#define MAP_POPULATE		0x8000
#define MAP_HUGETLB		0x40000
#define MAP_FIXED_NOREPLACE	0x100000

#define PROT_SEM		0x8u
#define PROT_GROWSDOWN		0x01000000u
#define PROT_GROWSUP		0x02000000u

#define PLACE_LOW	0x100000000ul	/* where addresses are chosen: above programs linked low */
#define PLACE_HIGH	(RM_USER_STACK_TOP - 0x40000000ul)

#define STEP_PAGES	8u	/* pages that one step makes present */

enum { START, REGIONS, PAGES, FILL, UNDO };	/* phases of mmap(); REGIONS and PAGES also of munmap() */

static bool from_runtime(const struct thread *t)
{
	return runtime_image_holds(t->context.pc);
}

bool memory_in_program(vaddr_t start, uint64_t size)
{
	return start >= RM_USER_MIN && start < RM_USER_TOP && size <= RM_USER_TOP - start;
}

bool memory_fits(const struct thread *t, uint64_t size)
{
	const struct space *space = &t->enclave->space;

	return space->regions.size <= space->size_limit && size <= space->size_limit - space->regions.size;
}

vaddr_t memory_place(const struct thread *t, uint64_t size)
{
	return regions_place(&t->enclave->space.regions, size, PLACE_LOW, PLACE_HIGH);
}

bool memory_of_file(const struct thread *t, vaddr_t start, vaddr_t end)
{
	return !from_runtime(t) && (regions_any(&t->enclave->space.regions, start, end) & RM_REGION_FILE);
}

static bool protection_allowed(uint64_t protection)
{
	return (protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC);
}

/* Linux lets a writable page be read, and an executable one too. */
static uint32_t protection_effective(uint64_t protection)
{
	return (uint32_t)(protection & (PROT_WRITE | PROT_EXEC) ? protection | PROT_READ : protection) & PROT_ALL;
}

int64_t memory_withdraw(struct thread *t, unsigned int phase, vaddr_t start, vaddr_t end)
{
	struct space *space = &t->enclave->space;

	assert(t->phase == phase || t->phase == phase + 1);
	if (t->phase == phase) {
		int removed = regions_remove_first(&space->regions, start, end);

		if (removed)
			return removed < 0 ? removed : SVC_AGAIN;
		t->phase = phase + 1;
		t->progress = start;
	}
	t->progress = space_unmap(space, t->progress, end);
	return t->progress < end ? SVC_AGAIN : 0;
}

int64_t memory_populate(struct thread *t, vaddr_t end, uint32_t access)
{
	struct space *space = &t->enclave->space;

	for (unsigned int n = 0; n < STEP_PAGES && t->progress < end; n++, t->progress += PAGE_SIZE) {
		const struct region *r = regions_find(&space->regions, t->progress);

		if (!r || region_protection(r) == PROT_NONE)
			return -EFAULT;
		int error = space_touch(space, t->progress, access ? access : region_protection(r) & ~PROT_EXEC);

		if (error)
			return error == -ENOMEM ? error : -EFAULT;
	}
	return t->progress < end ? SVC_AGAIN : 0;
}

/*
 * mmap.
 */

struct mapping {
	vaddr_t start;
	uint64_t size, flags;
	uint32_t region;	/* its flags */
};

static struct mapping mapping_asked(const struct thread *t)
{
	const uint64_t *x = t->context.x;
	struct mapping m = { .start = x[0], .size = page_up(x[1]), .flags = x[3], .region = protection_effective(x[2]) };

	if (!from_runtime(t))
		m.flags &= UINT32_MAX;
	m.region |= (uint32_t)(m.flags >> 32) & RM_REGION_ALL & ~PROT_ALL;
	if (m.flags & MAP_GROWSDOWN)
		m.region |= RM_REGION_GROWS;
	if ((m.flags & MAP_TYPE) == MAP_SHARED)
		m.region |= RM_REGION_SHARED;
	return m;
}

/* What Linux says of the arguments. */
static int64_t mapping_check(const struct thread *t, const struct mapping *m)
{
	const uint64_t *x = t->context.x;
	uint64_t limit = frame_account(enclave_owner(t->enclave))->limit * PAGE_SIZE;
	uint64_t type = m->flags & MAP_TYPE;

	if (!page_aligned(x[5]) || x[1] == 0 || (type != MAP_SHARED && type != MAP_PRIVATE))
		return -EINVAL;
	if (type == MAP_SHARED && (m->flags & MAP_GROWSDOWN))
		return -EINVAL;
	if (m->size < x[1] || !memory_fits(t, m->size) || (m->flags & MAP_HUGETLB))
		return -ENOMEM;
	if (m->size > limit && !(m->flags & MAP_NORESERVE) && (m->region & PROT_ALL) != PROT_NONE)
		return -ENOMEM;
	return protection_allowed(x[2]) ? 0 : -EACCES;
}

/* Where it goes; sets t->phase to what has to be done first. */
static int64_t mapping_place(struct thread *t, const struct mapping *m)
{
	const struct regions *regions = &t->enclave->space.regions;
	vaddr_t hint = page_down(m->start);

	t->phase = FILL;
	if (!(m->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
		if (!hint || !memory_in_program(hint, m->size) || !regions_free(regions, hint, hint + m->size))
			hint = memory_place(t, m->size);
		t->target = hint;
		return hint ? 0 : -ENOMEM;
	}
	if (!page_aligned(m->start))
		return -EINVAL;
	if (m->start < RM_USER_MIN)
		return -EPERM;		/* as for who may not map the lowest pages */
	if (!memory_in_program(m->start, m->size))
		return -ENOMEM;
	t->target = m->start;
	if (regions_free(regions, m->start, m->start + m->size))
		return 0;
	if (m->flags & MAP_FIXED_NOREPLACE)
		return -EEXIST;
	if (memory_of_file(t, m->start, m->start + m->size))
		return SVC_REFLECT;
	t->phase = REGIONS;
	return 0;
}

/* The new region, and whatever of its pages must be there at once. */
static int64_t mapping_fill(struct thread *t, const struct mapping *m)
{
	vaddr_t end = t->target + m->size;
	int64_t result;

	if (t->progress == 0) {
		if (!regions_free(&t->enclave->space.regions, t->target, end)) {
			t->phase = REGIONS;	/* a region grew down into it meanwhile */
			return SVC_AGAIN;
		}
		result = regions_add(&t->enclave->space.regions, t->target, end, m->region);
		if (result)
			return result;
		t->progress = t->target;
	}
	if (!(m->flags & (MAP_POPULATE | MAP_LOCKED | RM_MAP_COMMIT)) || !(m->region & PROT_ALL))
		return (int64_t)t->target;
	result = memory_populate(t, end, 0);
	if (result == SVC_AGAIN)
		return result;
	if (result == 0 || !(m->flags & RM_MAP_COMMIT))
		return (int64_t)t->target;
	t->phase = UNDO;
	return SVC_AGAIN;
}

static int64_t memory_mmap(struct thread *t)
{
	const struct mapping m = mapping_asked(t);
	int64_t result = 0;

	if (t->phase == START)
		result = m.flags & MAP_ANONYMOUS ? mapping_check(t, &m) : SVC_REFLECT;
	if (t->phase == START && !result)
		result = mapping_place(t, &m);
	if (result)
		return result;
	if (t->phase == REGIONS || t->phase == PAGES) {
		result = memory_withdraw(t, REGIONS, t->target, t->target + m.size);
		if (result)
			return result;
		t->phase = FILL;
		t->progress = 0;
	}
	if (t->phase == FILL)
		return mapping_fill(t, &m);
	result = memory_withdraw(t, UNDO, t->target, t->target + m.size);
	return result ? result : -ENOMEM;
}

static int64_t memory_munmap(struct thread *t)
{
	vaddr_t start = t->context.x[0];
	uint64_t size = page_up(t->context.x[1]);

	if (!page_aligned(start) || size == 0 || start >= RM_USER_TOP || size > RM_USER_TOP - start)
		return -EINVAL;
	if (t->phase == START) {
		if (regions_free(&t->enclave->space.regions, start, start + size))
			return 0;
		if (memory_of_file(t, start, start + size))
			return SVC_REFLECT;
		t->phase = REGIONS;
	}
	return memory_withdraw(t, REGIONS, start, start + size);
}

/* The next region or the part of it that is concerned; it gets its protection now, its pages follow. A hole ends it, as on Linux. */
static int64_t protect_region(struct thread *t, vaddr_t end, uint32_t protection)
{
	struct regions *regions = &t->enclave->space.regions;
	const struct region *r = regions_find(regions, t->progress);

	if (!r)
		return -ENOMEM;
	t->target = min_u64(r->end, end);
	t->phase = PAGES;
	return regions_set(regions, t->progress, t->target, PROT_ALL, protection);
}

static int64_t mprotect_start(struct thread *t, vaddr_t start, uint64_t size, uint64_t flags)
{
	const struct region *r = regions_find(&t->enclave->space.regions, start);

	if (!protection_allowed(t->context.x[2]))
		return -EACCES;
	if (memory_of_file(t, start, start + size))
		return SVC_REFLECT;
	if ((flags & PROT_GROWSDOWN) && r && !(r->flags & RM_REGION_GROWS))
		return -EINVAL;
	t->progress = (flags & PROT_GROWSDOWN) && r ? r->start : start;
	t->phase = REGIONS;
	return 0;
}

static int64_t memory_mprotect(struct thread *t)
{
	const uint64_t *x = t->context.x;
	uint64_t size = page_up(x[1]), flags = x[2] & (PROT_GROWSDOWN | PROT_GROWSUP);
	vaddr_t end = x[0] + size;
	int64_t error = 0;

	if (!page_aligned(x[0]) || flags == (PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	if (x[1] == 0)
		return 0;
	if (size == 0 || end < x[0])
		return -ENOMEM;
	if ((x[2] & ~flags & ~(uint64_t)(PROT_ALL | PROT_SEM)) || (flags & PROT_GROWSUP))
		return -EINVAL;
	if (!memory_in_program(x[0], size))
		return -ENOMEM;
	if (t->phase == START) {
		error = mprotect_start(t, x[0], size, flags);
		return error ? error : SVC_AGAIN;
	}
	if (t->phase == REGIONS) {
		error = protect_region(t, end, protection_effective(x[2]));
		return error ? error : SVC_AGAIN;
	}
	t->progress = space_protect(&t->enclave->space, t->progress, t->target);
	if (t->progress >= end)
		return 0;
	if (t->progress >= t->target)
		t->phase = REGIONS;
	return SVC_AGAIN;
}

static int64_t dispatch(struct thread *t)
{
	switch (t->context.x[8]) {
	case NR_MUNMAP: return memory_munmap(t);
	case NR_MREMAP: return memory_mremap(t);
	case NR_MMAP: return memory_mmap(t);
	case NR_MPROTECT: return memory_mprotect(t);
	case NR_MLOCK: return memory_mlock(t, 0);
	case NR_MLOCK2: return memory_mlock(t, t->context.x[2]);
	case NR_MUNLOCK: return memory_munlock(t);
	case NR_MLOCKALL: return memory_mlockall(t);
	case NR_MUNLOCKALL: return 0;
	case NR_MINCORE: return memory_mincore(t);
	case NR_MADVISE: return memory_madvise(t);
	default: panic("not a memory call");
	}
}

int64_t svc_memory(struct thread *t)
{
	struct space *space = &t->enclave->space;

	if (space->changer && space->changer != t) {
		t->context.pc -= 4;
		return svc_give_way(t);
	}
	int64_t result = dispatch(t);

	space->changer = result == SVC_AGAIN ? t : NULL;
	return result;
}

int64_t svc_size_limit(struct thread *t)
{
	t->enclave->space.size_limit = t->context.x[0];
	return 0;
}

/* A page a step: data cache to the point of unification, then all instruction caches. */
int64_t svc_flush_code(struct thread *t)
{
	vaddr_t end, va = t->progress ? t->progress : t->context.x[0];
	int error;

	if (__builtin_add_overflow(t->context.x[0], t->context.x[1], &end) || !memory_in_program(t->context.x[0], t->context.x[1]))
		return -EINVAL;
	if (va < end) {
		char *p = space_pointer(&t->enclave->space, va, PROT_READ, &error);

		if (!p)
			return error;
		for (char *line = p; line < p + (PAGE_SIZE - (va & PAGE_MASK)); line += 16)
			code_clean(line);
		t->progress = page_down(va) + PAGE_SIZE;
		if (t->progress < end)
			return SVC_AGAIN;
	}
	dsb_ish();
	code_invalidate();
	dsb_ish();
	return 0;
}

int64_t svc_address(struct thread *t)
{
	int error;
	const void *p = space_pointer(&t->enclave->space, t->context.x[0], PROT_READ, &error);

	return p ? (int64_t)page_down(kernel_physical(p)) : error;
}
