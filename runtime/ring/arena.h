/* SPDX-License-Identifier: MIT */
/*
 * The arena: RM_ARENA_SLOTS slots of shared memory, of which an operation has a contiguous run until its completion arrived.
 */
#ifndef RUNTIME_RING_ARENA_H
#define RUNTIME_RING_ARENA_H

#include "ring/thread.h"

#include <stddef.h>

/* A run of `count` slots: the first, or -EAGAIN if there is no such run. */
int rm_arena_take(struct rm_thread *t, unsigned count);
/* The same for a certain run; -EAGAIN if it is in use. */
int rm_arena_take_at(struct rm_thread *t, int first, unsigned count);
/* Gives a run back; only after its operation's completion arrived. */
void rm_arena_give(struct rm_thread *t, int first, unsigned count);
/* Has Linux share all of it, now. */
void rm_arena_whole(struct rm_thread *t);
/* Marks the slots that [offset, offset + size) of the region touches as used (what the host left there at the start). */
void rm_arena_hold(struct rm_thread *t, uint32_t offset, uint32_t size);

static inline unsigned rm_arena_slots(size_t bytes)
{
	return (unsigned)((bytes + RM_SLOT_SIZE - 1) / RM_SLOT_SIZE);
}

/* Where a slot stands: as an offset in the region, here, and in the proxy. */
static inline uint32_t rm_arena_offset(const struct rm_thread *t, int slot)
{
	return t->arena + (uint32_t)slot * RM_SLOT_SIZE;
}

static inline void *rm_arena_here(const struct rm_thread *t, int slot)
{
	return t->region + rm_arena_offset(t, slot);
}

static inline uint64_t rm_arena_there(const struct rm_thread *t, int slot)
{
	return t->address + rm_arena_offset(t, slot);
}

#endif
