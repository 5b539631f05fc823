/* SPDX-License-Identifier: MIT */
/*
 * madvise(2), mincore(2), mlock(2) and its kin, and the list of regions. Memory of an enclave is never swapped, so all of it is
 * locked; mlock() only makes it present.
 */
#include "arch/layout.h"
#include "call/svc.h"
#include "lib/errno.h"
#include "lib/panic.h"

enum {
	MADV_NORMAL = 0, MADV_WILLNEED = 3, MADV_DONTNEED = 4, MADV_FREE = 8, MADV_DONTFORK = 10, MADV_DODUMP = 17, MADV_WIPEONFORK = 18,
	MADV_PAGEOUT = 21, MADV_POPULATE_READ = 22, MADV_POPULATE_WRITE = 23, MADV_DONTNEED_LOCKED = 24, MADV_COLLAPSE = 25,
};

#define MLOCK_ONFAULT	1u
#define MCL_ONFAULT	4u
#define MCL_ALL		7u
#define STEP_PAGES	64u	/* that mincore() looks at in one step */

enum { START, WALK };

static bool advice_known(uint64_t advice)
{
	return advice <= MADV_DONTNEED || advice == MADV_FREE || (advice >= MADV_DONTFORK && advice <= MADV_COLLAPSE);
}

/* Gives the pages of the next region back. Holes are passed over and told at the end, as on Linux. */
static int64_t discard(struct thread *t, vaddr_t end, bool free)
{
	struct space *space = &t->enclave->space;
	const struct region *r = regions_next(&space->regions, t->progress);

	if (!r || r->start >= end)
		return -ENOMEM;
	if (r->start > t->progress) {
		t->target = 1;
		t->progress = r->start;
	}
	if (free && (r->flags & (RM_REGION_FILE | RM_REGION_SHARED)))
		return -EINVAL;
	/* Shared memory keeps what is in it. */
	vaddr_t stop = min_u64(r->end, end);

	t->progress = r->flags & RM_REGION_SHARED ? stop : space_unmap(space, t->progress, stop);
	if (t->progress < end)
		return SVC_AGAIN;
	return t->target ? -ENOMEM : 0;
}

static int64_t make_present(struct thread *t, vaddr_t end, uint32_t access)
{
	int64_t result;

	if (!regions_covered(&t->enclave->space.regions, t->progress, end))
		return -ENOMEM;
	result = memory_populate(t, end, access);
	return result == -EFAULT ? -EINVAL : result;
}

int64_t memory_madvise(struct thread *t)
{
	const uint64_t *x = t->context.x;
	uint64_t size = page_up(x[1]), advice = (uint32_t)x[2];
	vaddr_t end = x[0] + size;

	if (!advice_known(advice) || !page_aligned(x[0]) || size < x[1] || end < x[0])
		return -EINVAL;
	if (size == 0)
		return 0;
	if (!memory_in_program(x[0], size))
		return -ENOMEM;
	if (t->phase == START) {
		if (memory_of_file(t, x[0], end))
			return SVC_REFLECT;
		t->phase = WALK;
		t->progress = x[0];
	}
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE: return discard(t, end, advice == MADV_FREE);
	case MADV_POPULATE_READ: return make_present(t, end, PROT_READ);
	case MADV_POPULATE_WRITE: return make_present(t, end, PROT_WRITE);
	default: return regions_covered(&t->enclave->space.regions, x[0], end) ? 0 : -ENOMEM;
	}
}

int64_t memory_mincore(struct thread *t)
{
	const uint64_t *x = t->context.x;
	struct space *space = &t->enclave->space;
	uint64_t size = page_up(x[1]), pages = size / PAGE_SIZE, done = t->progress;
	uint8_t present[STEP_PAGES];
	uint64_t n = min_u64(pages - done, STEP_PAGES);

	if (!page_aligned(x[0]))
		return -EINVAL;
	if (size < x[1] || (size && !memory_in_program(x[0], size)))
		return -ENOMEM;
	if (size && !memory_in_program(x[2], pages))
		return -EFAULT;
	if (!regions_covered(&space->regions, x[0] + done * PAGE_SIZE, x[0] + (done + n) * PAGE_SIZE))
		return -ENOMEM;
	for (uint64_t i = 0; i < n; i++)
		present[i] = space_present(space, x[0] + (done + i) * PAGE_SIZE);
	int error = space_write(space, x[2] + done, present, n);

	if (error)
		return error;
	t->progress = done + n;
	return t->progress < pages ? SVC_AGAIN : 0;
}

/* [address, address + size) widened to pages; false: its end wraps. A size that wraps is 0, as on Linux. */
static bool lock_range(const struct thread *t, vaddr_t *start, vaddr_t *end)
{
	const uint64_t *x = t->context.x;
	uint64_t size = page_up(x[1] + (x[0] & PAGE_MASK));

	*start = page_down(x[0]);
	*end = *start + size;
	return *end >= *start;
}

static int64_t lockable(const struct thread *t, vaddr_t start, vaddr_t end)
{
	if (start == end)
		return 0;
	return memory_in_program(start, end - start) && regions_covered(&t->enclave->space.regions, start, end) ? 0 : -ENOMEM;
}

int64_t memory_mlock(struct thread *t, uint64_t flags)
{
	vaddr_t start, end;
	int64_t result;

	if ((flags & ~(uint64_t)MLOCK_ONFAULT) || !lock_range(t, &start, &end))
		return -EINVAL;
	result = lockable(t, start, end);
	if (result || start == end || (flags & MLOCK_ONFAULT))
		return result;
	if (t->phase == START) {
		t->phase = WALK;
		t->progress = start;
	}
	result = memory_populate(t, end, 0);
	if (result == -ENOMEM)
		return -EAGAIN;		/* as Linux says it when the pages cannot be had */
	return result == -EFAULT ? -ENOMEM : result;
}

int64_t memory_munlock(struct thread *t)
{
	vaddr_t start, end;

	return lock_range(t, &start, &end) ? lockable(t, start, end) : -EINVAL;
}

int64_t memory_mlockall(struct thread *t)
{
	uint64_t flags = (uint32_t)t->context.x[0];

	return flags == 0 || (flags & ~(uint64_t)MCL_ALL) || flags == MCL_ONFAULT ? -EINVAL : 0;
}

int64_t svc_regions(struct thread *t)
{
	const struct region *r = regions_next(&t->enclave->space.regions, t->context.x[0]);

	if (!r || r->start >= RM_USER_TOP)
		return 0;
	struct rm_region told = { .start = r->start, .end = r->end, .flags = r->flags & RM_REGION_ALL };
	int error = space_write(&t->enclave->space, t->context.x[1], &told, sizeof(told));

	return error ? error : 1;
}
