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

/* If they all name one descriptor, it is resolved once. */
static void share_descriptor(struct rm_thread *t, const struct rm_promise_request *requests, unsigned count)
{
	struct rm_desc *desc;

	if (!rm_tickets(t) || count == 1)
		return;
	for (unsigned i = 1; i < count; i++)
		if (requests[i].fd != requests[0].fd)
			return;
	desc = rm_get((unsigned long)requests[0].fd);
	if (!desc)
		return;
	rm_fd_hold_many(&rm_enclave.fds, desc, count - 1);
	rm_ticket_share(t, desc, count);
}

/* Submits as many as it can, and publishes them: how many, or the error of the first. */
static long submit_many(struct rm_thread *t, const struct rm_promise_request *requests, unsigned count, uint64_t *handles)
{
	long handle = 0;
	unsigned n = 0;

	share_descriptor(t, requests, count);
	for (; n < count; n++) {
		handle = submit_request(t, &requests[n]);
		if (handle < 0)
			break;
		handles[n] = (uint64_t)handle;
		if (t->sync)
			rm_chain_publish(t);
	}
	rm_chain_publish(t);
	if (rm_tickets(t))
		rm_ticket_share_end(t);
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
