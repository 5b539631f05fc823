/* SPDX-License-Identifier: MIT */
/* Numbers as the names people know. AArch64's values, on whichever machine this is compiled. */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "trace/trace.h"

struct name {
	uint64_t value;
	const char *name;
};

#define END { 0, NULL }

static const struct name oflags[] = {
	{ 0100, "O_CREAT" }, { 0200, "O_EXCL" }, { 0400, "O_NOCTTY" }, { 01000, "O_TRUNC" }, { 02000, "O_APPEND" },
	{ 04000, "O_NONBLOCK" }, { 04010000, "O_SYNC" }, { 010000, "O_DSYNC" }, { 020000, "O_ASYNC" }, { 020040000, "O_TMPFILE" },
	{ 040000, "O_DIRECTORY" }, { 0100000, "O_NOFOLLOW" }, { 0200000, "O_DIRECT" }, { 0400000, "O_LARGEFILE" },
	{ 01000000, "O_NOATIME" }, { 02000000, "O_CLOEXEC" }, { 010000000, "O_PATH" }, END
};
static const struct name atflags[] = {
	{ 0x100, "AT_SYMLINK_NOFOLLOW" }, { 0x200, "AT_EACCESS" }, { 0x400, "AT_SYMLINK_FOLLOW" }, { 0x800, "AT_NO_AUTOMOUNT" },
	{ 0x1000, "AT_EMPTY_PATH" }, { 0x2000, "AT_STATX_FORCE_SYNC" }, { 0x4000, "AT_STATX_DONT_SYNC" }, END
};
static const struct name unlinkflags[] = { { 0x200, "AT_REMOVEDIR" }, END };
static const struct name access_modes[] = { { 4, "R_OK" }, { 2, "W_OK" }, { 1, "X_OK" }, END };
static const struct name protections[] = { { 1, "PROT_READ" }, { 2, "PROT_WRITE" }, { 4, "PROT_EXEC" }, END };
static const struct name mapflags[] = {
	{ 0x10, "MAP_FIXED" }, { 0x20, "MAP_ANONYMOUS" }, { 0x100, "MAP_GROWSDOWN" }, { 0x800, "MAP_DENYWRITE" }, { 0x2000, "MAP_LOCKED" },
	{ 0x4000, "MAP_NORESERVE" }, { 0x8000, "MAP_POPULATE" }, { 0x10000, "MAP_NONBLOCK" }, { 0x20000, "MAP_STACK" },
	{ 0x40000, "MAP_HUGETLB" }, { 0x100000, "MAP_FIXED_NOREPLACE" }, END
};
static const struct name madvice[] = {
	{ 0, "MADV_NORMAL" }, { 1, "MADV_RANDOM" }, { 2, "MADV_SEQUENTIAL" }, { 3, "MADV_WILLNEED" }, { 4, "MADV_DONTNEED" }, { 8, "MADV_FREE" },
	{ 9, "MADV_REMOVE" }, { 10, "MADV_DONTFORK" }, { 11, "MADV_DOFORK" }, { 12, "MADV_MERGEABLE" }, { 14, "MADV_HUGEPAGE" },
	{ 15, "MADV_NOHUGEPAGE" }, { 16, "MADV_DONTDUMP" }, { 17, "MADV_DODUMP" }, { 18, "MADV_WIPEONFORK" }, { 20, "MADV_COLD" }, END
};
static const struct name msync_flags[] = { { 1, "MS_ASYNC" }, { 2, "MS_INVALIDATE" }, { 4, "MS_SYNC" }, END };
static const struct name mremap_flags[] = { { 1, "MREMAP_MAYMOVE" }, { 2, "MREMAP_FIXED" }, { 4, "MREMAP_DONTUNMAP" }, END };
static const struct name whences[] = {
	{ 0, "SEEK_SET" }, { 1, "SEEK_CUR" }, { 2, "SEEK_END" }, { 3, "SEEK_DATA" }, { 4, "SEEK_HOLE" }, END
};
static const struct name fcntls[] = {
	{ 0, "F_DUPFD" }, { 1, "F_GETFD" }, { 2, "F_SETFD" }, { 3, "F_GETFL" }, { 4, "F_SETFL" }, { 5, "F_GETLK" }, { 6, "F_SETLK" },
	{ 7, "F_SETLKW" }, { 8, "F_SETOWN" }, { 9, "F_GETOWN" }, { 36, "F_OFD_GETLK" }, { 37, "F_OFD_SETLK" }, { 38, "F_OFD_SETLKW" },
	{ 1024, "F_SETLEASE" }, { 1025, "F_GETLEASE" }, { 1030, "F_DUPFD_CLOEXEC" }, { 1031, "F_SETPIPE_SZ" }, { 1032, "F_GETPIPE_SZ" },
	{ 1033, "F_ADD_SEALS" }, { 1034, "F_GET_SEALS" }, END
};
static const struct name ioctls[] = {
	{ 0x5401, "TCGETS" }, { 0x5402, "TCSETS" }, { 0x5403, "TCSETSW" }, { 0x5404, "TCSETSF" }, { 0x540b, "TCFLSH" }, { 0x540e, "TIOCSCTTY" },
	{ 0x540f, "TIOCGPGRP" }, { 0x5410, "TIOCSPGRP" }, { 0x5411, "TIOCOUTQ" }, { 0x5413, "TIOCGWINSZ" }, { 0x5414, "TIOCSWINSZ" },
	{ 0x541b, "FIONREAD" }, { 0x5421, "FIONBIO" }, { 0x5450, "FIONCLEX" }, { 0x5451, "FIOCLEX" }, { 0x5429, "TIOCGSID" }, END
};
static const struct name clocks[] = {
	{ 0, "CLOCK_REALTIME" }, { 1, "CLOCK_MONOTONIC" }, { 2, "CLOCK_PROCESS_CPUTIME_ID" }, { 3, "CLOCK_THREAD_CPUTIME_ID" },
	{ 4, "CLOCK_MONOTONIC_RAW" }, { 5, "CLOCK_REALTIME_COARSE" }, { 6, "CLOCK_MONOTONIC_COARSE" }, { 7, "CLOCK_BOOTTIME" },
	{ 8, "CLOCK_REALTIME_ALARM" }, { 9, "CLOCK_BOOTTIME_ALARM" }, { 11, "CLOCK_TAI" }, END
};
static const struct name sighows[] = { { 0, "SIG_BLOCK" }, { 1, "SIG_UNBLOCK" }, { 2, "SIG_SETMASK" }, END };
static const struct name futexes[] = {
	{ 0, "FUTEX_WAIT" }, { 1, "FUTEX_WAKE" }, { 3, "FUTEX_REQUEUE" }, { 4, "FUTEX_CMP_REQUEUE" }, { 5, "FUTEX_WAKE_OP" },
	{ 6, "FUTEX_LOCK_PI" }, { 7, "FUTEX_UNLOCK_PI" }, { 8, "FUTEX_TRYLOCK_PI" }, { 9, "FUTEX_WAIT_BITSET" },
	{ 10, "FUTEX_WAKE_BITSET" }, { 11, "FUTEX_WAIT_REQUEUE_PI" }, { 12, "FUTEX_CMP_REQUEUE_PI" }, END
};
static const struct name futex_flags[] = { { 128, "FUTEX_PRIVATE_FLAG" }, { 256, "FUTEX_CLOCK_REALTIME" }, END };
static const struct name clones[] = {
	{ 0x100, "CLONE_VM" }, { 0x200, "CLONE_FS" }, { 0x400, "CLONE_FILES" }, { 0x800, "CLONE_SIGHAND" }, { 0x1000, "CLONE_PIDFD" },
	{ 0x2000, "CLONE_PTRACE" }, { 0x4000, "CLONE_VFORK" }, { 0x8000, "CLONE_PARENT" }, { 0x10000, "CLONE_THREAD" },
	{ 0x20000, "CLONE_NEWNS" }, { 0x40000, "CLONE_SYSVSEM" }, { 0x80000, "CLONE_SETTLS" }, { 0x100000, "CLONE_PARENT_SETTID" },
	{ 0x200000, "CLONE_CHILD_CLEARTID" }, { 0x400000, "CLONE_DETACHED" }, { 0x1000000, "CLONE_CHILD_SETTID" }, END
};
static const struct name resources[] = {
	{ 0, "RLIMIT_CPU" }, { 1, "RLIMIT_FSIZE" }, { 2, "RLIMIT_DATA" }, { 3, "RLIMIT_STACK" }, { 4, "RLIMIT_CORE" }, { 5, "RLIMIT_RSS" },
	{ 6, "RLIMIT_NPROC" }, { 7, "RLIMIT_NOFILE" }, { 8, "RLIMIT_MEMLOCK" }, { 9, "RLIMIT_AS" }, { 10, "RLIMIT_LOCKS" },
	{ 11, "RLIMIT_SIGPENDING" }, { 12, "RLIMIT_MSGQUEUE" }, { 13, "RLIMIT_NICE" }, { 14, "RLIMIT_RTPRIO" }, { 15, "RLIMIT_RTTIME" }, END
};
static const struct name families[] = {
	{ 0, "AF_UNSPEC" }, { 1, "AF_UNIX" }, { 2, "AF_INET" }, { 10, "AF_INET6" }, { 16, "AF_NETLINK" }, { 17, "AF_PACKET" },
	{ 40, "AF_VSOCK" }, END
};
static const struct name socktypes[] = {
	{ 1, "SOCK_STREAM" }, { 2, "SOCK_DGRAM" }, { 3, "SOCK_RAW" }, { 4, "SOCK_RDM" }, { 5, "SOCK_SEQPACKET" }, END
};
static const struct name sockflags[] = { { 04000, "SOCK_NONBLOCK" }, { 02000000, "SOCK_CLOEXEC" }, END };
static const struct name socklevels[] = {
	{ 1, "SOL_SOCKET" }, { 0, "SOL_IP" }, { 6, "SOL_TCP" }, { 17, "SOL_UDP" }, { 41, "SOL_IPV6" }, END
};
static const struct name msgflags[] = {
	{ 1, "MSG_OOB" }, { 2, "MSG_PEEK" }, { 4, "MSG_DONTROUTE" }, { 8, "MSG_CTRUNC" }, { 0x20, "MSG_TRUNC" }, { 0x40, "MSG_DONTWAIT" },
	{ 0x80, "MSG_EOR" }, { 0x100, "MSG_WAITALL" }, { 0x4000, "MSG_NOSIGNAL" }, { 0x8000, "MSG_MORE" }, { 0x10000, "MSG_WAITFORONE" },
	{ 0x40000000, "MSG_CMSG_CLOEXEC" }, END
};
static const struct name shuts[] = { { 0, "SHUT_RD" }, { 1, "SHUT_WR" }, { 2, "SHUT_RDWR" }, END };
static const struct name epollops[] = { { 1, "EPOLL_CTL_ADD" }, { 2, "EPOLL_CTL_DEL" }, { 3, "EPOLL_CTL_MOD" }, END };
static const struct name efdflags[] = { { 1, "EFD_SEMAPHORE" }, { 04000, "EFD_NONBLOCK" }, { 02000000, "EFD_CLOEXEC" }, END };
static const struct name tfdflags[] = { { 04000, "TFD_NONBLOCK" }, { 02000000, "TFD_CLOEXEC" }, END };
static const struct name sfdflags[] = { { 04000, "SFD_NONBLOCK" }, { 02000000, "SFD_CLOEXEC" }, END };
static const struct name epflags[] = { { 02000000, "EPOLL_CLOEXEC" }, END };
static const struct name randflags[] = { { 1, "GRND_NONBLOCK" }, { 2, "GRND_RANDOM" }, { 4, "GRND_INSECURE" }, END };
static const struct name statxmask[] = {
	{ 0xfff, "STATX_ALL" }, { 0x7ff, "STATX_BASIC_STATS" }, { 1, "STATX_TYPE" }, { 2, "STATX_MODE" }, { 4, "STATX_NLINK" }, { 8, "STATX_UID" },
	{ 0x10, "STATX_GID" }, { 0x20, "STATX_ATIME" }, { 0x40, "STATX_MTIME" }, { 0x80, "STATX_CTIME" }, { 0x100, "STATX_INO" },
	{ 0x200, "STATX_SIZE" }, { 0x400, "STATX_BLOCKS" }, { 0x800, "STATX_BTIME" }, END
};
static const struct name renames[] = { { 1, "RENAME_NOREPLACE" }, { 2, "RENAME_EXCHANGE" }, { 4, "RENAME_WHITEOUT" }, END };
static const struct name fallocs[] = {
	{ 1, "FALLOC_FL_KEEP_SIZE" }, { 2, "FALLOC_FL_PUNCH_HOLE" }, { 8, "FALLOC_FL_COLLAPSE_RANGE" }, { 0x10, "FALLOC_FL_ZERO_RANGE" },
	{ 0x20, "FALLOC_FL_INSERT_RANGE" }, END
};
static const struct name locks[] = { { 1, "LOCK_SH" }, { 2, "LOCK_EX" }, { 8, "LOCK_UN" }, { 4, "LOCK_NB" }, END };
static const struct name prctls[] = {
	{ 1, "PR_SET_PDEATHSIG" }, { 3, "PR_GET_DUMPABLE" }, { 4, "PR_SET_DUMPABLE" }, { 15, "PR_SET_NAME" }, { 16, "PR_GET_NAME" },
	{ 22, "PR_SET_SECCOMP" }, { 29, "PR_SET_TIMERSLACK" }, { 38, "PR_SET_NO_NEW_PRIVS" }, { 39, "PR_GET_NO_NEW_PRIVS" },
	{ 0x53564d41, "PR_SET_VMA" }, END
};
static const struct name waits[] = {
	{ 1, "WNOHANG" }, { 2, "WUNTRACED" }, { 4, "WEXITED" }, { 8, "WCONTINUED" }, { 0x1000000, "WNOWAIT" }, END
};
static const struct name itimers[] = { { 0, "ITIMER_REAL" }, { 1, "ITIMER_VIRTUAL" }, { 2, "ITIMER_PROF" }, END };
static const struct name advices[] = {
	{ 0, "POSIX_FADV_NORMAL" }, { 1, "POSIX_FADV_RANDOM" }, { 2, "POSIX_FADV_SEQUENTIAL" }, { 3, "POSIX_FADV_WILLNEED" },
	{ 4, "POSIX_FADV_DONTNEED" }, { 5, "POSIX_FADV_NOREUSE" }, END
};
static const struct name whos[] = { { 0, "P_ALL" }, { 1, "P_PID" }, { 2, "P_PGID" }, { 3, "P_PIDFD" }, END };
static const struct name rwflags[] = {
	{ 1, "RWF_HIPRI" }, { 2, "RWF_DSYNC" }, { 4, "RWF_SYNC" }, { 8, "RWF_NOWAIT" }, { 0x10, "RWF_APPEND" }, END
};

/* One of them, or the number. */
static void print_one(FILE *out, const struct name *names, uint64_t value)
{
	for (; names->name != NULL; names++) {
		if (names->value == value) {
			fputs(names->name, out);
			return;
		}
	}
	fprintf(out, "%#" PRIx64, value);
}

/* Those that are set, joined; what has no name as a number. between: what already stands there needs a bar. */
static void print_set(FILE *out, const struct name *names, uint64_t value, bool between)
{
	if (value == 0 && !between)
		fputc('0', out);
	for (; names->name != NULL; names++) {
		if (names->value == 0 || (value & names->value) != names->value)
			continue;
		fprintf(out, "%s%s", between ? "|" : "", names->name);
		value &= ~names->value;
		between = true;
	}
	if (value != 0)
		fprintf(out, "%s%#" PRIx64, between ? "|" : "", value);
}

static void print_signal(FILE *out, uint64_t value)
{
	const char *name = value < 32 ? sigabbrev_np((int)value) : NULL;

	if (name != NULL)
		fprintf(out, "SIG%s", name);
	else if (value >= 32 && value <= 64)
		fprintf(out, "SIGRT_%" PRIu64, value - 32);
	else
		fprintf(out, "%" PRId64, (int64_t)(int32_t)value);
}

static void print_oflags(FILE *out, uint64_t value)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };

	fputs(modes[value & 3], out);
	print_set(out, oflags, value & 0xfffffffc, true);
}

static void print_mapflags(FILE *out, uint64_t value)
{
	static const char *const types[] = { "0", "MAP_SHARED", "MAP_PRIVATE", "MAP_SHARED_VALIDATE" };

	fputs(types[value & 3], out);
	print_set(out, mapflags, value & ~3ul, true);
}

static void print_clone(FILE *out, uint64_t value)
{
	print_set(out, clones, value & ~0xfful, false);
	if (value & 0xff) {
		fputc('|', out);
		print_signal(out, value & 0xff);
	}
}

static void print_split(FILE *out, const struct name *one, const struct name *set, uint64_t mask, uint64_t value)
{
	print_one(out, one, value & ~mask);
	print_set(out, set, value & mask, true);
}

/* Kinds that are one of a list, or a set of flags. */
static const struct {
	const struct name *names;
	bool set;
} lists[RM_T_IN] = {
	[RM_T_ATFLAGS] = { atflags, true }, [RM_T_UNLINKFLAGS] = { unlinkflags, true }, [RM_T_WHENCE] = { whences, false },
	[RM_T_FCNTL] = { fcntls, false }, [RM_T_IOCTL] = { ioctls, false },
	[RM_T_MADVICE] = { madvice, false }, [RM_T_MSYNC] = { msync_flags, true }, [RM_T_CLOCK] = { clocks, false },
	[RM_T_SIGHOW] = { sighows, false }, [RM_T_RESOURCE] = { resources, false }, [RM_T_FAMILY] = { families, false },
	[RM_T_SOCKLEVEL] = { socklevels, false }, [RM_T_MSGFLAGS] = { msgflags, true }, [RM_T_SHUT] = { shuts, false },
	[RM_T_EPOLLOP] = { epollops, false }, [RM_T_PIPEFLAGS] = { oflags, true }, [RM_T_EFDFLAGS] = { efdflags, true },
	[RM_T_TFDFLAGS] = { tfdflags, true }, [RM_T_SFDFLAGS] = { sfdflags, true }, [RM_T_EPFLAGS] = { epflags, true },
	[RM_T_RANDFLAGS] = { randflags, true }, [RM_T_STATXMASK] = { statxmask, true }, [RM_T_RENAME] = { renames, true },
	[RM_T_FALLOC] = { fallocs, true }, [RM_T_LOCK] = { locks, true }, [RM_T_PRCTL] = { prctls, false }, [RM_T_WAIT] = { waits, true },
	[RM_T_ITIMER] = { itimers, false }, [RM_T_ADVICE] = { advices, false }, [RM_T_WHO] = { whos, false },
	[RM_T_MREMAP] = { mremap_flags, true }, [RM_T_RWFLAGS] = { rwflags, true },
};

void trace_print_value(FILE *out, enum rm_trace_kind kind, uint64_t value)
{
	switch (kind) {
	case RM_T_INT:
	case RM_T_FD:
	case RM_T_PID:
		fprintf(out, "%" PRId32, (int32_t)value);
		break;
	case RM_T_DIRFD:
		if ((int32_t)value == -100)
			fputs("AT_FDCWD", out);
		else
			fprintf(out, "%" PRId32, (int32_t)value);
		break;
	case RM_T_LONG:
		fprintf(out, "%" PRId64, (int64_t)value);
		break;
	case RM_T_UINT:
		fprintf(out, "%" PRIu64, value);
		break;
	case RM_T_OCT:
		fprintf(out, "%#" PRIo64, value & 07777777);
		break;
	case RM_T_PTR:
		if (value == 0)
			fputs("NULL", out);
		else
			fprintf(out, "%#" PRIx64, value);
		break;
	case RM_T_OFLAGS:
		print_oflags(out, value);
		break;
	case RM_T_ACCESS:
		if (value == 0)
			fputs("F_OK", out);
		else
			print_set(out, access_modes, value, false);
		break;
	case RM_T_PROT:
		if (value == 0)
			fputs("PROT_NONE", out);
		else
			print_set(out, protections, value & 0xffffffff, false);
		break;
	case RM_T_MAPFLAGS:
		print_mapflags(out, value);
		break;
	case RM_T_SIGNAL:
		print_signal(out, value);
		break;
	case RM_T_FUTEX:
		print_split(out, futexes, futex_flags, 0x180, value & 0xffffffff);
		break;
	case RM_T_CLONE:
		print_clone(out, value);
		break;
	case RM_T_SOCKTYPE:
		if ((value & 0xf) == 0)
			print_set(out, sockflags, value, false);
		else
			print_split(out, socktypes, sockflags, 02004000, value);
		break;
	default:
		if (kind < RM_T_IN && lists[kind].names != NULL && lists[kind].set)
			print_set(out, lists[kind].names, value & 0xffffffff, false);
		else if (kind < RM_T_IN && lists[kind].names != NULL)
			print_one(out, lists[kind].names, value & 0xffffffff);
		else
			fprintf(out, "%#" PRIx64, value);
	}
}
