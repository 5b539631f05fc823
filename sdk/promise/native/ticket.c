/* SPDX-License-Identifier: MIT */
/* Tickets: as many, with as much room, as the runtime has (runtime/promise/table.c and room.c). */
#include "native.h"

#include <unistd.h>

uint64_t native_ticket_handle(const struct ring *r, const struct ticket *k)
{
	return (uint64_t)k->generation << 32 | r->thread << 8 | (uint64_t)(k - r->ticket);
}

long native_ticket_find(struct ring *r, uint64_t handle, struct ticket **ticket)
{
	const unsigned slot = handle & 0xff;

	if (slot >= RM_TICKETS || handle >> 32 == 0)
		return -EINVAL;
	if (!r || ((uint32_t)handle >> 8) != r->thread)
		return -EPERM;
	*ticket = &r->ticket[slot];
	return (*ticket)->generation == handle >> 32 && (*ticket)->state != FREE && (*ticket)->state != LEFT ? 0 : -EINVAL;
}

void native_ticket_drop(const struct ticket *k)
{
	if ((k->request.op == RM_PROMISE_OPENAT || k->request.op == RM_PROMISE_ACCEPT) && k->result >= 0)
		close((int)k->result);
}

static unsigned __int128 run(unsigned first, unsigned count)
{
	return (((unsigned __int128)1 << count) - 1) << first;
}

void native_ticket_free(struct ring *r, struct ticket *k)
{
	if (k->pages)
		r->taken &= ~run(k->page, k->pages);
	r->used &= ~(1u << (k - r->ticket));
	k->state = FREE;
}

/* The bytes that the runtime would need for it. */
static size_t needs(const struct rm_promise_request *q)
{
	switch (q->op) {
	case RM_PROMISE_READ:
	case RM_PROMISE_WRITE:
	case RM_PROMISE_SEND:
	case RM_PROMISE_RECV:
		return q->size;
	case RM_PROMISE_OPENAT:
	case RM_PROMISE_CONNECT:
	case RM_PROMISE_TIMEOUT:
		return 1;
	default:
		return q->address != 0;
	}
}

/* The first run of free pages that is long enough. */
static bool room(struct ring *r, struct ticket *k)
{
	const unsigned count = (unsigned)((needs(&k->request) + PAGE - 1) / PAGE);
	unsigned __int128 starts = ~r->taken & run(0, PAGES);

	if (count == 0)
		return true;
	for (unsigned have = 1, more; have < count; have += more) {
		more = count - have < have ? count - have : have;
		starts &= starts >> more;
	}
	if (starts == 0)
		return false;
	k->page = (uint8_t)((uint64_t)starts ? __builtin_ctzll((uint64_t)starts) : 64 + __builtin_ctzll((uint64_t)(starts >> 64)));
	k->pages = (uint8_t)count;
	r->taken |= run(k->page, count);
	return true;
}

static struct ticket *try(struct ring *r, const struct rm_promise_request *q)
{
	struct ticket *k;

	if (r->used == ~0u)
		return NULL;
	k = &r->ticket[__builtin_ctz(~r->used)];
	*k = (struct ticket){ .generation = k->generation % INT32_MAX + 1, .request = *q };
	if (k->request.size > RM_TICKET_BYTES)
		k->request.size = RM_TICKET_BYTES;
	if (!room(r, k))
		return NULL;
	r->used |= 1u << (k - r->ticket);
	return k;
}

struct ticket *native_ticket_new(struct ring *r, const struct rm_promise_request *request)
{
	struct ticket *k = try(r, request);

	if (k)
		return k;
	native_ring_reap(r);	/* what is late may have come */
	return try(r, request);
}
