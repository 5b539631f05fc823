/* SPDX-License-Identifier: MIT */
/*
 * A thread's private block (TPIDRRO_EL0 names it): its view of the region that it shares with Linux, its promises and its
 * signal state. Nobody but the thread touches it, except a creator before the thread's first instruction, and whoever sends it a
 * signal, under the lock of signals. Nothing in it was read from shared memory unchecked.
 */
#ifndef RUNTIME_RING_THREAD_H
#define RUNTIME_RING_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/hostcall.h"
#include "abi/svc.h"

#define RM_PROMISES	64u	/* operations in flight; never more than submission entries, so the queue cannot be full */

#define RM_THREAD_NAME	16u

enum rm_promise_state {
	RM_PROMISE_FREE = 0,
	RM_PROMISE_LIVE,	/* submitted; its completion has not arrived */
	RM_PROMISE_DONE,	/* result is valid; waits for its owner */
	RM_PROMISE_LATE,	/* was not kept in time; nobody waits for it any more, but Linux may still do it */
	RM_PROMISE_STRAY,	/* was late, and brought a descriptor that is to be closed */
	RM_PROMISE_ORPHAN,	/* nobody wants to know: its completion frees it */
};

/* What a completion may say if it does not carry an errno. */
enum rm_rule {
	RM_RULE_ZERO = 0,	/* 0 */
	RM_RULE_COUNT,		/* 0 .. limit */
	RM_RULE_FD,		/* a descriptor: 0 .. RM_HOST_FD_MAX */
};
#define RM_HOST_FD_MAX	(0x7fffffff / 2)

struct rm_promise {
	uint64_t since;		/* counter when it was submitted, if it has a deadline; else 0 */
	uint32_t generation;	/* goes into user_data: a completion of an earlier use does not match */
	uint32_t limit;
	int32_t result;
	uint8_t rule;
	uint8_t state;
	bool interruptible;	/* by a signal, as such a call of Linux is */
	bool background;	/* of a promise of the program: a call that waits does not wait for it */
};

struct rm_ring {
	uint32_t sq_head, sq_tail, sq_flags, cq_head, cq_tail, sqes, cqes;	/* offsets in the region, checked */
	uint32_t sq_entries, cq_entries;					/* powers of two */
	uint32_t tail;		/* our next submission: the truth, the shared word is a copy of it */
	uint32_t head;		/* our next completion: likewise */
	uint32_t live;		/* promises in state LIVE */
	uint32_t background;	/* those of them that are in the background */
};


/* Signals that wait: a set, and what is known of them in the order they came (posix/sigqueue.c). */
struct rm_pending {
	uint64_t set;			/* bit i: signal i + 1 */
	uint16_t first, last;		/* entries of the queue, index + 1; 0: none */
};

struct rm_signal_state {
	uint64_t mask;
	uint64_t mask_after;		/* with mask_lent: the mask that comes back once a handler was chosen, or none is */
	uint64_t awaited;		/* what sigtimedwait() is waiting for just now */
	struct rm_pending pending;	/* of this thread alone */
	uint64_t stack, stack_size;	/* sigaltstack() */
	uint32_t stack_flags;
	bool mask_lent;
	bool looking, look_again;	/* rm_interrupted() is at work; and has to begin again */
	bool settling, unsettled;	/* rm_signalfd_settle() is at work; and has to begin again */
	uint32_t hold;			/* waits do not end for signals while this is not 0: regular files, closing */
	uint32_t host_next;		/* the next record of the host that we have not seen (struct rm_host_signals) */
};

/* The program's floating-point registers, which the runtime never uses: start/fp.S. */
struct rm_fp {
	uint32_t fpsr, fpcr;
	uint64_t v[64];
};

/* Ticks that something took of late if a server was to do it, and if it left at once (ring/switchless.h). */
struct rm_choice {
	uint64_t served, left;
	uint32_t turn;
};

struct rm_thread {
	uint64_t gone;		/* touches of regions that met no page: by the fix-up (access.S), which knows no other offset */
	uint64_t gone_told;	/* those of them that were counted */
	uint32_t index;
	uint32_t linux_tid;	/* for calls of other threads that name it; 0: the first one, whose number is the same */
	bool poll;		/* a Linux thread polls the submission queue */
	bool sync;		/* each submission leaves at once */
	bool dead;		/* the ring is gone: every operation is -EIO, */
	bool missed;		/* and there was one since */
	uint32_t fifo;		/* resident: its reservation's priority, if the program chose it (SCHED_FIFO); 0: the lowest (SCHED_OTHER) */
	bool resident;		/* it runs on the secure kernel's time, and never waits for Linux longer than its deadline */
	uint32_t host_process;	/* resident: which process of Linux it has its ring from, as the secure kernel counts them (svc.h, ATTACH) */
	uint8_t *region;	/* shared with Linux */
	uint64_t size;
	uint64_t address;	/* where the proxy has it: only ever put into SQEs */
	uint32_t arena;		/* offset of the arena */
	uint32_t result;	/* offset of the word thread_result */
	struct rm_ring ring;
	uint64_t slots;		/* arena: bit i set = slot i in use, */
	uint64_t absent;	/* or not shared yet: all from one on */
	uint32_t slots_taken, slots_peak;	/* how many of them operations have, and had at most */
	uint64_t lent;		/* those of them that promises of the program have (promise/room.c): never fenced */
	/* Deadlines (ring/late.h). */
	uint64_t deadline;	/* of what Linux owes, in ticks of the counter; 0: none */
	uint64_t fenced;	/* slots that were in use when something came too late; */
	uint64_t fenced_free;	/* those of them that were given back since, and are in use as long as Linux may write to them */
	uint64_t late_calls;	/* slots that begin with a host call whose answer is due */
	uint64_t late_opens;	/* those of them that bring a descriptor */
	uint64_t late_doubtful;	/* those of them that Linux may never have heard of (ring/late.h) */
	uint32_t late;		/* promises and host calls that are due */
	bool late_strays;	/* there are promises of that state */
	/* Silence (ring/host.h). */
	bool silent;		/* Linux did not come back to this thread */
	uint64_t try_after;	/* no sooner is it asked again */
	/* Switchless calls (ring/switchless.h). */
	bool switchless;	/* there may be a server */
	uint32_t calls_counted;
	uint64_t calls_since;	/* the counter when counting began */
	uint64_t calls_spent;	/* ticks in calls that left since then */
	uint64_t exit_ticks;	/* what such a call took of late */
	uint64_t server_ask_after;	/* it may not come: no sooner than that again; */
	uint64_t server_pause;	/* which was so many ticks */
	uint32_t server_missed;	/* its beat when it did not come */
	uint32_t server_served;	/* calls since one left */
	bool server_wanted;	/* by the next call that leaves */
	struct rm_choice send;	/* of large sends */
	uint64_t used;		/* promises: bit i set = not FREE */
	struct rm_promise promise[RM_PROMISES];
	struct rm_signal_state signal;
	char name[RM_THREAD_NAME];	/* PR_SET_NAME */
	uint64_t robust_list;	/* the program's head, or 0 */
	uint64_t count[RM_COUNT_COUNT];	/* by rm_count() */
	/* Tracing: what the call at hand used, and the trace area. */
	uint64_t opcodes;		/* bit i: io_uring opcode i was submitted */
	uint32_t window_reads;		/* parts of reads that windows had */
	uint64_t exits;			/* how often it left for the proxy */
	uint32_t host_number, host_calls;	/* last host call, and how many */
	bool special;			/* traced, restricted, or without a ring: rm_posix_call() looks which */
	bool restricted;		/* the manifest lists files: paths are checked */
	const void *args;		/* of the call at hand, if restricted (struct rm_args) */
	bool passed_on;			/* to the secure kernel */
	uint32_t trace;			/* offset of the trace area; 0: not traced */
	uint32_t trace_string, trace_head, trace_dropped, trace_tail;
	/* The program's registers, while signals are delivered; with a debugger (debug/debug.h) whenever its thread is in the runtime. */
	struct rm_context context;
	struct rm_fp fp;		/* with a debugger only */
	int debug_slot;			/* of the arena, for bytes from and to gdb */
	bool debug_input;		/* there may be some */
	bool debug_stepped;		/* one instruction is done when the thread leaves the runtime */
	bool debug_written, debug_x0, debug_fp;	/* gdb changed registers; x0 among them; floating-point ones */
	uint64_t debug_told;		/* signals that gdb was told of and lets through */
};
_Static_assert(sizeof(struct rm_thread) <= 4096, "a thread's block is one page");

#endif
