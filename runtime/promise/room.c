/* SPDX-License-Identifier: MIT */
/*
 * The part of the arena that promises use, in pages: what is left beside it is enough for the largest call of POSIX. Which pages are in
 * use is private, so that nothing the host does can hand one out twice.
 */
#include "promise/ticket.h"

#include "ring/arena.h"

#define PAGE		4096u
#define SLOTS		(RM_TICKET_BYTES / RM_SLOT_SIZE)
#define FIRST		(RM_ARENA_SLOTS - SLOTS)
#define PAGES		(RM_TICKET_BYTES / PAGE)

typedef unsigned __int128 bits;

_Static_assert(PAGES <= 128 && RM_TICKET_BYTES % RM_SLOT_SIZE == 0, "one bit a page");
_Static_assert(FIRST >= RM_ARENA_SLOTS / 2 + 2, "half of the arena for bytes, a slot for their head, one for a host call");

static long open_room(struct rm_thread *t)
{
	const int slot = rm_arena_take_at(t, FIRST, SLOTS);

	if (slot < 0)
		return slot;
	t->lent = ((1ul << SLOTS) - 1) << FIRST;
	return 0;
}

void rm_room_close(struct rm_thread *t)
{
	rm_arena_give(t, FIRST, SLOTS);
	t->lent = 0;
}

static bits run(unsigned first, unsigned count)
{
	return (((bits)1 << count) - 1) << first;
}

/* Where `count` free pages begin: the first, or PAGES. */
static unsigned find(bits used, unsigned count)
{
	bits starts = ~used & run(0, PAGES);
	unsigned have = 1;

	while (have < count) {
		const unsigned more = count - have < have ? count - have : have;

		starts &= starts >> more;
		have += more;
	}
	if (starts == 0)
		return PAGES;
	return (uint64_t)starts ? (unsigned)__builtin_ctzll((uint64_t)starts) : 64 + (unsigned)__builtin_ctzll((uint64_t)(starts >> 64));
}

long rm_ticket_room(struct rm_thread *t, struct rm_ticket *ticket, size_t size)
{
	const unsigned count = (unsigned)((size + PAGE - 1) / PAGE);
	struct rm_tickets *table = rm_tickets(t);
	unsigned first = 0;

	if (count == 0)
		return 0;
	if (!t->lent && open_room(t) != 0)
		return -EAGAIN;
	first = find(table->pages, count);
	if (first == PAGES)
		return -EAGAIN;
	table->pages |= run(first, count);
	ticket->page = (uint8_t)first;
	ticket->pages = (uint8_t)count;
	return 0;
}

void rm_ticket_no_room(struct rm_thread *t, struct rm_ticket *ticket)
{
	rm_tickets(t)->pages &= ~run(ticket->page, ticket->pages);
	ticket->pages = 0;
}

void *rm_ticket_here(const struct rm_thread *t, const struct rm_ticket *ticket)
{
	return (uint8_t *)rm_arena_here(t, FIRST) + ticket->page * PAGE;
}

uint64_t rm_ticket_there(const struct rm_thread *t, const struct rm_ticket *ticket)
{
	return rm_arena_there(t, FIRST) + ticket->page * PAGE;
}
