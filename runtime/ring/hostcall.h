/* SPDX-License-Identifier: MIT */
/*
 * Host calls: Linux system calls without an io_uring opcode, done by the proxy's thread while this one waits.
 *
 *	struct rm_hostcall h;
 *	long r = rm_hostcall_begin(&h, t, LX_getcwd);
 *	int out = rm_hostcall_room(&h, 0, size);	argument 0 = a buffer the host writes
 *	h.message.arg[1] = size;
 *	r = rm_hostcall_do(&h, RM_RULE_COUNT, size);
 *	... rm_hostcall_take(&h, out, private, size); ...
 *	rm_hostcall_end(&h);
 */
#ifndef RUNTIME_RING_HOSTCALL_H
#define RUNTIME_RING_HOSTCALL_H

#include "ring/thread.h"

#include <stddef.h>

struct rm_hostcall {
	struct rm_thread *t;
	int slot;
	unsigned slots;
	uint32_t used;			/* bytes of the run that have a purpose */
	bool patient;			/* it may wait for others than Linux: no deadline */
	struct rm_host_call message;	/* private; copied out by rm_hostcall_do() */
};

#define RM_HOSTCALL_ROOM	(RM_SLOT_SIZE - (uint32_t)sizeof(struct rm_host_call))	/* bytes for data in one slot */

/* Starts a call with all arguments 0 in `slots` slots: 0, -EAGAIN if the arena is full, -EIO if the ring is dead. */
long rm_hostcall_begin_large(struct rm_hostcall *h, struct rm_thread *t, uint32_t number, unsigned slots);
/* The same in one slot. */
long rm_hostcall_begin(struct rm_hostcall *h, struct rm_thread *t, uint32_t number);
/* Reserves room, makes it argument `arg`, and returns its offset in the region; -E2BIG if it does not fit. */
long rm_hostcall_room(struct rm_hostcall *h, int arg, size_t size);
/* The same, with private (or program) bytes copied in; -EFAULT, -EIO. */
long rm_hostcall_put(struct rm_hostcall *h, int arg, const void *from, size_t size);
/* Copies from room to private (or program) memory; -EFAULT, -EIO. */
long rm_hostcall_take(struct rm_hostcall *h, long room, void *to, size_t size);
/* Leaves to the proxy until it did the call; the result, checked like a completion's. On -EINTR it calls again, unless a
 * signal is to interrupt the wait (rm_interrupted()): -LX_ERESTARTSYS. */
long rm_hostcall_do(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit);
/* The same but once: -EINTR is handed on, since a timeout among the arguments would have to be what is left of it. */
long rm_hostcall_try(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit);
/*
 * The same in two steps, so that the caller can do something meanwhile: only if a server does the call without an exit (switchless.h). False:
 * nothing was done. After true, rm_hostcall_finish() must follow.
 */
bool rm_hostcall_start(struct rm_hostcall *h);
long rm_hostcall_finish(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit);
/* Likewise, but never leaves for it: false if the server did not come, and nothing was done. */
bool rm_hostcall_collect(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit, long *result);
/* Gives the slots back. */
void rm_hostcall_end(struct rm_hostcall *h);

/* What stands in a result word that was not answered yet: no result can be that. */
#define RM_HOSTCALL_UNANSWERED	INT64_MIN

/* The result word of RM_HOST_THREAD, read once: Linux's number of the new thread, positive, or -errno. */
long rm_hostcall_thread_result(struct rm_thread *t);

#endif
