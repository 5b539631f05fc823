/* SPDX-License-Identifier: MIT */
/*
 * mremap(2). A move takes the page-table entries along, some at a time; no byte is copied. Meanwhile both places are closing: reserved,
 * but a touch of them is a fault. If no frame is left for a table of the new place, the pages go back to the old one.
 *
 * Attacks considered: as in call/memory.c; old and new places that overlap; a program that has no memory left in the middle of it.
 */
#include "arch/layout.h"
#include "call/svc.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"

#define MREMAP_MAYMOVE		1u
#define MREMAP_FIXED		2u
#define MREMAP_DONTUNMAP	4u

enum { START, CLEAR, CLEAR_PAGES, SHRINK, SHRINK_PAGES, PLACE, MOVE, LEAVE, LEAVE_PAGES, BACK, ABANDON, ABANDON_PAGES };

struct remap {
	vaddr_t old, new;		/* new: where MREMAP_FIXED wants it, or a hint */
	uint64_t old_size, new_size, flags;
	bool fixed, keep;		/* keep: the old place stays reserved, empty */
};

static int64_t remap_check(const struct thread *t, struct remap *m)
{
	const uint64_t *x = t->context.x;

	*m = (struct remap){ .old = x[0], .old_size = page_up(x[1]), .new_size = page_up(x[2]), .flags = x[3], .new = x[4] };
	m->fixed = (m->flags & MREMAP_FIXED) != 0;
	m->keep = (m->flags & MREMAP_DONTUNMAP) != 0;
	if (m->flags & ~(uint64_t)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((m->fixed || m->keep) && !(m->flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((m->keep && x[1] != x[2]) || !page_aligned(m->old) || m->new_size == 0)
		return -EINVAL;
	return 0;
}

/* The region that all of the old range lies in, or NULL. */
static const struct region *source(const struct thread *t, const struct remap *m)
{
	const struct region *r = regions_find(&t->enclave->space.regions, m->old);

	return r && m->old_size <= r->end - m->old ? r : NULL;
}

/* To another place at once: what Linux checks first there. */
static int64_t check_target(const struct remap *m)
{
	if (!page_aligned(m->new) || m->new >= RM_USER_TOP || m->new_size > RM_USER_TOP - m->new || m->new < RM_USER_MIN)
		return -EINVAL;
	if (m->old + m->old_size > m->new && m->new + m->new_size > m->old)
		return -EINVAL;
	return 0;
}

/* Grows where it stands, or says that it must move. */
static int64_t grow(struct thread *t, const struct remap *m)
{
	struct regions *regions = &t->enclave->space.regions;
	const struct region *r = source(t, m);
	vaddr_t end = m->old + m->old_size;
	uint64_t more = m->new_size - m->old_size;

	if (!r)
		return -EFAULT;
	if (m->old_size == 0)
		return -EINVAL;
	if (m->new_size > frame_account(enclave_owner(t->enclave))->limit * PAGE_SIZE || !memory_fits(t, more))
		return -ENOMEM;
	if (memory_in_program(m->old, m->new_size) && regions_free(regions, end, end + more)) {
		int error = regions_add(regions, end, end + more, r->flags);

		return error ? error : (int64_t)m->old;
	}
	if (!(m->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	t->phase = PLACE;
	return 0;
}

static int64_t start(struct thread *t, const struct remap *m)
{
	const struct regions *regions = &t->enclave->space.regions;
	int64_t error = 0;

	if (!memory_in_program(m->old, 0) || !regions_find(regions, m->old))
		return -EFAULT;
	if (!memory_in_program(m->old, m->old_size))
		return -EINVAL;
	if (m->fixed)
		error = check_target(m);
	if (error)
		return error;
	if (memory_of_file(t, m->old, m->old + max_u64(m->old_size, PAGE_SIZE)) ||
	    (m->fixed && memory_of_file(t, m->new, m->new + m->new_size)))
		return SVC_REFLECT;
	if (m->fixed) {
		t->phase = CLEAR;
	} else if (m->keep) {
		t->phase = PLACE;
	} else if (m->new_size < m->old_size) {
		t->phase = SHRINK;
	} else if (m->new_size == m->old_size) {
		return (int64_t)m->old;
	} else {
		return grow(t, m);
	}
	return 0;
}

static uint64_t moved_size(const struct remap *m)
{
	return min_u64(m->old_size, m->new_size);
}

/* Marks both places; from here on it can only fail for want of a table. */
static int64_t place(struct thread *t, struct remap *m)
{
	struct regions *regions = &t->enclave->space.regions;

	m->old_size = moved_size(m);
	const struct region *r = source(t, m);
	bool free = m->fixed || (m->keep && m->new && check_target(m) == 0 && regions_free(regions, m->new, m->new + m->new_size));

	if (!r || (r->flags & REGION_CLOSING))
		return -EFAULT;
	if (m->old_size == 0)
		return -EINVAL;
	if (m->fixed && !regions_free(regions, m->new, m->new + m->new_size)) {
		t->phase = CLEAR;	/* a region grew down into it meanwhile */
		return SVC_AGAIN;
	}
	t->target = free ? m->new : memory_place(t, m->new_size);
	if (!t->target || !memory_fits(t, m->new_size))
		return -ENOMEM;
	int error = regions_add(regions, t->target, t->target + m->new_size, r->flags | REGION_CLOSING);

	if (error)
		return error;
	error = regions_set(regions, m->old, m->old + m->old_size, REGION_CLOSING, REGION_CLOSING);
	if (error) {
		regions_remove(regions, t->target, t->target + m->new_size);
		return error;
	}
	t->progress = m->old;
	t->phase = MOVE;
	return 0;
}

/* A place is an ordinary region again. Never needs a node: it is a region of its own since place(). */
static void open(struct thread *t, vaddr_t at, uint64_t size)
{
	int error = regions_set(&t->enclave->space.regions, at, at + size, REGION_CLOSING, 0);

	assert(!error);
}

static int64_t move(struct thread *t, const struct remap *m)
{
	vaddr_t end = m->old + moved_size(m);

	if (t->progress < end) {
		vaddr_t reached = space_move(&t->enclave->space, t->progress, end, t->target + (t->progress - m->old));

		if (!reached)
			t->phase = BACK;
		t->progress = reached ? reached : t->target;
		return SVC_AGAIN;
	}
	open(t, t->target, m->new_size);
	if (m->keep) {
		open(t, m->old, moved_size(m));
		return (int64_t)t->target;
	}
	t->phase = LEAVE;
	return 0;
}

/* The old place's tables are all still there: nothing was unmapped meanwhile. */
static int64_t move_back(struct thread *t, const struct remap *m)
{
	vaddr_t end = t->target + moved_size(m);

	t->progress = space_move(&t->enclave->space, t->progress, end, m->old + (t->progress - t->target));
	assert(t->progress);
	if (t->progress < end)
		return SVC_AGAIN;
	open(t, m->old, moved_size(m));
	t->phase = ABANDON;
	return 0;
}

/* One phase's step: SVC_AGAIN, a result (also 0 in the end of some phases: go on with the next), or -errno. */
static int64_t step(struct thread *t, struct remap *m)
{
	switch (t->phase) {
	case START: return start(t, m);
	case CLEAR:
	case CLEAR_PAGES: return memory_withdraw(t, CLEAR, m->new, m->new + m->new_size);
	case SHRINK:
	case SHRINK_PAGES: return memory_withdraw(t, SHRINK, m->old + m->new_size, m->old + m->old_size);
	case PLACE: return place(t, m);
	case MOVE: return move(t, m);
	case LEAVE:
	case LEAVE_PAGES: return memory_withdraw(t, LEAVE, m->old, m->old + moved_size(m));
	case BACK: return move_back(t, m);
	default: return memory_withdraw(t, ABANDON, t->target, t->target + m->new_size);
	}
}

int64_t memory_mremap(struct thread *t)
{
	struct remap m;
	int64_t result = remap_check(t, &m);

	if (result)
		return result;
	result = step(t, &m);
	if (result)
		return result;
	switch (t->phase) {		/* which phase came to its end */
	case CLEAR_PAGES:
		t->phase = m.new_size < m.old_size ? SHRINK : PLACE;
		break;
	case SHRINK_PAGES:
		if (!m.fixed)
			return (int64_t)m.old;
		t->phase = PLACE;
		break;
	case LEAVE_PAGES: return (int64_t)t->target;
	case ABANDON_PAGES: return -ENOMEM;
	default: break;
	}
	return SVC_AGAIN;
}
