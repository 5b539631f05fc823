/* SPDX-License-Identifier: MIT */
/*
 * The calls of abi/promise.h: those about one promise, and the table of all.
 */
#include "promise/ticket.h"

#include "ring/access.h"
#include "ring/use.h"

static long start(struct rm_thread *t, const struct rm_args *args)
{
	(void)args;
	rm_chain_end(t);
	rm_ring_catch_up(t);
	return 0;
}

static long wait(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long count = args->a[1], least = args->a[2], ns = args->a[3];
	struct rm_ticket *tickets[RM_TICKETS];
	uint64_t handles[RM_TICKETS];
	long result;

	if (count > RM_TICKETS || least > count)
		return -EINVAL;
	result = rm_get_user(handles, args->a[0], count * sizeof(handles[0]));
	for (unsigned i = 0; result == 0 && i < count; i++)
		result = rm_ticket_find(t, handles[i], &tickets[i]);
	if (result)
		return result;
	if (least > 0)
		rm_chain_end(t);
	return rm_ticket_wait(t, tickets, (unsigned)count, (unsigned)least, ns == ~0ul ? ns : rm_time_after(ns));
}

/* The ticket of a handle, once it is kept. */
static long kept(struct rm_thread *t, uint64_t handle, struct rm_ticket **ticket)
{
	long result = rm_ticket_find(t, handle, ticket);

	if (result)
		return result;
	rm_chain_end(t);	/* it may be one of it, and have its result already */
	rm_ticket_look(t, *ticket);
	if (rm_ticket_kept(*ticket))
		return 0;
	result = rm_ticket_wait(t, ticket, 1, 1, ~0ul);
	return result < 0 ? result : 0;
}

static long take(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_ticket *k;
	int64_t value = 0;
	long result = kept(t, args->a[0], &k);

	if (result)
		return result;
	if (k->state == RM_TICKET_LENT)
		return -EINVAL;
	/* Before it is too late to say so. */
	result = rm_put_user(args->a[1], &value, sizeof(value));
	if (result)
		return result;
	value = rm_ticket_take(t, k);
	return rm_put_user(args->a[1], &value, sizeof(value));
}

static long view(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_promise_view view = { .result = 0 };
	struct rm_ticket *k;
	long result = rm_ticket_find(t, args->a[0], &k);

	if (result == 0 && !rm_ticket_borrowed(k))
		result = -EINVAL;
	if (result == 0)
		result = kept(t, args->a[0], &k);
	if (result == 0)
		result = rm_put_user(args->a[1], &view, sizeof(view));
	if (result)
		return result;
	view = rm_ticket_lend(t, k);
	return rm_put_user(args->a[1], &view, sizeof(view));
}

/* The ticket of a handle whose bytes are lent. */
static long lent(struct rm_thread *t, uint64_t handle, struct rm_ticket **ticket)
{
	const long result = rm_ticket_find(t, handle, ticket);

	return result == 0 && (*ticket)->state != RM_TICKET_LENT ? -EINVAL : result;
}

static long give_back(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_ticket *k;
	const long result = lent(t, args->a[0], &k);

	if (result == 0)
		rm_ticket_free(t, k);
	return result;
}

static long cancel(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_ticket *k;
	const long result = rm_ticket_find(t, args->a[0], &k);

	if (result)
		return result;
	rm_chain_end(t);
	return rm_ticket_cancel(t, k);
}

static long copy(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t offset = args->a[1], size = args->a[3];
	struct rm_ticket *k;
	const long result = lent(t, args->a[0], &k);

	if (result)
		return result;
	if (offset > (uint64_t)k->result || size > (uint64_t)k->result - offset)
		return -ERANGE;
	if (!rm_user_range(args->a[2], size))
		return -EFAULT;
	rm_use_in(t, size);
	return rm_copy((void *)args->a[2], (uint8_t *)rm_ticket_here(t, k) + offset, size);
}

static rm_handler *const calls[] = {
	[RM_CALL_PROMISE_SUBMIT - RM_CALL_PROMISE_SUBMIT] = rm_promise_submit,
	[RM_CALL_PROMISE_START - RM_CALL_PROMISE_SUBMIT] = start,
	[RM_CALL_PROMISE_WAIT - RM_CALL_PROMISE_SUBMIT] = wait,
	[RM_CALL_PROMISE_TAKE - RM_CALL_PROMISE_SUBMIT] = take,
	[RM_CALL_PROMISE_VIEW - RM_CALL_PROMISE_SUBMIT] = view,
	[RM_CALL_PROMISE_GIVE_BACK - RM_CALL_PROMISE_SUBMIT] = give_back,
	[RM_CALL_PROMISE_CANCEL - RM_CALL_PROMISE_SUBMIT] = cancel,
	[RM_CALL_PROMISE_COPY - RM_CALL_PROMISE_SUBMIT] = copy,
	[RM_CALL_PROMISE_SUBMIT_ALL - RM_CALL_PROMISE_SUBMIT] = rm_promise_submit_all,
	[RM_CALL_PROMISE_TAKE_ALL - RM_CALL_PROMISE_SUBMIT] = rm_promise_take_all,
	[RM_CALL_PROMISE_VIEW_ALL - RM_CALL_PROMISE_SUBMIT] = rm_promise_view_all,
	[RM_CALL_PROMISE_GIVE_BACK_ALL - RM_CALL_PROMISE_SUBMIT] = rm_promise_give_back_all,
};

long rm_promise_call(struct rm_thread *t, const struct rm_args *args)
{
	return calls[args->number - RM_CALL_PROMISE_SUBMIT](t, args);
}
