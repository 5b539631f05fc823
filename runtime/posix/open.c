/* SPDX-License-Identifier: MIT */
/*
 * Descriptors come and go: openat, close, dup, pipe2; and lseek.
 *
 * Attacks considered: a descriptor that Linux names is only a number that we give back to it (0 .. RM_HOST_FD_MAX); sizes and
 * positions must not be negative.
 */
#include "posix/checked.h"
#include "posix/device.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/arena.h"
#include "ring/late.h"

/* How to open: struct open_how of openat2(). */
#define RESOLVE_BENEATH	0x08u	/* no absolute path */
#define RESOLVE_IN_ROOT	0x10u	/* the directory is the root, also of absolute paths and of what names /proc */

struct how {
	uint64_t flags, mode, resolve;
};

/*
 * io_uring first tries to open a file at once as if O_NONBLOCK had been asked for, and takes that for the answer: ENXIO for a FIFO that
 * nobody reads yet, success for one that nobody writes. So it is told to leave the work to a thread that may wait; where an exit is
 * needed anyway, a call of the proxy's own thread is cheaper.
 */
/* Opening a FIFO or a terminal may wait for its other end, which is no failure of Linux: the deadline is not meant for that. */
static bool waits_for_others(struct rm_thread *t, const struct rm_path *path, const struct how *how)
{
	struct lx_statx info;

	if (how->flags & LX_O_NONBLOCK)
		return false;
	if (rm_statx(t, path->host_fd, path->text, path->size, 0, LX_STATX_TYPE, &info) != 0)
		return false;
	return (info.mode & LX_S_IFMT) == LX_S_IFIFO || (info.mode & LX_S_IFMT) == LX_S_IFCHR;
}

static long open_by_call(struct rm_thread *t, const struct rm_path *path, const struct how *how, bool openat2)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, openat2 ? LX_openat2 : LX_openat);

	if (result)
		return result;
	h.patient = t->deadline != 0 && waits_for_others(t, path, how);
	h.message.arg[0] = (uint64_t)path->host_fd;
	h.message.arg[2] = how->flags;
	h.message.arg[3] = openat2 ? sizeof(*how) : how->mode;
	result = rm_hostcall_put(&h, 1, path->text, path->size);
	if (result >= 0 && openat2)
		result = rm_hostcall_put(&h, 2, how, sizeof(*how));
	if (result >= 0)
		result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	return result;
}

static long open_by_ring(struct rm_thread *t, const struct rm_path *path, const struct how *how, bool openat2)
{
	const int slot = rm_arena_take(t, 1);
	struct rm_sqe sqe = { .opcode = RM_OP_OPENAT, .flags = RM_SQE_ASYNC, .fd = path->host_fd, .len = (uint32_t)how->mode,
			      .op_flags = (uint32_t)how->flags };
	long result;

	if (slot < 0)
		return slot;
	sqe.addr = rm_arena_there(t, slot);
	result = rm_copy(rm_arena_here(t, slot), path->text, path->size);
	if (result == 0 && openat2) {
		sqe.opcode = RM_OP_OPENAT2;
		sqe.op_flags = 0;
		sqe.len = sizeof(*how);
		sqe.off = sqe.addr + LX_PATH_MAX;
		result = rm_copy((char *)rm_arena_here(t, slot) + LX_PATH_MAX, how, sizeof(*how));
	}
	if (result == 0)
		result = rm_ring_call(t, &sqe, RM_RULE_FD, 0);
	rm_arena_give(t, slot, 1);
	return result;
}

/* The proxy's descriptors are never inherited by what the proxy might start; the program's own flag is in our table. */
static long host_open(struct rm_thread *t, const struct rm_path *path, const struct how *wanted, bool openat2)
{
	struct how how = *wanted;

	how.flags |= LX_O_CLOEXEC;
	return t->poll && t->deadline == 0 ? open_by_ring(t, path, &how, openat2) : open_by_call(t, path, &how, openat2);
}

/* Puts a descriptor of the proxy behind a reserved one of ours. */
static long install(struct rm_thread *t, int fd, long host_fd, uint32_t flags)
{
	int result;

	if (host_fd < 0) {
		rm_fd_unreserve(&rm_enclave.fds, fd);
		return host_fd;
	}
	result = rm_fd_install(&rm_enclave.fds, t->host_process, fd, (int)host_fd, flags);
	if (result < 0)
		rm_close_host(t, (int)host_fd);
	return result;
}

void rm_late_descriptor(struct rm_thread *t, int host_fd)
{
	rm_close_host(t, host_fd);
}

long rm_new_fd(struct rm_thread *t, long host_fd, uint32_t flags, enum rm_kind kind)
{
	int fd;

	if (host_fd < 0)
		return host_fd;
	fd = rm_fd_reserve(&rm_enclave.fds, 0, (flags & LX_O_CLOEXEC) != 0);
	if (fd >= 0)
		fd = rm_fd_install_kind(&rm_enclave.fds, t->host_process, fd, (int)host_fd, flags, kind);
	if (fd < 0)
		rm_close_host(t, (int)host_fd);
	return fd;
}

/* Hands a descriptor of the proxy on if the file is what the manifest says; else it is closed. */
static long check(struct rm_thread *t, int host_fd, const char *hash, struct rm_content *content)
{
	const long result = rm_checked_read(t, host_fd, hash, content);

	if (result)
		rm_close_host(t, host_fd);
	return result ? result : host_fd;
}

static long open_path(struct rm_thread *t, const struct rm_path *path, const struct how *how, bool openat2)
{
	const uint32_t flags = (uint32_t)how->flags;
	struct rm_content content = { 0 };
	struct rm_desc *desc;
	long result = rm_made_check(path->made, flags);
	int fd;

	if (result)
		return result;
	fd = rm_fd_reserve(&rm_enclave.fds, 0, (flags & LX_O_CLOEXEC) != 0);
	if (fd < 0)
		return fd;
	result = host_open(t, path, how, openat2);
	if (result >= 0 && path->hash && !(flags & LX_O_PATH))
		result = check(t, (int)result, path->hash, &content);
	result = install(t, fd, result, flags);
	if (result < 0 && content.at)
		rm_checked_free(content.at, content.size);
	if (result >= 0 && (path->made != RM_MADE_NONE || path->read_only)) {
		desc = rm_get((unsigned long)result);
		if (desc) {
			desc->read_only = path->read_only;
			if (content.at)
				rm_checked_set(desc, &content);
			else if (path->made != RM_MADE_NONE)
				rm_made_set(desc, path->made, path->made_of);
			rm_put(t, desc);
		}
	}
	return result;
}

static long open_at(struct rm_thread *t, const struct rm_args *args, const struct how *how, bool openat2)
{
	const int device = rm_device_named(args->a[1]);
	struct rm_path path;
	long result;

	if (device >= 0)
		return rm_device_open(device, (uint32_t)how->flags);
	/* With O_NOFOLLOW, a link at the end of the path is not what it leads to. */
	if ((how->resolve & RESOLVE_IN_ROOT) || ((how->resolve & RESOLVE_BENEATH) && t->restricted))
		result = rm_path_begin_raw(&path, args->a[0], args->a[1]);
	else if (how->flags & LX_O_NOFOLLOW)
		result = rm_path_begin_link(&path, args->a[0], args->a[1]);
	else
		result = rm_path_begin(&path, args->a[0], args->a[1]);
	if (result == 0)
		result = open_path(t, &path, how, openat2);
	rm_path_end(t, &path);
	return result;
}

long rm_sys_openat(struct rm_thread *t, const struct rm_args *args)
{
	const struct how how = { .flags = (uint32_t)args->a[2], .mode = args->a[3] & 07777 };

	return open_at(t, args, &how, false);
}

#define HOW_MAX	4096u

/* The structure may be longer than the one we know, with zeroes behind it. */
static long get_how(struct how *how, unsigned long user, size_t size)
{
	uint8_t more[64];

	if (size < sizeof(*how))
		return -EINVAL;
	if (size > HOW_MAX)
		return -E2BIG;
	if (rm_get_user(how, user, sizeof(*how)) != 0)
		return -EFAULT;
	for (size_t done = sizeof(*how), piece; done < size; done += piece) {
		piece = size - done < sizeof(more) ? size - done : sizeof(more);
		if (rm_get_user(more, user + done, piece) != 0)
			return -EFAULT;
		for (size_t i = 0; i < piece; i++)
			if (more[i] != 0)
				return -E2BIG;
	}
	return 0;
}

long rm_sys_openat2(struct rm_thread *t, const struct rm_args *args)
{
	struct how how;
	const long result = get_how(&how, args->a[2], args->a[3]);
	const struct rm_args as_openat = { .number = LX_openat, .a = { [2] = how.flags } };

	if (result)
		return result;
	if (t->restricted)
		t->args = &as_openat;	/* for what it is to be done; dispatch.c takes it away again */
	return open_at(t, args, &how, true);
}

long rm_sys_memfd_create(struct rm_thread *t, const struct rm_args *args)
{
	enum { MFD_CLOEXEC = 1, NAME_MAX = 250 };
	char name[NAME_MAX];
	struct rm_hostcall h;
	long length, result = rm_copy_string(name, (const char *)args->a[0], sizeof(name));

	if (result < 0)
		return result == -ENAMETOOLONG ? -EINVAL : result;
	length = result + 1;
	result = rm_hostcall_begin(&h, t, LX_memfd_create);
	if (result)
		return result;
	h.message.arg[1] = (uint32_t)args->a[1] | MFD_CLOEXEC;
	result = rm_hostcall_put(&h, 0, name, (size_t)length);
	if (result >= 0)
		result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	return rm_new_fd(t, result, LX_O_RDWR | (args->a[1] & MFD_CLOEXEC ? LX_O_CLOEXEC : 0), RM_KIND_UNKNOWN);
}

/* Handles name a file for ever, past any path: nothing for a program that the proxy's user does not trust more than that. */
long rm_sys_no_handles(struct rm_thread *t, const struct rm_args *args)
{
	(void)t;
	return args->number == LX_open_by_handle_at ? -EPERM : -EOPNOTSUPP;
}

/* What is to be done when a descriptor no longer names a description. */
static long release(struct rm_thread *t, struct rm_desc *desc)
{
	if (desc->host_fd >= 0) {
		rm_map_flush(t, desc);
		rm_drop_locks(t, desc);
	}
	return rm_put(t, desc);
}

long rm_close(struct rm_thread *t, int fd)
{
	struct rm_desc *desc = rm_fd_remove(&rm_enclave.fds, fd);

	return desc ? release(t, desc) : -EBADF;
}

long rm_sys_close(struct rm_thread *t, const struct rm_args *args)
{
	return rm_close(t, (int)args->a[0]);
}

long rm_sys_dup(struct rm_thread *t, const struct rm_args *args)
{
	(void)t;
	return rm_fd_dup(&rm_enclave.fds, (int)args->a[0], 0, false);
}

long rm_sys_dup3(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long flags = args->a[2];
	struct rm_desc *replaced;
	long result;

	if ((int)args->a[0] == (int)args->a[1] || (flags & ~(unsigned long)LX_O_CLOEXEC) != 0)
		return -EINVAL;
	result = rm_fd_dup_to(&rm_enclave.fds, (int)args->a[0], (int)args->a[1], flags != 0, &replaced);
	if (replaced)
		release(t, replaced);
	return result;
}

static void undo(struct rm_thread *t, int fd)
{
	struct rm_desc *desc = rm_fd_remove(&rm_enclave.fds, fd);

	if (desc)
		rm_put(t, desc);
}

long rm_sys_pipe2(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[1];
	struct rm_hostcall h;
	int32_t host[2] = { -1, -1 }, fd[2];
	long result = rm_hostcall_begin(&h, t, LX_pipe2), room;

	if (result)
		return result;
	h.message.arg[1] = flags | LX_O_CLOEXEC;
	room = rm_hostcall_room(&h, 0, sizeof(host));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, host, sizeof(host));
	rm_hostcall_end(&h);
	if (result)
		return result;
	for (int i = 0; i < 2; i++) {
		if (host[i] < 0 || host[i] > RM_HOST_FD_MAX) {
			rm_count(t, RM_COUNT_CONTENT);
			return -EIO;
		}
	}
	for (int i = 0; i < 2; i++) {
		fd[i] = result < 0 ? -1 : rm_fd_reserve(&rm_enclave.fds, 0, (flags & LX_O_CLOEXEC) != 0);
		if (fd[i] >= 0) {
			result = install(t, fd[i], host[i], (uint32_t)i | (flags & LX_O_NONBLOCK));
			fd[i] = result < 0 ? -1 : fd[i];	/* if not, it is somebody else's again */
		} else {
			result = result < 0 ? result : fd[i];
			rm_close_host(t, host[i]);
		}
	}
	result = result < 0 ? result : rm_put_user(args->a[0], fd, sizeof(fd));
	for (int i = 0; result < 0 && i < 2; i++)
		undo(t, fd[i]);
	return result;
}

static long host_seek(struct rm_thread *t, int host_fd, int64_t offset, unsigned long whence)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_lseek);

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)host_fd;
	h.message.arg[1] = (uint64_t)offset;
	h.message.arg[2] = whence;
	result = rm_hostcall_do(&h, RM_RULE_COUNT, INT64_MAX);
	rm_hostcall_end(&h);
	return result;
}

#define FAR	(1l << 40)

/* In a description whose position is ours. */
static long own_seek(struct rm_thread *t, struct rm_desc *desc, int64_t offset, unsigned long whence)
{
	struct lx_statx answer;
	int64_t base = 0;
	long result;

	switch (whence) {
	case LX_SEEK_SET:
		break;
	case LX_SEEK_CUR:
		base = desc->position;
		break;
	case LX_SEEK_END:
		result = rm_statx(t, desc->host_fd, NULL, 0, 0, LX_STATX_SIZE, &answer);
		if (result)
			return result;
		base = (int64_t)answer.size;
		break;
	default:	/* SEEK_DATA, SEEK_HOLE, or nothing that exists */
		result = host_seek(t, desc->host_fd, offset, whence);
		if (result >= 0)
			desc->position = result;
		return result;
	}
	if ((offset > 0 && base > INT64_MAX - offset) || base + offset < 0)
		return -EINVAL;
	/* How far a file can reach is for its file system to say. */
	if (base + offset > FAR) {
		result = host_seek(t, desc->host_fd, base + offset, LX_SEEK_SET);
		if (result < 0)
			return result;
	}
	desc->position = base + offset;
	return desc->position;
}

long rm_sys_lseek(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc = rm_get(args->a[0]);
	long result;

	if (!desc)
		return -EBADF;
	result = rm_kind(t, desc);
	if (result == RM_KIND_DEVICE) {
		result = -ESPIPE;
	} else if (result >= 0 && desc->own_position) {
		rm_lock(&desc->lock);
		if (result == RM_KIND_MADE)
			result = rm_made_seek(desc, (int64_t)args->a[1], args->a[2]);
		else
			result = own_seek(t, desc, (int64_t)args->a[1], (uint32_t)args->a[2]);
		rm_unlock(&desc->lock);
	} else if (result >= 0) {
		result = host_seek(t, desc->host_fd, (int64_t)args->a[1], (uint32_t)args->a[2]);
	}
	rm_put(t, desc);
	return result;
}
