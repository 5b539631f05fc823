/* SPDX-License-Identifier: MIT OR GPL-2.0-only WITH Linux-syscall-note */
/*
 * What an enclave did with the host's help: counters that the runtime keeps in the boot page of each thread, for people (`ringmaster top`,
 * `run --stats`). 64-bit words at RM_USE_OFFSET of the region, in the order below; the thread alone writes them, with plain stores, at any
 * time. Nobody decides anything by them: the host can change them, and an enclave could write what it likes.
 */
#ifndef RINGMASTER_ABI_USE_H
#define RINGMASTER_ABI_USE_H

#define RM_USE_OFFSET	1024u	/* in the boot page (hostcall.h) */
#define RM_USE_MAX	16u

enum rm_use {
	RM_USE_OPERATIONS,	/* submitted to the ring */
	RM_USE_HOST_CALLS,	/* system calls asked of the proxy's thread */
	RM_USE_SWITCHLESS,	/* of those, done without an exit */
	RM_USE_TAKEN_BACK,	/* given to the server, which did not come */
	RM_USE_SUBMITS,		/* exits to submit operations, or to wait for them */
	RM_USE_WAKEUPS,		/* exits to wake the polling thread */
	RM_USE_SPINS,		/* waits that watched the ring for a while */
	RM_USE_SPINS_VAIN,	/* of those, in which nothing came */
	RM_USE_COPIES,		/* between arena and program */
	RM_USE_BYTES_IN,	/* copied from the arena, */
	RM_USE_BYTES_OUT,	/* and into it */
	RM_USE_WINDOW_READS,	/* parts of reads that file windows had */
	RM_USE_WINDOW_BYTES,	/* copied from windows */
	RM_USE_WINDOWS_FILLED,	/* made, or filled again */
	RM_USE_WINDOWS_LOST,	/* reads that met a page that Linux had taken */
	RM_USE_SUMS,		/* so far: the enclave's are its threads' together. From here on: the largest of them */
	RM_USE_ARENA_PEAK = RM_USE_SUMS,	/* slots of the arena that were in use at once (RM_SLOT_SIZE bytes each) */
	RM_USE_COUNT
};

#endif
