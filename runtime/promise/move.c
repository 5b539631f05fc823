/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes, of files and sockets: room in the arena for the bytes, with those in it that are to be written. What file windows have is
 * read at once.
 *
 * Attacks considered: as in prepare.c.
 */
#include "promise/prepare.h"

#include "posix/socket.h"
#include "posix/window.h"
#include "ring/access.h"
#include "ring/use.h"

#define NOWHERE		(~0ul)	/* offset: the current position */

static uint32_t at_most(uint64_t size)
{
	return size > RM_TICKET_BYTES ? RM_TICKET_BYTES : (uint32_t)size;
}

/* Field by field, since compilers clear a whole structure by a call. */
static void describe_move(struct rm_sqe *sqe, enum rm_uring_op opcode, int fd, uint64_t address, uint32_t size)
{
	sqe->opcode = (uint8_t)opcode;
	sqe->flags = 0;
	sqe->ioprio = 0;
	sqe->fd = fd;
	sqe->off = 0;
	sqe->addr = address;
	sqe->len = size;
	sqe->op_flags = 0;
	sqe->user_data = 0;
	sqe->buf_index = sqe->personality = 0;
	sqe->file_index = 0;
	sqe->addr3 = sqe->pad = 0;
}

/* Room for bytes that come, or with those that go; and the entry that moves them. */
static long make_room(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, uint32_t size, enum rm_uring_op opcode)
{
	const bool mine = !(r->flags & RM_PROMISE_BORROW), out = opcode == RM_OP_WRITE || opcode == RM_OP_SEND;
	long result;

	k->size = size;
	k->buffer = r->address;
	if (mine && k->size > 0 && !rm_user_range(r->address, k->size))
		return rm_prepare_done(k, -EFAULT);
	result = rm_ticket_room(t, k, k->size);
	if (result == 0 && out) {
		rm_use_out(t, k->size);
		result = rm_copy(rm_ticket_here(t, k), (const void *)r->address, k->size);
	}
	if (result == -EAGAIN)
		return result;
	if (result)
		return rm_prepare_done(k, result);
	k->rule = RM_RULE_COUNT;
	k->limit = k->size;
	describe_move(&k->sqe, opcode, k->desc->host_fd, rm_ticket_there(t, k), k->size);
	return 0;
}

/* Of a socket that is known. */
static long prepare_message(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, bool out, uint32_t flags)
{
	const bool stream = k->desc->type == LX_SOCK_STREAM;
	long result;

	if (k->desc->family == LX_AF_NETLINK)
		return rm_prepare_done(k, -EOPNOTSUPP);
	if (!stream && out && r->size > RM_TICKET_BYTES)
		return rm_prepare_done(k, -EMSGSIZE);
	if (out) {
		flags = (flags & RM_SEND_FLAGS) | LX_MSG_NOSIGNAL;
		if (stream && !(flags & LX_MSG_DONTWAIT))
			flags |= LX_MSG_WAITALL;
		if (!stream && k->desc->family == LX_AF_UNIX)	/* transfer.c, send_packet(), says why */
			flags |= LX_MSG_DONTWAIT;
	} else {
		flags &= ~RM_RUNTIME_FLAGS;
		if (!stream || (flags & LX_MSG_PEEK))
			flags &= ~LX_MSG_WAITALL;
		if (flags & (LX_MSG_OOB | LX_MSG_ERRQUEUE))
			flags |= LX_MSG_DONTWAIT;
	}
	result = make_room(t, k, r, at_most(r->size), out ? RM_OP_SEND : RM_OP_RECV);
	k->sqe.op_flags = flags;
	if (!out && (flags & LX_MSG_TRUNC)) {
		k->flags |= stream && k->desc->family != LX_AF_UNIX ? RM_TICKET_DROP : 0;
		k->limit = stream ? k->limit : INT32_MAX;
	}
	return result;
}

static long prepare_socket(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, bool out)
{
	const long result = rm_socket_get(t, (unsigned long)r->fd, &k->desc);

	if (result) {
		k->desc = NULL;
		return rm_prepare_done(k, result);
	}
	return prepare_message(t, k, r, out, r->how);
}

long rm_prepare_send(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	return prepare_socket(t, k, r, true);
}

long rm_prepare_recv(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	return prepare_socket(t, k, r, false);
}

/* The bytes are made in the enclave: at once, if nothing has to be before it. */
static long move_here(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, bool out)
{
	const struct rm_args args = { .a = { (unsigned long)r->fd, r->address, r->size, r->offset } };

	if (r->flags || rm_tickets(t)->chained)
		return rm_prepare_done(k, -EOPNOTSUPP);
	if (r->offset == NOWHERE)
		return rm_prepare_done(k, out ? rm_sys_write(t, &args) : rm_sys_read(t, &args));
	return rm_prepare_done(k, out ? rm_sys_pwrite(t, &args) : rm_sys_pread(t, &args));
}

/* Where a file is read or written. A position of ours moves, and what was too far comes back with the result. */
static uint64_t take_position(struct rm_ticket *k, uint64_t offset)
{
	struct rm_desc *d = k->desc;

	if (offset != NOWHERE || !d->own_position || k->size == 0)
		return offset;
	rm_lock(&d->lock);
	offset = (uint64_t)d->position;
	d->position += k->size;
	rm_unlock(&d->lock);
	k->flags |= RM_TICKET_MOVED;
	return offset;
}

/* A file: 0, or what is wrong with it. */
static long choose_position(struct rm_ticket *k, const struct rm_promise_request *r, long kind)
{
	const bool current = r->offset == NOWHERE;

	if (kind < 0)
		return kind;
	if (kind != RM_KIND_REGULAR && kind != RM_KIND_DIRECTORY && kind != RM_KIND_TTY && kind != RM_KIND_OTHER)
		return -EOPNOTSUPP;
	if (!current && (kind == RM_KIND_TTY || kind == RM_KIND_OTHER))
		return -ESPIPE;
	if (!current && r->offset > INT64_MAX - (uint64_t)at_most(r->size))
		return -EINVAL;
	if (current && kind == RM_KIND_REGULAR && !k->desc->own_position && !k->desc->ring_moves && !(k->desc->flags & LX_O_APPEND))
		return -EOPNOTSUPP;
	return 0;
}

/* A read that windows have whole is done, if nothing has to be before it. The position moves as it would by the ring. */
static bool read_window(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, uint32_t size)
{
	const struct lx_iovec vector = { .base = r->address, .len = size };
	const bool current = r->offset == NOWHERE;
	struct rm_iter iter = { .at = &vector, .left = 1 };
	struct rm_desc *d = k->desc;
	bool done;

	if (r->flags || rm_tickets(t)->chained || size == 0 || !d->own_position || !rm_user_range(r->address, size))
		return false;
	if (!current)
		return rm_window_read(t, d, &iter, size, r->offset) == size;
	rm_lock(&d->lock);
	done = rm_window_read(t, d, &iter, size, (uint64_t)d->position) == size;
	if (done)
		d->position += size;
	rm_unlock(&d->lock);
	return done;
}

static long prepare_file(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, long kind, bool out)
{
	uint32_t size = at_most(r->size);
	long result = choose_position(k, r, kind);

	if (result == 0 && out && kind == RM_KIND_REGULAR) {
		result = rm_file_limit(t, k->desc, size, r->offset);
		size = result > 0 ? (uint32_t)result : 0;
	}
	if (result < 0)
		return rm_prepare_done(k, result);
	if (kind == RM_KIND_REGULAR && __atomic_load_n(&rm_enclave.maps.shared, __ATOMIC_RELAXED) != 0) {
		rm_map_flush(t, k->desc);
		k->flags |= out ? RM_TICKET_REFRESH : 0;
	}
	if (!out && kind == RM_KIND_REGULAR && read_window(t, k, r, size))
		return rm_prepare_done(k, size);
	result = make_room(t, k, r, size, out ? RM_OP_WRITE : RM_OP_READ);
	if (result == 0)
		k->sqe.off = take_position(k, r->offset);
	return result;
}

static long prepare_move(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, bool out)
{
	struct rm_tickets *table = rm_tickets(t);
	long kind;

	if (r->offset != NOWHERE && (int64_t)r->offset < 0)
		return rm_prepare_done(k, -EINVAL);
	if (table->spare > 0) {
		table->spare--;
		k->desc = table->shared;
	} else {
		k->desc = rm_get((unsigned long)r->fd);
	}
	if (!k->desc)
		return rm_prepare_done(k, -EBADF);
	kind = rm_kind(t, k->desc);
	if (kind == RM_KIND_MADE)
		return move_here(t, k, r, out);
	if (kind == RM_KIND_SOCKET)
		return r->offset == NOWHERE ? prepare_message(t, k, r, out, 0) : rm_prepare_done(k, -ESPIPE);
	return prepare_file(t, k, r, kind, out);
}

long rm_prepare_read(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	return prepare_move(t, k, r, false);
}

long rm_prepare_write(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	return prepare_move(t, k, r, true);
}
