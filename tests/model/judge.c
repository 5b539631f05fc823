/* SPDX-License-Identifier: MIT */
/*
 * Whatever the host said: the results that system calls of Linux can have, and what they leave in the program's memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/lies.h"
#include "posix/posix.h"
#include "posix/socket.h"
#include "ring/ring.h"

static void check(bool good, const char *what, long number, long result)
{
	if (good)
		return;
	fprintf(stderr, "system call %ld: %s; result %ld: %s\n", number, what, result, model_story);
	abort();
}

static bool is_open(long fd)
{
	return fd >= 0 && fd < RM_FD_MAX && (rm_enclave.fds.used[fd / 64] >> fd % 64 & 1) && rm_enclave.fds.desc[fd] != 0;
}

/* A descriptor is the result. */
static bool opens(long number)
{
	switch (number) {
	case LX_openat: case LX_openat2: case LX_dup: case LX_dup3: case LX_socket: case LX_accept: case LX_accept4: case LX_epoll_create1:
	case LX_eventfd2: case LX_timerfd_create: case LX_signalfd4: case LX_inotify_init1: case LX_memfd_create:
		return true;
	default:
		return false;
	}
}

static uint64_t total(unsigned long vector, unsigned long count)
{
	const struct lx_iovec *v = (const struct lx_iovec *)vector;
	uint64_t sum = 0;

	for (unsigned long i = 0; i < count; i++)
		sum += v[i].len;
	return sum;
}

/* The most that a call may say; -1: more than 0 means nothing here. */
static int64_t most(long number, const unsigned long a[6])
{
	switch (number) {
	case LX_read: case LX_write: case LX_pread64: case LX_pwrite64: case LX_getdents64: case LX_sendto: case LX_tee:
		return (int64_t)a[2];
	case LX_recvfrom:
		return a[3] & LX_MSG_TRUNC ? INT32_MAX : (int64_t)a[2];
	case LX_readv: case LX_writev: case LX_preadv: case LX_pwritev:
		return (int64_t)total(a[1], a[2]);
	case LX_readlinkat: case LX_sendfile:
		return (int64_t)a[3];
	case LX_splice: case LX_copy_file_range:
		return (int64_t)a[4];
	case LX_getcwd: case LX_ppoll:
		return (int64_t)a[1];
	case LX_epoll_pwait: case LX_epoll_pwait2: case LX_sendmmsg: case LX_recvmmsg:
		return (int64_t)a[2];
	case LX_pselect6:
		return 3 * (int64_t)a[0];
	case LX_getxattr: case LX_fgetxattr:
		return a[3] ? (int64_t)a[3] : 65536;
	case LX_listxattr: case LX_flistxattr:
		return a[2] ? (int64_t)a[2] : 65536;
	case LX_close: case LX_fstat: case LX_newfstatat: case LX_statx: case LX_fsync: case LX_fdatasync: case LX_ftruncate: case LX_truncate:
	case LX_fallocate: case LX_unlinkat: case LX_mkdirat: case LX_renameat: case LX_renameat2: case LX_symlinkat: case LX_linkat:
	case LX_fchmod: case LX_fchmodat: case LX_utimensat: case LX_chdir: case LX_fchdir: case LX_pipe2: case LX_socketpair: case LX_bind:
	case LX_listen: case LX_connect: case LX_shutdown: case LX_getsockname: case LX_getpeername: case LX_getsockopt: case LX_epoll_ctl:
	case LX_timerfd_settime: case LX_timerfd_gettime: case LX_setxattr: case LX_fsetxattr: case LX_removexattr: case LX_uname:
	case LX_statfs: case LX_fstatfs: case LX_rt_sigaction: case LX_flock: case LX_munmap: case LX_msync: case LX_waitid:
		return 0;
	case LX_umask:
		return 0777;
	default:
		return -1;
	}
}

static bool good_entries(const uint8_t *at, long size)
{
	uint16_t length;

	for (; size > 0; at += length, size -= length) {
		if (size < 24)
			return false;
		memcpy(&length, at + 16, sizeof(length));
		if (length < 21 || length > size || at[19] == 0 || !memchr(at + 19, 0, length - 19u) || memchr(at + 19, '/', strlen((const char *)at + 19)))
			return false;
	}
	return true;
}

static bool good_stat(const struct lx_stat *s)
{
	return s->size >= 0 && s->atime.nsec < 1000000000 && s->mtime.nsec < 1000000000 && s->ctime.nsec < 1000000000 &&
	       s->atime.nsec >= 0 && s->mtime.nsec >= 0 && s->ctime.nsec >= 0;
}

/* A chain of control messages that stays within its bytes, whose descriptors are the program's own. */
static bool good_message(const struct lx_msghdr *m)
{
	const uint8_t *bytes = (const uint8_t *)m->control;
	struct lx_cmsghdr head;
	int32_t fd;

	if (m->name && m->name_size > LX_SOCKADDR_MAX)
		return false;
	for (size_t at = 0; at < m->control_size && m->control_size - at >= sizeof(head); at += (head.size + 7) & ~7ul) {
		memcpy(&head, bytes + at, sizeof(head));
		if (head.size < sizeof(head) || head.size > m->control_size - at)
			return false;
		for (size_t i = sizeof(head); head.level == LX_SOL_SOCKET && head.type == LX_SCM_RIGHTS && i + 4 <= head.size; i += 4) {
			memcpy(&fd, bytes + at + i, sizeof(fd));
			if (!is_open(fd))
				return false;
		}
	}
	return true;
}

static bool good_polled(const struct lx_pollfd *p, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		if (p[i].revents & ~(p[i].events | 0x38))	/* POLLERR, POLLHUP, POLLNVAL */
			return false;
	return true;
}

static bool good_memory(long number, const unsigned long a[6], long result)
{
	switch (number) {
	case LX_getdents64:
		return good_entries((const uint8_t *)a[1], result);
	case LX_readlinkat:
		return !memchr((const void *)a[2], 0, (size_t)result);
	case LX_getcwd:
		return result > 0 && ((const char *)a[0])[result - 1] == 0;
	case LX_fstat:
		return good_stat((const void *)a[1]);
	case LX_newfstatat:
		return good_stat((const void *)a[2]);
	case LX_pipe2:
		return is_open(((const int32_t *)a[0])[0]) && is_open(((const int32_t *)a[0])[1]);
	case LX_socketpair:
		return is_open(((const int32_t *)a[3])[0]) && is_open(((const int32_t *)a[3])[1]);
	case LX_recvmsg:
		return good_message((const void *)a[1]);
	case LX_ppoll:
		return good_polled((const void *)a[0], a[1]);
	case LX_accept: case LX_accept4: case LX_getsockname: case LX_getpeername:
		return !a[2] || *(const uint32_t *)a[2] <= LX_SOCKADDR_MAX;
	case LX_timerfd_gettime:
		return (uint64_t)((const int64_t *)a[1])[3] < 1000000000;
	case LX_listxattr: case LX_flistxattr:
		return result == 0 || a[2] == 0 || ((const char *)a[1])[result - 1] == 0;
	case LX_wait4:
		return result == 0 || !a[1] || *(const uint32_t *)a[1] <= 0xffff;
	default:
		return true;
	}
}

void model_judge(long number, const unsigned long a[6], long result)
{
	if (!(model.lie || model.hostile || model.hostile_at))
		return;
	if (number == LX_mmap || number == LX_mremap || number == LX_brk)
		return;
	/* Inside only: a signal waits that is delivered before the program sees this. */
	if (result <= -LX_ERESTARTSYS && result >= -LX_ERESTARTNOHAND && rm_interrupted(model.thread))
		return;
	check(result >= -LX_ERRNO_LAST, "no error of Linux's", number, result);
	if (result < 0)
		return;
	check(!opens(number) || is_open(result), "a descriptor that the program does not have", number, result);
	check(most(number, a) < 0 || result <= most(number, a), "more than it can say", number, result);
	check(good_memory(number, a, result), "bytes that cannot be", number, result);
}

uint64_t model_found_out(void)
{
	uint64_t sum = 0;

	for (enum rm_count c = RM_COUNT_CQ_RANGE; c <= RM_COUNT_VANISHED; c++)
		sum += model.thread->count[c];
	return sum + model.thread->count[RM_COUNT_LATE];
}
