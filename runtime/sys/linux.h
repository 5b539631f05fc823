/* SPDX-License-Identifier: MIT */
/*
 * Linux's user ABI on AArch64, as far as the runtime speaks it: numbers, flags, structures. The names carry LX_ because
 * tests compile the runtime for machines whose own headers give some of them other values. Error numbers are the same
 * everywhere and come from Linux's header.
 */
#ifndef RUNTIME_SYS_LINUX_H
#define RUNTIME_SYS_LINUX_H

#include <stdint.h>

#include <asm/errno.h>

#include "sys/numbers.h"

#define LX_ERESTARTSYS		512	/* inside only: a signal's handler runs first, then the call is made again or is -EINTR */
#define LX_ERESTARTNOINTR	513	/* inside only: a handler runs, then the call is made again in any case */
#define LX_ERESTARTNOHAND	514	/* inside only: -EINTR if a handler ran, else the call is made again */
#define LX_ERRNO_LAST		133	/* EHWPOISON: what is above is internal to Linux */

/* Files. */
#define LX_AT_FDCWD		(-100)
#define LX_AT_SYMLINK_NOFOLLOW	0x100
#define LX_AT_EMPTY_PATH	0x1000
#define LX_FADV_DONTNEED	4
#define LX_O_ACCMODE		3
#define LX_O_WRONLY		1
#define LX_O_RDWR		2
#define LX_O_CREAT		0100
#define LX_O_EXCL		0200
#define LX_O_TRUNC		01000
#define LX_O_APPEND		02000
#define LX_O_NONBLOCK		04000
#define LX_O_DIRECT		0200000
#define LX_O_DIRECTORY		040000
#define LX_O_NOFOLLOW		0100000
#define LX_O_CLOEXEC		02000000
#define LX_O_PATH		010000000
#define LX_PATH_MAX		4096
#define LX_IOV_MAX		1024
#define LX_RW_MAX		0x7ffff000ul	/* most bytes one read or write moves */
#define LX_S_IFMT		0170000
#define LX_S_IFIFO		0010000
#define LX_S_IFCHR		0020000
#define LX_S_IFDIR		0040000
#define LX_S_IFBLK		0060000
#define LX_S_IFREG		0100000
#define LX_S_IFLNK		0120000
#define LX_S_IFSOCK		0140000
#define LX_SEEK_SET		0
#define LX_SEEK_CUR		1
#define LX_SEEK_END		2
#define LX_SEEK_HOLE		4
#define LX_STATX_TYPE		0x1u
#define LX_STATX_SIZE		0x200u
#define LX_STATX_BASIC		0x7ffu
#define LX_F_DUPFD		0
#define LX_F_GETFD		1
#define LX_F_SETFD		2
#define LX_F_GETFL		3
#define LX_F_SETFL		4
#define LX_F_GETLK		5
#define LX_F_SETLK		6
#define LX_F_SETLKW		7
#define LX_F_UNLCK		2
#define LX_F_OFD_GETLK		36
#define LX_F_OFD_SETLKW		38
#define LX_F_DUPFD_CLOEXEC	1030
#define LX_F_GETPIPE_SZ		1032
#define LX_LOCK_NB		4

struct lx_iovec {
	uint64_t base;
	uint64_t len;
};

struct lx_timespec {
	int64_t sec;
	int64_t nsec;
};

struct lx_statx_time {
	int64_t sec;
	uint32_t nsec;
	int32_t reserved;
};

struct lx_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, spare0;
	uint64_t ino, size, blocks, attributes_mask;
	struct lx_statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mnt_id;
	uint64_t spare[13];
};
_Static_assert(sizeof(struct lx_statx) == 256, "Linux's ABI");

struct lx_stat {
	uint64_t dev, ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev, pad1;
	int64_t size;
	int32_t blksize, pad2;
	int64_t blocks;
	struct lx_timespec atime, mtime, ctime;
	uint32_t unused[2];
};
_Static_assert(sizeof(struct lx_stat) == 128, "Linux's ABI");

struct lx_flock {
	int16_t type, whence;
	int32_t pad;
	int64_t start, len;
	int32_t pid, pad2;
};
_Static_assert(sizeof(struct lx_flock) == 32, "Linux's ABI");

struct lx_pollfd {
	int32_t fd;
	int16_t events, revents;
};

struct lx_sigaction {
	uint64_t handler, flags, restorer, mask;
};

/* Sockets. */
#define LX_AF_UNIX		1
#define LX_AF_INET		2
#define LX_AF_INET6		10
#define LX_AF_NETLINK		16
#define LX_AF_MAX		46
#define LX_SOCK_STREAM		1
#define LX_SOCK_TYPE		0xf	/* what of the type is not a flag */
#define LX_SOCK_NONBLOCK	LX_O_NONBLOCK
#define LX_SOCK_CLOEXEC		LX_O_CLOEXEC
#define LX_SOCKADDR_MAX		128u
#define LX_SUN_PATH		2	/* offset of a UNIX name's path */
#define LX_SOL_IP		0
#define LX_SOL_SOCKET		1
#define LX_SOL_TCP		6
#define LX_SOL_IPV6		41
#define LX_SO_TYPE		3
#define LX_SO_ERROR		4
#define LX_SO_RCVTIMEO		20
#define LX_SO_SNDTIMEO		21
#define LX_SO_ATTACH_FILTER	26
#define LX_SO_PROTOCOL		38
#define LX_SO_DOMAIN		39
#define LX_SO_ATTACH_BPF	50
#define LX_SO_REUSEPORT_CBPF	51
#define LX_SO_REUSEPORT_EBPF	52
#define LX_SO_ZEROCOPY		60
#define LX_SO_PEERPIDFD		77
#define LX_TCP_ZEROCOPY_RECEIVE	35
#define LX_SCM_RIGHTS		1
#define LX_SCM_PIDFD		4
#define LX_MSG_OOB		0x1u
#define LX_MSG_PEEK		0x2u
#define LX_MSG_CTRUNC		0x8u
#define LX_MSG_TRUNC		0x20u
#define LX_MSG_DONTWAIT		0x40u
#define LX_MSG_EOR		0x80u
#define LX_MSG_WAITALL		0x100u
#define LX_MSG_ERRQUEUE		0x2000u
#define LX_MSG_NOSIGNAL		0x4000u
#define LX_MSG_WAITFORONE	0x10000u
#define LX_MSG_ZEROCOPY		0x4000000u
#define LX_MSG_CMSG_CLOEXEC	0x40000000u
#define LX_MSG_CMSG_COMPAT	0x80000000u

struct lx_msghdr {
	uint64_t name;
	uint32_t name_size, pad1;
	uint64_t iov, iov_count;
	uint64_t control, control_size;
	uint32_t flags, pad2;
};
_Static_assert(sizeof(struct lx_msghdr) == 56, "Linux's ABI");

struct lx_cmsghdr {
	uint64_t size;		/* with this head */
	int32_t level, type;
};

/* Memory. */
#define LX_PROT_READ		1
#define LX_PROT_WRITE		2
#define LX_PROT_EXEC		4
#define LX_MAP_SHARED		0x01
#define LX_MAP_PRIVATE		0x02
#define LX_MAP_TYPE		0x0f
#define LX_MAP_FIXED		0x10
#define LX_MAP_ANONYMOUS	0x20
#define LX_MAP_NORESERVE	0x4000
#define LX_MAP_FIXED_NOREPLACE	0x100000

/* Signals. */
#define LX_SIGINT		2
#define LX_SIGILL		4
#define LX_SIGTRAP		5
#define LX_SIGABRT		6
#define LX_SIGBUS		7
#define LX_SIGFPE		8
#define LX_SIGKILL		9
#define LX_SIGSEGV		11
#define LX_SIGPIPE		13
#define LX_SIGALRM		14
#define LX_SIGCHLD		17
#define LX_SIGCONT		18
#define LX_SIGSTOP		19
#define LX_SIGTSTP		20
#define LX_SIGTTIN		21
#define LX_SIGTTOU		22
#define LX_SIGURG		23
#define LX_SIGWINCH		28
#define LX_SIGSYS		31
#define LX_SIGNALS		64
#define LX_SIG_DFL		0
#define LX_SIG_IGN		1
#define LX_SA_NOCLDSTOP		0x00000001ul
#define LX_SA_NOCLDWAIT		0x00000002ul
#define LX_SA_SIGINFO		0x00000004ul
#define LX_SA_RESTORER		0x04000000ul
#define LX_SA_ONSTACK		0x08000000ul
#define LX_SA_RESTART		0x10000000ul
#define LX_SA_NODEFER		0x40000000ul
#define LX_SA_RESETHAND		0x80000000ul
#define LX_SA_FLAGS		0xdc000807ul	/* all that Linux keeps */
#define LX_SI_USER		0		/* si_code */
#define LX_SI_KERNEL		0x80
#define LX_SI_QUEUE		(-1)
#define LX_SI_TIMER		(-2)
#define LX_SI_TKILL		(-6)
#define LX_SEGV_MAPERR		1
#define LX_SEGV_ACCERR		2
#define LX_BUS_ADRALN		1
#define LX_BUS_ADRERR		2
#define LX_TRAP_BRKPT		1
#define LX_TRAP_TRACE		2
#define LX_ILL_ILLOPC		1
#define LX_FPE_FLTDIV		3
#define LX_FPE_FLTOVF		4
#define LX_FPE_FLTUND		5
#define LX_FPE_FLTRES		6
#define LX_FPE_FLTINV		7
#define LX_FPE_FLTUNK		14

/* Clocks. */
#define LX_CLOCK_REALTIME	0
#define LX_CLOCK_MONOTONIC	1
#define LX_CLOCK_BOOTTIME	7
#define LX_TIMER_ABSTIME	1

/* clone(). */
#define LX_CLONE_VM		0x00000100u
#define LX_CLONE_FS		0x00000200u
#define LX_CLONE_FILES		0x00000400u
#define LX_CLONE_SIGHAND	0x00000800u
#define LX_CLONE_THREAD		0x00010000u
#define LX_CLONE_SYSVSEM	0x00040000u
#define LX_CLONE_SETTLS		0x00080000u
#define LX_CLONE_PARENT_SETTID	0x00100000u
#define LX_CLONE_CHILD_CLEARTID	0x00200000u
#define LX_CLONE_DETACHED	0x00400000u
#define LX_CLONE_CHILD_SETTID	0x01000000u

#endif
