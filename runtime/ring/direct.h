/* SPDX-License-Identifier: MIT */
/*
 * Operations of a plain ring as host calls. Where nobody polls the ring, an operation costs an exit in any case, and then the proxy's
 * thread does it for less than a submission, a completion and, for most of them, a worker of Linux cost.
 */
#ifndef RUNTIME_RING_DIRECT_H
#define RUNTIME_RING_DIRECT_H

#include "ring/hostcall.h"
#include "ring/ring.h"

/* Whether the operation is one that Linux neither makes wait for long nor interrupts, and that the proxy can do for this thread. */
bool rm_direct_possible(const struct rm_thread *t, const struct rm_sqe *sqe);

/*
 * Begins one that a server does without an exit, while the caller does something else. False: nothing was done, as the operation is not possible,
 * or nobody is there to do it. After true, rm_direct_finish() must follow.
 */
bool rm_direct_start(struct rm_hostcall *h, struct rm_thread *t, const struct rm_sqe *sqe);
long rm_direct_finish(struct rm_hostcall *h, enum rm_rule rule, uint32_t limit);

/*
 * Tries one without an exit, for as long as an exit would take, after which the caller leaves. The operation says itself that it is not to wait:
 * MSG_DONTWAIT, or RWF_NOWAIT at the current position; or it is a close. -EAGAIN: nothing was done.
 */
long rm_direct_try(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit);

/* Does a possible one: the checked result, as of rm_ring_call(); -EAGAIN if the arena is full. */
long rm_direct_call(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit);

#endif
