/* SPDX-License-Identifier: MIT */
/*
 * Contract 2: enclave <-> secure kernel.
 *
 * `svc #0` with AArch64 Linux's convention: x8 = number, x0-x5 = arguments, x0 = result or -errno. Linux numbers keep
 * Linux's semantics. Calls the kernel owns are answered there, whoever asks: mmap (anonymous), munmap, mprotect, mremap,
 * madvise, mincore, mlock and its kin, sched_yield, getrandom; and, from the runtime only, exit, exit_group, futex, clock_nanosleep
 * (CLOCK_MONOTONIC with TIMER_ABSTIME) and set_tid_address. Any other number from the program, mmap of a file, and memory calls that
 * touch a region of a file (RM_REGION_FILE) are reflected:
 * the kernel keeps the program's registers and enters the runtime at its reflect entry (x0-x5 and x8 as the program
 * had them, SP = the thread's runtime stack); RM_SVC_RESUME ends it. Any other number from the runtime is -ENOSYS.
 * The runtime is told from the program by the address of the svc instruction.
 *
 * Upcalls. Each thread has a flag, set by NOTIFY or by Linux (RM_ENTER_NOTIFY): "look whether something waits for you". It ends a
 * wait (futex on a word of the program, clock_nanosleep, HOST) with -EINTR, or lets the next one end at once so; that spends it. A
 * thread that would run the program with the flag set enters the runtime at its `signal` entry instead, as if the program had
 * made a call that is reflected; a fault of the program enters it at `fault` in the same way. A futex in the runtime's own memory is
 * a lock: waiting for it is not interrupted, and the flag stays. What a signal is and where it goes, the kernel does not know.
 */
#ifndef RINGMASTER_ABI_SVC_H
#define RINGMASTER_ABI_SVC_H

/* Own numbers, above all of Linux's. */
#define RM_SVC_BASE		0x1000
/* HOST(op, a, b): leave to the proxy (hostcall.h, enum rm_host_op); 0 when entered again. */
#define RM_SVC_HOST		0x1000
/* RESUME(result): ends a reflected call; the program goes on with x0 = result. Does not return. */
#define RM_SVC_RESUME		0x1001
/* FAIL(enum rm_failure, detail): the runtime gives up; ends the enclave with RM_EXIT_FAILED. */
#define RM_SVC_FAIL		0x1002
/* SIGNALED(signal, address, pc, esr): ends the enclave as by that signal's default action. pc = ~0: not because of a fault;
 * otherwise (from `fault` only) what the fault is reported with. */
#define RM_SVC_SIGNALED		0x1003
/* START(pc, sp): from the runtime's first entry only: leave the runtime and start the program with all other registers
 * zero. Does not return. */
#define RM_SVC_START		0x1004
/* THREAD(stack, tls, clear_tid, parent_tid, flags): in a reflected clone(): makes a thread that starts where the program's
 * clone() returns, with x0 = 0, SP = stack, TPIDR_EL0 = tls. Returns its index in the enclave; it runs once RUN
 * permits it and the proxy has given it a Linux thread (RM_HOST_THREAD). -EAGAIN: too many threads, of a resident enclave on its core (resident.h); -ENOMEM. */
#define RM_SVC_THREAD		0x1005
/* THREAD_ABORT(index): takes back a thread that never ran. */
#define RM_SVC_THREAD_ABORT	0x1006
/* ADDRESS(pointer): physical address of the page behind the pointer, for demonstrations and tests. -EFAULT. */
#define RM_SVC_ADDRESS		0x1007
/* STAT(enum rm_stat): this enclave's counter. */
#define RM_SVC_STAT		0x1008
/* RESIDENT_WAIT(): resident threads only: sleep until the next period. */
#define RM_SVC_RESIDENT_WAIT	0x1009
/* RESIDENT(struct rm_resident *): runtime only, before START (-EPERM), of an enclave that has one thread: makes it resident (resident.h). 0: this thread goes on on
 * the secure kernel's time. -EINVAL: values, or it has more threads or is resident; -EBUSY: a device is another's; -ENODEV: the board has no such device, or no such core
 * that is on; -EDQUOT: not admitted: the core's reservations would not all be met. -EFAULT. */
#define RM_SVC_RESIDENT		0x1040
/* RESERVE(index, priority): runtime only: the thread moves to the enclave's reservation of that priority, 0: to its lowest. -ESRCH: no such thread; -EPERM:
 * no such reservation; -EINVAL: not resident. */
#define RM_SVC_RESERVE		0x1041
/* RUN(index, alone): runtime only: a thread that THREAD has made, and that its maker is ready with, may begin: 0: when a thread of Linux enters it; 1, of a resident
 * enclave: now, unless it has; if nothing is shared with it, it is as one whose process is gone (ATTACH). -EINVAL: not resident, or no such thread. */
#define RM_SVC_RUN		0x1043
/* SHUTDOWN(nonce0, nonce1): runtime only, before START, on a signed order (image.h): ends all resident enclaves but the built-in. -EPERM: too late, or not
 * this kernel's nonce, which is another one afterwards. */
#define RM_SVC_SHUTDOWN		0x1042
/* DEVICE_WAIT(devices, until): runtime only: waits until one of these RM_DEVICE_* (resident.h), all the enclave's, interrupts, or until that moment, in
 * nanoseconds of the counter (~0: for ever). A device interrupts only while a thread waits for it: what it has to say, it goes on saying. 0: one did, and
 * all that waited for it go on; -ETIMEDOUT; -EINTR: notified; -EINVAL: not this enclave's. */
#define RM_SVC_DEVICE_WAIT	0x1045
/* ATTACH(): runtime only, by a resident thread that found its shared region withdrawn, and holds nothing any more of what it knew of the host. Bytes of the region that
 * another process of Linux shares since, and in the upper half which process it is, counted from 1; told once. -EAGAIN: nobody is there so far, but may come now;
 * -EINVAL: not a resident thread, or nobody withdrew its region. */
#define RM_SVC_ATTACH		0x1046
/* REPORT(number): built-in resident threads only: a line on the secure console. */
#define RM_SVC_REPORT		0x100b
/* REGIONS(address, struct rm_region *): runtime only: writes the first region of the program that ends behind the address, and
 * returns 1; 0: there is none. */
#define RM_SVC_REGIONS		0x100c
/* SIZE_LIMIT(bytes): runtime only: address space that all regions may take (RLIMIT_AS); calls that need more are -ENOMEM. */
#define RM_SVC_SIZE_LIMIT	0x100d
/* CPU_TIME(index): nanoseconds that thread has had a core; ~0: all threads of the enclave, ended ones too. -EINVAL: no such thread. */
#define RM_SVC_CPU_TIME		0x100e
/* FUTEX_PI(operation, address, number, until): from the runtime only: FUTEX_LOCK_PI, TRYLOCK_PI, UNLOCK_PI of futex(2) by the thread of
 * that number (the number of thread 0 + its index); until: nanoseconds of the counter, ~0 = for ever. A lock is handed to the first that
 * waits. -EPERM, -ESRCH, -EDEADLK, -EAGAIN, -ETIMEDOUT, -EINVAL, -EFAULT. */
#define RM_SVC_FUTEX_PI		0x1018
/* Own operations of it: the thread of that number ends and had the lock in its robust list; a plain lock, one of the kind above. */
#define RM_FUTEX_DIED		0x100u
#define RM_FUTEX_DIED_PI	0x101u
/* NOTIFY(index): sets the flag of a thread of this enclave. 1: it runs on another core, or its Linux thread works for it, and only
 * that Linux thread, woken, can make it look soon (RM_HOST_KICK); 0: nothing more is needed; -ESRCH: no such thread. */
#define RM_SVC_NOTIFY		0x1010
/* GET_CONTEXT(struct rm_context *), SET_CONTEXT(struct rm_context *): while a call is reflected or an upcall lasts, the program's
 * registers. Of pstate only N, Z, C and V are taken; floating-point registers stand as the program left
 * them, since the runtime has none. -EINVAL: the program is not waiting; -EFAULT. */
#define RM_SVC_GET_CONTEXT	0x1011
#define RM_SVC_SET_CONTEXT	0x1012
/* MEMORY_LIMIT(bytes): runtime only: lowers the enclave's limit of secure memory; more than it is changes nothing. */
#define RM_SVC_MEMORY_LIMIT	0x1030
/* FLUSH_CODE(address, size): data written there is about to be executed: clean and invalidate the caches. */
#define RM_SVC_FLUSH_CODE	0x100a
/* FEATURES(): what the cores can do, as Linux says it in AT_HWCAP: of its bits those of RM_FEATURES. */
#define RM_SVC_FEATURES		0x1021
#define RM_FEATURES		0xffu		/* FP, ASIMD, EVTSTRM (never), AES, PMULL, SHA1, SHA2, CRC32 */
/* THREADS(index): the lowest index >= this one that a thread of the enclave has. -ENOENT: none. */
#define RM_SVC_THREADS		0x1020

/*
 * DELIVER(result): from the program's libc, after a direct call that says so (RM_CALL_*): reflected like any call that the kernel
 * does not know; the runtime lets handlers of signals run, and the call is `result`.
 */
#define RM_SVC_DELIVER		0x1100

/* What a direct call (rm_runtime_image.call) leaves in x1 beside the result in x0. */
#define RM_CALL_DONE		0
#define RM_CALL_DELIVER		1	/* make the call DELIVER with the result in x0 */
#define RM_CALL_RESTART		2	/* make the same call by svc: x2-x7 are its arguments, x8 its number */

/*
 * Address space of an enclave: 39 bits. Everything below RM_USER_TOP belongs to the program; above stand the runtime,
 * its stacks, devices and the pages shared with Linux, which the memory calls refuse (-EINVAL; -ENOMEM for MAP_FIXED).
 */
#define RM_USER_MIN		0x0000000000010000ul	/* below: never mapped */
#define RM_USER_PIE		0x0000002000000000ul	/* where a position-independent program goes */
#define RM_USER_STACK_TOP	0x0000007e00000000ul	/* first stack ends here or up to 64 MiB below, grows down, mapped on touch */
#define RM_USER_STACK_SIZE	0x0000000000800000ul	/* 8 MiB, as Linux's default limit */
#define RM_VDSO_DATA		0x0000007e00004000ul	/* the vDSO's data and its image, mapped by the runtime */
#define RM_VDSO			0x0000007e00005000ul
#define RM_USER_TOP		0x0000007e00010000ul
#define RM_RUNTIME_BASE		0x0000007f00000000ul	/* image of the runtime: struct rm_runtime_image stands here */
#define RM_RUNTIME_MAX		0x0000000001000000ul
/* Devices of a resident enclave: the page of registers of the one whose RM_DEVICE_* is bit n, at RM_DEVICE_BASE + n * 4096. */
#define RM_DEVICE_BASE		0x0000007f08000000ul
/* A boot enclave's image, read-only: rm_runtime_image.start has its size in x3, and no region (x2 = 0). At most to RM_THREAD_BASE. */
#define RM_IMAGE_BASE		0x0000007f10000000ul
/* Thread i: a guard page, its runtime stack and its block of private data, at RM_THREAD_BASE + i * RM_THREAD_STRIDE.
 * TPIDRRO_EL0 = start of the block, which is also the top of the stack. Zero when the thread is made. */
#define RM_THREAD_BASE		0x0000007f40000000ul
#define RM_THREAD_STRIDE	0x0000000000020000ul
#define RM_THREAD_BLOCK		0x000000000001f000ul	/* offset of the block in the stride; 4 KiB */
#define RM_THREAD_MAX		64u
/* Thread i's region of Normal-world pages (hostcall.h), at RM_SHARE_BASE + i * RM_SHARE_STRIDE. Never trusted. */
#define RM_SHARE_BASE		0x0000007f80000000ul
#define RM_SHARE_STRIDE		0x0000000001000000ul
/* File windows (smc.h, WINDOW_MAP): RM_WINDOW_CHUNKS places of RM_WINDOW_CHUNK bytes each, read-only. Never trusted. */
#define RM_WINDOW_BASE		0x0000007fc0000000ul
#define RM_WINDOW_CHUNK		0x0000000000200000ul
#define RM_WINDOW_CHUNKS	512u

/* A region of a program's addresses (RM_SVC_REGIONS). Neighbours with equal flags are one region. */
#define RM_REGION_READ		0x001u	/* the protection, as PROT_* of mmap() */
#define RM_REGION_WRITE		0x002u
#define RM_REGION_EXEC		0x004u
#define RM_REGION_FILE		0x010u	/* of a file: the program's memory calls that touch it are the runtime's (reflected) */
#define RM_REGION_SHARED	0x020u	/* MAP_SHARED */
#define RM_REGION_STACK		0x040u	/* the first thread's stack */
#define RM_REGION_HEAP		0x080u	/* brk() */
#define RM_REGION_GROWS		0x100u	/* MAP_GROWSDOWN */
#define RM_REGION_BEYOND	0x200u	/* beyond the end of its file: touching it is SIGBUS */
#define RM_REGION_ALL		0x3f7u
#ifndef __ASSEMBLER__
struct rm_region {
	unsigned long start, end;
	unsigned int flags;		/* RM_REGION_* */
	unsigned int reserved;
};
#endif
/* In the flags of the runtime's own mmap(): what kind of region it is to be (not the protection); and that all pages must be there
 * when it returns, or it is -ENOMEM. From the program both are ignored, as unknown flags are. */
#define RM_MAP_KIND(flags)	((unsigned long)(flags) << 32)
#define RM_MAP_COMMIT		(1ul << 63)

/*
 * Head of the runtime image, a flat binary linked at RM_RUNTIME_BASE: text (this head included) is mapped read-only and
 * executable and shared by all enclaves; data is copied for each, bss zeroed. Sizes in bytes, multiples of 4096.
 */
#ifndef __ASSEMBLER__
struct rm_context {
	unsigned long x[31], sp, pc, pstate;
};

struct rm_runtime_image {
	unsigned long magic;		/* RM_RUNTIME_MAGIC */
	unsigned long text_size;
	unsigned long rodata_size;	/* follows text; read-only, not executable */
	unsigned long data_size;	/* follows rodata in the file */
	unsigned long bss_size;		/* follows data, not in the file */
	unsigned long start;		/* entry of thread 0: x0 = index, x1 = its shared region, x2 = bytes shared, x3 = bytes of its image (RM_IMAGE_BASE) */
	unsigned long start_thread;	/* entry of a further thread before its program part: x0-x2 as above; ends with RESUME(0) */
	unsigned long reflect;		/* entry of a reflected call */
	unsigned long call;		/* entry of a direct call from our libc: C function long call(a0..a5, number), with RM_CALL_* in x1 */
	unsigned long signal;		/* entry of an upcall by the flag; ends with RESUME(x0 of the program) */
	unsigned long fault;		/* entry of an upcall by a fault: x0 = Linux's signal, x1 = address, x2 = ESR_EL1, x3 = 1 if the address */
					/* is reserved memory; ends with RESUME */
	unsigned long access_start;	/* code that may fault on shared or program memory: [access_start, access_end) */
	unsigned long access_end;
	unsigned long access_fixup;	/* where a fault in it goes on: x0 = the address that faulted */
};
#endif
#define RM_RUNTIME_MAGIC	0x31656d69746e7552ul	/* "Runtime1" */

/* Auxiliary vector entry by which a program's libc finds rm_runtime_image.call (absent natively). */
#define RM_AT_ENTRY		0x524d

#endif
