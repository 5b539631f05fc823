/* SPDX-License-Identifier: MIT */
/* The calls of abi/promise.h, as the runtime has them (runtime/promise/call.c and wait.c). */
#include "native.h"

#include <string.h>

static bool valid(const struct rm_promise_request *q)
{
	const bool may_borrow = q->op == RM_PROMISE_READ || q->op == RM_PROMISE_RECV;

	return q->op < RM_PROMISE_OP_COUNT && (q->flags & ~(RM_PROMISE_LINK | RM_PROMISE_BORROW)) == 0 &&
	       (may_borrow || !(q->flags & RM_PROMISE_BORROW));
}

static long submit(const struct rm_promise_request *q)
{
	const long error = native_ring ? 0 : native_ring_make();
	struct ticket *k;

	if (error)
		return error;
	if (!valid(q))
		return -EINVAL;
	k = native_ticket_new(native_ring, q);
	if (!k)
		return -EAGAIN;
	k->state = LIVE;
	k->due = q->deadline ? native_now() + q->deadline : 0;
	/* Linux looks at these after it has begun with what stands before them in a chain. */
	if ((q->op == RM_PROMISE_READ || q->op == RM_PROMISE_WRITE) && q->offset != FOREVER && (int64_t)q->offset < 0) {
		k->result = -EINVAL;
		k->state = DONE;
		return (long)native_ticket_handle(native_ring, k);
	}
	native_operation_queue(native_ring, k);
	return (long)native_ticket_handle(native_ring, k);
}

static long submit_all(const struct rm_promise_request *requests, unsigned long count, uint64_t *handles)
{
	unsigned long n = 0;

	if (count == 0 || count > RM_TICKETS)
		return -EINVAL;
	for (; n < count; n++) {
		const long handle = submit(&requests[n]);

		if (handle < 0)
			return n ? (long)n : handle;
		handles[n] = (uint64_t)handle;
	}
	return (long)n;
}

static void expire(struct ring *r, struct ticket *k)
{
	k->expired = true;
	native_operation_cancel(r, k);
	native_ring_enter(r, 1, 1000000);
	native_ring_reap(r);
	k->late = k->state == LIVE;
}

static long wait(struct ring *r, struct ticket *const *tickets, unsigned count, unsigned least, uint64_t until)
{
	long error = 0;

	for (;;) {
		uint64_t due = until, time = until == FOREVER ? 0 : native_now();
		struct ticket *late = NULL;
		unsigned done = 0;

		native_ring_reap(r);
		for (unsigned i = 0; i < count; i++) {
			struct ticket *k = tickets[i];

			done += native_ticket_kept(k);
			if (native_ticket_kept(k) || !k->due)
				continue;
			time = time ? time : native_now();
			due = k->due < due ? k->due : due;
			late = k->due <= time ? k : late;
		}
		if (done >= least)
			return done;
		if (error)
			return error;
		if (late) {
			expire(r, late);
			continue;
		}
		if (until != FOREVER && time >= until)
			return done;
		error = native_ring_enter(r, least - done, due == FOREVER ? due : due > time ? due - time : 1);
	}
}

static long wait_for(const uint64_t *handles, unsigned long count, unsigned long least, uint64_t ns)
{
	struct ticket *tickets[RM_TICKETS];
	const uint64_t start = ns == FOREVER ? 0 : native_now();

	if (count > RM_TICKETS || least > count)
		return -EINVAL;
	for (unsigned long i = 0; i < count; i++) {
		const long error = native_ticket_find(native_ring, handles[i], &tickets[i]);

		if (error)
			return error;
	}
	return native_ring ? wait(native_ring, tickets, (unsigned)count, (unsigned)least, ns > INT64_MAX - start ? FOREVER : start + ns) : 0;
}

static long one(uint64_t handle, struct ticket **ticket)
{
	const long error = native_ticket_find(native_ring, handle, ticket);
	long result;

	if (error)
		return error;
	if (native_ticket_kept(*ticket))
		return 0;
	result = wait(native_ring, ticket, 1, 1, FOREVER);
	return result < 0 ? result : 0;
}

static long spend(struct ticket *k)
{
	const long result = k->late ? -ETIMEDOUT : k->result;

	if (k->state == LIVE) {
		k->state = LEFT;
	} else {
		if (k->late)
			native_ticket_drop(k);
		native_ticket_free(native_ring, k);
	}
	return result;
}

static long take(uint64_t handle, int64_t *result)
{
	struct ticket *k;
	const long error = one(handle, &k);

	if (error)
		return error;
	if (k->state == LENT)
		return -EINVAL;
	*result = spend(k);
	return 0;
}

static bool borrowed(const struct ticket *k)
{
	return (k->request.flags & RM_PROMISE_BORROW) != 0;
}

/* Of one that is kept. */
static struct rm_promise_view lend(struct ticket *k)
{
	if (k->late || k->result <= 0)
		return (struct rm_promise_view){ .result = spend(k) };
	if (k->result > (long)k->request.size)
		k->result = (long)k->request.size;
	k->state = LENT;
	return (struct rm_promise_view){ k->result, (uint64_t)(uintptr_t)(native_ring->room + k->page * PAGE) };
}

static long view(uint64_t handle, struct rm_promise_view *out)
{
	struct ticket *k;
	long error = native_ticket_find(native_ring, handle, &k);

	if (error == 0)
		error = borrowed(k) ? one(handle, &k) : -EINVAL;
	if (error == 0)
		*out = lend(k);
	return error;
}

/* The tickets of handles, each another one. */
static long find_all(const uint64_t *handles, unsigned long count, struct ticket **tickets)
{
	uint32_t seen = 0;

	if (count == 0 || count > RM_TICKETS)
		return -EINVAL;
	for (unsigned long i = 0; i < count; i++) {
		const long error = native_ticket_find(native_ring, handles[i], &tickets[i]);

		if (error)
			return error;
		if (seen >> (tickets[i] - native_ring->ticket) & 1)
			return -EINVAL;
		seen |= 1u << (tickets[i] - native_ring->ticket);
	}
	return 0;
}

static long wait_all(struct ticket *const *tickets, unsigned long count)
{
	const long result = wait(native_ring, tickets, (unsigned)count, (unsigned)count, FOREVER);

	return result < 0 ? result : 0;
}

static long take_all(const uint64_t *handles, unsigned long count, int64_t *results)
{
	struct ticket *tickets[RM_TICKETS];
	long error = find_all(handles, count, tickets);

	for (unsigned long i = 0; error == 0 && i < count; i++)
		error = tickets[i]->state == LENT ? -EINVAL : 0;
	if (error == 0)
		error = wait_all(tickets, count);
	for (unsigned long i = 0; error == 0 && i < count; i++)
		results[i] = spend(tickets[i]);
	return error;
}

static long view_all(const uint64_t *handles, unsigned long count, struct rm_promise_view *views)
{
	struct ticket *tickets[RM_TICKETS];
	long error = find_all(handles, count, tickets);

	for (unsigned long i = 0; error == 0 && i < count; i++)
		error = borrowed(tickets[i]) ? 0 : -EINVAL;
	if (error == 0)
		error = wait_all(tickets, count);
	for (unsigned long i = 0; error == 0 && i < count; i++)
		views[i] = lend(tickets[i]);
	return error;
}

static long lent(uint64_t handle, struct ticket **ticket)
{
	const long error = native_ticket_find(native_ring, handle, ticket);

	return error == 0 && (*ticket)->state != LENT ? -EINVAL : error;
}

static long give_back(uint64_t handle)
{
	struct ticket *k;
	const long error = lent(handle, &k);

	if (error == 0)
		native_ticket_free(native_ring, k);
	return error;
}

static long give_back_all(const uint64_t *handles, unsigned long count)
{
	struct ticket *tickets[RM_TICKETS];
	long error = find_all(handles, count, tickets);

	for (unsigned long i = 0; error == 0 && i < count; i++)
		error = tickets[i]->state == LENT ? 0 : -EINVAL;
	for (unsigned long i = 0; error == 0 && i < count; i++)
		native_ticket_free(native_ring, tickets[i]);
	return error;
}

static long cancel(uint64_t handle)
{
	struct ticket *k;
	const long error = native_ticket_find(native_ring, handle, &k);

	if (error == 0)
		native_operation_cancel(native_ring, k);
	return error;
}

static long copy(uint64_t handle, uint64_t offset, void *to, uint64_t size)
{
	struct ticket *k;
	const long error = lent(handle, &k);

	if (error)
		return error;
	if (offset > (uint64_t)k->result || size > (uint64_t)k->result - offset)
		return -ERANGE;
	memcpy(to, native_ring->room + k->page * PAGE + offset, size);
	return 0;
}

static long start(void)
{
	if (native_ring)
		native_ring_enter(native_ring, 0, FOREVER);
	return 0;
}

long native_call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	switch (number) {
	case RM_CALL_PROMISE_SUBMIT:
		return submit((const struct rm_promise_request *)a);
	case RM_CALL_PROMISE_START:
		return start();
	case RM_CALL_PROMISE_WAIT:
		return wait_for((const uint64_t *)a, b, c, d);
	case RM_CALL_PROMISE_TAKE:
		return take(a, (int64_t *)b);
	case RM_CALL_PROMISE_VIEW:
		return view(a, (struct rm_promise_view *)b);
	case RM_CALL_PROMISE_GIVE_BACK:
		return give_back(a);
	case RM_CALL_PROMISE_CANCEL:
		return cancel(a);
	case RM_CALL_PROMISE_COPY:
		return copy(a, b, (void *)c, d);
	case RM_CALL_PROMISE_SUBMIT_ALL:
		return submit_all((const struct rm_promise_request *)a, b, (uint64_t *)c);
	case RM_CALL_PROMISE_TAKE_ALL:
		return take_all((const uint64_t *)a, b, (int64_t *)c);
	case RM_CALL_PROMISE_VIEW_ALL:
		return view_all((const uint64_t *)a, b, (struct rm_promise_view *)c);
	case RM_CALL_PROMISE_GIVE_BACK_ALL:
		return give_back_all((const uint64_t *)a, b);
	default:
		return -ENOSYS;
	}
}
