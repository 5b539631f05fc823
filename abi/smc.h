/* SPDX-License-Identifier: MIT */
/*
 * Contract 1: Linux module <-> secure kernel.
 *
 * SMCCC 1.x calls (Arm DEN0028) in the Trusted OS range, which TF-A's OP-TEE dispatcher hands to us: x0 is the
 * function, x1-x7 the arguments; x0-x3 come back. x0 is 0 or positive on success, a negative Linux errno otherwise.
 * Fast calls are bounded and may be made with interrupts masked. Yielding calls are bounded too (no call masks
 * interrupts for longer than 50 us); one that has more to do returns -RM_EAGAIN_WORK and is made again with the same
 * arguments. Every argument is an attack until checked: the kernel copies once, checks, and uses the copy.
 *
 * An enclave is named by a handle (slot and generation, so that a stale handle never names a new enclave), a thread by
 * its index in the enclave (0 is the first, made with the enclave).
 */
#ifndef RINGMASTER_ABI_SMC_H
#define RINGMASTER_ABI_SMC_H

#define RM_ABI_VERSION		1u	/* all contracts move together; the handshake compares for equality */

#define RM_SMC_FAST(n)		(0xF2000000u | (n))	/* SMC64, fast, owner 50 */
#define RM_SMC_YIELD(n)		(0x72000000u | (n))	/* SMC64, yielding, owner 50 */

/* SMCCC general queries of the Trusted OS range (DEN0028 section 6.2): x0-x3 = UID; x0, x1 = major, minor. */
#define RM_SMC_UID		0xBF00FF01u
#define RM_SMC_REVISION		0xBF00FF03u
#define RM_UID_0		0x526e676du	/* "Rngm" */
#define RM_UID_1		0x61737465u	/* "aste" */
#define RM_UID_2		0x725a4c31u
#define RM_UID_3		0x20261122u

/* x0 of a yielding call that did a bounded part of its work: make it again with the same arguments. */
#define RM_EAGAIN_WORK		11	/* EAGAIN */

/* VERSION() -> x1 = RM_ABI_VERSION of the kernel, x2 = interrupt number (INTID, a SPI) of the doorbell,
 * x3 = bytes of secure memory that enclaves may have in all. Fast. */
#define RM_SMC_VERSION		RM_SMC_FAST(0x00)

/* WAKES() -> x1 = handle, x2 = thread to wake, x3 = 1 if there are more; x0 = 0 when it named one, -ENOENT when there is none. Fast.
 * The doorbell interrupt (edge) says that there may be some: call until there are no more. It comes to the core where the thread that
 * woke last had been, if that is online. */
#define RM_SMC_WAKES		RM_SMC_FAST(0x01)

/* STAT(handle, counter) -> x1 = value. handle 0: of the whole kernel. -ENOENT, -EINVAL. Fast. */
#define RM_SMC_STAT		RM_SMC_FAST(0x02)

/* ATTACH(version): a new instance of the module takes over; whatever an earlier one left (hosted enclaves, shares) is
 * destroyed first. -EPROTO: version differs. May ask to be made again. */
#define RM_SMC_ATTACH		RM_SMC_YIELD(0x10)

/* CREATE(limit) -> x1 = handle. limit: secure memory in bytes that the enclave may use at most, 0 = all there is.
 * -EINVAL: more than the board has; -ENOMEM: no frames for the start; -ENOSPC: too many enclaves. */
#define RM_SMC_CREATE		RM_SMC_YIELD(0x11)

/* DESTROY(handle): ends the enclave and gives back its frames, zeroed; its shares are unmapped when it returns 0.
 * -RM_EAGAIN_WORK: more to do, or a thread of it still runs on another core. -ENOENT. -EPERM: it is resident and lives: DETACH. */
#define RM_SMC_DESTROY		RM_SMC_YIELD(0x12)

/* DETACH(handle): Linux has nothing more to do with a resident enclave: its shares and windows are unmapped when it returns 0, and host calls fail
 * until a proxy attaches anew. -RM_EAGAIN_WORK; -ENOENT: no such enclave, or not resident. */
#define RM_SMC_DETACH		RM_SMC_YIELD(0x16)

/*
 * ADOPT(handle): a process of Linux takes the place of the one that is gone: SHARE and ENTER serve the enclave
 * again. -EPERM: its manifest permits nobody to; -EBUSY: nobody has detached it, or not wholly; -ENOENT: no such enclave, or not resident.
 *
 * AWAITED(handle) -> x1 = threads that are ready for the pages of a process and a thread of it, bit i: thread i. WAKES names each when it becomes ready. -ENOENT: no
 * such enclave, or it has ended.
 *
 * RESIDENT(slot) -> x1 = handle of the first living resident enclave that has this slot or one behind it (the low byte of a handle is its slot), x2 = enum
 * rm_attach (resident.h), x3 = 1 if it is detached; -ENOENT: there is none. NAME(handle) -> x1, x2 = its manifest's name for it, RM_RESIDENT_NAME bytes, the
 * first lowest. -ENOENT. Fast.
 */
#define RM_SMC_ADOPT		RM_SMC_YIELD(0x17)
#define RM_SMC_RESIDENT		RM_SMC_FAST(0x07)
#define RM_SMC_NAME		RM_SMC_FAST(0x08)
#define RM_SMC_AWAITED		RM_SMC_FAST(0x09)

/* SHARE(handle, thread, list, count, page): maps count Normal-world pages, whose physical addresses stand as 64-bit
 * words at physical address list (page-aligned, one Normal-world page), into the region of the thread, from page number page on.
 * The whole call happens or nothing. The pages stay mapped until UNSHARE or DESTROY returns 0: keep them pinned.
 * -EINVAL: count is 0 or > RM_SHARE_MAX, outside the region, list not aligned; -EFAULT: list or a page is not Normal-world RAM (secure memory,
 * MMIO); -EEXIST: already shared there; -ENOMEM; -ENOENT; -EBUSY: the enclave is being destroyed. -ESTALE: the thread has not noticed yet
 * that what was shared before is gone: AWAITED names it when it has. */
#define RM_SMC_SHARE		RM_SMC_YIELD(0x13)
#define RM_SHARE_MAX		24u

/* UNSHARE(handle, thread, page, count): unmaps; after 0 no core of the Secure world reaches them. count <= RM_SHARE_MAX.
 * -ENOENT: nothing is shared there, or no such enclave; -EINVAL: outside the region. */
#define RM_SMC_UNSHARE		RM_SMC_YIELD(0x14)

/*
 * WINDOW_MAP(handle, list, count, page): maps count Normal-world pages, whose physical addresses stand as 64-bit words at physical address
 * list (all in one Normal-world page), read-only, into the enclave's area of file windows, from page number page on (svc.h). All of them lie
 * in one of its places of RM_WINDOW_CHUNK bytes. The whole call happens or nothing; it never asks to be made again. The pages may be
 * taken back by Linux only after WINDOW_UNMAP, or DESTROY, returned 0: keep the notifiers. Tables for it count to the enclave, and stay until it ends.
 * -EINVAL: count is 0 or > RM_WINDOW_MAX, outside the area or across two places, list not aligned; -EFAULT: list or a page is not
 * Normal-world RAM; -EEXIST: something is mapped there; -ENOMEM; -ENOENT; -EBUSY: the enclave is being destroyed. Fast.
 *
 * WINDOW_UNMAP(handle, page, count): after 0 no core of the Secure world reaches what was mapped there, which may be nothing. The pages lie in
 * one place: count <= 512. -EINVAL, -ENOENT: no such enclave. Both may be called from any context, locks held, interrupts masked. Fast.
 */
#define RM_SMC_WINDOW_MAP	RM_SMC_FAST(0x03)
#define RM_SMC_WINDOW_UNMAP	RM_SMC_FAST(0x04)
#define RM_WINDOW_MAX		128u

/* CORE() -> x1 = parts in a million of this core that resident enclaves have reserved: if any, it cannot be turned off. Fast. */
#define RM_SMC_CORE		RM_SMC_FAST(0x06)

/* HISTOGRAM(which, bucket) -> x1 = how often, since the boot: enum rm_histogram. -EINVAL. Fast. */
#define RM_SMC_HISTOGRAM	RM_SMC_FAST(0x05)
enum rm_histogram {
	RM_HISTOGRAM_RELEASE,		/* from the time that a resident thread waited for until it could run, other threads not counted */
	RM_HISTOGRAM_MASKED,		/* how long the kernel masked interrupts at once */
	RM_HISTOGRAM_COUNT
};
#define RM_HISTOGRAM_BUCKETS	32u
#define RM_HISTOGRAM_NS		5000u	/* bucket i: from i * this on; the last one: all that is longer */

/* ENTER(handle, thread, flags) -> x0 = RM_EXIT_*, x1-x3 as it says. Lends this core to the thread until it has something for
 * Linux. -EBUSY: it runs on another core, or its maker is not ready with it; -ENOENT: no such enclave; -ESRCH: it lives and has no such thread (whose maker may
 * have taken it back); -EINVAL: a flag that does not exist. The caller must have preemption and interrupts as for any long call; pending interrupts end the entry. */
#define RM_SMC_ENTER		RM_SMC_YIELD(0x15)
/*
 * A resident thread has its time from nobody: entering it says that what it had asked for is done (or that Linux's thread is there), and returns
 * what it asks for next, or RM_EXIT_WAIT until there is something.
 */
#define RM_ENTER_NOTIFY		1u	/* the runtime shall look what the proxy has for it: sets the thread's flag (svc.h, upcalls) */

enum rm_exit {
	RM_EXIT_PREEMPTED = 0,	/* an interrupt for Linux: take it, reschedule, enter again */
	RM_EXIT_WAIT = 1,	/* x1 = nanoseconds, ~0 = no limit: sleep until woken, the time passed, or a signal; enter again */
	RM_EXIT_HOST = 2,	/* x1-x3 = operands of RM_SVC_HOST: the proxy's work (hostcall.h); enter again */
	RM_EXIT_EXITED = 3,	/* the enclave ended: x1 = exit status 0-255 */
	RM_EXIT_SIGNALED = 4,	/* the enclave was ended by signal x1; x2 = fault address, x3 = program counter (~0 if no fault) */
	RM_EXIT_NOMEM = 5,	/* the enclave was ended: its memory limit (x1 = limit, x2 = in use, bytes), or x3 = 1: the board's memory */
	RM_EXIT_FAILED = 6,	/* the runtime gave up: x1 = enum rm_failure (hostcall.h), x2 = detail */
	RM_EXIT_THREAD = 7,	/* this thread ended, the enclave goes on */
	RM_EXIT_KILLED = 8,	/* the enclave is being destroyed */
	RM_EXIT_COUNT
};

/* Counters for STAT. Those below RM_STAT_ENCLAVE_COUNT exist for an enclave and, summed, for the kernel. */
enum rm_stat {
	RM_STAT_EXITS_VOLUNTARY,	/* exits the enclave asked for (wait, host, end) */
	RM_STAT_EXITS_INTERRUPT,	/* exits by an interrupt for Linux */
	RM_STAT_ENTRIES,
	RM_STAT_SVCS,			/* system calls that reached the kernel */
	RM_STAT_REFLECTED,		/* of those, handed to the runtime */
	RM_STAT_FAULTS,			/* pages mapped on touch */
	RM_STAT_FRAMES,			/* frames in use now (4 KiB) */
	RM_STAT_FRAMES_PEAK,
	RM_STAT_FRAMES_LIMIT,
	RM_STAT_SHARED_PAGES,		/* Normal-world pages mapped now */
	RM_STAT_RELEASES,		/* times that a resident thread was woken by its clock */
	RM_STAT_RELEASE_MAX_NS,		/* the longest that took (RM_HISTOGRAM_RELEASE) */
	RM_STAT_MISSES,			/* resident threads that wanted to sleep until a time that had passed */
	RM_STAT_THROTTLED,		/* times that a reservation's budget was used up before its threads had done */
	RM_STAT_ENCLAVE_COUNT,
	RM_STAT_FRAMES_FREE = RM_STAT_ENCLAVE_COUNT,	/* from here on: kernel only */
	RM_STAT_FRAMES_TOTAL,
	RM_STAT_ENCLAVES,
	RM_STAT_MASKED_MAX_NS,		/* longest time in the kernel with interrupts masked, any core */
	RM_STAT_HEARTBEATS,		/* periods of the resident heartbeat thread */
	RM_STAT_HEARTBEATS_LATE_MAX_NS,	/* worst release latency of the kernel */
	RM_STAT_CORES,
	RM_STAT_RESIDENTS,		/* resident enclaves that live */
	RM_STAT_RESERVED,		/* parts in a million of a core that are reserved, of the core with the most */
	RM_STAT_NONCE_0,		/* of orders to shut down (image.h) */
	RM_STAT_NONCE_1,
	RM_STAT_COUNT
};

#endif
