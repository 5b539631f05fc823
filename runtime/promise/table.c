/* SPDX-License-Identifier: MIT */
/*
 * Which tickets a thread has. The table comes with a thread's first promise, and stays for the next thread of the same index, so that
 * generations go on and a handle of a thread that has gone names nothing.
 *
 * It stands in memory of the program, which can ruin it as it can ruin all of its runtime, to nobody's harm but its own.
 */
#include "promise/ticket.h"

#include "lib/string.h"
#include "posix/map.h"

#define GENERATION_MAX	0x7fffffffu	/* a handle is a positive number */

static struct rm_tickets *tables[RM_THREAD_MAX];

struct rm_tickets *rm_tickets(const struct rm_thread *t)
{
	return tables[t->index];
}

static long make_table(struct rm_thread *t)
{
	const long at = rm_svc(LX_mmap, 0, rm_page_up(sizeof(struct rm_tickets)), LX_PROT_READ | LX_PROT_WRITE,
			       LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | RM_MAP_COMMIT, (unsigned long)-1, 0);

	if (at < 0)
		return -ENOMEM;
	tables[t->index] = (struct rm_tickets *)at;
	return 0;
}

static void next_generation(struct rm_ticket *k)
{
	k->generation = k->generation == GENERATION_MAX ? 1 : k->generation + 1;
}

long rm_ticket_new(struct rm_thread *t, struct rm_ticket **ticket)
{
	struct rm_tickets *table = tables[t->index];
	uint32_t generation;
	unsigned i;
	long error = table ? 0 : make_table(t);

	if (error)
		return error;
	table = tables[t->index];
	if (table->used == ~0u)
		return -EAGAIN;
	if (table->used == 0)
		error = rm_room_open(t);
	if (error)
		return error;
	i = (unsigned)__builtin_ctz(~table->used);
	*ticket = &table->ticket[i];
	next_generation(*ticket);
	generation = (*ticket)->generation;
	memset(*ticket, 0, sizeof(**ticket));
	(*ticket)->generation = generation;
	(*ticket)->promise = -1;
	table->used |= 1u << i;
	return 0;
}

uint64_t rm_ticket_handle(struct rm_thread *t, const struct rm_ticket *ticket)
{
	return (uint64_t)ticket->generation << 32 | t->index << 8 | (uint64_t)(ticket - tables[t->index]->ticket);
}

long rm_ticket_find(struct rm_thread *t, uint64_t handle, struct rm_ticket **ticket)
{
	const uint32_t slot = handle & 0xff, thread = (uint32_t)handle >> 8;
	struct rm_tickets *table = tables[t->index];

	if (slot >= RM_TICKETS || thread >= RM_THREAD_MAX || handle >> 32 == 0)
		return -EINVAL;
	if (thread != t->index)
		return -EPERM;
	if (!table || !(table->used >> slot & 1) || table->ticket[slot].generation != handle >> 32)
		return -EINVAL;
	*ticket = &table->ticket[slot];
	return 0;
}

void rm_ticket_leave(struct rm_thread *t, struct rm_ticket *ticket)
{
	struct rm_tickets *table = tables[t->index];

	ticket->state = RM_TICKET_LEFT;
	next_generation(ticket);
	table->left |= 1u << (ticket - table->ticket);
}

void rm_ticket_free(struct rm_thread *t, struct rm_ticket *ticket)
{
	struct rm_tickets *table = tables[t->index];
	const uint32_t mine = 1u << (ticket - table->ticket);
	struct rm_desc *desc = ticket->desc;

	rm_ticket_no_room(t, ticket);
	ticket->desc = NULL;
	ticket->state = RM_TICKET_FREE;
	table->left &= ~mine;
	table->used &= ~mine;
	if (table->used == 0)
		rm_room_close(t);
	if (desc)
		rm_put(t, desc);
}
