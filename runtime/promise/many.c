/* SPDX-License-Identifier: MIT */
/*
 * Calls about many promises at once: all of it happens, or nothing.
 */
#include "promise/ticket.h"

#define ANY	(~0u)
#define STATE(state) (1u << RM_TICKET_##state)

/* Tickets that a call names, each another one. */
struct many {
	unsigned count;
	uint64_t handles[RM_TICKETS];
	struct rm_ticket *tickets[RM_TICKETS];
};

/* Those of a call: in one of these states, and with this wish. */
static long find_many(struct rm_thread *t, const struct rm_args *args, uint32_t states, uint32_t wish, struct many *m)
{
	uint32_t seen = 0;
	long result;

	if (args->a[1] == 0 || args->a[1] > RM_TICKETS)
		return -EINVAL;
	m->count = (unsigned)args->a[1];
	result = rm_get_user(m->handles, args->a[0], m->count * sizeof(m->handles[0]));
	for (unsigned i = 0; result == 0 && i < m->count; i++) {
		const uint32_t mine = 1u << (m->handles[i] & 31);
		struct rm_ticket *k;

		result = rm_ticket_find(t, m->handles[i], &k);
		if (result)
			return result;
		if ((seen & mine) || !(states >> k->state & 1) || (k->wish & wish) != wish)
			return -EINVAL;
		m->tickets[i] = k;
		seen |= mine;
	}
	return result;
}

/* Waits until all are kept. `size` bytes at `to` can be written then. */
static long wait_for_many(struct rm_thread *t, const struct many *m, unsigned long to, size_t size)
{
	long result;

	/* Before it is too late to say so. */
	for (size_t done = 0, piece; done < size; done += piece) {
		piece = size - done < sizeof(m->handles) ? size - done : sizeof(m->handles);
		result = rm_put_user(to + done, m->handles, piece);
		if (result)
			return result;
	}
	rm_chain_end(t);
	result = rm_ticket_wait(t, m->tickets, m->count, m->count, ~0ul);
	return result < 0 ? result : 0;
}

long rm_promise_take_all(struct rm_thread *t, const struct rm_args *args)
{
	int64_t results[RM_TICKETS];
	struct many m;
	long result = find_many(t, args, ANY & ~STATE(LENT), 0, &m);

	if (result == 0)
		result = wait_for_many(t, &m, args->a[2], m.count * sizeof(results[0]));
	if (result)
		return result;
	rm_ticket_share(t, m.tickets[0]->desc, 0);
	for (unsigned i = 0; i < m.count; i++)
		results[i] = rm_ticket_take(t, m.tickets[i]);
	rm_ticket_share_end(t);
	return rm_put_user(args->a[2], results, m.count * sizeof(results[0]));
}

long rm_promise_view_all(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_promise_view views[RM_TICKETS];
	struct many m;
	long result = find_many(t, args, ANY, RM_PROMISE_BORROW, &m);

	if (result == 0)
		result = wait_for_many(t, &m, args->a[2], m.count * sizeof(views[0]));
	if (result)
		return result;
	for (unsigned i = 0; i < m.count; i++)
		views[i] = rm_ticket_lend(t, m.tickets[i]);
	return rm_put_user(args->a[2], views, m.count * sizeof(views[0]));
}

long rm_promise_give_back_all(struct rm_thread *t, const struct rm_args *args)
{
	struct many m;
	const long result = find_many(t, args, STATE(LENT), 0, &m);

	if (result)
		return result;
	rm_ticket_share(t, m.tickets[0]->desc, 0);
	for (unsigned i = 0; i < m.count; i++)
		rm_ticket_free(t, m.tickets[i]);
	rm_ticket_share_end(t);
	return 0;
}
