/* SPDX-License-Identifier: MIT */
/*
 * What is due. One of the files that touch shared words.
 *
 * Attacks considered: a host that says that something came which did not only gets its own words mixed up: what stands in the arena is
 * copied once and checked, whoever wrote it. A host that stays silent pins no more than three quarters of the arena:
 * then every call that has a deadline is late at once. One that says of a call that it never began it, and does it later, writes to slots
 * that may be another call's by then: what it could do anyway.
 */
#include "ring/late.h"

#include "ring/access.h"
#include "ring/arena.h"
#include "ring/hostcall.h"
#include "ring/ring.h"
#include "sys/linux.h"
#include "sys/svc.h"

uint32_t rm_late_left(const struct rm_thread *t, uint64_t since, bool *late)
{
	const uint64_t gone = rm_counter() - since, hz = rm_counter_hz();

	*late = false;
	if (t->deadline == 0)
		return 0;
	*late = gone >= t->deadline;
	return *late ? 1 : (uint32_t)((t->deadline - gone) * 1000 / hz) + 1;
}

bool rm_late_is(const struct rm_thread *t, uint64_t since)
{
	bool late;

	rm_late_left(t, since, &late);
	return late;
}

long rm_late_answer(struct rm_thread *t)
{
	rm_count(t, RM_COUNT_LATE);
	return -ETIMEDOUT;
}

/* What one call has in flight is at most half of the arena (posix/pieces.c). */
#define FENCED_MAX (RM_ARENA_SLOTS / 4)

static bool enough(const struct rm_thread *t)
{
	unsigned count = 0;

	for (uint64_t rest = t->fenced; rest != 0; rest &= rest - 1)
		count++;
	return count >= FENCED_MAX;
}

bool rm_late_enough(struct rm_thread *t)
{
	if (!enough(t))
		return false;
	rm_ring_catch_up(t);
	rm_late_look(t);
	return enough(t);
}

void rm_late_begin(struct rm_thread *t)
{
	t->late++;
	t->fenced |= t->slots & ~(t->lent | t->absent);
}

void rm_late_end(struct rm_thread *t)
{
	if (--t->late != 0)
		return;
	t->slots &= ~t->fenced_free;
	t->fenced = t->fenced_free = 0;
}

void rm_late_call(struct rm_thread *t, int slot, bool opens)
{
	rm_late_begin(t);
	t->late_calls |= 1ul << slot;
	if (opens)
		t->late_opens |= 1ul << slot;
}

void rm_late_doubtful(struct rm_thread *t, int slot, bool opens)
{
	rm_late_call(t, slot, opens);
	t->late_doubtful |= 1ul << slot;
}

static bool load(struct rm_thread *t, int slot, size_t offset, void *to, size_t size)
{
	return rm_copy(to, (char *)rm_arena_here(t, slot) + offset, size) == 0;
}

void rm_late_settle(struct rm_thread *t)
{
	for (uint64_t rest = t->late_doubtful; rest != 0 && !t->dead; rest &= rest - 1) {
		const int slot = __builtin_ctzll(rest);
		uint32_t begun;

		if (!load(t, slot, offsetof(struct rm_host_call, begun), &begun, sizeof(begun)) || begun != 0)
			continue;
		t->late_calls &= ~(1ul << slot);
		t->late_opens &= ~(1ul << slot);
		rm_late_end(t);
	}
	t->late_doubtful = 0;
}

/* Descriptors that nobody waits for any more. */
static void close_strays(struct rm_thread *t)
{
	t->late_strays = false;
	for (int i = 0; i < (int)RM_PROMISES; i++) {
		int fd;

		if (t->promise[i].state != RM_PROMISE_STRAY)
			continue;
		fd = (int)rm_ring_take(t, i);
		rm_late_end(t);
		rm_late_descriptor(t, fd);
	}
}

void rm_late_look(struct rm_thread *t)
{
	for (uint64_t rest = t->late_calls; rest != 0 && !t->dead; rest &= rest - 1) {
		const int slot = __builtin_ctzll(rest);
		const bool opens = t->late_opens >> slot & 1;
		int64_t result;

		if (!load(t, slot, offsetof(struct rm_host_call, result), &result, sizeof(result)) || result == RM_HOSTCALL_UNANSWERED)
			continue;
		t->late_calls &= ~(1ul << slot);
		t->late_opens &= ~(1ul << slot);
		t->late_doubtful &= ~(1ul << slot);
		rm_late_end(t);
		if (opens && rm_result_possible(RM_RULE_FD, 0, result) && result >= 0)
			rm_late_descriptor(t, (int)result);
	}
	rm_ring_reap(t);
	if (t->late_strays)
		close_strays(t);
}
