/* SPDX-License-Identifier: MIT */
/*
 * From a program's request to an entry for the ring: descriptors are resolved and held, paths and names checked and copied. What is wrong with
 * the operation itself becomes its result. Reads and writes: move.c.
 *
 * Attacks considered: none of the host's here, but for what kind of file a descriptor is (posix/io.c): a wrong word chooses
 * another operation on that file. Paths are subject to the manifest as those of openat() are (load/paths.c).
 */
#include "promise/prepare.h"

#include "posix/socket.h"
#include "ring/access.h"

#define NS		1000000000ul
#define POLL_EVENTS	0x3fffu

/* Files that are made or checked in the enclave are opened there. */
static long open_here(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, const struct rm_args *args)
{
	if (r->flags || rm_tickets(t)->chained)
		return rm_prepare_done(k, -EOPNOTSUPP);
	k->op = RM_PROMISE_NOP;	/* its result is the program's already */
	return rm_prepare_done(k, rm_sys_openat(t, args));
}

static long open_there(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r, struct rm_path *path)
{
	const long result = rm_ticket_room(t, k, path->size);

	if (result)
		return result;
	k->sqe = (struct rm_sqe){ .opcode = RM_OP_OPENAT, .flags = RM_SQE_ASYNC, .fd = path->host_fd, .addr = rm_ticket_there(t, k),
				  .len = r->mode & 07777, .op_flags = r->how | LX_O_CLOEXEC };
	k->rule = RM_RULE_FD;
	k->size = r->how;
	k->flags |= path->read_only ? RM_TICKET_READ_ONLY : 0;
	k->desc = path->desc;	/* of the directory */
	path->desc = NULL;
	return rm_copy(rm_ticket_here(t, k), path->text, path->size) ? rm_prepare_done(k, -EIO) : 0;
}

static long prepare_openat(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	const struct rm_args args = { .number = LX_openat, .a = { (unsigned long)r->fd, r->address, r->how, r->mode } };
	const void *outer = t->args;
	struct rm_path path;
	long result;

	if (t->restricted)
		t->args = &args;	/* for what paths are checked */
	if (r->how & LX_O_NOFOLLOW)
		result = rm_path_begin_link(&path, (unsigned long)r->fd, r->address);
	else
		result = rm_path_begin(&path, (unsigned long)r->fd, r->address);
	if (result)
		result = rm_prepare_done(k, result);
	else if (path.made != RM_MADE_NONE || path.hash)
		result = open_here(t, k, r, &args);
	else
		result = open_there(t, k, r, &path);
	rm_path_end(t, &path);
	t->args = outer;
	return result;
}

static long prepare_accept(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	const uint32_t size = LX_SOCKADDR_MAX;
	long result;

	if (r->how & ~(uint32_t)(LX_SOCK_NONBLOCK | LX_SOCK_CLOEXEC))
		return rm_prepare_done(k, -EINVAL);
	result = rm_socket_get(t, (unsigned long)r->fd, &k->desc);
	if (result) {
		k->desc = NULL;
		return rm_prepare_done(k, result);
	}
	k->rule = RM_RULE_FD;
	k->size = r->how;
	k->buffer = r->address;
	k->buffer_size = r->offset;
	k->sqe = (struct rm_sqe){ .opcode = RM_OP_ACCEPT, .fd = k->desc->host_fd,
				  .op_flags = (r->how & LX_SOCK_NONBLOCK) | LX_SOCK_CLOEXEC };
	if (!r->address)
		return 0;
	result = rm_ticket_room(t, k, sizeof(uint64_t) + size);
	if (result)
		return result;
	k->sqe.off = rm_ticket_there(t, k);
	k->sqe.addr = k->sqe.off + sizeof(uint64_t);
	return rm_copy(rm_ticket_here(t, k), &size, sizeof(size)) ? rm_prepare_done(k, -EIO) : 0;
}

static long prepare_connect(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	struct rm_name name;
	long result = rm_socket_get(t, (unsigned long)r->fd, &k->desc);

	if (result) {
		k->desc = NULL;
		return rm_prepare_done(k, result);
	}
	result = rm_name_get(&name, r->address, r->size);
	if (result)
		return rm_prepare_done(k, result);
	result = rm_ticket_room(t, k, sizeof(name.bytes));
	if (result)
		return result;
	k->sqe = (struct rm_sqe){ .opcode = RM_OP_CONNECT, .fd = k->desc->host_fd, .addr = rm_ticket_there(t, k), .off = name.size };
	return rm_copy(rm_ticket_here(t, k), name.bytes, name.size) ? rm_prepare_done(k, -EIO) : 0;
}

static long prepare_fsync(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	long result;

	k->desc = rm_get((unsigned long)r->fd);
	if (!k->desc)
		return rm_prepare_done(k, -EBADF);
	result = rm_map_flush(t, k->desc);
	if (result)
		return rm_prepare_done(k, result);
	k->sqe = (struct rm_sqe){ .opcode = RM_OP_FSYNC, .fd = k->desc->host_fd, .op_flags = r->how ? RM_FSYNC_DATASYNC : 0 };
	return 0;
}

static long prepare_poll(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	long kind;

	k->desc = rm_get((unsigned long)r->fd);
	if (!k->desc)
		return rm_prepare_done(k, -EBADF);
	kind = rm_kind(t, k->desc);
	if (kind < 0)
		return rm_prepare_done(k, kind);
	if (kind > RM_KIND_SOCKET)
		return rm_prepare_done(k, -EOPNOTSUPP);
	k->rule = RM_RULE_COUNT;
	k->limit = POLL_EVENTS;
	k->size = r->how & POLL_EVENTS;
	k->sqe = (struct rm_sqe){ .opcode = RM_OP_POLL_ADD, .fd = k->desc->host_fd, .op_flags = k->size };
	return 0;
}

static long prepare_timeout(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	const struct lx_timespec time = { (int64_t)(r->offset / NS), (int64_t)(r->offset % NS) };
	const long result = rm_ticket_room(t, k, sizeof(time));

	if (result)
		return result;
	k->since = r->offset;
	k->sqe = (struct rm_sqe){ .opcode = RM_OP_TIMEOUT, .fd = -1, .addr = rm_ticket_there(t, k), .len = 1, .op_flags = RM_TIMEOUT_SUCCESS };
	return rm_copy(rm_ticket_here(t, k), &time, sizeof(time)) ? rm_prepare_done(k, -EIO) : 0;
}

static long prepare_nop(struct rm_thread *t, struct rm_ticket *k, const struct rm_promise_request *r)
{
	(void)t;
	(void)r;
	k->sqe = (struct rm_sqe){ .opcode = RM_OP_NOP, .fd = -1 };
	return 0;
}

static rm_prepare *const preparations[RM_PROMISE_OP_COUNT] = {
	[RM_PROMISE_NOP] = prepare_nop,
	[RM_PROMISE_READ] = rm_prepare_read,
	[RM_PROMISE_WRITE] = rm_prepare_write,
	[RM_PROMISE_OPENAT] = prepare_openat,
	[RM_PROMISE_ACCEPT] = prepare_accept,
	[RM_PROMISE_CONNECT] = prepare_connect,
	[RM_PROMISE_SEND] = rm_prepare_send,
	[RM_PROMISE_RECV] = rm_prepare_recv,
	[RM_PROMISE_FSYNC] = prepare_fsync,
	[RM_PROMISE_POLL] = prepare_poll,
	[RM_PROMISE_TIMEOUT] = prepare_timeout,
};

long rm_ticket_prepare(struct rm_thread *t, struct rm_ticket *ticket, const struct rm_promise_request *request)
{
	ticket->op = request->op;
	ticket->wish = request->flags;
	return preparations[request->op](t, ticket, request);
}
