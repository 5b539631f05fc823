/* SPDX-License-Identifier: MIT */
/*
 * fcntl() and close_range().
 *
 * Most commands are Linux's, on the proxy's descriptor. What belongs to descriptors (numbers, close-on-exec) is our table's. Linux drops
 * a process's POSIX record locks on a file when any of its descriptors is closed; descriptors that dup() made share one of the proxy's, so
 * closing one of them has the proxy close a duplicate.
 *
 * Attacks considered: results are bounded by rules; structures that come back are fixed-size and only ever handed to the
 * program, which does not index with them.
 */
#include "posix/device.h"
#include "posix/posix.h"
#include "posix/window.h"

#include "ring/access.h"

#define FD_CLOEXEC	1

enum {
	F_SETOWN = 8, F_GETOWN = 9, F_SETSIG = 10, F_GETSIG = 11, F_SETOWN_EX = 15, F_GETOWN_EX = 16, F_SETLEASE = 1024, F_GETLEASE = 1025,
	F_NOTIFY = 1026, F_DUPFD_QUERY = 1027, F_CREATED_QUERY = 1028, F_SETPIPE_SZ = 1031, F_GETPIPE_SZ = 1032, F_ADD_SEALS = 1033,
	F_GET_SEALS = 1034, F_GET_RW_HINT = 1035, F_SET_FILE_RW_HINT = 1038,
};
enum { F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP };

struct owner {
	int32_t type, pid;
};

long rm_host_fcntl(struct rm_thread *t, int host_fd, unsigned long command, unsigned long value)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_fcntl);

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)host_fd;
	h.message.arg[1] = command;
	h.message.arg[2] = value;
	result = rm_hostcall_do(&h, command == LX_F_DUPFD_CLOEXEC ? RM_RULE_FD : RM_RULE_COUNT, INT32_MAX);
	rm_hostcall_end(&h);
	return result;
}

/* With a structure behind the argument, that goes in, comes out, or both. */
static long structured(struct rm_thread *t, int host_fd, unsigned long command, void *data, size_t size, bool out)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_fcntl), room;

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)host_fd;
	h.message.arg[1] = command;
	room = rm_hostcall_put(&h, 2, data, size);
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0 && out)
		result = rm_hostcall_take(&h, room, data, size);
	rm_hostcall_end(&h);
	return result;
}

long rm_give_position(struct rm_thread *t, struct rm_desc *desc)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_lseek);

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	h.message.arg[1] = (uint64_t)desc->position;
	h.message.arg[2] = LX_SEEK_SET;
	result = rm_hostcall_do(&h, RM_RULE_COUNT, INT64_MAX);
	rm_hostcall_end(&h);
	if (result < 0)
		return result;
	desc->own_position = false;
	return 0;
}

long rm_share_position(struct rm_thread *t, struct rm_desc *desc)
{
	long result = 0;

	rm_lock(&desc->lock);
	if (desc->own_position && desc->kind != RM_KIND_MADE)
		result = rm_give_position(t, desc);
	rm_unlock(&desc->lock);
	return result;
}

static long set_flags(struct rm_thread *t, struct rm_desc *desc, unsigned long flags)
{
	long result = rm_kind(t, desc);

	if (result < 0)
		return result;
	rm_lock(&desc->lock);
	result = 0;
	if (desc->own_position && (flags & LX_O_APPEND))
		result = rm_give_position(t, desc);
	if (result == 0)
		result = rm_host_fcntl(t, desc->host_fd, LX_F_SETFL, flags);
	if (result == 0) {
		desc->nonblock = (flags & LX_O_NONBLOCK) != 0;
		desc->direct = (flags & LX_O_DIRECT) != 0;
		/* With O_DIRECT, io_uring leaves Linux's position where it is (common.c). */
		if (flags & LX_O_DIRECT) {
			desc->ring_moves = false;
			desc->no_window = true;
		}
	}
	rm_unlock(&desc->lock);
	return result;
}

/* Record locks: a range relative to our position must be made absolute for Linux. */
static long record_lock(struct rm_thread *t, struct rm_desc *desc, unsigned long command, unsigned long user)
{
	const bool query = command == LX_F_GETLK || command == LX_F_OFD_GETLK;
	struct lx_flock lock;
	long result = rm_get_user(&lock, user, sizeof(lock));

	if (result)
		return result;
	result = rm_kind(t, desc);
	if (result < 0)
		return result;
	if (lock.whence == LX_SEEK_CUR && desc->own_position) {
		if (__builtin_add_overflow(lock.start, desc->position, &lock.start))
			return -EOVERFLOW;
		lock.whence = LX_SEEK_SET;
	}
	if (command == LX_F_SETLK || command == LX_F_SETLKW)
		__atomic_store_n(&rm_enclave.posix_locks, true, __ATOMIC_RELAXED);
	if (!query)
		rm_map_flush(t, desc);
	result = structured(t, desc->host_fd, command, &lock, sizeof(lock), query);
	if (result == 0 && query)
		result = rm_put_user(user, &lock, sizeof(lock));
	if (result == 0 && !query && lock.type != LX_F_UNLCK)
		rm_map_refresh(t, desc);
	return result;
}

/* What is mapped of the file goes out before its lock, and comes in after it. */
long rm_sys_flock(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc = rm_get(args->a[0]);
	long result;

	if (!desc)
		return -EBADF;
	rm_map_flush(t, desc);
	result = rm_sys_host(t, args);
	if (result == 0)
		rm_map_refresh(t, desc);
	rm_put(t, desc);
	return result;
}

long rm_drop_locks(struct rm_thread *t, const struct rm_desc *desc)
{
	long copy;

	if (!__atomic_load_n(&rm_enclave.posix_locks, __ATOMIC_RELAXED))
		return 0;
	copy = rm_host_fcntl(t, desc->host_fd, LX_F_DUPFD_CLOEXEC, 0);
	return copy < 0 ? copy : rm_close_host(t, (int)copy);
}

/* Who gets SIGIO: the enclave is the proxy's process; of threads Linux knows only the caller by our number. */
static long set_owner(struct rm_thread *t, struct rm_desc *desc, unsigned long user)
{
	struct owner owner;

	if (rm_get_user(&owner, user, sizeof(owner)) != 0)
		return -EFAULT;
	if (owner.type == F_OWNER_TID && owner.pid != (int32_t)rm_enclave.pid && owner.pid == (int32_t)rm_tid(t))
		return -EOPNOTSUPP;
	return structured(t, desc->host_fd, F_SETOWN_EX, &owner, sizeof(owner), false);
}

/* F_GETOWN too goes by the structure: a process group is a negative number, which cannot be told from an error. */
static long get_owner(struct rm_thread *t, struct rm_desc *desc, unsigned long command, unsigned long user)
{
	struct owner owner = { 0, 0 };
	const long result = structured(t, desc->host_fd, F_GETOWN_EX, &owner, sizeof(owner), true);

	if (result)
		return result;
	if (command == F_GETOWN_EX)
		return rm_put_user(user, &owner, sizeof(owner));
	return owner.type == F_OWNER_PGRP ? -(long)owner.pid : owner.pid;
}

static long rw_hint(struct rm_thread *t, struct rm_desc *desc, unsigned long command, unsigned long user)
{
	const bool set = (command & 1) == 0;	/* F_GET_RW_HINT is 1035, F_SET_RW_HINT 1036, and so on */
	uint64_t hint = 0;
	long result = set ? rm_get_user(&hint, user, sizeof(hint)) : 0;

	if (result == 0)
		result = structured(t, desc->host_fd, command, &hint, sizeof(hint), !set);
	return result == 0 && !set ? rm_put_user(user, &hint, sizeof(hint)) : result;
}

static long same_description(struct rm_thread *t, struct rm_desc *desc, unsigned long fd)
{
	struct rm_desc *other = rm_get(fd);
	bool same;

	if (!other)
		return -EBADF;
	same = other == desc;
	rm_put(t, other);
	return same;
}

static long on_description(struct rm_thread *t, struct rm_desc *desc, unsigned long command, unsigned long argument)
{
	switch (command) {
	case LX_F_GETFL:
	case F_GETSIG:
	case F_GETLEASE:
	case F_GETPIPE_SZ:
	case F_GET_SEALS:
	case F_CREATED_QUERY:
		return rm_host_fcntl(t, desc->host_fd, command, 0);
	case F_SETOWN:
	case F_SETSIG:
	case F_SETLEASE:
	case F_NOTIFY:
	case F_SETPIPE_SZ:
		return rm_host_fcntl(t, desc->host_fd, command, argument);
	case F_ADD_SEALS:
		/* Windows map the file: Linux would say that it is in use. */
		rm_window_drop(t, 0);
		return rm_host_fcntl(t, desc->host_fd, command, argument);
	case LX_F_SETFL:
		return set_flags(t, desc, argument);
	case LX_F_GETLK ... LX_F_SETLKW:
	case LX_F_OFD_GETLK ... LX_F_OFD_SETLKW:
		return record_lock(t, desc, command, argument);
	case F_SETOWN_EX:
		return set_owner(t, desc, argument);
	case F_GETOWN:
	case F_GETOWN_EX:
		return get_owner(t, desc, command, argument);
	case F_GET_RW_HINT ... F_SET_FILE_RW_HINT:
		return rw_hint(t, desc, command, argument);
	case F_DUPFD_QUERY:
		return same_description(t, desc, argument);
	default:
		return -EINVAL;
	}
}

long rm_sys_fcntl(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_fd_table *fds = &rm_enclave.fds;
	const int fd = (int)args->a[0];
	const unsigned long command = (uint32_t)args->a[1];
	struct rm_desc *desc;
	long result;

	switch (command) {
	case LX_F_DUPFD:
	case LX_F_DUPFD_CLOEXEC:
		return rm_fd_dup(fds, fd, (int)args->a[2], command == LX_F_DUPFD_CLOEXEC);
	case LX_F_GETFD:
		return rm_fd_cloexec(fds, fd);
	case LX_F_SETFD:
		return rm_fd_set_cloexec(fds, fd, (args->a[2] & FD_CLOEXEC) != 0);
	default:
		break;
	}
	desc = rm_get(args->a[0]);
	if (!desc)
		return -EBADF;
	if (desc->kind == RM_KIND_DEVICE)
		result = rm_device_fcntl(desc, command, args->a[2]);
	else
		result = on_description(t, desc, command, args->a[2]);
	rm_put(t, desc);
	return result;
}

#define CLOSE_RANGE_UNSHARE	2u
#define CLOSE_RANGE_CLOEXEC	4u

/* CLOSE_RANGE_UNSHARE would give this thread a table of its own, which is a program's only way to have two: refused. */
long rm_sys_close_range(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t first = (uint32_t)args->a[0], last = (uint32_t)args->a[1], flags = (uint32_t)args->a[2];

	if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		return -EOPNOTSUPP;
	for (uint32_t fd = first; fd <= last && fd < RM_FD_MAX; fd++) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			rm_fd_set_cloexec(&rm_enclave.fds, (int)fd, true);
		else
			rm_close(t, (int)fd);
	}
	return 0;
}
