/* SPDX-License-Identifier: MIT */
/*
 * sendto(), recvfrom(), sendmsg(), recvmsg() and their kin: a program's arguments in, its structures out. What they describe is
 * moved by transfer.c.
 *
 * Attacks considered: none of what is here is the host's word but what transfer.c has checked.
 */
#include "posix/socket.h"

#include "lib/string.h"
#include "ring/access.h"

struct lx_mmsghdr {
	struct lx_msghdr header;
	uint32_t size, pad;
};

/* Everything one sendmsg() or recvmsg() needs; large. */
struct work {
	struct rm_message message;
	struct lx_msghdr header;
	struct rm_name name;
	struct rm_control control;
	struct lx_iovec vector[LX_IOV_MAX];
};

static long one_buffer(struct rm_message *m, struct lx_iovec *vector, const struct rm_args *args)
{
	long total;

	vector->base = args->a[1];
	vector->len = args->a[2] > LX_RW_MAX ? LX_RW_MAX : args->a[2];
	m->iter = (struct rm_iter){ .at = vector, .left = 1 };
	m->flags = (uint32_t)args->a[3];
	total = rm_iter_total(vector, 1);
	m->size = total < 0 ? 0 : (size_t)total;
	return total < 0 ? total : 0;
}

/* The name of whom to send to; a datagram of AF_NETLINK is remembered. */
static long send_message(struct rm_thread *t, struct rm_desc *desc, struct rm_message *m)
{
	if (desc->family == LX_AF_NETLINK && m->iter.left > 0)
		rm_netlink_sent(desc, m->iter.at->base, m->iter.at->len);
	return rm_socket_send(t, desc, m);
}

long rm_sys_sendto(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_message m = { .head = false };
	struct lx_iovec vector;
	struct rm_desc *desc;
	struct rm_name name;
	long result = one_buffer(&m, &vector, args);

	if (result == 0)
		result = rm_socket_get(t, args->a[0], &desc);
	if (result)
		return result;
	if (args->a[4]) {
		m.name = &name;
		result = rm_name_get(&name, args->a[4], args->a[5]);
	}
	if (result == 0)
		result = send_message(t, desc, &m);
	rm_put(t, desc);
	return result;
}

long rm_sys_recvfrom(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_message m = { .head = false };
	struct lx_iovec vector;
	struct rm_desc *desc;
	struct rm_name name;
	long result = one_buffer(&m, &vector, args), error;

	if (result == 0)
		result = rm_socket_get(t, args->a[0], &desc);
	if (result)
		return result;
	if (args->a[4])
		m.name = &name;
	result = rm_socket_receive(t, desc, &m);
	if (result >= 0 && args->a[4]) {
		error = rm_name_put(&name, args->a[4], args->a[5]);
		result = error ? error : result;
	}
	rm_put(t, desc);
	return result;
}

/* Header and vector of a message, in Linux's order of errors. */
static long get_header(struct work *w, unsigned long user, unsigned long flags)
{
	struct lx_msghdr *h = &w->header;
	struct rm_message *m = &w->message;
	long total;

	*m = (struct rm_message){ .flags = (uint32_t)flags };
	if (flags & LX_MSG_CMSG_COMPAT)
		return -EINVAL;
	if (rm_get_user(h, user, sizeof(*h)) != 0)
		return -EFAULT;
	if (h->name == 0)
		h->name_size = 0;
	if ((int32_t)h->name_size < 0)
		return -EINVAL;
	if (h->name_size > LX_SOCKADDR_MAX)
		h->name_size = LX_SOCKADDR_MAX;
	if (h->iov_count > LX_IOV_MAX)
		return -EMSGSIZE;
	if (rm_get_user(w->vector, h->iov, h->iov_count * sizeof(w->vector[0])) != 0)
		return -EFAULT;
	total = rm_iter_total(w->vector, (unsigned)h->iov_count);
	if (total < 0)
		return total;
	m->iter = (struct rm_iter){ .at = w->vector, .left = (unsigned)h->iov_count };
	m->size = (size_t)total;
	return 0;
}

static long send_work(struct rm_thread *t, struct rm_desc *desc, struct work *w)
{
	struct rm_held held = { .count = 0 };
	long result = 0;

	if (w->header.name_size > 0) {
		w->message.name = &w->name;
		result = rm_name_get(&w->name, w->header.name, w->header.name_size);
	}
	if (result == 0 && w->header.control_size > sizeof(w->control.bytes))
		result = -ENOBUFS;
	if (result == 0 && w->header.control_size > 0) {
		w->message.control = &w->control;
		w->control.size = w->header.control_size;
		result = rm_get_user(w->control.bytes, w->header.control, w->control.size);
		if (result == 0)
			result = rm_control_to_host(t, desc->family, &w->control, &held);
	}
	if (result == 0)
		result = send_message(t, desc, &w->message);
	rm_control_release(t, &held);
	return result;
}

/* What recvmsg() gives back beside the data. */
static long put_back(struct work *w, unsigned long user)
{
	const struct rm_message *m = &w->message;
	struct lx_msghdr *h = &w->header;
	long error = 0;

	if (m->name) {
		const uint32_t room = h->name_size;

		h->name_size = w->name.size;
		error = rm_put_user(h->name, w->name.bytes, room < w->name.size ? room : w->name.size);
	}
	if (error == 0 && m->control)
		error = rm_put_user(h->control, w->control.bytes, w->control.size);
	h->control_size = m->control ? w->control.size : 0;
	h->flags = m->out_flags | (m->flags & LX_MSG_CMSG_CLOEXEC);
	if (error == 0 && m->name)
		error = rm_put_user(user + offsetof(struct lx_msghdr, name_size), &h->name_size, sizeof(h->name_size));
	if (error == 0)
		error = rm_put_user(user + offsetof(struct lx_msghdr, control_size), &h->control_size,
				    sizeof(h->control_size));
	if (error == 0)
		error = rm_put_user(user + offsetof(struct lx_msghdr, flags), &h->flags, sizeof(h->flags));
	return error;
}

static long receive_work(struct rm_thread *t, struct rm_desc *desc, struct work *w, unsigned long user)
{
	const struct lx_msghdr *h = &w->header;
	long result, error;

	w->message.head = true;
	w->message.name = h->name ? &w->name : NULL;
	w->control.size = h->control_size < sizeof(w->control.bytes) ? h->control_size : sizeof(w->control.bytes);
	w->message.control = w->control.size > 0 ? &w->control : NULL;
	result = rm_socket_receive(t, desc, &w->message);
	if (result < 0)
		return result;
	error = put_back(w, user);
	if (error && w->message.control)
		rm_control_undo(t, &w->control);
	return error ? error : result;
}

/* One message: what its header at `user` says is sent, or received into. */
static long exchange(struct rm_thread *t, struct rm_desc *desc, struct work *w, unsigned long user, unsigned long flags, bool send)
{
	const long result = get_header(w, user, flags);

	if (result)
		return result;
	return send ? send_work(t, desc, w) : receive_work(t, desc, w, user);
}

static long message_call(struct rm_thread *t, const struct rm_args *args, bool send)
{
	struct rm_desc *desc;
	struct work w;
	long result = rm_socket_get(t, args->a[0], &desc);

	if (result)
		return result;
	result = exchange(t, desc, &w, args->a[1], args->a[2], send);
	rm_put(t, desc);
	return result;
}

long rm_sys_sendmsg(struct rm_thread *t, const struct rm_args *args)
{
	return message_call(t, args, true);
}

long rm_sys_recvmsg(struct rm_thread *t, const struct rm_args *args)
{
	return message_call(t, args, false);
}

/* One of many: the message and its count of bytes. */
static long one_of_many(struct rm_thread *t, struct rm_desc *desc, struct work *w, unsigned long user, unsigned long flags, bool send)
{
	const long result = exchange(t, desc, w, user, flags, send);
	const uint32_t size = (uint32_t)result;

	return result < 0 ? result : rm_put_user(user + offsetof(struct lx_mmsghdr, size), &size, sizeof(size));
}

long rm_sys_sendmmsg(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned count = (uint32_t)args->a[2] > LX_IOV_MAX ? LX_IOV_MAX : (uint32_t)args->a[2];
	struct rm_desc *desc;
	struct work w;
	long result = rm_socket_get(t, args->a[0], &desc);
	unsigned i;

	if (result)
		return result;
	for (i = 0; result == 0 && i < count; i++)
		result = one_of_many(t, desc, &w, args->a[1] + i * sizeof(struct lx_mmsghdr), args->a[3], true);
	rm_put(t, desc);
	if (result)
		i--;
	return i > 0 ? (long)i : result;
}

/* Looked at between messages only, as Linux does. */
static long get_deadline(unsigned long user, uint64_t *deadline)
{
	struct lx_timespec timeout;

	*deadline = UINT64_MAX;
	if (user == 0)
		return 0;
	if (rm_get_user(&timeout, user, sizeof(timeout)) != 0)
		return -EFAULT;
	if (timeout.sec < 0 || timeout.nsec < 0 || timeout.nsec >= 1000000000)
		return -EINVAL;
	if (timeout.sec < INT32_MAX)
		*deadline = rm_time_elapsed() + (uint64_t)timeout.sec * 1000000000u + (uint64_t)timeout.nsec;
	return 0;
}

static long put_left(unsigned long user, uint64_t deadline)
{
	const uint64_t now = rm_time_elapsed(), left = deadline > now ? deadline - now : 0;
	const struct lx_timespec timeout = { .sec = (int64_t)(left / 1000000000u), .nsec = (int64_t)(left % 1000000000u) };

	return deadline == UINT64_MAX ? 0 : rm_put_user(user, &timeout, sizeof(timeout));
}

long rm_sys_recvmmsg(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned count = (uint32_t)args->a[2] > LX_IOV_MAX ? LX_IOV_MAX : (uint32_t)args->a[2];
	unsigned long flags = args->a[3];
	struct rm_desc *desc;
	struct work w;
	uint64_t deadline;
	long result = get_deadline(args->a[4], &deadline);
	unsigned done = 0;

	if (result == 0)
		result = rm_socket_get(t, args->a[0], &desc);
	if (result)
		return result;
	while (result == 0 && done < count) {
		result = one_of_many(t, desc, &w, args->a[1] + done * sizeof(struct lx_mmsghdr), flags, false);
		if (result)
			break;
		done++;
		if (flags & LX_MSG_WAITFORONE)
			flags |= LX_MSG_DONTWAIT;
		if (rm_time_elapsed() >= deadline || (w.message.out_flags & LX_MSG_OOB))
			break;
	}
	rm_put(t, desc);
	if (done > 0 && args->a[4])
		result = put_left(args->a[4], deadline);
	else if (done > 0)
		result = 0;
	return result ? result : (long)done;
}
