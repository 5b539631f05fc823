/* SPDX-License-Identifier: MIT */
/*
 * Resource limits. Linux keeps them for the proxy's process, and most of them it enforces there (processes, priorities, locks, CPU time, core
 * files). Those that Linux cannot enforce for us are known here too: descriptors are ours (RLIMIT_NOFILE), and a signal for a file that grows
 * too large (RLIMIT_FSIZE) is to hit the program, not the proxy.
 *
 * Attacks considered: a limit that Linux claims only makes calls of this program fail.
 */
#include "posix/io.h"

#include "ring/access.h"

enum { RLIMIT_FSIZE = 1, RLIMIT_NOFILE = 7, RLIMIT_AS = 9, RLIMITS = 16 };

#define INFINITY	(~0ul)
#define SIGXFSZ		25

struct limit {
	uint64_t soft, hard;
};

static void keep(unsigned long resource, const struct limit *limit)
{
	if (resource == RLIMIT_FSIZE)
		__atomic_store_n(&rm_enclave.file_limit, limit->soft, __ATOMIC_RELAXED);
	if (resource == RLIMIT_NOFILE)
		rm_fd_limit(&rm_enclave.fds, limit->soft);
	if (resource == RLIMIT_AS)
		rm_svc1(RM_SVC_SIZE_LIMIT, limit->soft);
}

static long host_prlimit(struct rm_thread *t, unsigned long pid, unsigned long resource, const struct limit *new, struct limit *old)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_prlimit64), room = 0;

	if (result)
		return result;
	h.message.arg[0] = pid;
	h.message.arg[1] = resource;
	h.message.arg[2] = RM_HOST_NULL;
	h.message.arg[3] = RM_HOST_NULL;
	if (new)
		room = rm_hostcall_put(&h, 2, new, sizeof(*new));
	if (old && room >= 0)
		room = rm_hostcall_room(&h, 3, sizeof(*old));
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0 && old)
		result = rm_hostcall_take(&h, room, old, sizeof(*old));
	rm_hostcall_end(&h);
	return result;
}

/* Pointers of the program: what is to be, or 0; where what was goes, or 0. */
static long limits(struct rm_thread *t, unsigned long pid, unsigned long resource, unsigned long to, unsigned long from)
{
	struct limit new, old;
	long result;

	if (resource >= RLIMITS)
		return -EINVAL;
	if (to && rm_get_user(&new, to, sizeof(new)) != 0)
		return -EFAULT;
	result = host_prlimit(t, pid, resource, to ? &new : NULL, from ? &old : NULL);
	if (result)
		return result;
	if (to && (pid == 0 || pid == rm_enclave.pid))
		keep(resource, &new);
	return from ? rm_put_user(from, &old, sizeof(old)) : 0;
}

/* Of another process: only as far as the proxy lets us, which is not at all (EPERM). */
long rm_sys_prlimit64(struct rm_thread *t, const struct rm_args *args)
{
	return limits(t, args->a[0] == rm_tid(t) ? 0 : (uint32_t)args->a[0], (uint32_t)args->a[1], args->a[2], args->a[3]);
}

long rm_sys_getrlimit(struct rm_thread *t, const struct rm_args *args)
{
	return args->a[1] ? limits(t, 0, (uint32_t)args->a[0], 0, args->a[1]) : -EFAULT;
}

long rm_sys_setrlimit(struct rm_thread *t, const struct rm_args *args)
{
	return args->a[1] ? limits(t, 0, (uint32_t)args->a[0], args->a[1], 0) : -EFAULT;
}

void rm_limits_init(const struct rm_boot *boot)
{
	rm_enclave.file_limit = boot->file_limit;
	rm_fd_limit(&rm_enclave.fds, boot->descriptor_limit);
}

/* Where a write at the description's position would start, if Linux has that position. */
static long position_of(struct rm_thread *t, const struct rm_desc *desc, bool append)
{
	struct lx_statx answer;
	struct rm_hostcall h;
	long result;

	if (append) {
		result = rm_statx(t, desc->host_fd, NULL, 0, 0, LX_STATX_SIZE, &answer);
		return result ? result : (long)answer.size;
	}
	result = rm_hostcall_begin(&h, t, LX_lseek);
	if (result)
		return result;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	h.message.arg[2] = LX_SEEK_CUR;
	result = rm_hostcall_do(&h, RM_RULE_COUNT, INT64_MAX);
	rm_hostcall_end(&h);
	return result;
}

long rm_file_too_large(struct rm_thread *t)
{
	const long result = rm_signal_raise(t, SIGXFSZ);

	return result < 0 ? result : -EFBIG;
}

long rm_file_limit(struct rm_thread *t, struct rm_desc *desc, size_t size, uint64_t offset)
{
	const uint64_t limit = __atomic_load_n(&rm_enclave.file_limit, __ATOMIC_RELAXED);
	long start = (long)offset, flags;

	if (limit == INFINITY || size == 0)
		return (long)size;
	if (rm_kind(t, desc) != RM_KIND_REGULAR)
		return (long)size;
	flags = desc->opened && desc->own_position ? 0 : rm_host_fcntl(t, desc->host_fd, LX_F_GETFL, 0);
	if (flags >= 0 && (flags & LX_O_APPEND))
		start = position_of(t, desc, true);
	else if (offset == RM_LINUX_POSITION)
		start = desc->own_position ? desc->position : position_of(t, desc, false);
	if (start < 0)
		return start;
	if ((uint64_t)start >= limit)
		return rm_file_too_large(t);
	return size > limit - (uint64_t)start ? (long)(limit - (uint64_t)start) : (long)size;
}
