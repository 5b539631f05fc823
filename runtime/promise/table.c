/* SPDX-License-Identifier: MIT */
/*
 * Which tickets a thread has. The table comes with a thread's first promise, and stays for the next thread of the same index, so that
 * generations go on and a handle of a thread that has gone names nothing.
 *
 * It stands in memory of the program, which can ruin it as it can ruin all of its runtime, to nobody's harm but its own.
 */
#include "promise/ticket.h"

#include "posix/map.h"

#define GENERATION_MAX	0x7fffffffu	/* a handle is a positive number */

struct rm_tickets *rm_ticket_tables[RM_THREAD_MAX];

static long make_table(struct rm_thread *t)
{
	const long at = rm_svc(LX_mmap, 0, rm_page_up(sizeof(struct rm_tickets)), LX_PROT_READ | LX_PROT_WRITE,
			       LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | RM_MAP_COMMIT, (unsigned long)-1, 0);

	if (at < 0)
		return -ENOMEM;
	rm_ticket_tables[t->index] = (struct rm_tickets *)at;
	return 0;
}

static uint32_t after(uint32_t generation)
{
	return generation == GENERATION_MAX ? 1 : generation + 1;
}

/* All but sqe, which is written when it is known what it is to be. */
static void reset(struct rm_ticket *k)
{
	k->buffer = k->buffer_size = 0;
	k->due = k->since = 0;
	k->desc = NULL;
	k->result = 0;
	k->generation = after(k->generation);
	k->size = k->limit = 0;
	k->rule = RM_RULE_ZERO;
	k->op = k->wish = k->flags = 0;
	k->state = RM_TICKET_FREE;
	k->promise = -1;
	k->page = k->pages = 0;
}

long rm_ticket_new(struct rm_thread *t, struct rm_ticket **ticket)
{
	struct rm_tickets *table = rm_tickets(t);
	long error = table ? 0 : make_table(t);
	unsigned i;

	if (error)
		return error;
	table = rm_tickets(t);
	if (table->used == ~0u)
		return -EAGAIN;
	i = (unsigned)__builtin_ctz(~table->used);
	*ticket = &table->ticket[i];
	reset(*ticket);
	table->used |= 1u << i;
	return 0;
}

void rm_ticket_share(struct rm_thread *t, struct rm_desc *desc, uint32_t references)
{
	struct rm_tickets *table = rm_tickets(t);

	table->shared = desc;
	table->spare = references;
}

void rm_ticket_share_end(struct rm_thread *t)
{
	struct rm_tickets *table = rm_tickets(t);
	struct rm_desc *desc = table->shared;
	const uint32_t spare = table->spare;

	rm_ticket_share(t, NULL, 0);
	if (spare > 0)
		rm_put_many(t, desc, spare);
}

void rm_ticket_leave(struct rm_thread *t, struct rm_ticket *ticket)
{
	struct rm_tickets *table = rm_tickets(t);

	ticket->state = RM_TICKET_LEFT;
	ticket->generation = after(ticket->generation);
	table->left |= 1u << (ticket - table->ticket);
}

void rm_ticket_free(struct rm_thread *t, struct rm_ticket *ticket)
{
	struct rm_tickets *table = rm_tickets(t);
	const uint32_t mine = 1u << (ticket - table->ticket);
	struct rm_desc *desc = ticket->desc;

	if (ticket->pages > 0)
		rm_ticket_no_room(t, ticket);
	ticket->desc = NULL;
	ticket->state = RM_TICKET_FREE;
	table->left &= ~mine;
	table->used &= ~mine;
	if (table->used == 0 && t->lent)
		rm_room_close(t);
	if (desc && desc == table->shared)
		table->spare++;
	else if (desc)
		rm_put(t, desc);
}
