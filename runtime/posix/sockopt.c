/* SPDX-License-Identifier: MIT */
/*
 * Options of sockets: opaque bytes, but for the timeouts, which we keep ourselves (transfer.c).
 *
 * Options whose value holds a pointer or a descriptor are refused with ENOPROTOOPT (EOPNOTSUPP for SO_ZEROCOPY): filters, bpf programs,
 * zero-copy receives, tables of the packet filter.
 *
 * Attacks considered: the length that comes back is never more than what there was room for; the value is copied once and handed to
 * the program unread. Family and type are cut to what such a thing can be.
 */
#include "posix/socket.h"

#include "lib/string.h"
#include "ring/access.h"

#define VALUE_MAX	2048u
#define RCVTIMEO_NEW	66
#define SNDTIMEO_NEW	67
#define NETFILTER	64	/* options of IP and IPv6 from here on are tables with pointers */

struct timeval {
	int64_t sec, usec;
};

static long refused(long level, long option)
{
	if (level == LX_SOL_SOCKET) {
		switch (option) {
		case LX_SO_ATTACH_FILTER:
		case LX_SO_ATTACH_BPF:
		case LX_SO_REUSEPORT_CBPF:
		case LX_SO_REUSEPORT_EBPF:
		case LX_SO_PEERPIDFD:
			return -ENOPROTOOPT;
		case LX_SO_ZEROCOPY:
			return -EOPNOTSUPP;
		default:
			return 0;
		}
	}
	if (level == LX_SOL_TCP && option == LX_TCP_ZEROCOPY_RECEIVE)
		return -ENOPROTOOPT;
	if ((level == LX_SOL_IP && option >= NETFILTER && option < NETFILTER + 64 && option != 81) ||
	    (level == LX_SOL_IPV6 && option >= NETFILTER && option < NETFILTER + 2))
		return -ENOPROTOOPT;
	return 0;
}

/* One option of the proxy's socket into `value`, which has room for *size bytes; *size becomes what came: 0 or -errno. */
static long host_get(struct rm_thread *t, int host_fd, long level, long option, void *value, uint32_t *size)
{
	const uint32_t room_size = *size;
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_getsockopt), room, length;

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)host_fd;
	h.message.arg[1] = (uint64_t)level;
	h.message.arg[2] = (uint64_t)option;
	/* Some options read what stands there. */
	room = rm_hostcall_room(&h, 3, VALUE_MAX);
	length = rm_hostcall_put(&h, 4, size, sizeof(*size));
	result = room < 0 || length < 0 ? -EIO : rm_copy(t->region + room, value, room_size);
	if (result == 0)
		result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, length, size, sizeof(*size));
	if (result == 0 && *size > room_size) {
		rm_count(t, RM_COUNT_CONTENT);
		result = -EIO;
	}
	if (result == 0)
		result = rm_hostcall_take(&h, room, value, *size);
	rm_hostcall_end(&h);
	return result;
}

static int64_t nanoseconds(const struct timeval *value)
{
	if (value->sec < 0 || value->usec < 0 || value->usec >= 1000000 || value->sec > INT32_MAX)
		return 0;
	return value->sec * 1000000000 + value->usec * 1000;
}

static void keep_timeout(struct rm_desc *desc, long option, const void *bytes, size_t size)
{
	struct timeval value;

	if (size < sizeof(value))
		return;
	memcpy(&value, bytes, sizeof(value));
	if (option == LX_SO_RCVTIMEO || option == RCVTIMEO_NEW)
		desc->receive_timeout = nanoseconds(&value);
	if (option == LX_SO_SNDTIMEO || option == SNDTIMEO_NEW)
		desc->send_timeout = nanoseconds(&value);
}

static uint8_t ask_number(struct rm_thread *t, int host_fd, long option, uint8_t highest)
{
	int32_t value = 0;
	uint32_t size = sizeof(value);

	if (host_get(t, host_fd, LX_SOL_SOCKET, option, &value, &size) != 0 || value < 0 || value > highest)
		return 0;
	return (uint8_t)value;
}

void rm_socket_learn(struct rm_thread *t, int host_fd, struct rm_desc *like)
{
	struct timeval value = { 0, 0 };
	uint32_t size = sizeof(value);

	like->family = ask_number(t, host_fd, LX_SO_DOMAIN, LX_AF_MAX);
	like->type = ask_number(t, host_fd, LX_SO_TYPE, LX_SOCK_TYPE);
	like->protocol = ask_number(t, host_fd, LX_SO_PROTOCOL, UINT8_MAX);
	if (host_get(t, host_fd, LX_SOL_SOCKET, LX_SO_RCVTIMEO, &value, &size) == 0)
		keep_timeout(like, LX_SO_RCVTIMEO, &value, size);
	size = sizeof(value);
	if (host_get(t, host_fd, LX_SOL_SOCKET, LX_SO_SNDTIMEO, &value, &size) == 0)
		keep_timeout(like, LX_SO_SNDTIMEO, &value, size);
}

static long set_option(struct rm_thread *t, struct rm_desc *desc, const struct rm_args *args)
{
	const long level = (int32_t)args->a[1], option = (int32_t)args->a[2];
	const int32_t size = (int32_t)args->a[4];
	uint8_t value[VALUE_MAX] __attribute__((aligned(8)));
	struct rm_hostcall h;
	long result = refused(level, option);

	if (size < 0 || result)
		return result ? result : -EINVAL;
	if ((uint32_t)size > sizeof(value))
		return -ENOBUFS;
	if (rm_get_user(value, args->a[3], (size_t)size) != 0)
		return -EFAULT;
	result = rm_hostcall_begin(&h, t, LX_setsockopt);
	if (result)
		return result;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	h.message.arg[1] = (uint64_t)level;
	h.message.arg[2] = (uint64_t)option;
	h.message.arg[4] = (uint64_t)size;
	result = rm_hostcall_put(&h, 3, value, (size_t)size);
	if (result >= 0)
		result = rm_hostcall_do(&h, RM_RULE_COUNT, INT32_MAX);
	rm_hostcall_end(&h);
	if (result >= 0 && level == LX_SOL_SOCKET)
		keep_timeout(desc, option, value, (size_t)size);
	return result;
}

static long get_option(struct rm_thread *t, struct rm_desc *desc, const struct rm_args *args)
{
	const long level = (int32_t)args->a[1], option = (int32_t)args->a[2];
	uint8_t value[VALUE_MAX] __attribute__((aligned(8)));
	int32_t room;
	uint32_t size;
	long result = refused(level, option);

	if (result)
		return result;
	if (rm_get_user(&room, args->a[4], sizeof(room)) != 0)
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	size = (uint32_t)room < sizeof(value) ? (uint32_t)room : sizeof(value);
	/* Few options read what stands there; a program may say more than it has. */
	if (rm_get_user(value, args->a[3], size) != 0)
		memset(value, 0, size);
	result = host_get(t, desc->host_fd, level, option, value, &size);
	if (result == 0)
		result = rm_put_user(args->a[3], value, size);
	if (result == 0)
		result = rm_put_user(args->a[4], &size, sizeof(size));
	return result;
}

typedef long option_call(struct rm_thread *t, struct rm_desc *desc, const struct rm_args *args);

static long on_socket(struct rm_thread *t, const struct rm_args *args, option_call *call)
{
	struct rm_desc *desc;
	long result = rm_socket_get(t, args->a[0], &desc);

	if (result)
		return result;
	result = call(t, desc, args);
	rm_put(t, desc);
	return result;
}

long rm_sys_setsockopt(struct rm_thread *t, const struct rm_args *args)
{
	return on_socket(t, args, set_option);
}

long rm_sys_getsockopt(struct rm_thread *t, const struct rm_args *args)
{
	return on_socket(t, args, get_option);
}
