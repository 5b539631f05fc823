/* SPDX-License-Identifier: MIT */
/*
 * From tickets to the ring. What is linked is kept back until it is complete, and then seen by Linux at once: otherwise an operation of
 * a POSIX call in between would become one of the chain, and a polling thread would begin with half of it.
 */
#include "promise/ticket.h"

static uint64_t earlier(uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

/* Puts a ticket into the ring: 0, or its result. */
static long queue(struct rm_thread *t, struct rm_ticket *k)
{
	const int promise = rm_ring_queue(t, &k->sqe, (enum rm_rule)k->rule, k->limit);

	if (promise < 0)
		return promise;
	rm_tickets(t)->queued = true;
	k->promise = (int8_t)promise;
	k->state = RM_TICKET_LIVE;
	if (rm_ring_owed(t, promise))
		k->due = earlier(k->due, rm_time_elapsed() + t->deadline / rm_counter_hz() * 1000000000u +
						 t->deadline % rm_counter_hz() * 1000000000u / rm_counter_hz());
	return 0;
}

/* What stands in the ring is linked to what comes next, and nothing of this chain does. */
static void cut(struct rm_thread *t)
{
	const struct rm_sqe nop = { .opcode = RM_OP_NOP, .fd = -1 };
	const int promise = rm_ring_queue(t, &nop, RM_RULE_ZERO, 0);

	if (promise >= 0)
		rm_ring_forget(t, promise);
}

/* Puts the chain into the ring. */
static void close_chain(struct rm_thread *t, struct rm_tickets *table)
{
	bool broken = false, linked = false;

	for (uint32_t i = 0; i < table->chained; i++) {
		struct rm_ticket *k = &table->ticket[table->chain[i]];
		const bool more = i + 1 < table->chained && table->ticket[table->chain[i + 1]].state == RM_TICKET_HELD;
		long result = broken ? -ECANCELED : 0;

		if (k->state == RM_TICKET_DONE) {	/* it never was one for Linux */
			broken |= k->result < 0;
			continue;
		}
		if (more)
			k->sqe.flags |= RM_SQE_LINK;
		if (!broken)
			result = queue(t, k);
		if (result)
			rm_ticket_done(k, result);
		broken |= result != 0;
		if (result == 0)
			linked = more;
	}
	if (linked)
		cut(t);
	table->chained = 0;
}

void rm_chain_publish(struct rm_thread *t)
{
	struct rm_tickets *table = rm_tickets(t);

	if (!table || !table->queued)
		return;
	table->queued = false;
	rm_ring_publish(t);
}

void rm_chain_end(struct rm_thread *t)
{
	struct rm_tickets *table = rm_tickets(t);

	if (!table || table->chained == 0)
		return;
	close_chain(t, table);
	rm_chain_publish(t);
}

static void queue_alone(struct rm_thread *t, struct rm_ticket *ticket)
{
	const long result = queue(t, ticket);

	if (result)
		rm_ticket_done(ticket, result);
}

void rm_chain_add(struct rm_thread *t, struct rm_ticket *ticket)
{
	struct rm_tickets *table = rm_tickets(t);

	if (table->chained == 0 && !(ticket->wish & RM_PROMISE_LINK)) {
		if (ticket->state == RM_TICKET_HELD)
			queue_alone(t, ticket);
		return;
	}
	ticket->flags |= RM_TICKET_LINKED;
	table->chain[table->chained++] = (uint8_t)(ticket - table->ticket);
	if (!(ticket->wish & RM_PROMISE_LINK))
		close_chain(t, table);
}

void rm_chain_again(struct rm_thread *t, struct rm_ticket *ticket)
{
	ticket->sqe.flags &= (uint8_t)~RM_SQE_LINK;
	queue_alone(t, ticket);
	rm_chain_publish(t);
}
