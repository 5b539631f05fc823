/* SPDX-License-Identifier: MIT */
/*
 * Promises of programs (sdk/include/ringmaster.h). The program has a handle; here stands a ticket for each, which remembers what is to
 * become of the operation's result. Tickets belong to one thread, and nobody else looks at them.
 */
#ifndef RUNTIME_PROMISE_TICKET_H
#define RUNTIME_PROMISE_TICKET_H

#include "posix/posix.h"

enum rm_ticket_state {
	RM_TICKET_FREE = 0,
	RM_TICKET_HELD,		/* in a chain that is not complete: Linux does not know of it */
	RM_TICKET_LIVE,		/* in the ring */
	RM_TICKET_DONE,		/* the result is there, to be taken */
	RM_TICKET_LENT,		/* the program reads the bytes where they are */
	RM_TICKET_LEFT,		/* the program has its result (too late); Linux may still write to its pages */
};

#define RM_TICKET_CANCELLED	1u	/* Linux was asked to give it up */
#define RM_TICKET_EXPIRED	2u	/* because the deadline is over; */
#define RM_TICKET_LATE		4u	/* and it did not */
#define RM_TICKET_MOVED		8u	/* the description's position was moved by all of `size` */
#define RM_TICKET_REFRESH	16u	/* a shared mapping of the file is to see what was written */
#define RM_TICKET_READ_ONLY	32u	/* the manifest permits looking only, at what was opened */
#define RM_TICKET_DROP		64u	/* the bytes are to be thrown away (MSG_TRUNC of TCP) */
#define RM_TICKET_LINKED	128u	/* one of a chain */

struct rm_ticket {
	struct rm_sqe sqe;	/* as Linux gets it */
	uint64_t buffer;	/* of the program: for the bytes, or the name */
	uint64_t buffer_size;	/* of the program: where the size of the name stands */
	uint64_t due;		/* ns of rm_time_elapsed(); 0: never */
	uint64_t since;		/* of a timeout: when it is over, likewise */
	struct rm_desc *desc;	/* held, or NULL */
	int64_t result;		/* DONE, LENT */
	uint32_t generation;
	uint32_t size;		/* bytes asked for */
	uint32_t limit;		/* of what may come back; by */
	uint8_t rule;		/* enum rm_rule */
	uint8_t op, wish;	/* of the request, with its flags */
	uint8_t state, flags;
	int8_t promise;		/* of the ring, or -1: LIVE, and LEFT until it came */
	uint8_t page, pages;	/* run of the arena */
};

struct rm_tickets {
	uint32_t used;		/* bit i: not FREE */
	uint32_t left;		/* bit i: LEFT */
	uint8_t chain[RM_TICKETS];	/* those that are HELD, in their order */
	uint32_t chained;
	bool queued;			/* something that is in the ring was not published */
	struct rm_desc *shared;		/* while one call is about many: a description of theirs, or NULL; */
	uint32_t spare;			/* references to it that no ticket has */
	unsigned __int128 pages;	/* bit i: page i is in use */
	struct rm_ticket ticket[RM_TICKETS];
};

/* table.c: those of a thread; NULL: it never had any. */
extern struct rm_tickets *rm_ticket_tables[RM_THREAD_MAX];
static inline struct rm_tickets *rm_tickets(const struct rm_thread *t)
{
	return rm_ticket_tables[t->index];
}
/* A new one, all zero but for its generation and sqe: 0, -EAGAIN, -ENOMEM. */
long rm_ticket_new(struct rm_thread *t, struct rm_ticket **ticket);
/* The ticket of a handle: 0, -EINVAL, -EPERM. And back. */
static inline long rm_ticket_find(struct rm_thread *t, uint64_t handle, struct rm_ticket **ticket)
{
	const uint32_t slot = handle & 0xff, thread = (uint32_t)handle >> 8;
	struct rm_tickets *table = rm_tickets(t);

	if (slot >= RM_TICKETS || thread >= RM_THREAD_MAX || handle >> 32 == 0)
		return -EINVAL;
	if (thread != t->index)
		return -EPERM;
	if (!table || !(table->used >> slot & 1) || table->ticket[slot].generation != handle >> 32)
		return -EINVAL;
	*ticket = &table->ticket[slot];
	return 0;
}
static inline uint64_t rm_ticket_handle(struct rm_thread *t, const struct rm_ticket *ticket)
{
	return (uint64_t)ticket->generation << 32 | t->index << 8 | (uint64_t)(ticket - rm_tickets(t)->ticket);
}
/* Tickets share a description until the end of a call, with so many references to it. Gives back those that no ticket has. */
void rm_ticket_share(struct rm_thread *t, struct rm_desc *desc, uint32_t references);
void rm_ticket_share_end(struct rm_thread *t);
/* The handle means nothing from now on, although the ticket stays. */
void rm_ticket_leave(struct rm_thread *t, struct rm_ticket *ticket);
/* Its completion has come, or it never was submitted: all that it holds is given back. */
void rm_ticket_free(struct rm_thread *t, struct rm_ticket *ticket);

/* room.c: pages for so many bytes, into the ticket: 0 or -EAGAIN. Where they are here, and in the proxy. */
long rm_ticket_room(struct rm_thread *t, struct rm_ticket *ticket, size_t size);
void *rm_ticket_here(const struct rm_thread *t, const struct rm_ticket *ticket);
uint64_t rm_ticket_there(const struct rm_thread *t, const struct rm_ticket *ticket);
void rm_ticket_no_room(struct rm_thread *t, struct rm_ticket *ticket);
/* The slots of the arena were taken with the first of a thread's promises that needs room; gives them back, with its last promise. */
void rm_room_close(struct rm_thread *t);

/*
 * prepare.c: describes what a request asks for. 0: to be submitted. -EAGAIN: no room, the ticket is as it was. 1: there is nothing to
 * submit, ticket->result is the result.
 */
long rm_ticket_prepare(struct rm_thread *t, struct rm_ticket *ticket, const struct rm_promise_request *request);
#define RM_PREPARED_DONE	1

/*
 * chain.c: adds a prepared ticket; one without a link ends the chain, which is published next time. Publishes chains that have ended. Ends the
 * chain: Linux may see it. Submits a ticket again.
 */
void rm_chain_add(struct rm_thread *t, struct rm_ticket *ticket);
void rm_chain_publish(struct rm_thread *t);
void rm_chain_end(struct rm_thread *t);
void rm_chain_again(struct rm_thread *t, struct rm_ticket *ticket);

/* result.c: the operation's result has come; looks whether it has. */
void rm_ticket_came(struct rm_thread *t, struct rm_ticket *ticket);
static inline void rm_ticket_look(struct rm_thread *t, struct rm_ticket *ticket)
{
	if (ticket->promise >= 0 && rm_ring_done(t, ticket->promise))
		rm_ticket_came(t, ticket);
}
/* It has this result. */
void rm_ticket_done(struct rm_ticket *ticket, long result);
/* Whether there is something to take. */
static inline bool rm_ticket_kept(const struct rm_ticket *ticket)
{
	return ticket->state == RM_TICKET_DONE || ticket->state == RM_TICKET_LENT || (ticket->flags & RM_TICKET_LATE);
}
/* What the program gets, for a kept one: bytes are copied, descriptors made. The ticket is spent. */
long rm_ticket_take(struct rm_thread *t, struct rm_ticket *ticket);
/* Whether its bytes stay in the arena; and lends them, for a kept one, or takes it if there are none. */
static inline bool rm_ticket_borrowed(const struct rm_ticket *ticket)
{
	return (ticket->wish & RM_PROMISE_BORROW) != 0;
}
struct rm_promise_view rm_ticket_lend(struct rm_thread *t, struct rm_ticket *ticket);
/* Undoes what nobody will take, and frees it. Its result has come. */
void rm_ticket_undo(struct rm_thread *t, struct rm_ticket *ticket);
/* Frees what was LEFT and has come since. */
void rm_ticket_sweep(struct rm_thread *t);

/* submit.c and many.c: calls of abi/promise.h. */
rm_handler rm_promise_submit, rm_promise_submit_all, rm_promise_take_all, rm_promise_view_all, rm_promise_give_back_all;

/* wait.c: a moment of rm_time_elapsed() that is so many ns away. */
uint64_t rm_time_after(uint64_t ns);
/* Until `least` of `count` tickets are kept, or the moment (ns of rm_time_elapsed(), ~0: never): how many are; -EINTR. */
long rm_ticket_wait(struct rm_thread *t, struct rm_ticket *const *tickets, unsigned count, unsigned least, uint64_t until);
/* Asks Linux to give it up: 0, -EAGAIN. */
long rm_ticket_cancel(struct rm_thread *t, struct rm_ticket *ticket);

#endif
