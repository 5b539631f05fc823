/* SPDX-License-Identifier: MIT OR GPL-2.0-only WITH Linux-syscall-note */
/*
 * Contract 3: proxy <-> Linux module.
 *
 * An open /dev/ringmaster is a session: it owns at most one enclave, which ends when the session's last reference is
 * closed (session or thread descriptors, whoever dies first); a resident one goes on, and may be adopted. A thread descriptor (RM_IOC_THREAD) is one hosted thread:
 * entered by RM_IOC_ENTER, and readable for poll(2) when the secure kernel has woken its thread. Structures have fixed
 * sizes; reserved fields must be zero (-EINVAL).
 */
#ifndef RINGMASTER_ABI_IOCTL_H
#define RINGMASTER_ABI_IOCTL_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/ioctl.h>
#else
#include <sys/ioctl.h>
#endif

#define RM_IOC_MAGIC	0xB6
#define RM_NAME_SIZE	64

/* First call on a session: -EPROTO if abi_version is not the module's; the module's own is written back either way. */
struct rm_ioc_hello {
	__u32 abi_version;	/* in: RM_ABI_VERSION of the caller; out: the module's */
	__u32 kernel_version;	/* out: the secure kernel's */
	__u64 memory_total;	/* out: bytes of secure memory for enclaves */
	__u64 memory_free;	/* out */
};
#define RM_IOC_HELLO	_IOWR(RM_IOC_MAGIC, 0, struct rm_ioc_hello)

/* Makes the session's enclave. -EEXIST: has one; -EINVAL: limit beyond the board's; -ENOMEM; -ENOSPC: too many. */
struct rm_ioc_create {
	__u64 memory_limit;	/* in: bytes, 0 = all */
	__u32 id;		/* out: number for people (ps, kill) */
	__u32 reserved;
	char name[RM_NAME_SIZE];	/* in: NUL-terminated, shown by ps */
};
#define RM_IOC_CREATE	_IOWR(RM_IOC_MAGIC, 1, struct rm_ioc_create)

/*
 * Shares [address, address + size) of the caller's memory as the region of thread `thread` and returns a thread
 * descriptor (O_CLOEXEC). Pages are pinned until both the descriptor is closed and the thread is gone; `limit` bytes, up to which RM_IOC_GROW
 * may share more, are counted against RLIMIT_MEMLOCK (-ENOMEM, or -EDQUOT if that limit is the
 * reason) for as long. -EEXIST: it has one; -EINVAL: alignment, size, no
 * enclave; -ENOENT: no such thread; -ESTALE: it has not noticed yet that the region it had is gone (RM_IOC_AWAITED); -EFAULT: the memory cannot be shared.
 */
struct rm_ioc_thread {
	__u64 address;		/* page-aligned */
	__u64 size;		/* multiple of the page size, at least a page */
	__u64 limit;		/* likewise, at least size, at most RM_SHARE_STRIDE */
	__u32 thread;
	__u32 reserved;
};
#define RM_IOC_THREAD	_IOW(RM_IOC_MAGIC, 2, struct rm_ioc_thread)

/*
 * On a thread descriptor: runs the thread until it needs the proxy. PREEMPTED and WAIT are dealt with inside.
 * -EINTR: a signal is pending (restarted by Linux if no handler runs); -EBUSY: entered by another Linux thread;
 * -EIO: the secure kernel refuses.
 */
struct rm_ioc_enter {
	__u32 reason;		/* out: enum rm_exit (smc.h) */
	__u32 flags;		/* in: RM_ENTER_* (smc.h); -EINVAL: others; after -EINTR give them again */
	__u64 arg[3];		/* out: x1-x3 of the exit */
};
#define RM_IOC_ENTER	_IOWR(RM_IOC_MAGIC, 3, struct rm_ioc_enter)

/* Next enclave with id > `id` (start with 0); -ENOENT: no more. Anybody with the device may list. */
struct rm_ioc_list {
	__u32 id;		/* in, out */
	__u32 pid, uid, threads;
	__u64 stats[16];	/* enum rm_stat, RM_STAT_ENCLAVE_COUNT of them */
	__u64 use[16];		/* enum rm_use (use.h) */
	__u64 started_ns;	/* CLOCK_BOOTTIME */
	char name[RM_NAME_SIZE];
};
#define RM_IOC_LIST	_IOWR(RM_IOC_MAGIC, 4, struct rm_ioc_list)

/* Counters: of the session's enclave (own = 1; also after its end, until the session is closed) or of the kernel (own = 0). */
struct rm_ioc_stats {
	__u32 own;
	__u32 count;		/* out: how many are valid */
	__u64 stats[32];	/* enum rm_stat */
	__u64 use[16];		/* own: enum rm_use (use.h) */
};
#define RM_IOC_STATS	_IOWR(RM_IOC_MAGIC, 5, struct rm_ioc_stats)

/*
 * The log: what happened to enclaves, the newest RM_LOG_KEPT lines, kept in the module's memory until it is unloaded.
 * RM_IOC_LOG adds a line about the session's enclave (text and source are the caller's, the rest is ignored): -ENOENT without
 * an enclave, -EINVAL, -EDQUOT when the session has said RM_LOG_PER_SESSION lines. RM_IOC_LOG_READ gives the first line whose
 * sequence number is not below the one asked for, of the caller's own enclaves, or of all for root: -ENOENT if there is none, or,
 * with RM_LOG_WAIT in flags, waits for it. Sequence numbers start at 1; one that is higher than asked says that lines between were
 * lost, or are not for this user.
 */
struct rm_ioc_log {
	__u64 sequence;		/* in, out */
	__u64 time_ns;		/* CLOCK_REALTIME */
	__u32 id, pid;		/* of the enclave */
	__u32 source;		/* enum rm_log_source */
	__u32 flags;		/* in: RM_LOG_WAIT */
	char name[RM_NAME_SIZE];
	char text[160];
};
#define RM_IOC_LOG	_IOW(RM_IOC_MAGIC, 6, struct rm_ioc_log)
#define RM_IOC_LOG_READ	_IOWR(RM_IOC_MAGIC, 7, struct rm_ioc_log)
#define RM_LOG_TEXT		160
#define RM_LOG_KEPT		1024
#define RM_LOG_PER_SESSION	256
#define RM_LOG_WAIT		1u
enum rm_log_source { RM_LOG_MODULE = 0, RM_LOG_PROXY = 1, RM_LOG_RUNTIME = 2 };

/*
 * A file window of the session's enclave (smc.h, WINDOW_MAP): pages of the file mapped at `address` that are in Linux's memory and wanted are mapped
 * at place `place` of the enclave's area, read-only, and withdrawn whenever Linux takes them from that mapping. The mapping is the
 * caller's, MAP_SHARED, not writable, of a regular file, and covers RM_WINDOW_CHUNK bytes and one page more; pages from the file's last one on
 * never enter. With the address of a place's present mapping what is missing is added; another one withdraws all that was there first, and so
 * does address 0, which offers nothing. Keep the mapping until then, or unmap it: that withdraws the pages too.
 * -EINVAL: no such place, no enclave, no such mapping; -EOPNOTSUPP: not such a file; -ENOMEM; -EBUSY: the enclave is at its end.
 */
struct rm_ioc_window {
	__u64 address;		/* page-aligned, or 0 */
	__u32 place;
	__u16 first, count;	/* pages of it that are wanted; count 0: all from the first on */
	__u64 present[8];	/* out: bit i % 64 of word i / 64: page i is mapped */
};
#define RM_IOC_WINDOW	_IOWR(RM_IOC_MAGIC, 8, struct rm_ioc_window)

/*
 * On a thread descriptor: shares the region up to `size` bytes, if it is not yet. -EINVAL: alignment, beyond its limit, not the address space that
 * has it; others as RM_IOC_THREAD: then as much is shared as before.
 */
struct rm_ioc_grow {
	__u64 size;
};
#define RM_IOC_GROW	_IOW(RM_IOC_MAGIC, 9, struct rm_ioc_grow)

/*
 * Makes an enclave that lives without a process (resident.h) the session's.
 * -EEXIST: the session has one; -ESRCH: there is no such enclave; -EBUSY: it has a process; -EPERM: its manifest does not permit it, or not to this user.
 */
struct rm_ioc_adopt {
	__u32 id;		/* in: as in the list */
	__u32 reserved;
	char name[RM_NAME_SIZE];	/* out */
};
#define RM_IOC_ADOPT	_IOWR(RM_IOC_MAGIC, 10, struct rm_ioc_adopt)

/*
 * Waits until threads of the session's enclave are ready for a region and a thread descriptor (RM_IOC_THREAD, with a size that is the limit) and have none: those that
 * know that the ones they had are gone, and those that a resident enclave made while Linux was silent. Bit i: thread i.
 * -EINTR: a signal; -ENOENT: it has ended; -EINVAL: no enclave.
 */
#define RM_IOC_AWAITED	_IOR(RM_IOC_MAGIC, 11, __u64)

_Static_assert(sizeof(struct rm_ioc_adopt) == 72, "contract");
_Static_assert(sizeof(struct rm_ioc_window) == 80, "contract");
_Static_assert(sizeof(struct rm_ioc_log) == 256, "contract");
_Static_assert(sizeof(struct rm_ioc_hello) == 24, "contract");
_Static_assert(sizeof(struct rm_ioc_create) == 80, "contract");
_Static_assert(sizeof(struct rm_ioc_thread) == 32, "contract");
_Static_assert(sizeof(struct rm_ioc_enter) == 32, "contract");
_Static_assert(sizeof(struct rm_ioc_list) == 344, "contract");
_Static_assert(sizeof(struct rm_ioc_stats) == 392, "contract");

#endif
