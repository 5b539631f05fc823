/* SPDX-License-Identifier: MIT */
/*
 * read(), write() and their kin: which position they use, which engine moves the bytes (pieces.c).
 *
 * Attacks considered: what kind of file a descriptor is, is Linux's word; a wrong one only chooses another engine, each of which
 * bounds what it does by itself. Positions of our own descriptions are private and moved by checked counts only.
 */
#include "posix/io.h"

#include "posix/device.h"
#include "posix/socket.h"
#include "posix/window.h"
#include "ring/access.h"
#include "ring/arena.h"

/* Of preadv2() and pwritev2(). */
enum { RWF_HIPRI = 1, RWF_DSYNC = 2, RWF_SYNC = 4, RWF_NOWAIT = 8, RWF_APPEND = 16, RWF_NOAPPEND = 32 };
#define RWF_KNOWN	(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND)

/* Where a call reads or writes. */
struct target {
	struct rm_desc *desc;
	bool current;		/* the description's position, moved by what was done */
	uint64_t offset;	/* else: this */
	uint32_t flags;		/* RWF_* */
};

/* What windows have, then what they do not. */
static long read_at(struct rm_thread *t, struct rm_desc *d, struct rm_iter *iter, size_t size, uint64_t offset)
{
	const size_t done = offset == RM_LINUX_POSITION ? 0 : rm_window_read(t, d, iter, size, offset);
	long result = 0;

	if (done < size)
		result = rm_read_pieces(t, d->host_fd, iter, size - done, offset == RM_LINUX_POSITION ? offset : offset + done);
	return done > 0 ? (long)done + (result > 0 ? result : 0) : result;
}

static long transfer_at(struct rm_thread *t, struct rm_desc *d, struct rm_iter *iter, size_t size, uint64_t offset, bool write)
{
	if (size == 0) {
		const struct rm_sqe sqe = { .opcode = write ? RM_OP_WRITE : RM_OP_READ, .fd = d->host_fd, .off = offset,
					    .addr = rm_arena_there(t, 0), .op_flags = iter->flags };

		return rm_ring_call(t, &sqe, RM_RULE_COUNT, 0);
	}
	iter->whole = d->direct;
	if (write)
		return rm_write_pieces(t, d->host_fd, iter, size, offset);
	return read_at(t, d, iter, size, offset);
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

/* Without the exit of a call. A write goes piece by piece until one does not go whole. */
static long transfer_nowait(struct rm_thread *t, struct rm_desc *d, struct rm_iter *iter, size_t size, bool write)
{
	size_t total = 0;
	long result;

	do {
		result = rm_piece_nowait(t, d->host_fd, iter, size - total, write);
		total += result > 0 ? (size_t)result : 0;
	} while (write && result == (long)RM_NOWAIT_PIECE && total < size);
	if (result == -EOPNOTSUPP)
		d->no_nowait = true;
	return total > 0 ? (long)total : result;
}

/* At the current position of a description whose kind is known. */
static long transfer_patiently(struct rm_thread *t, struct rm_desc *d, struct rm_iter *iter, size_t size, bool write)
{
	const bool regular = d->kind == RM_KIND_REGULAR || d->kind == RM_KIND_MADE;
	const struct rm_iter start = *iter;
	long result;

	if (d->kind == RM_KIND_TIMER && !write)
		return rm_timer_read(t, d, iter, size);
	if (d->kind == RM_KIND_INOTIFY && !write)
		return rm_inotify_read(t, d, iter, size);
	if (d->kind == RM_KIND_SIGNAL)
		return write ? -EINVAL : rm_signalfd_read(t, d, iter, size);
	if (d->kind == RM_KIND_DEVICE)
		return write ? rm_device_write(t, d, iter, size) : rm_device_read(t, d, iter, size);
	if (d->kind == RM_KIND_SOCKET)
		return transfer_socket(t, d, iter, size, write);
	if (t->poll && d->kind == RM_KIND_OTHER && d->nonblock && !d->no_nowait && size > 0) {
		result = transfer_nowait(t, d, iter, size, write);
		if (result != -EOPNOTSUPP)
			return result;
		*iter = start;
	}
	if (by_call(d) && size > 0 && iter->flags == 0)
		return write ? rm_write_call(t, d->host_fd, iter, size, RM_LINUX_POSITION) :
			       rm_read_call(t, d->host_fd, iter, size, RM_LINUX_POSITION, regular);
	/* As Linux does for files with a position, and only for those: a reader asleep on a socket must not stop a writer. */
	if (regular)
		rm_lock(&d->lock);
	if (d->own_position && (iter->flags & RWF_APPEND))
		result = rm_give_position(t, d);
	else
		result = 0;
	if (result < 0) {
		/* nothing was written */
	} else if (d->kind == RM_KIND_MADE) {
		result = write ? rm_made_write(t, d, iter, size) : rm_made_read(t, d, iter, size, (uint64_t)d->position);
		if (result > 0)
			d->position += result;
	} else if (d->own_position) {
		result = transfer_at(t, d, iter, size, (uint64_t)d->position, write);
		if (result > 0)
			d->position += result;
	} else if (write || size == 0) {
		result = transfer_at(t, d, iter, size, RM_LINUX_POSITION, write);
	} else {
		result = rm_read_stream(t, d->host_fd, iter, size, regular);
	}
	if (regular)
		rm_unlock(&d->lock);
	return result;
}

/* Files and what does not wait are none of a signal's business: Linux never interrupts those. */
static long transfer_here(struct rm_thread *t, struct rm_desc *d, struct rm_iter *iter, size_t size, bool write)
{
	const bool hold = d->kind == RM_KIND_REGULAR || d->kind == RM_KIND_MADE || d->kind == RM_KIND_DIRECTORY || d->nonblock;
	long result;

	t->signal.hold += hold;
	result = transfer_patiently(t, d, iter, size, write);
	t->signal.hold -= hold;
	return result;
}

/* At an offset. What is no file answers by itself: most have none (ESPIPE), some devices do. */
static long transfer_there(struct rm_thread *t, struct rm_desc *d, struct rm_iter *iter, size_t size, uint64_t offset, bool write)
{
	long result;

	switch (d->kind) {
	case RM_KIND_REGULAR:
	case RM_KIND_DIRECTORY:
		return transfer_at(t, d, iter, size, offset, write);
	case RM_KIND_SOCKET:
	case RM_KIND_DEVICE:
		return -ESPIPE;
	case RM_KIND_MADE:
		rm_lock(&d->lock);
		result = write ? -EBADF : rm_made_read(t, d, iter, size, offset);
		rm_unlock(&d->lock);
		return result;
	default:
		return write ? rm_write_call(t, d->host_fd, iter, size, offset) :
			       rm_read_call(t, d->host_fd, iter, size, offset, true);
	}
}

static long transfer_bytes(struct rm_thread *t, const struct target *target, const struct lx_iovec *vector, unsigned count,
			   bool write)
{
	struct rm_iter iter = { .at = vector, .left = count, .flags = target->flags };
	struct rm_desc *d = target->desc;
	long result = rm_iter_total(vector, count), kind;

	if (result < 0)
		return result;
	if (!target->current && target->offset > INT64_MAX - (uint64_t)result)
		return -EINVAL;
	if (write)
		result = rm_file_limit(t, d, (size_t)result, target->current ? RM_LINUX_POSITION : target->offset);
	if (result < 0)
		return result;
	kind = rm_kind(t, d);
	if (kind < 0)
		return kind;
	if (target->current)
		return transfer_here(t, d, &iter, (size_t)result, write);
	return transfer_there(t, d, &iter, (size_t)result, target->offset, write);
}

/* A shared mapping of the file and its reads and writes are to agree. */
static long transfer(struct rm_thread *t, const struct target *target, const struct lx_iovec *vector, unsigned count, bool write)
{
	long result;

	if (__atomic_load_n(&rm_enclave.maps.shared, __ATOMIC_RELAXED) == 0 || rm_kind(t, target->desc) != RM_KIND_REGULAR)
		return transfer_bytes(t, target, vector, count, write);
	rm_map_flush(t, target->desc);
	result = transfer_bytes(t, target, vector, count, write);
	if (write && result > 0)
		rm_map_refresh(t, target->desc);
	return result;
}

static long scalar(struct rm_thread *t, const struct rm_args *args, bool current, bool write)
{
	const struct lx_iovec vector = { .base = args->a[1], .len = args->a[2] > LX_RW_MAX ? LX_RW_MAX : args->a[2] };
	struct target target = { .desc = rm_get(args->a[0]), .current = current, .offset = args->a[3] };
	long result = -EINVAL;

	if (!target.desc)
		return !current && (int64_t)args->a[3] < 0 ? -EINVAL : -EBADF;
	if (current || (int64_t)args->a[3] >= 0)
		result = transfer(t, &target, &vector, 1, write);
	rm_put(t, target.desc);
	return result;
}

static long vectored_with(struct rm_thread *t, const struct rm_args *args, bool current, bool write, uint32_t flags)
{
	struct lx_iovec vector[LX_IOV_MAX];
	struct target target = { .desc = rm_get(args->a[0]), .current = current, .offset = args->a[3], .flags = flags };
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

static long vectored(struct rm_thread *t, const struct rm_args *args, bool current, bool write)
{
	return vectored_with(t, args, current, write, 0);
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

/* The offset -1 means the current position. Polling for completions is a hint, of which a ring without IOPOLL does not want to hear. */
static long vectored2(struct rm_thread *t, const struct rm_args *args, bool write)
{
	const uint32_t flags = (uint32_t)args->a[5];

	if ((flags & ~(uint32_t)RWF_KNOWN) || (!write && (flags & RWF_APPEND)))
		return -EOPNOTSUPP;
	return vectored_with(t, args, args->a[3] == RM_LINUX_POSITION, write, flags & ~(uint32_t)RWF_HIPRI);
}

long rm_sys_preadv2(struct rm_thread *t, const struct rm_args *args)
{
	return vectored2(t, args, false);
}

long rm_sys_pwritev2(struct rm_thread *t, const struct rm_args *args)
{
	return vectored2(t, args, true);
}

long rm_read_private(struct rm_thread *t, const struct rm_desc *desc, void *to, size_t size)
{
	const struct lx_iovec vector = { .base = (uint64_t)to, .len = size };
	struct rm_iter iter = { .at = &vector, .left = 1 };

	if (desc->nonblock)
		return rm_read_call(t, desc->host_fd, &iter, size, RM_LINUX_POSITION, false);
	return rm_read_stream(t, desc->host_fd, &iter, size, false);
}

long rm_read_at(struct rm_thread *t, int host_fd, void *to, size_t size, uint64_t offset)
{
	const struct lx_iovec vector = { .base = (uint64_t)to, .len = size };
	struct rm_iter iter = { .at = &vector, .left = 1 };

	if (size == 0)
		return 0;
	return rm_read_pieces(t, host_fd, &iter, size, offset);
}
