/* SPDX-License-Identifier: MIT */
/*
 * Contract 4: runtime <-> proxy.
 *
 * Each thread of an enclave has one region of Normal-world memory, shared by the proxy (RM_IOC_THREAD) and mapped at
 * RM_SHARE_BASE + index * RM_SHARE_STRIDE: the boot page, the io_uring pages (IORING_SETUP_NO_MMAP, laid out by
 * liburing), and the arena. Offsets below count from the start of the region. The runtime copies what it needs once,
 * checks it, and never reads the boot page again. Nothing in the region is ever trusted.
 *
 * Plain mode: the ring is DEFER_TASKRUN | SINGLE_ISSUER, submissions ride on the exit that waits for them
 * (RM_HOST_SUBMIT). Poll mode (`--poll`): an SQPOLL thread of Linux on another core picks them up, no exit at all.
 */
#ifndef RINGMASTER_ABI_HOSTCALL_H
#define RINGMASTER_ABI_HOSTCALL_H

#include "use.h"

#ifndef __ASSEMBLER__
#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif
#endif

/* Operands of RM_SVC_HOST: what the proxy's thread has to do before it enters again. */
enum rm_host_op {
	RM_HOST_SUBMIT = 1,	/* a = entries to submit (+ RM_HOST_SUBMIT_SERVER, as RM_HOST_CALL_SERVER below), b = completions to wait for: io_uring_enter() on the thread's ring. In the */
				/* upper half of b: milliseconds after which the thread enters again in any case, 0 = never */
	RM_HOST_CALL = 2,	/* a = offset of a struct rm_host_call in the region: do it, write its result; b = milliseconds after which */
				/* the thread enters again in any case, 0 = never: then the result is written once it is there. */
				/* a + RM_HOST_CALL_BOUNDED: the call itself ends then, with -EINTR if it did nothing */
				/* a + RM_HOST_CALL_SERVER: and the server may watch this region (struct rm_switchless) */
	RM_HOST_WAKEUP = 3,	/* wake the polling thread (IORING_SQ_NEED_WAKEUP was seen); then wait for b completions */
	RM_HOST_THREAD = 4,	/* a = index of a new thread: give it a Linux thread; result in the calling thread's */
				/* boot page word thread_result: its Linux number or -errno */
	RM_HOST_DEATH = 16,	/* a = offset of a struct rm_death in the region: print it, the program is about to end by a signal */
	RM_HOST_TRACE = 5,	/* the trace area is full: wait until the tracer has made room (trace.h) */
	RM_HOST_KICK = 6,	/* a = index of a thread: its Linux thread ends what it does for it (-EINTR) and enters again */
	RM_HOST_AWAIT = 9,	/* a = offset of a host call that the server took: enter again when its result is there, or something else is */
				/* to be told */
	RM_HOST_ARENA = 10,	/* a = slots: so many of the arena's first slots are to be shared when the thread enters again */
	RM_HOST_TIMER = 7,	/* a = nanoseconds, 0 = never: then, and each millisecond until asked anew, a thread enters with */
				/* RM_ENTER_NOTIFY */
};

#define RM_HOST_CALL_SERVER	1u
#define RM_HOST_CALL_BOUNDED	2u
#define RM_HOST_SUBMIT_SERVER	(1ul << 32)

/*
 * Arena: RM_ARENA_SLOTS slots of RM_SLOT_SIZE, contiguous runs of which hold one operation's bytes. A region is shared from its start on, and
 * may end within the arena at first: the slots behind that end are shared when the runtime asks for them (RM_HOST_ARENA). With a trace area
 * behind it the arena is shared whole.
 */
#define RM_SLOT_SIZE		16384u
#define RM_ARENA_SLOTS		64u
#define RM_ARENA_SIZE		(RM_SLOT_SIZE * RM_ARENA_SLOTS)
#define RM_RING_ENTRIES		64u	/* submission entries; completions twice as many */
#define RM_RING_PAGES		4u	/* upper bound for what liburing lays out for that */

#define RM_BOOT_MAGIC		0x746f6f42676e6952ul	/* "RingBoot" */
#define RM_BOOT_SIZE		4096u	/* bytes of the boot page; the ring and the arena stand behind it */
#define RM_FD_MAX		1024u	/* descriptors of an enclave; inherited ones must be below */

#ifndef __ASSEMBLER__
/* Where the parts of an io_uring stand in the region (from liburing's struct io_uring after queue_init_mem). */
struct rm_ring_layout {
	uint32_t sq_head, sq_tail, sq_flags, sq_entries;	/* offsets of the words; sq_entries is the value */
	uint32_t cq_head, cq_tail, cq_overflow, cq_entries;
	uint32_t sqes, cqes;					/* offsets of the arrays (64-byte SQEs, 16-byte CQEs) */
};

/* Start of every region. Written by the proxy before the first entry. */
struct rm_boot {
	uint64_t magic;
	uint32_t version;		/* RM_ABI_VERSION */
	uint32_t flags;			/* RM_BOOT_* */
	struct rm_ring_layout ring;
	uint32_t arena;			/* offset, page-aligned; RM_ARENA_SIZE bytes */
	uint32_t thread_result;
	uint64_t address;		/* of the region in the proxy: SQEs and iovecs name address + offset. Any value is
					 * harmless to the enclave; the proxy tries RM_SHARE_BASE + index * RM_SHARE_STRIDE */
	/* Below: thread 0 only. */
	uint32_t strings;		/* offset of argc + envc NUL-terminated strings and, behind them, the program's path */
					/* (in the arena, free once copied) */
	uint32_t strings_size;		/* bytes, all NULs included */
	uint32_t argc, envc;
	uint32_t exec_fd;		/* the program file, open read-only */
	uint32_t stack_limit;		/* RLIMIT_STACK in KiB, 0 = unlimited */
	uint32_t pid, ppid, uid, euid, gid, egid, umask;
	uint32_t debug_fd;		/* with RM_BOOT_DEBUG: the proxy's socket to gdb (debug.h) */
	uint64_t realtime_ns;		/* CLOCK_REALTIME when the counter stood at boot_counter: untrusted */
	uint64_t boot_counter;		/* CNTVCT_EL0 of the proxy at that moment */
	uint64_t fds[RM_FD_MAX / 64];	/* bitmap: descriptors inherited by the program */
	uint64_t exec_name;		/* offset within strings of the program's path (AT_EXECFN) */
	uint32_t trace;			/* with RM_BOOT_TRACE, every thread: offset of the trace area (trace.h), page-aligned */
	uint32_t trace_string;		/* most bytes of a string or buffer that are shown */
	uint64_t file_limit, descriptor_limit;	/* RLIMIT_FSIZE, RLIMIT_NOFILE */
	uint64_t ignored, blocked;	/* signals the program starts with: bit i = signal i + 1 */
	uint32_t manifest, manifest_size;	/* thread 0, not with RM_BOOT_IMAGE: a manifest in binary form (image.h) in the arena; size 0: none */
};
#define RM_BOOT_POLL		1u	/* poll mode */
#define RM_BOOT_IMAGE		4u	/* the program file is an image (image.h) */
#define RM_BOOT_TRACE		2u	/* record each system call (trace.h), if the program permits debugging */
#define RM_BOOT_DEBUG		8u	/* thread 0: gdb waits on debug_fd (debug.h); likewise */
#define RM_BOOT_SWITCHLESS	128u	/* there is a server for switchless calls; not in poll mode */
#define RM_BOOT_SYNC		32u	/* not in poll mode: an exit for each operation as soon as it is submitted; for comparison */
#define RM_BOOT_CORE		16u	/* thread 0: a core file if a signal of that kind ends it; likewise */
#define RM_BOOT_WINDOWS		64u	/* thread 0: the proxy has file windows to give (RM_CALL_WINDOW) */

/*
 * What the runtime has to report, in the boot page of each thread: written by the runtime whenever something is counted, read by the
 * proxy whenever it has the thread back, and after the end. Numbers of violations by the host and of calls that nobody handles.
 */
#define RM_REPORT_OFFSET	3712u
#define RM_REPORT_COUNTS	16u	/* enum rm_count, RM_COUNT_* below */
#define RM_REPORT_CALLS		16u
struct rm_report_call {
	uint32_t number, count;
};
struct rm_report {
	uint32_t sequence;		/* changes with each report */
	uint32_t calls;			/* valid entries below */
	uint64_t count[RM_REPORT_COUNTS];	/* by this thread */
	struct rm_report_call call[RM_REPORT_CALLS];	/* the first different calls that are not supported, by all threads */
};

/*
 * Signals that the proxy hands over (host call rt_sigaction, disposition 2), recorded by the Linux thread that got them in the boot page
 * of its own thread of the enclave, which it then enters with RM_ENTER_NOTIFY. `head` counts records written, `tail` records taken;
 * one that finds no room, or (below 32) finds its like still there, is dropped. Signal 0: bytes from gdb.
 */
/* At RM_USE_OFFSET: counters (use.h). */
#define RM_BOOT_SIGNALS		2048u	/* offset in the region */
#define RM_HOST_SIGNALS		64u
struct rm_host_signal {
	uint32_t signal;
	int32_t code;			/* si_code */
	uint32_t pid, uid;
	uint64_t value;			/* si_value, or si_status of SIGCHLD */
};
struct rm_host_signals {
	uint32_t head, tail;
	struct rm_host_signal record[RM_HOST_SIGNALS];
};

/*
 * How a program died, only if its manifest permits debugging: registers of the thread that the signal hit, and a backtrace: the program
 * counter, then return addresses, innermost first. The program's file stands at its own addresses + bias, from start to end.
 */
#define RM_DEATH_FRAMES		64u
struct rm_death {
	uint32_t signal, frames;
	uint64_t address;		/* that faulted */
	uint64_t x[31], sp, pc, pstate;
	uint64_t bias, start, end;
	uint64_t frame[RM_DEATH_FRAMES];
};

/*
 * Switchless calls: a thread of the proxy, the server, watches the regions of threads that make many host calls, and does those that any
 * thread may do while the calling thread waits in the Secure world. Both sides change `posted` by atomic operations; a bit is taken by
 * whoever cleared it. The result word says when a call is done.
 */
#define RM_SWITCHLESS_OFFSET	1536u	/* in the region */
struct rm_switchless {
	uint64_t posted;	/* bit i: the host call at the start of slot i is to be done. Set by the runtime; cleared by the server, which */
				/* does the call then, or by the runtime, which changed its mind */
	uint32_t awake;		/* by the proxy: 0, or the server watches; then another number every now and then, while it runs */
	uint32_t reserved;
};

/*
 * A host call: a Linux system call without an io_uring opcode, done by the proxy's thread. Pointer arguments are
 * offsets in the region; which arguments are pointers is the proxy's own table (host/proxy), which also refuses numbers that
 * are not in it with -ENOSYS. Linux numbers of AArch64. A call that a kick or a signal ends before it did anything is -EINTR; it
 * may be made again. One call is not Linux's: rt_sigaction(signal, disposition, flags) with disposition 0 = default, 1 = ignore, 2 = hand
 * over; of the flags SA_NOCLDSTOP and SA_NOCLDWAIT are taken; returns the old disposition. The proxy's process inherits, stops and dies by it.
 * Some have a pointer behind a pointer: ioctl(SIOCGIFCONF), whose ifc_buf is an offset as well; preadv2 and pwritev2, which take one buffer here:
 * (fd, buffer, bytes, position, flags).
 */
struct rm_host_call {
	uint32_t number;
	uint32_t begun;		/* 0 by the runtime; by the proxy not 0 before it does the call */
	uint64_t arg[6];
	int64_t result;
};

/*
 * Host calls for file windows (svc.h: RM_WINDOW_BASE), which are not Linux's. WINDOW(fd, chunk, place, again, present, pages): bytes from chunk *
 * RM_WINDOW_CHUNK on of the file behind the descriptor are to be seen at a place of the window area, where Linux has them in its memory, at least
 * those of `pages` (the first | their number << 16); the struct rm_window_pages at `present` says which pages are. What the place showed before is gone, unless `again` says that it is the same: then what
 * is missing is added. -EOPNOTSUPP: not with such a file; -EINVAL, -ENOMEM, -EACCES and what else mmap() fails with.
 * WINDOW_DROP(places): the places in the struct rm_window_places show nothing any more, nor hold their files open. 0.
 */
#define RM_CALL_WINDOW		0x1182	/* none of svc.h, spawn.h, debug.h */
#define RM_CALL_WINDOW_DROP	0x1183
struct rm_window_pages {
	uint64_t bits[8];		/* bit i % 64 of word i / 64: page i */
};
struct rm_window_places {
	uint64_t bits[8];		/* likewise: place i */
};

_Static_assert(sizeof(struct rm_ring_layout) == 40, "contract");
_Static_assert(sizeof(struct rm_boot) == 328, "contract");
_Static_assert(sizeof(struct rm_boot) <= RM_USE_OFFSET && RM_USE_OFFSET + RM_USE_MAX * 8u <= RM_SWITCHLESS_OFFSET, "contract");
_Static_assert(RM_SWITCHLESS_OFFSET + sizeof(struct rm_switchless) <= RM_BOOT_SIGNALS, "contract");
_Static_assert(sizeof(struct rm_boot) <= RM_BOOT_SIGNALS && RM_BOOT_SIGNALS + sizeof(struct rm_host_signals) <= RM_BOOT_SIZE, "contract");
_Static_assert(sizeof(struct rm_host_call) == 64, "contract");
#endif

_Static_assert(RM_REPORT_OFFSET >= sizeof(struct rm_boot) && RM_REPORT_OFFSET + sizeof(struct rm_report) <= 4096, "contract");

/* What the host did wrong and what is missing (struct rm_report). */
enum rm_count {
	RM_COUNT_CQ_RANGE,	/* completion queue's tail is impossible */
	RM_COUNT_SQ_RANGE,	/* submission queue's head is impossible */
	RM_COUNT_CQE_UNKNOWN,	/* names no live promise: forged, repeated or stale */
	RM_COUNT_RESULT,	/* a result that such a call cannot have */
	RM_COUNT_CONTENT,	/* bytes of a structure that cannot be */
	RM_COUNT_VANISHED,	/* a shared page was withdrawn */
	RM_COUNT_UNSUPPORTED,	/* system calls answered with -ENOSYS */
	RM_COUNT_THREADS,	/* threads refused because there were RM_THREAD_MAX */
	RM_COUNT_SIGNALS,	/* signals of the host that nobody asked for, that the manifest does not permit or that cannot be */
	RM_COUNT_REFUSED,	/* paths and programs that the manifest does not allow */
	RM_COUNT_HASH,		/* files whose content is not what the manifest says */
	RM_COUNT_LATE,		/* what Linux owed and did not do by the manifest's deadline */
	RM_COUNT_COUNT
};

/* A null pointer argument of a host call. */
#define RM_HOST_NULL		(~0ul)

/* Why a runtime gave up (RM_SVC_FAIL, RM_EXIT_FAILED); the launcher turns each into a message. */
enum rm_failure {
	RM_FAIL_HOST = 1,	/* the boot page or ring layout is not acceptable; detail = a check's line */
	RM_FAIL_READ = 2,	/* the program could not be read; detail = errno */
	RM_FAIL_NOT_ELF = 3,	/* not an ELF file */
	RM_FAIL_ARCH = 4,	/* ELF, but not 64-bit little-endian AArch64; detail = e_machine */
	RM_FAIL_TYPE = 5,	/* not an executable (object file, library, core); detail = e_type */
	RM_FAIL_TRUNCATED = 6,	/* shorter than its headers say */
	RM_FAIL_LAYOUT = 7,	/* segments overlap, overflow, or ask for addresses a program cannot have */
	RM_FAIL_DYNAMIC = 8,	/* needs a dynamic loader (PT_INTERP): not supported yet */
	RM_FAIL_MEMORY = 9,	/* no memory for the program; detail = bytes asked */
	RM_FAIL_ARGS = 10,	/* arguments and environment do not fit */
	RM_FAIL_IMAGE = 11,	/* not an image of this version, or a damaged one; detail = a check's line */
	RM_FAIL_KEY = 12,	/* an image signed by a key that this firmware does not know */
	RM_FAIL_SIGNATURE = 13,	/* the image's signature is wrong */
	RM_FAIL_HASH = 14,	/* the image was changed: detail = 1 manifest, 2 program, 3 bytes behind it */
	RM_FAIL_MANIFEST = 15,	/* the manifest is not acceptable; detail = a check's line, 0: not with an image */
	RM_FAIL_DEBUG = 16,	/* the manifest does not permit debugging, which was asked for; detail = RM_BOOT_* */
	RM_FAIL_RESIDENT = 17,	/* the secure kernel does not make it resident; detail = errno (svc.h, RESIDENT) */
	RM_FAIL_ORDER = 18,	/* the order to shut down is not for this kernel, or this boot */
	RM_FAIL_COUNT
};

#endif
