/* SPDX-License-Identifier: MIT */
/*
 * Contract 4b: what `ringmaster trace` is told: runtime -> tracer, through memory shared with Linux.
 *
 * With RM_BOOT_TRACE in the boot page, each thread's region has a trace area at the
 * boot page's offset `trace`: a struct rm_trace_ring and RM_TRACE_BYTES of records behind it. The runtime writes records and
 * moves head; the tracer, a process of Linux, reads them and moves tail. Both count bytes and wrap at 2^32. A record that
 * finds no room makes the runtime leave with RM_HOST_TRACE once; if there is still no room, the record is dropped and
 * counted. So nothing is lost while the tracer lives, and nobody waits for a dead one.
 *
 * The records leave the enclave in the clear: arguments, paths, the beginning of buffers. That is what debugging means;
 * no program can refuse it yet.
 *
 * Attacks considered: the runtime never reads back what it wrote, and believes nothing of tail but that there is room, or
 * not. To the tracer the records are bytes of somebody else: each is copied once, its sizes checked (host/trace/read.c).
 */
#ifndef RINGMASTER_ABI_TRACE_H
#define RINGMASTER_ABI_TRACE_H

#include <stdint.h>

#define RM_TRACE_BYTES		65536u	/* of records; a power of two */
#define RM_TRACE_DATA		4096u	/* where they start in the area */
#define RM_TRACE_SIZE		(RM_TRACE_DATA + RM_TRACE_BYTES)
#define RM_TRACE_RECORD_MAX	2048u
#define RM_TRACE_STRING_MAX	512u	/* most bytes of one string or buffer; the boot page's trace_string asks for fewer */

struct rm_trace_ring {
	uint32_t head;		/* written by the runtime */
	uint32_t tail;		/* written by the tracer */
	uint32_t dropped;	/* records lost so far: written by the runtime */
	uint32_t reserved;
};

enum rm_trace_type {
	RM_TRACE_ENTER = 1,	/* arg = the call's arguments; items of what they point to */
	RM_TRACE_EXIT = 2,	/* arg = enum rm_trace_exit; items of what the call wrote */
	RM_TRACE_SIGNAL = 3,	/* arg[0] = signal, [1] = si_code, [2] = handler, [3] = address: a handler is about to run */
};

enum rm_trace_exit {
	RM_TRACE_RESULT,	/* or -errno */
	RM_TRACE_OPCODES,	/* bit i: io_uring opcode i was submitted */
	RM_TRACE_SQES,		/* how many */
	RM_TRACE_HOST,		/* number of the last host call; how many << 32 */
	RM_TRACE_EXITS,		/* how often the thread left for the proxy */
	RM_TRACE_BY,		/* enum rm_trace_by: who answered, besides */
};

enum rm_trace_by {
	RM_TRACE_BY_RUNTIME,
	RM_TRACE_BY_KERNEL,	/* the secure kernel, to which the runtime passed it on */
	RM_TRACE_BY_NOBODY,	/* there is no handler */
	RM_TRACE_BY_WINDOW,	/* a file window had bytes of it */
};

#define RM_TRACE_REFLECTED	1u	/* flag: came by svc, not by a direct call */

struct rm_trace_record {
	uint16_t size;		/* of the record with its items, a multiple of 8 */
	uint8_t type;		/* enum rm_trace_type */
	uint8_t flags;
	uint32_t number;	/* of the call */
	uint64_t ns;		/* since the enclave started */
	uint64_t arg[6];
};

/* Behind the record: bytes that argument `arg` points to, padded to a multiple of 8. */
struct rm_trace_item {
	uint8_t arg;
	uint8_t flags;		/* RM_TRACE_CUT: there was more; RM_TRACE_FAULT: could not be read */
	uint16_t size;		/* of the bytes that follow */
	uint32_t reserved;
};
#define RM_TRACE_CUT	1u
#define RM_TRACE_FAULT	2u

_Static_assert(sizeof(struct rm_trace_ring) == 16, "contract");
_Static_assert(sizeof(struct rm_trace_record) == 64, "contract");
_Static_assert(sizeof(struct rm_trace_item) == 8, "contract");

/*
 * What an argument is. Below RM_T_IN nothing but the value is needed; between RM_T_IN and RM_T_OUT the runtime adds what the
 * pointer names before the call, from RM_T_OUT on after it. abi/trace.def says what each call's arguments are.
 */
enum rm_trace_kind {
	RM_T_NONE,
	RM_T_INT, RM_T_UINT, RM_T_HEX, RM_T_OCT, RM_T_PTR, RM_T_LONG, RM_T_FD, RM_T_DIRFD, RM_T_PID,
	RM_T_OFLAGS, RM_T_ATFLAGS, RM_T_UNLINKFLAGS, RM_T_ACCESS, RM_T_WHENCE, RM_T_FCNTL, RM_T_IOCTL, RM_T_PROT, RM_T_MAPFLAGS, RM_T_MADVICE,
	RM_T_MSYNC, RM_T_CLOCK, RM_T_SIGNAL, RM_T_SIGHOW, RM_T_FUTEX, RM_T_CLONE, RM_T_RESOURCE, RM_T_FAMILY, RM_T_SOCKTYPE,
	RM_T_SOCKLEVEL, RM_T_MSGFLAGS, RM_T_SHUT, RM_T_EPOLLOP, RM_T_PIPEFLAGS, RM_T_EFDFLAGS, RM_T_TFDFLAGS, RM_T_SFDFLAGS, RM_T_EPFLAGS,
	RM_T_RANDFLAGS, RM_T_STATXMASK, RM_T_RENAME, RM_T_FALLOC, RM_T_LOCK, RM_T_PRCTL, RM_T_WAIT, RM_T_ITIMER, RM_T_ADVICE, RM_T_WHO,
	RM_T_MREMAP, RM_T_RWFLAGS,
	RM_T_IN = 64,
	RM_T_STR,		/* NUL-terminated */
	RM_T_BUF,		/* as many bytes as the next argument says */
	RM_T_IOV,		/* struct iovec, as many as the next argument says; then the bytes that each names */
	RM_T_ADDR,		/* socket address, as many bytes as the next argument says */
	RM_T_TIME,		/* struct timespec */
	RM_T_TIMES,		/* two of them */
	RM_T_ITIMERSPEC, RM_T_ITIMERVAL, RM_T_SIGSET, RM_T_SIGACTION, RM_T_RLIMIT, RM_T_INTP, RM_T_OFFSET, RM_T_EVENT,
	RM_T_POLL,		/* struct pollfd, as many as the next argument says */
	RM_T_MSG,		/* struct msghdr */
	RM_T_STRV,		/* null-terminated vector of strings */
	RM_T_WORD,		/* 32 bits of a futex */
	RM_T_OUT = 128,
	RM_T_BUF_OUT,		/* as many bytes as the result says */
	RM_T_IOV_OUT, RM_T_ADDR_OUT, RM_T_TIME_OUT, RM_T_ITIMERSPEC_OUT, RM_T_ITIMERVAL_OUT, RM_T_SIGSET_OUT, RM_T_SIGACTION_OUT,
	RM_T_RLIMIT_OUT, RM_T_INTP_OUT, RM_T_OFFSET_OUT,
	RM_T_EVENTS_OUT,	/* struct epoll_event, as many as the result says */
	RM_T_POLL_OUT, RM_T_STR_OUT, RM_T_STAT_OUT, RM_T_STATX_OUT, RM_T_STATFS_OUT, RM_T_PAIR_OUT, RM_T_UTSNAME_OUT, RM_T_STATUS_OUT,
	RM_T_TIMEVAL_OUT, RM_T_MSG_OUT, RM_T_SYSINFO_OUT,
};

#endif
