/* SPDX-License-Identifier: MIT */
/*
 * Submissions: a request becomes a ticket, and what it asks for stands in the ring, or is done already.
 */
#include "promise/ticket.h"

static bool valid(const struct rm_promise_request *r)
{
	const bool may_borrow = r->op == RM_PROMISE_READ || r->op == RM_PROMISE_RECV;

	return r->op < RM_PROMISE_OP_COUNT && r->reserved == 0 && (r->flags & ~(RM_PROMISE_LINK | RM_PROMISE_BORROW)) == 0 &&
	       (may_borrow || !(r->flags & RM_PROMISE_BORROW));
}

/* Prepares a new ticket. */
static long submit_once(struct rm_thread *t, const struct rm_promise_request *r, struct rm_ticket **ticket)
{
	long result = rm_ticket_new(t, ticket);

	if (result)
		return result;
	result = rm_ticket_prepare(t, *ticket, r);
	if (result < 0) {
		rm_ticket_free(t, *ticket);
		return result;
	}
	(*ticket)->state = result == RM_PREPARED_DONE ? RM_TICKET_DONE : RM_TICKET_HELD;
	return 0;
}

/* Submits, and does not yet publish: a handle. */
static long submit_request(struct rm_thread *t, const struct rm_promise_request *r)
{
	struct rm_ticket *k;
	long result;

	if (!valid(r))
		return -EINVAL;
	if (rm_tickets(t) && rm_tickets(t)->left)
		rm_ticket_sweep(t);
	result = submit_once(t, r, &k);
	if (result == -EAGAIN && rm_tickets(t) && rm_tickets(t)->left) {
		rm_ring_catch_up(t);	/* what is late may have come */
		rm_ticket_sweep(t);
		result = submit_once(t, r, &k);
	}
	if (result)
		return result;
	if (r->deadline)
		k->due = rm_time_after(r->deadline);
	if (r->op == RM_PROMISE_TIMEOUT)
		k->since = rm_time_after(k->since);
	rm_chain_add(t, k);
	return (long)rm_ticket_handle(t, k);
}

long rm_promise_submit(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_promise_request request;
	long result = rm_get_user(&request, args->a[0], sizeof(request));

	if (result)
		return result;
	result = submit_request(t, &request);
	rm_chain_publish(t);
	return result;
}

/* Submits as many as it can, and publishes them: how many, or the error of the first. */
static long submit_many(struct rm_thread *t, const struct rm_promise_request *requests, unsigned count, uint64_t *handles)
{
	struct rm_tickets *table = rm_tickets(t);
	unsigned n = 0;
	long handle = 0;

	if (table)
		table->many = true;
	for (; n < count; n++) {
		handle = submit_request(t, &requests[n]);
		if (handle < 0)
			break;
		handles[n] = (uint64_t)handle;
		if (t->sync)
			rm_chain_publish(t);
	}
	rm_chain_publish(t);
	if (table && table->last)
		rm_put(t, table->last);
	if (table) {
		table->many = false;
		table->last = NULL;
	}
	return n > 0 ? (long)n : handle;
}

long rm_promise_submit_all(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long count = args->a[1];
	struct rm_promise_request requests[RM_TICKETS];
	uint64_t handles[RM_TICKETS];
	long result, error;

	if (count == 0 || count > RM_TICKETS)
		return -EINVAL;
	result = rm_get_user(requests, args->a[0], count * sizeof(requests[0]));
	/* Before it is too late to say so; what stands there stays, as far as no handle comes. */
	if (result == 0)
		result = rm_get_user(handles, args->a[2], count * sizeof(handles[0]));
	if (result == 0)
		result = rm_put_user(args->a[2], handles, count * sizeof(handles[0]));
	if (result)
		return result;
	result = submit_many(t, requests, (unsigned)count, handles);
	if (result <= 0)
		return result;
	error = rm_put_user(args->a[2], handles, (size_t)result * sizeof(handles[0]));
	return error ? error : result;
}
