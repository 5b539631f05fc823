/* SPDX-License-Identifier: MIT */
/*
 * read(), write() and their kin: which position they use, which engine moves the bytes (pieces.c).
 *
 * Attacks considered: what kind of file a descriptor is, is Linux's word; a wrong one only chooses another engine, each of which
 * bounds what it does by itself. Positions of our own descriptions are private and moved by checked counts only.
 */
#include "posix/io.h"

#include "posix/socket.h"
#include "ring/access.h"
#include "ring/arena.h"

/* Where a call reads or writes. */
struct target {
	struct rm_desc *desc;
	bool current;		/* the description's position, moved by what was done */
	uint64_t offset;	/* else: this */
};

static long transfer_at(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset, bool write)
{
	if (size == 0) {
		const struct rm_sqe sqe = { .opcode = write ? RM_OP_WRITE : RM_OP_READ, .fd = host_fd, .off = offset,
					    .addr = rm_arena_there(t, 0) };

		return rm_ring_call(t, &sqe, RM_RULE_COUNT, 0);
	}
	if (write)
		return rm_write_pieces(t, host_fd, iter, size, offset);
	return rm_read_pieces(t, host_fd, iter, size, offset);
}

static bool by_call(const struct rm_desc *d)
{
	switch (d->kind) {
	case RM_KIND_TTY:
		return true;
	case RM_KIND_OTHER:
		return d->nonblock;
	default:
		return !d->own_position && !d->ring_moves;
	}
}

static long transfer_socket(struct rm_thread *t, struct rm_desc *d, const struct rm_iter *iter, size_t size, bool write)
{
	struct rm_message message = { .iter = *iter, .size = size };

	if (write)
		return rm_socket_send(t, d, &message);
	return size == 0 ? 0 : rm_socket_receive(t, d, &message);
}

/* At the current position of a description whose kind is known. */
static long transfer_here(struct rm_thread *t, struct rm_desc *d, struct rm_iter *iter, size_t size, bool write)
{
	const bool regular = d->kind == RM_KIND_REGULAR;
	long result;

	if (d->kind == RM_KIND_SOCKET)
		return transfer_socket(t, d, iter, size, write);
	if (by_call(d) && size > 0)
		return write ? rm_write_call(t, d->host_fd, iter, size, RM_LINUX_POSITION) :
			       rm_read_call(t, d->host_fd, iter, size, RM_LINUX_POSITION, regular);
	/* As Linux does for files with a position, and only for those: a reader asleep on a socket must not stop a writer. */
	if (regular)
		rm_lock(&d->lock);
	if (d->own_position) {
		result = transfer_at(t, d->host_fd, iter, size, (uint64_t)d->position, write);
		if (result > 0)
			d->position += result;
	} else if (write || size == 0) {
		result = transfer_at(t, d->host_fd, iter, size, RM_LINUX_POSITION, write);
	} else {
		result = rm_read_stream(t, d->host_fd, iter, size, regular);
	}
	if (regular)
		rm_unlock(&d->lock);
	return result;
}

/* At an offset. What is no file answers by itself: most have none (ESPIPE), some devices do. */
static long transfer_there(struct rm_thread *t, const struct rm_desc *d, struct rm_iter *iter, size_t size, uint64_t offset,
			   bool write)
{
	switch (d->kind) {
	case RM_KIND_REGULAR:
	case RM_KIND_DIRECTORY:
		return transfer_at(t, d->host_fd, iter, size, offset, write);
	case RM_KIND_SOCKET:
		return -ESPIPE;
	default:
		return write ? rm_write_call(t, d->host_fd, iter, size, offset) :
			       rm_read_call(t, d->host_fd, iter, size, offset, true);
	}
}

static long transfer(struct rm_thread *t, const struct target *target, const struct lx_iovec *vector, unsigned count,
		     bool write)
{
	struct rm_iter iter = { .at = vector, .left = count };
	long result = rm_iter_total(vector, count);
	size_t size;

	if (result < 0)
		return result;
	size = (size_t)result;
	result = rm_kind(t, target->desc);
	if (result < 0)
		return result;
	if (!target->current) {
		if (target->offset > INT64_MAX - size)
			return -EINVAL;
		return transfer_there(t, target->desc, &iter, size, target->offset, write);
	}
	return transfer_here(t, target->desc, &iter, size, write);
}

static long scalar(struct rm_thread *t, const struct rm_args *args, bool current, bool write)
{
	const struct lx_iovec vector = { .base = args->a[1], .len = args->a[2] > LX_RW_MAX ? LX_RW_MAX : args->a[2] };
	struct target target = { .desc = rm_get(args->a[0]), .current = current, .offset = args->a[3] };
	long result;

	if (!target.desc)
		return -EBADF;
	if (!current && (int64_t)args->a[3] < 0)
		result = -EINVAL;
	else
		result = transfer(t, &target, &vector, 1, write);
	rm_put(t, target.desc);
	return result;
}

static long vectored(struct rm_thread *t, const struct rm_args *args, bool current, bool write)
{
	struct lx_iovec vector[LX_IOV_MAX];
	struct target target = { .desc = rm_get(args->a[0]), .current = current, .offset = args->a[3] };
	const unsigned long count = args->a[2];
	long result;

	if (!target.desc)
		return -EBADF;
	if (count > LX_IOV_MAX || (!current && (int64_t)args->a[3] < 0))
		result = -EINVAL;
	else
		result = rm_get_user(vector, args->a[1], count * sizeof(vector[0]));
	if (result == 0)
		result = transfer(t, &target, vector, (unsigned)count, write);
	rm_put(t, target.desc);
	return result;
}

long rm_sys_read(struct rm_thread *t, const struct rm_args *args)
{
	return scalar(t, args, true, false);
}

long rm_sys_write(struct rm_thread *t, const struct rm_args *args)
{
	return scalar(t, args, true, true);
}

long rm_sys_pread(struct rm_thread *t, const struct rm_args *args)
{
	return scalar(t, args, false, false);
}

long rm_sys_pwrite(struct rm_thread *t, const struct rm_args *args)
{
	return scalar(t, args, false, true);
}

long rm_sys_readv(struct rm_thread *t, const struct rm_args *args)
{
	return vectored(t, args, true, false);
}

long rm_sys_writev(struct rm_thread *t, const struct rm_args *args)
{
	return vectored(t, args, true, true);
}

long rm_sys_preadv(struct rm_thread *t, const struct rm_args *args)
{
	return vectored(t, args, false, false);
}

long rm_sys_pwritev(struct rm_thread *t, const struct rm_args *args)
{
	return vectored(t, args, false, true);
}

/* The offset -1 means the current position; flags are not supported yet. */
static long vectored2(struct rm_thread *t, const struct rm_args *args, bool write)
{
	if (args->a[5] != 0)
		return -EOPNOTSUPP;
	return vectored(t, args, args->a[3] == RM_LINUX_POSITION, write);
}

long rm_sys_preadv2(struct rm_thread *t, const struct rm_args *args)
{
	return vectored2(t, args, false);
}

long rm_sys_pwritev2(struct rm_thread *t, const struct rm_args *args)
{
	return vectored2(t, args, true);
}

long rm_read_at(struct rm_thread *t, int host_fd, void *to, size_t size, uint64_t offset)
{
	const struct lx_iovec vector = { .base = (uint64_t)to, .len = size };
	struct rm_iter iter = { .at = &vector, .left = 1 };

	if (size == 0)
		return 0;
	return rm_read_pieces(t, host_fd, &iter, size, offset);
}
