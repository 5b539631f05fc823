/* SPDX-License-Identifier: MIT */
/*
 * Calls with an io_uring opcode that move no data: names (unlink, rename, mkdir, link) and the sizes and durability of files.
 *
 * Attacks considered: all answer 0 or an error, and the ring's rule makes sure of that.
 */
#include "posix/posix.h"
#include "posix/window.h"

#include "ring/access.h"
#include "ring/arena.h"

/* Does an operation on one or two paths; the SQE lacks the addresses only. */
static long on_paths(struct rm_thread *t, struct rm_sqe *sqe, const struct rm_path *a, const struct rm_path *b)
{
	const int slot = rm_arena_take(t, 1);
	char *here;
	long result;

	if (slot < 0)
		return slot;
	here = rm_arena_here(t, slot);
	result = rm_copy(here, a->text, a->size);
	sqe->addr = rm_arena_there(t, slot);
	if (b && result == 0) {
		result = rm_copy(here + LX_PATH_MAX, b->text, b->size);
		sqe->off = sqe->addr + LX_PATH_MAX;
	}
	if (result == 0)
		result = rm_ring_call(t, sqe, RM_RULE_ZERO, 0);
	rm_arena_give(t, slot, 1);
	return result;
}

static long on_one(struct rm_thread *t, struct rm_sqe *sqe, unsigned long fd, unsigned long name)
{
	struct rm_path path;
	long result = rm_path_begin_link(&path, fd, name);

	if (result == 0) {
		sqe->fd = path.host_fd;
		result = on_paths(t, sqe, &path, NULL);
	}
	rm_path_end(t, &path);
	return result;
}

/* old and new as (descriptor, name); io_uring has the second descriptor in len. */
static long on_two(struct rm_thread *t, struct rm_sqe *sqe, const unsigned long *old, const unsigned long *new)
{
	struct rm_path from, to = { .desc = NULL };
	long result = rm_path_begin_link(&from, old[0], old[1]);

	if (result == 0)
		result = rm_path_begin_link(&to, new[0], new[1]);
	if (result == 0) {
		sqe->fd = from.host_fd;
		sqe->len = (uint32_t)to.host_fd;
		result = on_paths(t, sqe, &from, &to);
	}
	rm_path_end(t, &to);
	rm_path_end(t, &from);
	return result;
}

long rm_sys_unlinkat(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_UNLINKAT, .op_flags = (uint32_t)args->a[2] };

	return on_one(t, &sqe, args->a[0], args->a[1]);
}

long rm_sys_mkdirat(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_MKDIRAT, .len = (uint32_t)args->a[2] };

	return on_one(t, &sqe, args->a[0], args->a[1]);
}

/* renameat and renameat2; the former has no flags. */
long rm_sys_renameat(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_RENAMEAT };

	if (args->number == LX_renameat2)
		sqe.op_flags = (uint32_t)args->a[4];
	return on_two(t, &sqe, args->a, args->a + 2);
}

long rm_sys_linkat(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_LINKAT, .op_flags = (uint32_t)args->a[4] };

	return on_two(t, &sqe, args->a, args->a + 2);
}

long rm_sys_symlinkat(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_SYMLINKAT };
	struct rm_path text, path = { .desc = NULL };
	long result = rm_path_plain(&text, args->a[0]);

	if (result == 0)
		result = rm_path_begin_link(&path, args->a[1], args->a[2]);
	if (result == 0) {
		sqe.fd = path.host_fd;
		result = on_paths(t, &sqe, &text, &path);
	}
	rm_path_end(t, &path);
	return result;
}

/* An operation on a descriptor alone. */
static long on_fd(struct rm_thread *t, struct rm_sqe *sqe, unsigned long fd)
{
	struct rm_desc *desc = rm_get(fd);
	long result;

	if (!desc)
		return -EBADF;
	sqe->fd = desc->host_fd;
	result = rm_map_flush(t, desc);
	if (result == 0)
		result = rm_ring_call(t, sqe, RM_RULE_ZERO, 0);
	if (sqe->opcode == RM_OP_FTRUNCATE || sqe->opcode == RM_OP_FALLOCATE)
		rm_map_refresh(t, desc);
	rm_put(t, desc);
	return result;
}

long rm_sys_fsync(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_FSYNC };

	return on_fd(t, &sqe, args->a[0]);
}

long rm_sys_fdatasync(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_FSYNC, .op_flags = RM_FSYNC_DATASYNC };

	return on_fd(t, &sqe, args->a[0]);
}

/* Whether RLIMIT_FSIZE lets a file grow to a size: 0, or -EFBIG with SIGXFSZ raised. A file that is larger already does not grow. */
static long may_grow(struct rm_thread *t, int host_fd, const struct rm_path *path, uint64_t size)
{
	struct lx_statx answer;
	long result;

	if (size <= __atomic_load_n(&rm_enclave.file_limit, __ATOMIC_RELAXED))
		return 0;
	result = rm_statx(t, host_fd, path ? path->text : NULL, path ? path->size : 0, 0, LX_STATX_TYPE | LX_STATX_SIZE, &answer);
	if (result || (answer.mode & LX_S_IFMT) != LX_S_IFREG || size <= answer.size)
		return 0;
	return rm_file_too_large(t);
}

static long on_fd_growing(struct rm_thread *t, struct rm_sqe *sqe, unsigned long fd, uint64_t size)
{
	struct rm_desc *desc = rm_get(fd);
	long result;

	if (!desc)
		return -EBADF;
	result = may_grow(t, desc->host_fd, NULL, size);
	rm_put(t, desc);
	return result ? result : on_fd(t, sqe, fd);
}

long rm_sys_ftruncate(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_FTRUNCATE, .off = args->a[1] };

	if ((int64_t)args->a[1] < 0)
		return -EINVAL;
	return on_fd_growing(t, &sqe, args->a[0], args->a[1]);
}

long rm_sys_truncate(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_path path;
	struct rm_hostcall h;
	long result;

	if ((int64_t)args->a[1] < 0)
		return -EINVAL;
	result = rm_path_begin(&path, (unsigned long)LX_AT_FDCWD, args->a[0]);
	if (result == 0)
		result = may_grow(t, path.host_fd, &path, args->a[1]);
	if (result == 0)
		result = rm_hostcall_begin(&h, t, LX_truncate);
	if (result == 0) {
		h.message.arg[1] = args->a[1];
		result = rm_hostcall_put(&h, 0, path.text, path.size);
		if (result >= 0)
			result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		rm_hostcall_end(&h);
	}
	rm_path_end(t, &path);
	return result;
}

#define FALLOC_KEEP_SIZE	1u

long rm_sys_fallocate(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_FALLOCATE, .len = (uint32_t)args->a[1], .off = args->a[2],
			      .addr = args->a[3] };
	uint64_t end;

	if ((args->a[1] & FALLOC_KEEP_SIZE) || (int64_t)args->a[2] < 0 || (int64_t)args->a[3] <= 0 ||
	    __builtin_add_overflow(args->a[2], args->a[3], &end))
		return on_fd(t, &sqe, args->a[0]);
	return on_fd_growing(t, &sqe, args->a[0], end);
}

long rm_sys_fadvise(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_sqe sqe = { .opcode = RM_OP_FADVISE, .off = args->a[1], .len = (uint32_t)args->a[2],
			      .op_flags = (uint32_t)args->a[3] };

	/* Linux keeps what is mapped, as windows are. */
	struct rm_desc *desc = args->a[3] == LX_FADV_DONTNEED ? rm_get(args->a[0]) : NULL;

	if (desc) {
		rm_window_drop(t, desc->id);
		rm_put(t, desc);
	}
	/* Advice: a length beyond what an entry can hold means all of the rest. */
	if (args->a[2] > UINT32_MAX)
		sqe.len = 0;
	return on_fd(t, &sqe, args->a[0]);
}
