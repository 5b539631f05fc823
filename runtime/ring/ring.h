/* SPDX-License-Identifier: MIT */
/*
 * Operations through the thread's io_uring. All functions work on the calling thread's own block.
 */
#ifndef RUNTIME_RING_RING_H
#define RUNTIME_RING_RING_H

#include "ring/thread.h"
#include "ring/uring.h"

/*
 * Makes the thread's block ready from its region: copies the boot page once into *boot, checks all of it, and keeps what
 * the ring needs. 0, or the line of the check that failed (for RM_FAIL_HOST).
 */
int rm_ring_attach(struct rm_thread *t, uint32_t index, void *region, uint64_t size, struct rm_boot *boot);

/*
 * The same for the region of another process, in the place of one that was withdrawn: the thread's ring is dead, nobody waits for anything of it, and it has no slot
 * of the arena. All of the arena is there from the start, and nothing else than a plain ring. Dead as before if it is not acceptable.
 */
int rm_ring_attach_again(struct rm_thread *t, uint64_t size, struct rm_boot *boot);

/* There is no Linux to talk to: each operation is -EIO. */
void rm_ring_none(struct rm_thread *t, uint32_t index, void *region);

/*
 * Submits a copy of *sqe (user_data is filled in here) under a rule for its result. A promise to wait for, or -EIO if the
 * ring is dead, -EAGAIN if RM_PROMISES - 1 are in flight.
 */
int rm_ring_submit(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit);

/*
 * Waits until the promise's completion arrived, frees the promise, returns the checked result (-errno or >= 0). A signal that a
 * handler is to have (rm_interrupted()) cancels an operation that Linux would interrupt: -LX_ERESTARTSYS if it then did nothing. With a
 * deadline, any other is -ETIMEDOUT when that is over; its slots are fenced then (ring/late.h), and may be given back as ever.
 */
long rm_ring_wait(struct rm_thread *t, int promise);

/*
 * Submits, waits, and does so again as long as the answer is -EINTR, which without a signal of ours means nothing. On a plain ring as a
 * host call, if that can be (direct.h).
 */
long rm_ring_call(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit);

/*
 * For promises of the program. Describes an operation in the background, which calls that wait do not wait for: a promise, or an error
 * as of rm_ring_submit(). Linux does not see it before rm_ring_publish(), so that what is linked is seen at once.
 */
int rm_ring_queue(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit);
void rm_ring_publish(struct rm_thread *t);
/* Whether its result is there; and that result, which frees the promise. */
static inline bool rm_ring_done(const struct rm_thread *t, int promise)
{
	return t->promise[promise].state != RM_PROMISE_LIVE;
}
static inline long rm_ring_take(struct rm_thread *t, int promise)
{
	t->promise[promise].state = RM_PROMISE_FREE;
	t->used &= ~(1ul << promise);
	return t->promise[promise].result;
}
/* Whether the manifest's deadline is for it. */
static inline bool rm_ring_owed(const struct rm_thread *t, int promise)
{
	return t->promise[promise].since != 0;
}
/* Asks Linux to give it up; it is done then in any case. 0, or -EAGAIN. */
long rm_ring_cancel(struct rm_thread *t, int promise);
/* Nobody wants to know how it ends. */
void rm_ring_forget(struct rm_thread *t, int promise);
/* Lets Linux work until `wanted` completions have come, or so many milliseconds have passed (0: any number), or something waits for the
 * thread. Submits what was published. 0; -ETIMEDOUT: Linux is silent (ring/host.h), and nothing may have come of it. */
long rm_ring_work(struct rm_thread *t, uint32_t wanted, uint32_t ms);

/* Takes in what completions have arrived; never waits. */
void rm_ring_reap(struct rm_thread *t);
/* The same after Linux was given the chance to say what is done. */
void rm_ring_catch_up(struct rm_thread *t);

/* Gives the ring up: live promises end with -EIO, and so does everything later. */
void rm_ring_kill(struct rm_thread *t);

/* Whether a value may come back for a call under this rule (an errno always may). */
bool rm_result_possible(enum rm_rule rule, uint32_t limit, int64_t result);

/* report.c: forgets what an earlier enclave counted. */
void rm_report_start(void);
/* Counts, and tells the proxy (struct rm_report). */
void rm_count(struct rm_thread *t, enum rm_count what);
/* The same for a system call that is -ENOSYS. */
void rm_count_unsupported(struct rm_thread *t, uint32_t number);

/* Counts touches that met no page since the last look. */
void rm_ring_tell_gone(struct rm_thread *t);

/* Leaves to the proxy (RM_SVC_HOST) and comes back when that is done: 0; kills the ring if the kernel refuses. -ETIMEDOUT: Linux is silent
 * (ring/host.h); it may do it later all the same. */
long rm_ring_host(struct rm_thread *t, enum rm_host_op op, uint64_t a, uint64_t b);
/* The same, once. -EINTR: something waits for the thread, nothing was done; look at rm_interrupted() before the next try. */
long rm_ring_host_once(struct rm_thread *t, enum rm_host_op op, uint64_t a, uint64_t b);
/* Whether Linux comes back, asked with what waits in the ring. */
bool rm_ring_probe(struct rm_thread *t);

/*
 * A signal waits for the calling thread that its mask lets through and that a handler of the program is to have: a wait must end.
 * Takes in what the host has to tell. Provided by posix/sigmask.c.
 */
bool rm_interrupted(struct rm_thread *t);

#endif
