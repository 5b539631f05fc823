/* SPDX-License-Identifier: MIT */
/*
 * Sockets, done as Linux and the proxy would. Nothing waits for ever: after one lie what an operation waits for may never come, so all
 * are made at once then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "model/linux.h"

static int flags_of(uint32_t flags)
{
	return (int)(flags | (model.hostile_at ? MSG_DONTWAIT : 0));
}

/* An operation with a head: every address in it must be in the arena. */
static long with_head(const struct rm_sqe *s)
{
	struct lx_msghdr *h = model_there(s->addr, sizeof(*h));
	struct lx_iovec *vector = model_there(h->iov, sizeof(*vector));
	struct iovec data = { model_there(vector->base, vector->len), vector->len };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1 };
	long result;

	if (h->iov_count != 1)
		abort();
	if (h->name) {
		m.msg_name = model_there(h->name, LX_SOCKADDR_MAX);
		m.msg_namelen = h->name_size;
	}
	if (h->control_size) {
		m.msg_control = model_there(h->control, h->control_size);
		m.msg_controllen = h->control_size;
	}
	if (s->opcode == RM_OP_SENDMSG)
		return sendmsg(s->fd, &m, flags_of(s->op_flags));
	result = recvmsg(s->fd, &m, flags_of(s->op_flags));
	if (result >= 0) {
		h->name_size = m.msg_namelen;
		h->control_size = m.msg_controllen;
		h->flags = (uint32_t)m.msg_flags;
	}
	return result;
}

static long take_connection(const struct rm_sqe *s)
{
	if (model.hostile_at || (s->ioprio & RM_ACCEPT_DONTWAIT)) {
		struct timeval soon = { .tv_usec = 1 };

		setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	}
	return accept4(s->fd, s->addr ? model_there(s->addr, LX_SOCKADDR_MAX) : NULL,
		       s->addr ? model_there(s->off, sizeof(socklen_t)) : NULL, (int)s->op_flags);
}

bool model_socket_operation(const struct rm_sqe *s, long *result)
{
	switch (s->opcode) {
	case RM_OP_SOCKET:
		*result = socket(s->fd, (int)s->off, (int)s->len);
		return true;
	case RM_OP_ACCEPT:
		*result = take_connection(s);
		return true;
	case RM_OP_CONNECT:
		*result = connect(s->fd, model_there(s->addr, s->off), (socklen_t)s->off);
		return true;
	case RM_OP_SEND:
		*result = send(s->fd, model_there(s->addr, s->len), s->len, flags_of(s->op_flags & ~(uint32_t)MSG_WAITALL));
		return true;
	case RM_OP_RECV:
		*result = recv(s->fd, model_there(s->addr, s->len), s->len, flags_of(s->op_flags));
		return true;
	case RM_OP_SENDMSG:
	case RM_OP_RECVMSG:
		*result = with_head(s);
		return true;
	default:
		return false;
	}
}

static void *room(uint64_t offset, size_t size)
{
	return offset == RM_HOST_NULL ? NULL : model_there(model.boot.address + offset, size);
}

bool model_socket_call(const struct rm_host_call *c, long *result)
{
	const uint64_t *a = c->arg;
	const int fd = (int)a[0];

	switch (c->number) {
	case LX_socketpair:
		*result = socketpair(fd, (int)a[1] | (model.hostile_at ? SOCK_NONBLOCK : 0), (int)a[2], room(a[3], 8));
		return true;
	case LX_bind:
		*result = bind(fd, room(a[1], a[2]), (socklen_t)a[2]);
		return true;
	case LX_connect:
		*result = connect(fd, room(a[1], a[2]), (socklen_t)a[2]);
		return true;
	case LX_listen:
		*result = listen(fd, (int)a[1]);
		return true;
	case LX_shutdown:
		*result = shutdown(fd, (int)a[1]);
		return true;
	case LX_sendto:
		*result = sendto(fd, room(a[1], a[2]), a[2], flags_of((uint32_t)a[3]), room(a[4], a[5]), (socklen_t)a[5]);
		return true;
	case LX_recvfrom:
		*result = recvfrom(fd, room(a[1], a[2]), a[2], flags_of((uint32_t)a[3]), NULL, NULL);
		return true;
	case LX_getsockname:
		*result = getsockname(fd, room(a[1], LX_SOCKADDR_MAX), room(a[2], 4));
		return true;
	case LX_getpeername:
		*result = getpeername(fd, room(a[1], LX_SOCKADDR_MAX), room(a[2], 4));
		return true;
	case LX_setsockopt:
		*result = setsockopt(fd, (int)a[1], (int)a[2], room(a[3], a[4]), (socklen_t)a[4]);
		return true;
	case LX_getsockopt:
		*result = getsockopt(fd, (int)a[1], (int)a[2], room(a[3], 2048), room(a[4], 4));
		return true;
	default:
		return false;
	}
}
