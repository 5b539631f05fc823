/* SPDX-License-Identifier: MIT */
/*
 * Waiting, deadlines, giving up, and the end of a thread.
 *
 * Attacks considered: time is judged by our own counter. A host that is silent, or never gives anything up, keeps the pages of what it owes, and
 * a thread that ends by the manifest's deadline, or where there is none until its process is ended; a thread that only waits has its deadline.
 */
#include "promise/ticket.h"

#include "ring/late.h"
#include "sys/svc.h"

#define FOREVER		(~0ul)
#define MS		1000000ul
#define FOR_CALLS	16u	/* of the ring's promises, not to be used up by requests to give up */

uint64_t rm_time_after(uint64_t ns)
{
	const uint64_t now = rm_time_elapsed();

	return ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

static unsigned in_use(const struct rm_thread *t)
{
	unsigned count = 0;

	for (uint64_t rest = t->used; rest != 0; rest &= rest - 1)
		count++;
	return count;
}

/* Linux gets a turn. */
static void turn(struct rm_thread *t)
{
	if (t->poll)
		rm_ring_work(t, 1, 1);
	rm_ring_catch_up(t);
}

long rm_ticket_cancel(struct rm_thread *t, struct rm_ticket *ticket)
{
	long result;

	if (ticket->promise < 0)
		return 0;
	if (in_use(t) >= RM_PROMISES - FOR_CALLS)
		turn(t);
	if (in_use(t) >= RM_PROMISES - FOR_CALLS)
		return -EAGAIN;
	if (rm_ring_done(t, ticket->promise))
		return 0;
	result = rm_ring_cancel(t, ticket->promise);
	if (result == 0)
		ticket->flags |= RM_TICKET_CANCELLED;
	return result;
}

/* Time is up. Linux has one turn to give it up or to say that it is done. */
static void expire(struct rm_thread *t, struct rm_ticket *k)
{
	k->flags |= RM_TICKET_EXPIRED;
	rm_ticket_cancel(t, k);
	turn(t);
	rm_ticket_look(t, k);
	if (k->state != RM_TICKET_LIVE)
		return;
	k->flags |= RM_TICKET_LATE;
	rm_count(t, RM_COUNT_LATE);
}

/* How many are kept; *due: when the next of the others is to be, *late: one that should have been. */
static unsigned look(struct rm_thread *t, struct rm_ticket *const *tickets, unsigned count, uint64_t *due, struct rm_ticket **late)
{
	unsigned kept = 0;
	uint64_t now = 0;

	*late = NULL;
	for (unsigned i = 0; i < count; i++) {
		struct rm_ticket *k = tickets[i];

		rm_ticket_look(t, k);
		kept += rm_ticket_kept(k);
		if (k->due == 0 || rm_ticket_kept(k))
			continue;
		now = now ? now : rm_time_elapsed();
		*due = k->due < *due ? k->due : *due;
		if (k->due <= now)
			*late = k;
	}
	return kept;
}

/* Milliseconds until a moment, at least one; 0: never. */
static uint32_t until_ms(uint64_t moment, uint64_t now)
{
	const uint64_t ms = moment > now ? (moment - now) / MS + 1 : 1;

	if (moment == FOREVER)
		return 0;
	return ms > INT32_MAX ? INT32_MAX : (uint32_t)ms;
}

long rm_ticket_wait(struct rm_thread *t, struct rm_ticket *const *tickets, unsigned count, unsigned least, uint64_t until)
{
	bool silent = false;

	for (;;) {
		uint64_t due = until;
		struct rm_ticket *late;
		unsigned kept;

		rm_ring_reap(t);
		kept = look(t, tickets, count, &due, &late);
		if (kept >= least)
			return (long)kept;
		if (rm_interrupted(t))
			return -EINTR;
		if (late) {
			expire(t, late);
			continue;
		}
		if (until != FOREVER && rm_time_elapsed() >= until)
			return (long)kept;
		if (silent)
			return -ETIMEDOUT;
		silent = rm_ring_work(t, least - kept, until_ms(due, due == FOREVER ? 0 : rm_time_elapsed())) != 0;
	}
}

/* Asks for all that is in the ring to be given up, each once; whether there is any. */
static bool give_up_all(struct rm_thread *t, struct rm_tickets *table)
{
	bool any = false;

	rm_ring_reap(t);
	for (uint32_t rest = table->used; rest != 0; rest &= rest - 1) {
		struct rm_ticket *k = &table->ticket[__builtin_ctz(rest)];

		if (k->promise >= 0) {
			if (!(k->flags & RM_TICKET_CANCELLED))
				rm_ticket_cancel(t, k);
			rm_ticket_look(t, k);
			any |= k->promise >= 0;
		}
	}
	return any;
}

/* What is late at the end: the proxy sees by the counter that Linux may still write to the region, and keeps it. */
static void leave_all(struct rm_thread *t, struct rm_tickets *table)
{
	for (uint32_t rest = table->used; rest != 0; rest &= rest - 1) {
		struct rm_ticket *k = &table->ticket[__builtin_ctz(rest)];

		if (k->promise < 0)
			continue;
		if (!(k->flags & RM_TICKET_LATE))
			rm_count(t, RM_COUNT_LATE);
		rm_ring_forget(t, k->promise);
		k->promise = -1;
		k->result = -ECANCELED;
	}
}

/*
 * Linux would write to the region of the next thread of this index. Where the manifest has a deadline, that is waited for no longer; nor if Linux is
 * silent to a resident thread: until it has made the next one, it will have been back.
 */
void rm_promise_ends(struct rm_thread *t)
{
	struct rm_tickets *table = rm_tickets(t);
	const uint64_t since = rm_counter();
	bool late = false;

	if (!table || table->used == 0)
		return;
	while (!late && give_up_all(t, table)) {
		const uint32_t left = rm_late_left(t, since, &late);

		if (!late)
			late = rm_ring_work(t, 1, left) != 0;
	}
	leave_all(t, table);
	for (uint32_t rest = table->used; rest != 0; rest &= rest - 1)
		rm_ticket_undo(t, &table->ticket[__builtin_ctz(rest)]);
	table->chained = 0;
}
