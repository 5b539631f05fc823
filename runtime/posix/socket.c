/* SPDX-License-Identifier: MIT */
/*
 * Sockets come, get names and peers, and are shut down. Data moves in transfer.c.
 *
 * Accepting goes through the ring, since servers wait there. connect() is a host call: io_uring leaves a socket whose connection
 * failed in a state in which a second connect() is refused, does not know SO_SNDTIMEO, and never answers EINPROGRESS. bind(), listen(),
 * shutdown() and names are host calls for want of an opcode, or of one that does not start a thread of Linux for it.
 *
 * Attacks considered: descriptors that Linux names are 0 .. RM_HOST_FD_MAX; names are checked in sockname.c. Family and type of a
 * socket that somebody else opened are Linux's word, and choose how its data is moved, not how much.
 */
#include "posix/socket.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/arena.h"

#define TYPE_FLAGS	((unsigned long)(LX_SOCK_NONBLOCK | LX_SOCK_CLOEXEC))

long rm_socket_get(struct rm_thread *t, unsigned long fd, struct rm_desc **desc)
{
	long kind;

	*desc = rm_get(fd);
	if (!*desc)
		return -EBADF;
	kind = rm_kind(t, *desc);
	if (kind == RM_KIND_SOCKET)
		return 0;
	rm_put(t, *desc);
	return kind < 0 ? kind : -ENOTSOCK;
}

/* Makes a descriptor of the program out of the proxy's; closes that one if there is none. */
static long adopt(struct rm_thread *t, long host_fd, uint32_t flags, const struct rm_desc *like)
{
	int fd = rm_fd_reserve(&rm_enclave.fds, 0, (flags & LX_SOCK_CLOEXEC) != 0);

	if (fd >= 0)
		fd = rm_fd_install_socket(&rm_enclave.fds, t->host_process, fd, (int)host_fd, flags, like);
	if (fd < 0)
		rm_close_host(t, (int)host_fd);
	return fd;
}

static void undo(struct rm_thread *t, long fd)
{
	struct rm_desc *desc = fd < 0 ? NULL : rm_fd_remove(&rm_enclave.fds, (int)fd);

	if (desc)
		rm_put(t, desc);
}

long rm_sys_socket(struct rm_thread *t, const struct rm_args *args)
{
	const struct rm_desc like = { .family = (uint8_t)args->a[0], .type = args->a[1] & LX_SOCK_TYPE,
				      .protocol = (uint8_t)args->a[2] };
	const struct rm_sqe sqe = { .opcode = RM_OP_SOCKET, .fd = (int32_t)args->a[0],
				    .off = (uint32_t)args->a[1] | LX_SOCK_CLOEXEC, .len = (uint32_t)args->a[2] };
	const long host_fd = rm_ring_call(t, &sqe, RM_RULE_FD, 0);

	return host_fd < 0 ? host_fd : adopt(t, host_fd, (uint32_t)args->a[1], &like);
}

/* The proxy's pair: 0 or -errno. */
static long host_pair(struct rm_thread *t, const struct rm_args *args, int32_t host[2])
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_socketpair), room;

	if (result)
		return result;
	h.message.arg[0] = (uint32_t)args->a[0];
	h.message.arg[1] = (uint32_t)args->a[1] | LX_SOCK_CLOEXEC;
	h.message.arg[2] = (uint32_t)args->a[2];
	room = rm_hostcall_room(&h, 3, 2 * sizeof(host[0]));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, host, 2 * sizeof(host[0]));
	rm_hostcall_end(&h);
	for (int i = 0; result == 0 && i < 2; i++) {
		if (host[i] < 0 || host[i] > RM_HOST_FD_MAX) {
			rm_count(t, RM_COUNT_CONTENT);
			result = -EIO;
		}
	}
	return result;
}

long rm_sys_socketpair(struct rm_thread *t, const struct rm_args *args)
{
	const struct rm_desc like = { .family = (uint8_t)args->a[0], .type = args->a[1] & LX_SOCK_TYPE };
	int32_t host[2], fd[2];
	long result = host_pair(t, args, host);

	if (result)
		return result;
	fd[0] = (int32_t)adopt(t, host[0], (uint32_t)args->a[1], &like);
	fd[1] = (int32_t)adopt(t, host[1], (uint32_t)args->a[1], &like);
	if (fd[0] < 0 || fd[1] < 0)
		result = fd[0] < 0 ? fd[0] : fd[1];
	else
		result = rm_put_user(args->a[3], fd, sizeof(fd));
	if (result) {
		undo(t, fd[0]);
		undo(t, fd[1]);
	}
	return result;
}

/* bind() and connect(): a name for a socket. */
static long give_name(struct rm_thread *t, const struct rm_args *args, uint32_t number)
{
	struct rm_desc *desc;
	struct rm_hostcall h;
	struct rm_name name;
	long result = rm_socket_get(t, args->a[0], &desc), room;

	if (result)
		return result;
	result = rm_name_get(&name, args->a[1], args->a[2]);
	if (result == 0)
		result = rm_hostcall_begin(&h, t, number);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)desc->host_fd;
		h.message.arg[2] = name.size;
		room = rm_hostcall_put(&h, 1, name.bytes, name.size);
		result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		rm_hostcall_end(&h);
	}
	/* A connect() with a timeout is never made again. */
	if (result == -LX_ERESTARTSYS && desc->send_timeout)
		result = -EINTR;
	rm_put(t, desc);
	return result;
}

long rm_sys_bind(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc;
	const long result = give_name(t, args, LX_bind);

	if (result == 0 && (desc = rm_get(args->a[0])) != NULL) {
		desc->bound = true;
		rm_put(t, desc);
	}
	return result;
}

long rm_sys_connect(struct rm_thread *t, const struct rm_args *args)
{
	return give_name(t, args, LX_connect);
}

/* listen() and shutdown(): a number for a socket. */
static long give_number(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc;
	struct rm_hostcall h;
	long result = rm_socket_get(t, args->a[0], &desc);

	if (result)
		return result;
	result = rm_hostcall_begin(&h, t, (uint32_t)args->number);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)desc->host_fd;
		h.message.arg[1] = (uint64_t)(int32_t)args->a[1];
		result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		rm_hostcall_end(&h);
	}
	rm_put(t, desc);
	return result;
}

long rm_sys_listen(struct rm_thread *t, const struct rm_args *args)
{
	return give_number(t, args);
}

long rm_sys_shutdown(struct rm_thread *t, const struct rm_args *args)
{
	return give_number(t, args);
}

/* getsockname() and getpeername(). */
static long ask_name(struct rm_thread *t, const struct rm_args *args)
{
	uint32_t size = LX_SOCKADDR_MAX;
	struct rm_desc *desc;
	struct rm_hostcall h;
	struct rm_name name;
	long result = rm_socket_get(t, args->a[0], &desc), room, length;

	if (result)
		return result;
	result = rm_hostcall_begin(&h, t, (uint32_t)args->number);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)desc->host_fd;
		room = rm_hostcall_room(&h, 1, sizeof(name.bytes));
		length = rm_hostcall_put(&h, 2, &size, sizeof(size));
		result = length < 0 ? length : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		if (result == 0)
			result = rm_hostcall_take(&h, room, name.bytes, sizeof(name.bytes));
		if (result == 0)
			result = rm_hostcall_take(&h, length, &size, sizeof(size));
		rm_hostcall_end(&h);
	}
	if (result == 0)
		result = rm_name_check(t, &name, size, desc->family);
	if (result == 0)
		result = rm_name_put(&name, args->a[1], args->a[2]);
	rm_put(t, desc);
	return result;
}

long rm_sys_getsockname(struct rm_thread *t, const struct rm_args *args)
{
	return ask_name(t, args);
}

long rm_sys_getpeername(struct rm_thread *t, const struct rm_args *args)
{
	return ask_name(t, args);
}

struct room_for_name {
	uint32_t size, pad[3];
	uint8_t bytes[LX_SOCKADDR_MAX];
};

/* A connection as a descriptor of the proxy, with its name if that is wanted. */
static long host_accept(struct rm_thread *t, struct rm_desc *listener, uint32_t flags, struct rm_name *name)
{
	struct rm_sqe sqe = { .opcode = RM_OP_ACCEPT, .fd = listener->host_fd,
			      .op_flags = (flags & LX_SOCK_NONBLOCK) | LX_SOCK_CLOEXEC };
	struct room_for_name room = { .size = LX_SOCKADDR_MAX };
	const int slot = rm_arena_take(t, 1);
	long result, error = 0;

	if (slot < 0)
		return slot;
	if (name) {
		sqe.addr = rm_arena_there(t, slot) + offsetof(struct room_for_name, bytes);
		sqe.off = rm_arena_there(t, slot);
	}
	result = rm_copy(rm_arena_here(t, slot), &room, sizeof(room));
	if (result == 0)
		result = rm_socket_call(t, listener, &sqe, RM_RULE_FD, 0, RM_SOCKET_RECEIVE);
	if (result >= 0 && name) {
		error = rm_copy(&room, rm_arena_here(t, slot), sizeof(room));
		memcpy(name->bytes, room.bytes, sizeof(name->bytes));
		error = error ? error : rm_name_check(t, name, room.size, listener->family);
	}
	rm_arena_give(t, slot, 1);
	if (error)
		rm_close_host(t, (int)result);
	return error ? error : result;
}

static long accept(struct rm_thread *t, const struct rm_args *args, uint32_t flags)
{
	struct rm_desc *listener, like = { .kind = RM_KIND_SOCKET };
	struct rm_name name;
	long result = rm_socket_get(t, args->a[0], &listener);
	int fd;

	if (result)
		return result;
	like.family = listener->family;
	like.type = listener->type;
	if (like.family != LX_AF_UNIX) {
		like.receive_timeout = listener->receive_timeout;
		like.send_timeout = listener->send_timeout;
	}
	fd = rm_fd_reserve(&rm_enclave.fds, 0, (flags & LX_SOCK_CLOEXEC) != 0);
	result = fd < 0 ? fd : host_accept(t, listener, flags, args->a[1] ? &name : NULL);
	rm_put(t, listener);
	if (result < 0) {
		if (fd >= 0)
			rm_fd_unreserve(&rm_enclave.fds, fd);
		return result;
	}
	if (args->a[1]) {
		const long error = rm_name_put(&name, args->a[1], args->a[2]);

		if (error) {
			rm_fd_unreserve(&rm_enclave.fds, fd);
			rm_close_host(t, (int)result);
			return error;
		}
	}
	fd = rm_fd_install_socket(&rm_enclave.fds, t->host_process, fd, (int)result, flags, &like);
	if (fd < 0)
		rm_close_host(t, (int)result);
	return fd;
}

long rm_sys_accept(struct rm_thread *t, const struct rm_args *args)
{
	return accept(t, args, 0);
}

long rm_sys_accept4(struct rm_thread *t, const struct rm_args *args)
{
	if (args->a[3] & 0xffffffff & ~TYPE_FLAGS)
		return -EINVAL;
	return accept(t, args, (uint32_t)args->a[3]);
}
