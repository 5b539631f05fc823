/* SPDX-License-Identifier: MIT */
/*
 * Operations and host calls done as Linux and the proxy would, with real system calls. Addresses that the runtime gives are checked
 * to be in the arena; flags are translated, since the build machine's differ from AArch64's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/spawn.h"
#include "model/linux.h"
#include "posix/watch.h"

/* Memory of the arena by the proxy's address. Anything else is a mistake of the runtime. */
void *model_there(uint64_t address, size_t size)
{
	const uint64_t offset = address - model.boot.address;

	if (offset < model.boot.arena || size > RM_ARENA_SIZE || offset > model.boot.arena + RM_ARENA_SIZE - size)
		abort();
	return model.region + offset;
}

static void *there(uint64_t address, size_t size)
{
	return model_there(address, size);
}

static const char *text(uint64_t address)
{
	return there(address, 1);
}

#ifdef __x86_64__
static int open_flags(uint32_t flags)
{
	const uint32_t same = flags & ~(040000u | 0100000u | 0200000u | 0400000u);

	return (int)(same | (flags & 040000u ? O_DIRECTORY : 0) | (flags & 0100000u ? O_NOFOLLOW : 0) |
		     (flags & 0200000u ? O_DIRECT : 0));
}
#else
static int open_flags(uint32_t flags)
{
	return (int)flags;
}
#endif

static int32_t checked(long result)
{
	return (int32_t)(result == -1 ? -errno : result);
}

static int32_t move(const struct rm_sqe *s)
{
	void *at = there(s->addr, s->len);

	if (s->opcode == RM_OP_READ)
		return checked(s->off == ~0ul ? read(s->fd, at, s->len) : pread(s->fd, at, s->len, (off_t)s->off));
	return checked(s->off == ~0ul ? write(s->fd, at, s->len) : pwrite(s->fd, at, s->len, (off_t)s->off));
}

/* The structure of AArch64, which is wider than that of x86. */
static struct epoll_event native_event(const struct rm_event *event)
{
	return (struct epoll_event){ .events = event->events, .data.u64 = event->data };
}

static int32_t change(const struct rm_sqe *s)
{
	struct epoll_event event = native_event(there(s->addr, sizeof(struct rm_event)));

	return checked(epoll_ctl(s->fd, (int)s->len, (int)s->off, &event));
}

static long open2(int fd, const char *path, const void *wanted, size_t size)
{
	uint64_t how[3];

	if (size != sizeof(how))
		abort();
	memcpy(how, wanted, sizeof(how));
	how[0] = (uint64_t)open_flags((uint32_t)how[0]);
	return syscall(SYS_openat2, fd, path, how, sizeof(how));
}

static int32_t ready(const struct rm_sqe *s)
{
	struct pollfd fd = { .fd = s->fd, .events = (short)s->op_flags };

	return checked(poll(&fd, 1, 0) < 0 ? -1 : fd.revents);
}

/* Linux takes the pages of a file that is cut from its mappings, here those of all files. */
static int cut(int fd, off_t size)
{
	for (unsigned i = 0; i < RM_WINDOW_CHUNKS; i++)
		model_window_take(i, 0, RM_WINDOW_CHUNK / 4096);
	return ftruncate(fd, size);
}

int32_t model_honest_operation(const struct rm_sqe *s)
{
	long result;

	if (model_socket_operation(s, &result))
		return checked(result);
	switch (s->opcode) {
	case RM_OP_READ:
	case RM_OP_WRITE:
		return move(s);
	case RM_OP_OPENAT:
		return checked(openat(s->fd, text(s->addr), open_flags(s->op_flags), s->len));
	case RM_OP_OPENAT2:
		return checked(open2(s->fd, text(s->addr), there(s->off, s->len), s->len));
	case RM_OP_CLOSE:
		return checked(close(s->fd));
	case RM_OP_STATX:
		return checked(statx(s->fd, text(s->addr), (int)s->op_flags, s->len, there(s->off, 256)));
	case RM_OP_FSYNC:
		return checked(fsync(s->fd));
	case RM_OP_UNLINKAT:
		return checked(unlinkat(s->fd, text(s->addr), (int)s->op_flags));
	case RM_OP_RENAMEAT:
		return checked(renameat2(s->fd, text(s->addr), (int)s->len, text(s->off), s->op_flags));
	case RM_OP_MKDIRAT:
		return checked(mkdirat(s->fd, text(s->addr), s->len));
	case RM_OP_SYMLINKAT:
		return checked(symlinkat(text(s->addr), s->fd, text(s->off)));
	case RM_OP_LINKAT:
		return checked(linkat(s->fd, text(s->addr), (int)s->len, text(s->off), (int)s->op_flags));
	case RM_OP_FTRUNCATE:
		return checked(cut(s->fd, (off_t)s->off));
	case RM_OP_FALLOCATE:
		return checked(fallocate(s->fd, (int)s->len, (off_t)s->off, (off_t)s->addr));
	case RM_OP_EPOLL_CTL:
		return change(s);
	case RM_OP_ASYNC_CANCEL:
		return -ENOENT;
	case RM_OP_NOP:
		return 0;
	case RM_OP_POLL_ADD:
		return ready(s);
	case RM_OP_TIMEOUT:
		model_time_passes(there(s->addr, sizeof(struct lx_timespec)));
		return -ETIME;
	case RM_OP_FADVISE:
		return checked(posix_fadvise(s->fd, (off_t)s->off, s->len, (int)s->op_flags));
	default:
		abort();
	}
}

static void *room(uint64_t offset, size_t size)
{
	return offset == RM_HOST_NULL ? NULL : there(model.boot.address + offset, size);
}

/* As the contract has it: 0 default, 1 ignore, 2 hand over; the old one. */
static int64_t disposition(unsigned signal, uint64_t wanted)
{
	const unsigned bit = 1u << (signal & 31);
	const int64_t old = model.hosted >> (signal & 63) & 1 ? 2 : (model.ignored & bit) != 0;

	model.ignored = wanted == 1 ? model.ignored | bit : model.ignored & ~bit;
	model.hosted = wanted == 2 ? model.hosted | 1ul << (signal & 63) : model.hosted & ~(1ul << (signal & 63));
	return old;
}

/* After one lie what would be ready may never be: nothing may block then. */
static int64_t wait_events(int fd, struct rm_event *events, size_t count, const struct timespec *timeout)
{
	static const struct timespec at_once;
	struct epoll_event native[RM_FD_MAX];
	const int ready = epoll_pwait2(fd, native, (int)count, model.hostile_at ? &at_once : timeout, NULL);

	if (ready == 0 && timeout)
		model_time_passes((const void *)timeout);
	for (int i = 0; i < ready; i++)
		events[i] = (struct rm_event){ .events = native[i].events, .data = native[i].data.u64 };
	return ready;
}

/* A process that ends with the number of descriptors it was given; the request itself is the proxy's to read. */
static long honest_spawn(const char *request, uint64_t size, const struct rm_spawn_fd *fds, uint64_t count)
{
	pid_t pid;

	if (size < sizeof(struct rm_spawn) || request[size - 1] != 0) {
		errno = EINVAL;
		return -1;
	}
	pid = fork();
	if (pid == 0)
		_exit(fds[count - 1].fd == (int)count - 1 ? (int)count : 99);
	return pid;
}

static int64_t wait_polled(struct pollfd *fds, size_t count, struct timespec *timeout)
{
	const struct timespec wanted = timeout ? *timeout : (struct timespec){ 0 };
	const int ready = model.hostile_at ? poll(fds, count, 0) : ppoll(fds, count, timeout, NULL);

	if (ready == 0)
		model_time_passes((const void *)&wanted);
	return ready;
}

static int64_t by_other_number(struct rm_host_call *c)
{
	const uint64_t *a = c->arg;
	const int fd = (int)a[0];

	switch (c->number) {
	case LX_getdents64:
		return syscall(SYS_getdents64, fd, room(a[1], a[2]), a[2]);
	case LX_lseek:
		return lseek(fd, (off_t)a[1], (int)a[2]);
	case LX_ioctl:
		return ioctl(fd, a[1], room(a[2], 4));
	case LX_fcntl:
		if (a[1] == LX_F_DUPFD_CLOEXEC || a[1] == LX_F_GETPIPE_SZ)
			return fcntl(fd, (int)a[1], (int)a[2]);
		if (a[1] == LX_F_GETFL || a[1] == LX_F_SETFL)
			return fcntl(fd, (int)a[1], open_flags((uint32_t)a[2]));
		return fcntl(fd, (int)a[1], room(a[2], sizeof(struct lx_flock)));
	case LX_openat:
		return openat(fd, room(a[1], 1), open_flags((uint32_t)a[2]), (mode_t)a[3]);
	case LX_openat2:
		return open2(fd, room(a[1], 1), room(a[2], 24), a[3]);
	case LX_faccessat:
		return faccessat(fd, room(a[1], 1), (int)a[2], 0);
	case LX_readlinkat:
		return readlinkat(fd, room(a[1], 1), room(a[2], a[3]), a[3]);
	case LX_getcwd:
		return syscall(SYS_getcwd, room(a[0], a[1]), a[1]);
	case LX_chdir:
		return chdir(room(a[0], 1));
	case LX_fchdir:
		return fchdir(fd);
	case LX_umask:
		return umask((mode_t)a[0]);
	case LX_truncate:
		return truncate(room(a[0], 1), (off_t)a[1]);
	case LX_fchmodat:
		return fchmodat(fd, room(a[1], 1), (mode_t)a[2], 0);
	case LX_fchmod:
		return fchmod(fd, (mode_t)a[1]);
	case LX_utimensat:
		return syscall(SYS_utimensat, fd, room(a[1], 1), room(a[2], 32), a[3]);
	case LX_pipe2:
		/* After one lie the other end may never come: nothing may block then. */
		return pipe2(room(a[0], 8), open_flags((uint32_t)a[1]) | (model.hostile_at ? O_NONBLOCK : 0));
	case LX_ppoll:
		return wait_polled(room(a[0], a[1] * 8), a[1], room(a[2], 16));
	case LX_epoll_create1:
		return epoll_create1((int)a[0]);
	case LX_epoll_pwait2:
		return wait_events(fd, room(a[1], a[2] * sizeof(struct rm_event)), a[2], room(a[3], 16));
	case LX_eventfd2:
		return eventfd((unsigned)a[0], (int)a[1] | (model.hostile_at ? EFD_NONBLOCK : 0));
	case LX_timerfd_create:
		return timerfd_create(fd, (int)a[1] | (model.hostile_at ? TFD_NONBLOCK : 0));
	case LX_timerfd_settime:
		return timerfd_settime(fd, (int)a[1], room(a[2], 32), room(a[3], 32));
	case LX_timerfd_gettime:
		return timerfd_gettime(fd, room(a[1], 32));
	case LX_inotify_init1:
		return inotify_init1((int)a[0] | (model.hostile_at ? IN_NONBLOCK : 0));
	case LX_inotify_add_watch:
		return inotify_add_watch(fd, room(a[1], 1), (uint32_t)a[2]);
	case LX_inotify_rm_watch:
		return inotify_rm_watch(fd, (int)a[1]);
	case LX_sendfile:
		return sendfile(fd, (int)a[1], room(a[2], 8), a[3]);
	case LX_copy_file_range:
		return copy_file_range(fd, room(a[1], 8), (int)a[2], room(a[3], 8), a[4], (unsigned)a[5]);
	case LX_splice:
		return splice(fd, room(a[1], 8), (int)a[2], room(a[3], 8), a[4],
			      (unsigned)a[5] | (model.hostile_at ? SPLICE_F_NONBLOCK : 0));
	case LX_tee:
		return tee(fd, (int)a[1], a[2], (unsigned)a[3] | (model.hostile_at ? SPLICE_F_NONBLOCK : 0));
	case LX_uname:
		return syscall(SYS_uname, room(a[0], 390));
	case LX_statfs:
		return syscall(SYS_statfs, room(a[0], 1), room(a[1], 120));
	case LX_prlimit64:
		return syscall(SYS_prlimit64, a[0], a[1], room(a[2], 16), room(a[3], 16));
	case LX_sched_getaffinity:
		return syscall(SYS_sched_getaffinity, a[0], a[1], room(a[2], a[1]));
	case LX_read:
		return read(fd, room(a[1], a[2]), a[2]);
	case LX_write:
		return write(fd, room(a[1], a[2]), a[2]);
	case LX_pread64:
		return pread(fd, room(a[1], a[2]), a[2], (off_t)a[3]);
	case LX_pwrite64:
		return pwrite(fd, room(a[1], a[2]), a[2], (off_t)a[3]);
	case LX_preadv2:
		return preadv2(fd, &(struct iovec){ room(a[1], a[2]), a[2] }, 1, (off_t)a[3], (int)a[4]);
	case LX_pwritev2:
		return pwritev2(fd, &(struct iovec){ room(a[1], a[2]), a[2] }, 1, (off_t)a[3], (int)a[4]);
	case LX_close:
		return close(fd);
	case LX_setxattr:
		return syscall(SYS_setxattr, room(a[0], 1), room(a[1], 1), room(a[2], a[3]), a[3], a[4]);
	case LX_fsetxattr:
		return syscall(SYS_fsetxattr, fd, room(a[1], 1), room(a[2], a[3]), a[3], a[4]);
	case LX_getxattr:
		return syscall(SYS_getxattr, room(a[0], 1), room(a[1], 1), room(a[2], a[3]), a[3]);
	case LX_lgetxattr:
		return syscall(SYS_lgetxattr, room(a[0], 1), room(a[1], 1), room(a[2], a[3]), a[3]);
	case LX_flock:
		return flock(fd, (int)a[1] | (model.hostile_at ? LOCK_NB : 0));
	case LX_fgetxattr:
		return syscall(SYS_fgetxattr, fd, room(a[1], 1), room(a[2], a[3]), a[3]);
	case LX_listxattr:
		return syscall(SYS_listxattr, room(a[0], 1), room(a[1], a[2]), a[2]);
	case LX_flistxattr:
		return syscall(SYS_flistxattr, fd, room(a[1], a[2]), a[2]);
	case LX_removexattr:
		return syscall(SYS_removexattr, room(a[0], 1), room(a[1], 1));
	case LX_memfd_create:
		return syscall(SYS_memfd_create, room(a[0], 1), a[1]);
	case LX_getresuid:
	case LX_getresgid:
		return syscall(c->number == LX_getresuid ? SYS_getresuid : SYS_getresgid, room(a[0], 4), room(a[1], 4), room(a[2], 4));
	case LX_capget:
		return syscall(SYS_capget, room(a[0], 8), room(a[1], 24));
	case LX_prctl:
		return 0;
	case LX_kill:
		model.killed |= 1u << (a[1] & 31);
		return 0;
	case LX_wait4:
		return wait4((pid_t)a[0], room(a[1], 4), (int)a[2], room(a[3], 144));
	case LX_waitid:
		return syscall(SYS_waitid, a[0], a[1], room(a[2], 128), a[3], room(a[4], 144));
	case RM_CALL_SPAWN:
		return honest_spawn(room(a[0], a[1]), a[1], room(a[2], a[3] * sizeof(struct rm_spawn_fd)), a[3]);
	case LX_rt_sigaction:
		return disposition((unsigned)a[0], a[1]);
	default:
		errno = ENOSYS;
		return -1;
	}
}

static int64_t by_number(struct rm_host_call *c)
{
	long result;

	return model_socket_call(c, &result) ? result : by_other_number(c);
}

int64_t model_honest_call(struct rm_host_call *call)
{
	int64_t result;

	if (model_direct_call(call, &result) || model_window_call(call, &result))
		return result;
	result = by_number(call);
	return result == -1 ? -errno : result;
}
