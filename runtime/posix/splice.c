/* SPDX-License-Identifier: MIT */
/*
 * Bytes from file to file inside Linux: sendfile, copy_file_range, splice, tee, by host calls; and vmsplice, which copies.
 *
 * A position that is ours goes to Linux as an explicit offset and is moved here by what was done; Linux's positions stay Linux's.
 *
 * Attacks considered: the count is bounded by what was asked, and moves our positions by that much at most; offsets that Linux
 * writes back are not read.
 */
#include "posix/io.h"

#include "lib/string.h"
#include "posix/wait.h"
#include "ring/access.h"
#include "ring/arena.h"

#define SPLICE_F_NONBLOCK	2u
#define SPLICE_F_ALL		15u
#define POLLIN			1
#define POLLOUT			4

/* One side of a move. */
struct end {
	struct rm_desc *desc;
	unsigned long user;	/* where the program keeps the offset, or 0 */
	bool own;		/* the position is ours */
	int64_t offset;
};

static long begin(struct rm_thread *t, struct end *end, unsigned long fd, unsigned long user)
{
	long kind;

	memset(end, 0, sizeof(*end));
	end->user = user;
	end->desc = rm_get(fd);
	if (!end->desc)
		return -EBADF;
	if (user && rm_get_user(&end->offset, user, sizeof(end->offset)) != 0)
		return -EFAULT;
	kind = rm_kind(t, end->desc);
	return kind == RM_KIND_MADE ? -EINVAL : kind < 0 ? kind : 0;
}

/* The positions that are ours, as they are now. No lock is held while Linux moves the bytes, nor does Linux hold one. */
static void look_up(struct end *end)
{
	if (end->user)
		return;
	rm_lock(&end->desc->lock);
	end->own = end->desc->own_position;
	if (end->own)
		end->offset = end->desc->position;
	rm_unlock(&end->desc->lock);
}

static void move_on(const struct end *end, long moved)
{
	rm_lock(&end->desc->lock);
	if (end->desc->own_position)
		end->desc->position = end->offset + moved;
	rm_unlock(&end->desc->lock);
}

static long finish(struct rm_thread *t, struct end *end, long result)
{
	if (end->own && result > 0)
		move_on(end, result);
	if (end->user && result > 0) {
		const int64_t moved = end->offset + result;

		if (rm_put_user(end->user, &moved, sizeof(moved)) != 0)
			result = -EFAULT;
	}
	if (end->desc)
		rm_put(t, end->desc);
	return result;
}

static long finish_both(struct rm_thread *t, struct end *in, struct end *out, long result)
{
	result = finish(t, out, finish(t, in, result));
	if (result == -EPIPE)
		rm_signal_pipe(t);
	return result;
}

/* The offset as argument `arg`, or a null pointer: Linux's own position, or none. */
static long put_offset(struct rm_hostcall *h, int arg, const struct end *end)
{
	long room;

	h->message.arg[arg] = RM_HOST_NULL;
	if (!end->own && !end->user)
		return 0;
	room = rm_hostcall_put(h, arg, &end->offset, sizeof(end->offset));
	return room < 0 ? room : 0;
}

static size_t bounded(unsigned long size)
{
	return size > LX_RW_MAX ? LX_RW_MAX : size;
}

/* copy_file_range() and splice() have the same arguments. */
static long move(struct rm_thread *t, const struct rm_args *args, uint32_t number)
{
	struct end in = { 0 }, out = { 0 };
	struct rm_hostcall h;
	long result = begin(t, &in, args->a[0], args->a[1]);

	if (result == 0)
		result = begin(t, &out, args->a[2], args->a[3]);
	if (result == 0)
		result = rm_hostcall_begin(&h, t, number);
	if (result == 0) {
		look_up(&in);
		look_up(&out);
		h.message.arg[0] = (uint64_t)in.desc->host_fd;
		h.message.arg[2] = (uint64_t)out.desc->host_fd;
		h.message.arg[4] = bounded(args->a[4]);
		h.message.arg[5] = args->a[5];
		result = put_offset(&h, 1, &in);
		if (result == 0)
			result = put_offset(&h, 3, &out);
		if (result == 0)
			result = rm_hostcall_do(&h, RM_RULE_COUNT, bounded(args->a[4]));
		rm_hostcall_end(&h);
	}
	return finish_both(t, &in, &out, result);
}

long rm_sys_copy_file_range(struct rm_thread *t, const struct rm_args *args)
{
	return move(t, args, LX_copy_file_range);
}

long rm_sys_splice(struct rm_thread *t, const struct rm_args *args)
{
	if (args->a[4] == 0)
		return 0;
	if ((uint32_t)args->a[5] & ~SPLICE_F_ALL)
		return -EINVAL;
	return move(t, args, LX_splice);
}

/* Linux writes at the position of `out`, for which sendfile() has no argument: from now on it is Linux's. */
long rm_sys_sendfile(struct rm_thread *t, const struct rm_args *args)
{
	struct end in = { 0 }, out = { 0 };
	struct rm_hostcall h;
	long result = begin(t, &out, args->a[0], 0);

	if (result == 0)
		result = begin(t, &in, args->a[1], args->a[2]);
	if (result == 0)
		result = rm_share_position(t, out.desc);
	if (result == 0)
		result = rm_hostcall_begin(&h, t, LX_sendfile);
	if (result == 0) {
		look_up(&in);
		look_up(&out);
		h.message.arg[0] = (uint64_t)out.desc->host_fd;
		h.message.arg[1] = (uint64_t)in.desc->host_fd;
		h.message.arg[3] = bounded(args->a[3]);
		result = put_offset(&h, 2, &in);
		if (result == 0)
			result = rm_hostcall_do(&h, RM_RULE_COUNT, bounded(args->a[3]));
		rm_hostcall_end(&h);
	}
	return finish_both(t, &in, &out, result);
}

long rm_sys_tee(struct rm_thread *t, const struct rm_args *args)
{
	struct end in = { 0 }, out = { 0 };
	struct rm_hostcall h;
	long result;

	if ((uint32_t)args->a[3] & ~SPLICE_F_ALL)
		return -EINVAL;
	if (args->a[2] == 0)
		return 0;
	result = begin(t, &in, args->a[0], 0);
	if (result == 0)
		result = begin(t, &out, args->a[1], 0);
	if (result == 0)
		result = rm_hostcall_begin(&h, t, LX_tee);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)in.desc->host_fd;
		h.message.arg[1] = (uint64_t)out.desc->host_fd;
		h.message.arg[2] = bounded(args->a[2]);
		h.message.arg[3] = args->a[3];
		result = rm_hostcall_do(&h, RM_RULE_COUNT, bounded(args->a[2]));
		rm_hostcall_end(&h);
	}
	return finish_both(t, &in, &out, result);
}

/* Until the pipe has something, or room: 0 or -errno. */
static long wait_for_pipe(struct rm_thread *t, int host_fd, bool write)
{
	struct lx_pollfd polled = { .fd = host_fd, .events = write ? POLLOUT : POLLIN };
	const struct rm_deadline never = { .set = false };
	const long result = rm_poll_host(t, &polled, 1, &never);

	return result < 0 ? result : 0;
}

static long vmsplice(struct rm_thread *t, int host_fd, const struct lx_iovec *vector, unsigned count, uint32_t flags)
{
	const long mode = rm_host_fcntl(t, host_fd, LX_F_GETFL, 0);
	const bool write = (mode & LX_O_ACCMODE) != 0;
	long result = rm_iter_total(vector, count);
	size_t size;

	if (mode < 0 || rm_host_fcntl(t, host_fd, LX_F_GETPIPE_SZ, 0) < 0)
		return -EBADF;
	if (result <= 0)
		return result;
	size = (size_t)result;
	do {
		struct rm_iter iter = { .at = vector, .left = count };

		result = rm_piece_nowait(t, host_fd, &iter, size, write);
		if (result != -EAGAIN || (flags & SPLICE_F_NONBLOCK))
			break;
		result = wait_for_pipe(t, host_fd, write);
	} while (result == 0);
	if (result == -EPIPE)
		rm_signal_pipe(t);
	return result;
}

long rm_sys_vmsplice(struct rm_thread *t, const struct rm_args *args)
{
	struct lx_iovec vector[LX_IOV_MAX];
	struct rm_desc *desc;
	long result;

	if ((uint32_t)args->a[3] & ~SPLICE_F_ALL || args->a[2] > LX_IOV_MAX)
		return -EINVAL;
	desc = rm_get(args->a[0]);
	if (!desc)
		return -EBADF;
	result = rm_get_user(vector, args->a[1], args->a[2] * sizeof(vector[0]));
	if (result == 0)
		result = vmsplice(t, desc->host_fd, vector, (unsigned)args->a[2], (uint32_t)args->a[3]);
	rm_put(t, desc);
	return result;
}
