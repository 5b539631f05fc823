/* SPDX-License-Identifier: MIT */
/*
 * Which slots of the arena are in use: one private word, so that nothing the host does can hand a slot out twice.
 */
#include "ring/arena.h"

#include "ring/late.h"
#include "ring/ring.h"
#include "ring/use.h"
#include "sys/linux.h"

_Static_assert(RM_ARENA_SLOTS == 64, "one bit a slot");

static uint64_t run(int first, unsigned count)
{
	return (count >= 64 ? ~0ul : (1ul << count) - 1) << first;
}

/* Where a run of `count` free slots begins: bit i, at i. */
static uint64_t runs(uint64_t used, unsigned count)
{
	uint64_t starts = ~used;	/* of `have` slots */
	unsigned have = 1;

	while (have < count) {
		const unsigned more = count - have < have ? count - have : have;

		starts &= starts >> more;
		have += more;
	}
	return starts;
}

static void mark(struct rm_thread *t, int first, unsigned count)
{
	t->slots |= run(first, count);
	t->slots_taken += count;
	if (t->slots_taken > t->slots_peak) {
		t->slots_peak = t->slots_taken;
		rm_store64(rm_use_at(t, RM_USE_ARENA_PEAK), t->slots_peak);
	}
}

/* Has Linux share more slots: up to the number that is wanted, and at least as many as there are. A page that is not there all the same is a fault. */
static void grow(struct rm_thread *t, unsigned wanted)
{
	const unsigned have = (unsigned)__builtin_ctzll(t->absent);
	const unsigned want = wanted > 2 * have ? wanted : 2 * have;
	uint64_t more;

	more = run(0, want);
	rm_ring_host(t, RM_HOST_ARENA, want < RM_ARENA_SLOTS ? want : RM_ARENA_SLOTS, 0);
	t->slots &= ~(t->absent & more);
	t->absent &= ~more;
}

void rm_arena_whole(struct rm_thread *t)
{
	if (t->absent != 0 && !t->dead)
		grow(t, RM_ARENA_SLOTS);
}

int rm_arena_take(struct rm_thread *t, unsigned count)
{
	uint64_t starts;

	if (count == 0 || count > RM_ARENA_SLOTS)
		return -EAGAIN;
	if (t->late)
		rm_late_look(t);
	starts = runs(t->slots, count);
	if (starts == 0 && t->absent != 0) {
		grow(t, (unsigned)__builtin_ctzll(t->absent) + count);
		starts = runs(t->slots, count);
	}
	if (starts == 0)
		return -EAGAIN;
	mark(t, __builtin_ctzll(starts), count);
	return __builtin_ctzll(starts);
}

int rm_arena_take_at(struct rm_thread *t, int first, unsigned count)
{
	if (t->late)
		rm_late_look(t);
	if (t->absent & run(first, count))
		grow(t, (unsigned)first + count);
	if (t->slots & run(first, count))
		return -EAGAIN;
	mark(t, first, count);
	return first;
}

void rm_arena_give(struct rm_thread *t, int first, unsigned count)
{
	const uint64_t fenced = run(first, count) & t->fenced;

	t->slots_taken -= count;
	t->fenced_free |= fenced;
	t->slots &= ~(run(first, count) & ~fenced);
}

void rm_arena_hold(struct rm_thread *t, uint32_t offset, uint32_t size)
{
	for (int slot = 0; slot < (int)RM_ARENA_SLOTS; slot++) {
		const uint64_t start = rm_arena_offset(t, slot);

		if ((uint64_t)offset + size > start && offset < start + RM_SLOT_SIZE)
			t->slots |= 1ul << slot;
	}
}
