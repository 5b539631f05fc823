/* SPDX-License-Identifier: MIT */
/*
 * From a completion to what the program gets.
 *
 * Attacks considered: completions are checked as all are (ring/ring.c): bytes come out of the ticket's own pages only, no more than were
 * asked for and no more than the checked count, once. Pages are used again only after their completion came: what is late finds
 * them fenced. A timeout that comes before our own counter says so is asked for again. Events that were not asked for are -EIO. Descriptors
 * and names are checked as those of openat() and accept4() are. A host that answers -EINTR for ever gets a turn each time.
 */
#include "promise/ticket.h"

#include "lib/string.h"
#include "posix/socket.h"
#include "ring/access.h"
#include "ring/late.h"
#include "ring/use.h"

#define POLL_ALWAYS	0x38u	/* POLLERR, POLLHUP, POLLNVAL */

static bool cancelled(long result)
{
	return result == -ECANCELED || result == -EINTR;
}

/* Before our own counter says so. A chain has gone on by then. */
static bool too_early(const struct rm_ticket *k)
{
	return k->op == RM_PROMISE_TIMEOUT && !(k->flags & RM_TICKET_LINKED) && rm_time_elapsed() < k->since;
}

/* A result as the program is to have it. */
static long sense(struct rm_thread *t, const struct rm_ticket *k, long result)
{
	if ((k->flags & RM_TICKET_EXPIRED) && cancelled(result))
		return -ETIMEDOUT;
	if (result == -EINTR)
		return -ECANCELED;
	if (k->op == RM_PROMISE_TIMEOUT && result == -ETIME)
		return 0;
	if (k->op == RM_PROMISE_POLL && result > 0 && ((uint32_t)result & ~(k->size | POLL_ALWAYS))) {
		rm_count(t, RM_COUNT_CONTENT);
		return -EIO;
	}
	return result;
}

/* Of a file: what the position was moved too far. */
static void settle_position(struct rm_ticket *k)
{
	const int64_t done = k->result > 0 ? k->result : 0;

	if (!(k->flags & RM_TICKET_MOVED))
		return;
	k->flags &= (uint8_t)~RM_TICKET_MOVED;
	rm_lock(&k->desc->lock);
	k->desc->position -= (int64_t)k->size - done;
	rm_unlock(&k->desc->lock);
}

void rm_ticket_done(struct rm_ticket *ticket, long result)
{
	ticket->state = RM_TICKET_DONE;
	ticket->result = result;
	settle_position(ticket);
}

/* The rest of a timeout. */
static void shorten(struct rm_thread *t, struct rm_ticket *k)
{
	const uint64_t now = rm_time_elapsed(), left = k->since > now ? k->since - now : 0;
	const struct lx_timespec time = { (int64_t)(left / 1000000000u), (int64_t)(left % 1000000000u) };

	rm_copy(rm_ticket_here(t, k), &time, sizeof(time));
}

void rm_ticket_came(struct rm_thread *t, struct rm_ticket *ticket)
{
	long result = rm_ring_take(t, ticket->promise);

	ticket->promise = -1;
	if (ticket->state == RM_TICKET_LIVE && !(ticket->flags & RM_TICKET_CANCELLED) &&
	    (result == -EINTR || ((result == -ETIME || result == 0) && too_early(ticket)))) {
		if (ticket->op == RM_PROMISE_TIMEOUT)
			shorten(t, ticket);
		rm_chain_again(t, ticket);
		return;
	}
	result = sense(t, ticket, result);
	if (ticket->state == RM_TICKET_LIVE)
		rm_ticket_done(ticket, result);
	else
		ticket->result = result;
}

static long take_bytes(struct rm_thread *t, const struct rm_ticket *k)
{
	const size_t came = k->result < (int64_t)k->size ? (size_t)k->result : k->size;

	if ((k->wish & RM_PROMISE_BORROW) || (k->flags & RM_TICKET_DROP))
		return k->result;
	rm_use_in(t, came);
	return rm_copy((void *)k->buffer, rm_ticket_here(t, k), came) ?: k->result;
}

static long take_file(struct rm_thread *t, const struct rm_ticket *k)
{
	int fd = rm_fd_reserve(&rm_enclave.fds, 0, (k->size & LX_O_CLOEXEC) != 0);
	struct rm_desc *desc;

	if (fd >= 0)
		fd = rm_fd_install(&rm_enclave.fds, t->host_process, fd, (int)k->result, k->size);
	if (fd < 0) {
		rm_close_host(t, (int)k->result);
		return fd;
	}
	desc = k->flags & RM_TICKET_READ_ONLY ? rm_get((unsigned long)fd) : NULL;
	if (desc) {
		desc->read_only = true;
		rm_put(t, desc);
	}
	return fd;
}

static long take_name(struct rm_thread *t, const struct rm_ticket *k)
{
	uint8_t room[sizeof(uint64_t) + LX_SOCKADDR_MAX];
	struct rm_name name;
	uint32_t size;
	long error = rm_copy(room, rm_ticket_here(t, k), sizeof(room));

	if (error)
		return error;
	memcpy(&size, room, sizeof(size));
	memcpy(name.bytes, room + sizeof(uint64_t), sizeof(name.bytes));
	error = rm_name_check(t, &name, size, k->desc->family);
	return error ? error : rm_name_put(&name, k->buffer, k->buffer_size);
}

static long take_connection(struct rm_thread *t, const struct rm_ticket *k)
{
	struct rm_desc like = { .kind = RM_KIND_SOCKET, .family = k->desc->family, .type = k->desc->type };
	long result = k->buffer ? take_name(t, k) : 0;

	if (like.family != LX_AF_UNIX) {
		like.receive_timeout = k->desc->receive_timeout;
		like.send_timeout = k->desc->send_timeout;
	}
	if (result == 0)
		result = rm_fd_reserve(&rm_enclave.fds, 0, (k->size & LX_SOCK_CLOEXEC) != 0);
	if (result >= 0)
		result = rm_fd_install_socket(&rm_enclave.fds, t->host_process, (int)result, (int)k->result, k->size, &like);
	if (result < 0)
		rm_close_host(t, (int)k->result);
	return result;
}

static long take_result(struct rm_thread *t, struct rm_ticket *k)
{
	if (k->result < 0)
		return k->result;
	switch (k->op) {
	case RM_PROMISE_READ:
	case RM_PROMISE_RECV:
		return k->result > 0 && k->pages > 0 ? take_bytes(t, k) : k->result;
	case RM_PROMISE_WRITE:
		if ((k->flags & RM_TICKET_REFRESH) && k->result > 0)
			rm_map_refresh(t, k->desc);
		return k->result;
	case RM_PROMISE_OPENAT:
		return take_file(t, k);
	case RM_PROMISE_ACCEPT:
		return take_connection(t, k);
	default:
		return k->result;
	}
}

long rm_ticket_take(struct rm_thread *t, struct rm_ticket *ticket)
{
	long result;

	if (ticket->flags & RM_TICKET_LATE) {
		if (ticket->state == RM_TICKET_DONE)
			rm_ticket_undo(t, ticket);
		else
			rm_ticket_leave(t, ticket);
		return -ETIMEDOUT;
	}
	result = take_result(t, ticket);
	rm_ticket_free(t, ticket);
	return result;
}

struct rm_promise_view rm_ticket_lend(struct rm_thread *t, struct rm_ticket *k)
{
	if ((k->flags & RM_TICKET_LATE) || k->result <= 0)
		return (struct rm_promise_view){ .result = rm_ticket_take(t, k) };
	if (k->result > (int64_t)k->size)	/* a datagram that was cut (MSG_TRUNC) */
		k->result = k->size;
	k->state = RM_TICKET_LENT;
	return (struct rm_promise_view){ k->result, (uint64_t)rm_ticket_here(t, k) };
}

void rm_ticket_undo(struct rm_thread *t, struct rm_ticket *ticket)
{
	if ((ticket->op == RM_PROMISE_OPENAT || ticket->op == RM_PROMISE_ACCEPT) && ticket->state != RM_TICKET_HELD && ticket->result >= 0)
		rm_late_descriptor(t, (int)ticket->result);
	settle_position(ticket);
	rm_ticket_free(t, ticket);
}

void rm_ticket_sweep(struct rm_thread *t)
{
	struct rm_tickets *table = rm_tickets(t);

	for (uint32_t rest = table ? table->left : 0; rest != 0; rest &= rest - 1) {
		struct rm_ticket *k = &table->ticket[__builtin_ctz(rest)];

		rm_ticket_look(t, k);
		if (k->promise < 0)
			rm_ticket_undo(t, k);
	}
}
