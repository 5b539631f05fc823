/* SPDX-License-Identifier: MIT */
/*
 * Deadlines: what Linux owes and does not do in time ends in ETIMEDOUT for the program, and its slots stay out of use until Linux has
 * done it after all. Fenced are all slots that the thread uses at that moment, which are those and few others, and they are freed
 * when nothing is due any more. A quarter of the arena or more is never fenced, so that calls without a deadline go on.
 */
#ifndef RUNTIME_RING_LATE_H
#define RUNTIME_RING_LATE_H

#include "ring/thread.h"

/* Milliseconds until what began at `since` is late, at least 1; 0: never, there is no deadline. *late: it is. */
uint32_t rm_late_left(const struct rm_thread *t, uint64_t since, bool *late);
/* Whether what began at `since` is late; false: there is no deadline. */
bool rm_late_is(const struct rm_thread *t, uint64_t since);
/* What is late has been answered, but not done: counts it, and is its result. */
long rm_late_answer(struct rm_thread *t);
/* One thing more is due; one thing less. */
void rm_late_begin(struct rm_thread *t);
void rm_late_end(struct rm_thread *t);
/* Whether so much is due that nothing more may become so: a call with a deadline is late at once. Looks first whether something came. */
bool rm_late_enough(struct rm_thread *t);
/* A host call in the slots that begin with this one is due; opens: it brings a descriptor, which is closed then. */
void rm_late_call(struct rm_thread *t, int slot, bool opens);
/* The same, and Linux, which was silent, may never have heard of it. */
void rm_late_doubtful(struct rm_thread *t, int slot, bool opens);
/* Linux came back to this thread: what it did not begin before that it never will. */
void rm_late_settle(struct rm_thread *t);
/* Takes in what has come by now; never waits, nor leaves. */
void rm_late_look(struct rm_thread *t);

/* posix/: closes a descriptor of the proxy that nobody has. */
void rm_late_descriptor(struct rm_thread *t, int host_fd);

#endif
