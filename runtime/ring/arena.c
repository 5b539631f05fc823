/* SPDX-License-Identifier: MIT */
/*
 * Which slots of the arena are in use: one private word, so that nothing the host does can hand a slot out twice.
 */
#include "ring/arena.h"

#include "sys/linux.h"

_Static_assert(RM_ARENA_SLOTS == 64, "one bit a slot");

static uint64_t run(int first, unsigned count)
{
	return (count >= 64 ? ~0ul : (1ul << count) - 1) << first;
}

int rm_arena_take(struct rm_thread *t, unsigned count)
{
	uint64_t starts = ~t->slots;	/* bit i: a run of `have` free slots begins at i */
	unsigned have = 1;

	if (count == 0 || count > RM_ARENA_SLOTS)
		return -EAGAIN;
	while (have < count) {
		const unsigned more = count - have < have ? count - have : have;

		starts &= starts >> more;
		have += more;
	}
	if (starts == 0)
		return -EAGAIN;
	t->slots |= run(__builtin_ctzll(starts), count);
	return __builtin_ctzll(starts);
}

void rm_arena_give(struct rm_thread *t, int first, unsigned count)
{
	t->slots &= ~run(first, count);
}

void rm_arena_hold(struct rm_thread *t, uint32_t offset, uint32_t size)
{
	for (int slot = 0; slot < (int)RM_ARENA_SLOTS; slot++) {
		const uint64_t start = rm_arena_offset(t, slot);

		if ((uint64_t)offset + size > start && offset < start + RM_SLOT_SIZE)
			t->slots |= 1ul << slot;
	}
}
