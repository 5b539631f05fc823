/* SPDX-License-Identifier: MIT */
/*
 * Data of sockets: one operation of the ring for a datagram, or for each piece of a stream.
 *
 * The ring never waits where Linux would not: a socket with O_NONBLOCK is asked with MSG_DONTWAIT, since io_uring would arm a poll. It
 * never stops where Linux would go on: a blocking send on a stream carries MSG_WAITALL, by which io_uring sends the rest in the same
 * operation. io_uring does not know SO_RCVTIMEO and SO_SNDTIMEO: sockets that have one are asked at once, then waited for by a
 * host call, then asked again. Pieces of a stream go one after the other, since two in flight could change places.
 *
 * Attacks considered: a length moves no byte beyond what was asked and there is room for; the head of a message (names, control messages,
 * flags) is copied once, then checked (sockname.c, control_message.c); the program sees only flags that exist.
 */
#include "posix/socket.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/arena.h"
#include "ring/direct.h"
#include "ring/switchless.h"

#define PIECE		(RM_ARENA_SIZE / 2)	/* of a stream */
#define DATAGRAM_MAX	(RM_ARENA_SIZE / 2)	/* Linux's default limit for one is 208 KiB */
#define LARGE		4096u		/* a send of so much takes its receiver some time, too */
#define RETRY_NS	10000000u
#define POLLIN		1
#define POLLOUT		4

#define OUT_FLAGS	(LX_MSG_OOB | LX_MSG_CTRUNC | LX_MSG_TRUNC | LX_MSG_EOR | LX_MSG_ERRQUEUE)

/* Before the data of an operation that has more than data. */
struct head {
	struct lx_msghdr header;
	struct lx_iovec vector;
	uint8_t name[LX_SOCKADDR_MAX];
};
#define HEAD_SIZE	((sizeof(struct head) + 15) & ~15ul)

struct flight {
	int slot;
	unsigned slots;
	uint32_t control, data;		/* where they stand in the run of slots */
	struct rm_sqe sqe;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Waits until the socket is ready or the deadline (ns of rm_time_elapsed()) has come: 0, -EAGAIN, -EINTR. */
static long wait_ready(struct rm_thread *t, int host_fd, int16_t events, uint64_t deadline)
{
	const struct lx_pollfd poll = { .fd = host_fd, .events = events };
	const uint64_t now = rm_time_elapsed(), left = deadline > now ? deadline - now : 0;
	const struct lx_timespec timeout = { .sec = (int64_t)(left / 1000000000u), .nsec = (int64_t)(left % 1000000000u) };
	struct rm_hostcall h;
	long result = left == 0 ? -EAGAIN : rm_hostcall_begin(&h, t, LX_ppoll);

	if (result)
		return result;
	h.message.arg[1] = 1;
	h.message.arg[3] = RM_HOST_NULL;
	result = rm_hostcall_put(&h, 0, &poll, sizeof(poll));
	if (result >= 0)
		result = rm_hostcall_put(&h, 2, &timeout, sizeof(timeout));
	if (result >= 0)
		result = rm_hostcall_do(&h, RM_RULE_COUNT, 1);
	rm_hostcall_end(&h);
	if (result == -LX_ERESTARTSYS)
		return -EINTR;
	return result < 0 ? result : 0;
}

static bool at_once(const struct rm_sqe *sqe)
{
	return sqe->opcode == RM_OP_ACCEPT ? (sqe->ioprio & RM_ACCEPT_DONTWAIT) != 0 : (sqe->op_flags & LX_MSG_DONTWAIT) != 0;
}

static void do_at_once(struct rm_sqe *sqe)
{
	if (sqe->opcode == RM_OP_ACCEPT)
		sqe->ioprio |= RM_ACCEPT_DONTWAIT;
	else
		sqe->op_flags |= LX_MSG_DONTWAIT;
}

/* What a server does at once; -EAGAIN: nothing. */
static long served_at_once(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	struct rm_sqe now = *sqe;

	do_at_once(&now);
	return rm_direct_try(t, &now, rule, limit);
}

/* The rest of what a server could only begin to send follows. */
static long send_waiting(struct rm_thread *t, struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	/* After a small one the answer is there by the time that it has returned: what it took says nothing. */
	const bool choose = sqe->len >= LARGE, serve = !choose || rm_choice_serve(&t->send);
	const uint64_t begun = rm_counter();
	long result = serve ? served_at_once(t, sqe, rule, limit) : -EAGAIN, rest;

	if (result == -EAGAIN) {
		result = rm_ring_call(t, sqe, rule, limit);
	} else if (result > 0 && (uint32_t)result < sqe->len) {
		sqe->addr += (uint64_t)result;
		sqe->len -= (uint32_t)result;
		rest = rm_ring_call(t, sqe, rule, limit - (uint32_t)result);
		result += rest > 0 ? rest : 0;
	}
	if (choose)
		rm_choice_learn(&t->send, serve, rm_counter() - begun);
	return result;
}

/* What waits. */
static long call_waiting(struct rm_thread *t, struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	long result = -EAGAIN;

	if (rm_switchless(t) && sqe->opcode == RM_OP_SEND)
		return send_waiting(t, sqe, rule, limit);
	if (rm_switchless(t) && sqe->opcode == RM_OP_RECV && !(sqe->op_flags & LX_MSG_WAITALL))
		result = served_at_once(t, sqe, rule, limit);
	return result == -EAGAIN ? rm_ring_call(t, sqe, rule, limit) : result;
}

long rm_socket_call(struct rm_thread *t, const struct rm_desc *desc, struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit,
		    enum rm_socket_side side)
{
	const int64_t timeout = side == RM_SOCKET_SEND ? desc->send_timeout : desc->receive_timeout;
	const bool wait = !desc->nonblock && !at_once(sqe);
	struct rm_sqe now = *sqe;	/* the caller's own still says whether the next one waits */
	uint64_t deadline;
	long result;

	if (wait && timeout == 0)
		return call_waiting(t, sqe, rule, limit);
	do_at_once(&now);
	result = rm_ring_call(t, &now, rule, limit);
	if (!wait)
		return result;
	deadline = rm_time_elapsed() + (uint64_t)timeout;
	while (result == -EAGAIN) {
		result = wait_ready(t, desc->host_fd, side == RM_SOCKET_SEND ? POLLOUT : POLLIN, deadline);
		if (result)
			return result;
		result = rm_ring_call(t, &now, rule, limit);
	}
	return result == -LX_ERESTARTSYS ? -EINTR : result;
}

/* Takes room for an operation on `size` bytes of data and describes it; with a head if the message has more than data. */
static long prepare(struct rm_thread *t, struct flight *f, const struct rm_desc *desc, const struct rm_message *m, size_t size,
		    uint32_t flags, bool write)
{
	const bool head = m->head || m->name || m->control;
	const size_t control = m->control ? m->control->size : 0;
	struct head h = { .vector.len = size };
	uint64_t there;

	f->control = HEAD_SIZE;
	f->data = head ? (uint32_t)(HEAD_SIZE + ((control + 15) & ~15ul)) : 0;
	f->slots = rm_arena_slots(f->data + size + (size == 0));
	f->slot = rm_arena_take(t, f->slots);
	if (f->slot < 0)
		return f->slot;
	there = rm_arena_there(t, f->slot);
	f->sqe = (struct rm_sqe){ .opcode = write ? RM_OP_SEND : RM_OP_RECV, .fd = desc->host_fd, .addr = there,
				  .len = (uint32_t)size, .op_flags = flags };
	if (!head)
		return 0;
	f->sqe.opcode = write ? RM_OP_SENDMSG : RM_OP_RECVMSG;
	f->sqe.len = 1;
	h.vector.base = there + f->data;
	h.header.iov = there + offsetof(struct head, vector);
	h.header.iov_count = 1;
	if (m->name) {
		h.header.name = there + offsetof(struct head, name);
		h.header.name_size = write ? m->name->size : LX_SOCKADDR_MAX;
		memcpy(h.name, m->name->bytes, write ? m->name->size : 0);
	}
	h.header.control = control ? there + f->control : 0;
	h.header.control_size = control;
	return rm_copy(rm_arena_here(t, f->slot), &h, sizeof(h));
}

static void release(struct rm_thread *t, const struct flight *f)
{
	if (f->slot >= 0)
		rm_arena_give(t, f->slot, f->slots);
}

static uint8_t *here(struct rm_thread *t, const struct flight *f, uint32_t offset)
{
	return (uint8_t *)rm_arena_here(t, f->slot) + offset;
}

static bool stream(const struct rm_desc *desc)
{
	return desc->type == LX_SOCK_STREAM;
}

/* A message whose bytes stand in the flight, by the proxy's thread, which waits. */
static long send_by_call(struct rm_thread *t, const struct rm_desc *desc, const struct rm_message *m, const struct flight *f, size_t size)
{
	const uint32_t start = rm_arena_offset(t, f->slot);
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_sendto);

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	h.message.arg[1] = start + f->data;
	h.message.arg[2] = size;
	h.message.arg[3] = LX_MSG_NOSIGNAL;
	h.message.arg[4] = m->name ? start + offsetof(struct head, name) : RM_HOST_NULL;
	h.message.arg[5] = m->name ? m->name->size : 0;
	result = rm_hostcall_do(&h, RM_RULE_COUNT, size);
	rm_hostcall_end(&h);
	return result == -LX_ERESTARTSYS && desc->send_timeout ? -EINTR : result;
}

/*
 * A message of AF_UNIX. io_uring must not wait for room for it: by then Linux has taken the bytes out of the iterator that io_uring
 * keeps, and would send an empty message. Nor does poll() tell, if the socket is not connected to whom it sends. So the proxy's
 * thread waits in sendto(); one with control messages, which that has not, is tried again.
 */
static long send_packet(struct rm_thread *t, const struct rm_desc *desc, const struct rm_message *m, struct flight *f, size_t size)
{
	const bool wait = !desc->nonblock && !at_once(&f->sqe);
	const uint64_t start = rm_time_elapsed();
	long result;

	do_at_once(&f->sqe);
	for (;;) {
		result = rm_ring_call(t, &f->sqe, RM_RULE_COUNT, (uint32_t)size);
		if (result != -EAGAIN || !wait)
			return result;
		if (!m->control)
			return send_by_call(t, desc, m, f, size);
		if (desc->send_timeout && rm_time_elapsed() - start > (uint64_t)desc->send_timeout)
			return result;
		result = wait_ready(t, desc->host_fd, POLLOUT, rm_time_elapsed() + RETRY_NS);
		if (result && result != -EAGAIN)
			return result;
	}
}

/* The next `size` bytes of the message in one operation. */
static long send_one(struct rm_thread *t, const struct rm_desc *desc, struct rm_message *m, size_t size, uint32_t flags)
{
	struct flight f;
	size_t done = 0;
	long result = prepare(t, &f, desc, m, size, flags, true);

	if (result == 0)
		result = rm_iter_to_arena(t, &m->iter, here(t, &f, f.data), size);
	if (result == 0 && m->control)
		result = rm_copy(here(t, &f, f.control), m->control->bytes, m->control->size);
	if (result == 0 && desc->family == LX_AF_UNIX && !stream(desc)) {
		result = send_packet(t, desc, m, &f, size);
		release(t, &f);
		return result;
	}
	while (result == 0) {
		result = rm_socket_call(t, desc, &f.sqe, RM_RULE_COUNT, (uint32_t)(size - done), RM_SOCKET_SEND);
		if (result <= 0)
			break;
		done += (size_t)result;
		/* With a timeout the operation ended where it would have had to wait: the rest of a stream follows. */
		if (desc->nonblock || (flags & LX_MSG_DONTWAIT) || desc->send_timeout == 0 || f.sqe.opcode != RM_OP_SEND || done == size)
			break;
		f.sqe.addr += (uint64_t)result;
		f.sqe.len -= (uint32_t)result;
		result = 0;
	}
	release(t, &f);
	return done > 0 ? (long)done : result;
}

long rm_socket_send(struct rm_thread *t, struct rm_desc *desc, struct rm_message *m)
{
	uint32_t flags = (m->flags & RM_SEND_FLAGS) | LX_MSG_NOSIGNAL;
	size_t total = 0, piece;
	long result;

	if (!stream(desc) && m->size > DATAGRAM_MAX)
		return -EMSGSIZE;
	if (stream(desc) && !desc->nonblock && !(flags & LX_MSG_DONTWAIT))
		flags |= LX_MSG_WAITALL;
	do {
		piece = smaller(m->size - total, PIECE);
		result = send_one(t, desc, m, piece, flags);
		total += result > 0 ? (size_t)result : 0;
		m->control = NULL;
		m->name = NULL;
	} while (result == (long)piece && total < m->size);
	if (result == -EPIPE && total == 0 && stream(desc) && !(m->flags & LX_MSG_NOSIGNAL))
		rm_signal_pipe(t);
	return total > 0 ? (long)total : result;
}

/* What came with the data: checked, into the message. */
static long take_head(struct rm_thread *t, const struct rm_desc *desc, const struct flight *f, struct rm_message *m)
{
	struct head h;
	long error = rm_copy(&h, here(t, f, 0), sizeof(h));

	if (error)
		return error;
	if (m->name) {
		memcpy(m->name->bytes, h.name, sizeof(h.name));
		error = rm_name_check(t, m->name, h.header.name_size, desc->family);
	}
	if (error)
		return error;
	m->out_flags = h.header.flags & OUT_FLAGS;
	if (!m->control)
		return 0;
	if (h.header.control_size > m->control->size) {
		rm_count(t, RM_COUNT_CONTENT);
		return -EIO;
	}
	m->control->size = h.header.control_size;
	error = rm_copy(m->control->bytes, here(t, f, f->control), m->control->size);
	return error ? error : rm_control_from_host(t, desc->family, m->control, (m->flags & LX_MSG_CMSG_CLOEXEC) != 0, &m->out_flags);
}

static long receive_one(struct rm_thread *t, struct rm_desc *desc, struct rm_message *m, size_t size, uint32_t flags)
{
	/* Of a datagram that was cut, MSG_TRUNC tells the length that it had. */
	const uint32_t limit = (flags & LX_MSG_TRUNC) && !stream(desc) ? INT32_MAX : (uint32_t)size;
	const struct lx_iovec first = m->iter.left ? *m->iter.at : (struct lx_iovec){ 0 };
	struct flight f;
	size_t came;
	bool control;
	long error, result = prepare(t, &f, desc, m, size, flags, false);

	if (result == 0)
		result = rm_socket_call(t, desc, &f.sqe, RM_RULE_COUNT, limit, RM_SOCKET_RECEIVE);
	if (result >= 0) {
		came = smaller((size_t)result, size);
		error = f.sqe.opcode == RM_OP_RECVMSG ? take_head(t, desc, &f, m) : 0;
		control = error == 0 && m->control;
		/* TCP throws away what is read with MSG_TRUNC. */
		if (error == 0 && !((flags & LX_MSG_TRUNC) && stream(desc) && desc->family != LX_AF_UNIX))
			error = rm_iter_from_arena(t, &m->iter, here(t, &f, f.data), came);
		if (error == 0 && desc->family == LX_AF_NETLINK)
			error = rm_netlink_check(t, desc, &first, came);
		if (error && control)
			rm_control_undo(t, m->control);
		result = error ? error : result;
	}
	release(t, &f);
	return result;
}

/*
 * MSG_PEEK with MSG_WAITALL on a stream, which io_uring does not do: each time that more comes it would add what it has looked at already.
 * The proxy's thread waits.
 */
static long peek_whole(struct rm_thread *t, const struct rm_desc *desc, struct rm_message *m)
{
	const unsigned slots = rm_arena_slots(smaller(m->size, PIECE) + sizeof(struct rm_host_call) + 16);
	struct rm_hostcall h;
	long result = rm_hostcall_begin_large(&h, t, LX_recvfrom, slots), room, error;

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	room = rm_hostcall_room(&h, 1, smaller(m->size, PIECE));
	h.message.arg[2] = smaller(m->size, PIECE);
	h.message.arg[3] = LX_MSG_PEEK | LX_MSG_WAITALL;
	h.message.arg[4] = RM_HOST_NULL;
	h.message.arg[5] = RM_HOST_NULL;
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_COUNT, smaller(m->size, PIECE));
	if (result > 0) {
		error = rm_iter_from_arena(t, &m->iter, t->region + room, (size_t)result);
		result = error ? error : result;
	}
	rm_hostcall_end(&h);
	if (m->name)
		m->name->size = 0;
	return result == -LX_ERESTARTSYS && desc->receive_timeout ? -EINTR : result;
}

static bool waits_whole(const struct rm_desc *desc, uint32_t flags)
{
	return (flags & LX_MSG_WAITALL) && stream(desc) && !desc->nonblock && !(flags & (LX_MSG_DONTWAIT | LX_MSG_OOB));
}

long rm_socket_receive(struct rm_thread *t, struct rm_desc *desc, struct rm_message *m)
{
	uint32_t flags = (m->flags & ~RM_RUNTIME_FLAGS) | (m->control ? LX_MSG_CMSG_CLOEXEC : 0);
	const bool whole = waits_whole(desc, flags) && !(flags & LX_MSG_PEEK);
	size_t total = 0, piece;
	long result;

	if (waits_whole(desc, flags) && !whole && !m->head)
		return peek_whole(t, desc, m);
	/* io_uring would wait for more of a sequenced packet. */
	if (!whole)
		flags &= ~LX_MSG_WAITALL;
	/* These never wait. */
	if (flags & (LX_MSG_OOB | LX_MSG_ERRQUEUE))
		flags |= LX_MSG_DONTWAIT;
	do {
		piece = smaller(m->size - total, stream(desc) ? PIECE : DATAGRAM_MAX);
		result = receive_one(t, desc, m, piece, flags);
		total += result > 0 ? (size_t)result : 0;
		/* With a timeout, operations bring what there is: the next ones bring the rest. */
	} while (whole && result > 0 && total < m->size && (result == (long)piece || desc->receive_timeout != 0) &&
		 !(m->control && m->control->size > 0));
	return total > 0 ? (long)total : result;
}
