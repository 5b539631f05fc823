/* SPDX-License-Identifier: MIT */
/*
 * Which Linux calls an enclave may ask for, and which of their arguments are pointers. A pointer comes as an offset in the
 * region and must have room there for what Linux reads or writes behind it; a call that is not here is -ENOSYS.
 *
 * This keeps honest programs from corrupting the proxy by mistake. It is no protection of Linux from the enclave: the proxy
 * is an ordinary process with the rights of its user, and the enclave acts for that user.
 */
#include "calltable.h"

#include <errno.h>
#include <string.h>

/* Numbers of AArch64, which are the generic ones, on whichever machine this is compiled. */
#include <asm-generic/unistd.h>

#define NR_FCHMODAT2	452	/* Linux 6.6; the headers may be older */

/* An argument: a plain value, or a pointer of one of these kinds, with a number that the kind explains. */
enum kind {
	VALUE = 1,
	STRING,			/* NUL-terminated */
	FIXED,			/* number = bytes */
	COUNTED,		/* number = argument that holds a length, and the size of an element */
	IOCTL,			/* by the request in argument 1 */
	FCNTL,			/* by the command in argument 1 */
	PRCTL,			/* by the option in argument 0 */
};

#define ARG(kind, number)	((uint16_t)((kind) << 12 | (number)))
#define V			ARG(VALUE, 0)
#define S			ARG(STRING, 0)
#define P(size)			ARG(FIXED, size)
#define BUF(n)			ARG(COUNTED, (n) << 8 | 1)
#define ARRAY(n, size)		ARG(COUNTED, (n) << 8 | (size))

#define TIMESPECS(n)		P(16 * (n))
#define SOCKADDR		P(128)

/* By number; what is not here has no kinds. The rest of a call's arguments are values. */
struct entry {
	uint16_t arg[6];
};

static const struct entry table[] = {
	/* files */
	[__NR_getdents64] = { { V, BUF(2), V } },
	[__NR3264_lseek] = { { V, V, V } },
	[__NR_read] = { { V, BUF(2), V } },
	[__NR_write] = { { V, BUF(2), V } },
	[__NR_pread64] = { { V, BUF(2), V, V } },
	[__NR_pwrite64] = { { V, BUF(2), V, V } },
	[__NR_preadv2] = { { V, BUF(2), V, V, V } },	/* with one buffer: fd, buffer, bytes, position, flags */
	[__NR_pwritev2] = { { V, BUF(2), V, V, V } },
	[__NR3264_ftruncate] = { { V, V } },
	[__NR3264_truncate] = { { S, V } },
	[__NR_fallocate] = { { V, V, V, V } },
	[__NR_fsync] = { { V } },
	[__NR_fdatasync] = { { V } },
	[__NR_sync] = { { V } },
	[__NR_syncfs] = { { V } },
	[__NR_sync_file_range] = { { V, V, V, V } },
	[__NR_flock] = { { V, V } },
	[__NR_fchmod] = { { V, V } },
	[__NR_fchown] = { { V, V, V } },
	[__NR3264_fstatfs] = { { V, P(120) } },
	[__NR_copy_file_range] = { { V, P(8), V, P(8), V, V } },
	[__NR3264_sendfile] = { { V, V, P(8), V } },
	[__NR_splice] = { { V, P(8), V, P(8), V, V } },
	[__NR_tee] = { { V, V, V, V } },
	[__NR3264_fadvise64] = { { V, V, V, V } },
	[__NR_readahead] = { { V, V, V } },
	/* names */
	[__NR_openat] = { { V, S, V, V } },
	[__NR_openat2] = { { V, S, P(24), V } },
	[__NR_faccessat] = { { V, S, V } },
	[__NR_faccessat2] = { { V, S, V, V } },
	[__NR_readlinkat] = { { V, S, BUF(3), V } },
	[__NR_fchmodat] = { { V, S, V } },
	[NR_FCHMODAT2] = { { V, S, V, V } },
	[__NR_fchownat] = { { V, S, V, V, V } },
	[__NR_utimensat] = { { V, S, TIMESPECS(2), V } },
	[__NR3264_statfs] = { { S, P(120) } },
	[__NR_mknodat] = { { V, S, V, V } },
	[__NR_mkdirat] = { { V, S, V } },
	[__NR_unlinkat] = { { V, S, V } },
	[__NR_symlinkat] = { { S, V, S } },
	[__NR_linkat] = { { V, S, V, S, V } },
	[__NR_renameat2] = { { V, S, V, S, V } },
	[__NR_statx] = { { V, S, V, V, P(256) } },
	[__NR_getcwd] = { { BUF(1), V } },
	[__NR_memfd_create] = { { S, V } },
	[__NR_setxattr] = { { S, S, BUF(3), V, V } },
	[__NR_lsetxattr] = { { S, S, BUF(3), V, V } },
	[__NR_fsetxattr] = { { V, S, BUF(3), V, V } },
	[__NR_getxattr] = { { S, S, BUF(3), V } },
	[__NR_lgetxattr] = { { S, S, BUF(3), V } },
	[__NR_fgetxattr] = { { V, S, BUF(3), V } },
	[__NR_listxattr] = { { S, BUF(2), V } },
	[__NR_llistxattr] = { { S, BUF(2), V } },
	[__NR_flistxattr] = { { V, BUF(2), V } },
	[__NR_removexattr] = { { S, S } },
	[__NR_lremovexattr] = { { S, S } },
	[__NR_fremovexattr] = { { V, S } },
	[__NR_chroot] = { { S } },
	[__NR_chdir] = { { S } },
	[__NR_fchdir] = { { V } },
	[__NR_umask] = { { V } },
	/* descriptors */
	[__NR_ioctl] = { { V, V, ARG(IOCTL, 0) } },
	[__NR3264_fcntl] = { { V, V, ARG(FCNTL, 0) } },
	[__NR_close] = { { V } },
	[__NR_dup] = { { V } },
	[__NR_dup3] = { { V, V, V } },
	[__NR_pipe2] = { { P(8), V } },
	/* readiness */
	[__NR_eventfd2] = { { V, V } },
	[__NR_epoll_create1] = { { V } },
	[__NR_timerfd_create] = { { V, V } },
	[__NR_timerfd_settime] = { { V, V, TIMESPECS(2), TIMESPECS(2) } },
	[__NR_timerfd_gettime] = { { V, TIMESPECS(2) } },
	[__NR_inotify_init1] = { { V } },
	[__NR_inotify_add_watch] = { { V, S, V } },
	[__NR_inotify_rm_watch] = { { V, V } },
	[__NR_pidfd_open] = { { V, V } },
	[__NR_pidfd_send_signal] = { { V, V, P(128), V } },
	[__NR_epoll_pwait2] = { { V, ARRAY(2, 16), V, TIMESPECS(1), P(8), V } },
	[__NR_ppoll] = { { ARRAY(1, 8), V, TIMESPECS(1), P(8), V } },
	/* sockets */
	[__NR_socket] = { { V, V, V } },
	[__NR_socketpair] = { { V, V, V, P(8) } },
	[__NR_bind] = { { V, BUF(2), V } },
	[__NR_listen] = { { V, V } },
	[__NR_sendto] = { { V, BUF(2), V, V, BUF(5), V } },
	[__NR_recvfrom] = { { V, BUF(2), V, V, SOCKADDR, P(4) } },
	[__NR_connect] = { { V, BUF(2), V } },
	[__NR_accept4] = { { V, SOCKADDR, P(4), V } },
	[__NR_getsockname] = { { V, SOCKADDR, P(4) } },
	[__NR_getpeername] = { { V, SOCKADDR, P(4) } },
	[__NR_setsockopt] = { { V, V, V, BUF(4), V } },
	[__NR_getsockopt] = { { V, V, V, P(2048), P(4) } },
	[__NR_shutdown] = { { V, V } },
	/* the process and the machine */
	[__NR_getcpu] = { { P(4), P(4), V } },
	[__NR_sched_getaffinity] = { { V, V, BUF(1) } },
	[__NR_sched_setaffinity] = { { V, V, BUF(1) } },
	[__NR_sched_setparam] = { { V, P(4) } },
	[__NR_sched_getparam] = { { V, P(4) } },
	[__NR_sched_setscheduler] = { { V, V, P(4) } },
	[__NR_sched_getscheduler] = { { V } },
	[__NR_sched_rr_get_interval] = { { V, P(16) } },
	[__NR_ioprio_set] = { { V, V, V } },
	[__NR_ioprio_get] = { { V, V } },
	[__NR_setuid] = { { V } },
	[__NR_setgid] = { { V } },
	[__NR_setreuid] = { { V, V } },
	[__NR_setregid] = { { V, V } },
	[__NR_setresuid] = { { V, V, V } },
	[__NR_setresgid] = { { V, V, V } },
	[__NR_getresuid] = { { P(4), P(4), P(4) } },
	[__NR_getresgid] = { { P(4), P(4), P(4) } },
	[__NR_setfsuid] = { { V } },
	[__NR_setfsgid] = { { V } },
	[__NR_setgroups] = { { V, ARRAY(0, 4) } },
	[__NR_capget] = { { P(8), P(24) } },
	[__NR_capset] = { { P(8), P(24) } },
	[__NR_prctl] = { { V, ARG(PRCTL, 0), V, V, V } },
	[__NR_sethostname] = { { BUF(1), V } },
	[__NR_setdomainname] = { { BUF(1), V } },
	[__NR_prlimit64] = { { V, V, P(16), P(16) } },
	[__NR_uname] = { { P(390) } },
	[__NR_sysinfo] = { { P(112) } },
	[__NR_getpgid] = { { V } },
	[__NR_getsid] = { { V } },
	[__NR_getppid] = { { V } },
	[__NR_setpgid] = { { V, V } },
	[__NR_setsid] = { { V } },
	[__NR_wait4] = { { V, P(4), V, P(144) } },
	[__NR_waitid] = { { V, V, P(128), V, P(144) } },
	[__NR_kill] = { { V, V } },
	[__NR_tkill] = { { V, V } },
	[__NR_tgkill] = { { V, V, V } },
	[__NR_rt_sigqueueinfo] = { { V, V, P(128) } },
	[__NR_rt_tgsigqueueinfo] = { { V, V, V, P(128) } },
	[__NR_rt_sigaction] = { { V, V } },
	[__NR_getrusage] = { { V, P(144) } },
	[__NR_times] = { { P(32) } },
	[__NR_adjtimex] = { { P(208) } },
	[__NR_getgroups] = { { V, ARRAY(0, 4) } },
	[__NR_getpriority] = { { V, V } },
	[__NR_setpriority] = { { V, V, V } },
};

/* Requests of ioctl whose argument is a number. Behind any other stands a structure of at most 256 bytes. */
static int ioctl_takes_value(uint32_t request)
{
	switch (request) {
	case 0x5409: /* TCSBRK */
	case 0x540a: /* TCXONC */
	case 0x540b: /* TCFLSH */
	case 0x540c: /* TIOCEXCL */
	case 0x540d: /* TIOCNXCL */
	case 0x540e: /* TIOCSCTTY */
	case 0x541d: /* TIOCCONS */
	case 0x5422: /* TIOCNOTTY */
	case 0x5425: /* TCSBRKP */
	case 0x5427: /* TIOCSBRK */
	case 0x5428: /* TIOCCBRK */
	case 0x5450: /* FIONCLEX */
	case 0x5451: /* FIOCLEX */
		return 1;
	default:
		return 0;
	}
}

static size_t ioctl_size(uint32_t request)
{
	size_t encoded = request >> 16 & 0x3fff;

	return encoded > 256 ? encoded : 256;
}

/* Bytes behind the argument of a command of fcntl; 0: a number. */
static size_t fcntl_size(uint64_t command)
{
	switch (command) {
	case 5:	 /* F_GETLK */
	case 6:	 /* F_SETLK */
	case 7:	 /* F_SETLKW */
	case 36: /* F_OFD_GETLK */
	case 37: /* F_OFD_SETLK */
	case 38: /* F_OFD_SETLKW */
		return 32;
	case 15: /* F_SETOWN_EX */
	case 16: /* F_GETOWN_EX */
	case 1035: /* F_GET_RW_HINT and the three behind it */
	case 1036:
	case 1037:
	case 1038:
		return 8;
	default:
		return 0;
	}
}

/*
 * Bytes behind argument 1 of an option of prctl; 0: a number. -EINVAL, as Linux says it of an option that it does not know: all others, which would
 * change the proxy and not the enclave, or take pointers.
 */
static int64_t prctl_size(uint64_t option)
{
	switch ((uint32_t)option) {
	case 1:	 /* PR_SET_PDEATHSIG */
	case 3:	 /* PR_GET_DUMPABLE */
	case 4:	 /* PR_SET_DUMPABLE */
	case 7:	 /* PR_GET_KEEPCAPS */
	case 8:	 /* PR_SET_KEEPCAPS */
	case 23: /* PR_CAPBSET_READ */
	case 24: /* PR_CAPBSET_DROP */
	case 27: /* PR_GET_SECUREBITS */
	case 28: /* PR_SET_SECUREBITS */
	case 29: /* PR_SET_TIMERSLACK */
	case 30: /* PR_GET_TIMERSLACK */
	case 36: /* PR_SET_CHILD_SUBREAPER */
	case 38: /* PR_SET_NO_NEW_PRIVS */
	case 39: /* PR_GET_NO_NEW_PRIVS */
	case 47: /* PR_CAP_AMBIENT */
		return 0;
	case 2:  /* PR_GET_PDEATHSIG */
	case 37: /* PR_GET_CHILD_SUBREAPER */
		return 4;
	case 15: /* PR_SET_NAME */
	case 16: /* PR_GET_NAME */
		return 16;
	default:
		return -EINVAL;
	}
}

/* Bytes that must be there behind an argument, 0 if it is a number; -EFAULT: it cannot be told; -EINVAL: not such a call. */
static int64_t pointee(const struct rm_host_call *call, uint16_t arg)
{
	unsigned number = arg & 0xfff;
	uint64_t bytes;

	switch ((enum kind)(arg >> 12)) {
	case FIXED:
		return number;
	case COUNTED:
		if (__builtin_mul_overflow(call->arg[number >> 8], number & 0xff, &bytes) || bytes > RM_ARENA_SIZE)
			return -EFAULT;
		return bytes == 0 ? 1 : (int64_t)bytes;
	case IOCTL:
		return ioctl_takes_value((uint32_t)call->arg[1]) ? 0 : (int64_t)ioctl_size((uint32_t)call->arg[1]);
	case FCNTL:
		return (int64_t)fcntl_size(call->arg[1]);
	case PRCTL:
		return prctl_size(call->arg[0]);
	case STRING:
		return 1;
	case VALUE:
	default:
		return 0;
	}
}

static int translate_one(const struct rm_host_call *call, uint16_t kinds, unsigned i, const uint8_t *base, size_t size,
			 uint64_t *out)
{
	int64_t bytes = pointee(call, kinds);
	uint64_t offset = call->arg[i];

	*out = offset;
	if (bytes == 0)
		return 0;
	if (offset == RM_HOST_NULL) {
		*out = 0;
		return 0;
	}
	if (bytes < 0)
		return (int)bytes;
	if (offset >= size || (uint64_t)bytes > size - offset)
		return -EFAULT;
	if (kinds >> 12 == STRING && memchr(base + offset, '\0', size - offset) == NULL)
		return -EFAULT;
	*out = (uint64_t)(uintptr_t)(base + offset);
	return 0;
}

/* Arguments as Linux takes them: 0; -ENOSYS: no such host call; -EINVAL: no such option of it; -EFAULT: no room behind a pointer. */
int call_translate(const struct rm_host_call *call, const uint8_t *base, size_t size, uint64_t arg[6])
{
	const struct entry *entry;

	if (call->number >= sizeof(table) / sizeof(table[0]) || table[call->number].arg[0] == 0)
		return -ENOSYS;
	entry = &table[call->number];
	for (unsigned i = 0; i < 6; i++) {
		const int ret = translate_one(call, entry->arg[i], i, base, size, &arg[i]);

		if (ret != 0)
			return ret;
	}
	return 0;
}

int call_is_sigaction(const struct rm_host_call *call)
{
	return call->number == __NR_rt_sigaction;
}

int call_is_prlimit(const struct rm_host_call *call)
{
	return call->number == __NR_prlimit64;
}

int call_changes_rights(const struct rm_host_call *call)
{
	static const uint16_t numbers[] = {
		__NR_setuid, __NR_setgid, __NR_setreuid, __NR_setregid, __NR_setresuid, __NR_setresgid, __NR_setfsuid, __NR_setfsgid, __NR_setgroups,
		__NR_capset, __NR_prctl,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (call->number == numbers[i])
			return 1;
	return 0;
}

int call_is_vector(const struct rm_host_call *call)
{
	return call->number == __NR_preadv2 || call->number == __NR_pwritev2;
}

int call_is_interfaces(const struct rm_host_call *call)
{
	return call->number == __NR_ioctl && call->arg[1] == 0x8912 && call->arg[2] != RM_HOST_NULL;
}
