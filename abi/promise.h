/* SPDX-License-Identifier: MIT */
/*
 * Promises of programs: ringmaster.h's library -> runtime. System calls of our own, made as any other (directly, or by svc); on Linux they
 * are -ENOSYS.
 *
 * A handle names thread, slot and generation: it is never another promise's, and never 0. All calls fail with -EPERM for a handle of another
 * thread, -EINVAL for one that is spent or never was.
 */
#ifndef RINGMASTER_ABI_PROMISE_H
#define RINGMASTER_ABI_PROMISE_H

#include <stdint.h>

/* SUBMIT(request): a handle. -EAGAIN: no room in table, ring or arena; -EINVAL: no such operation or flag; -ENOMEM; -EFAULT: the request. */
#define RM_CALL_PROMISE_SUBMIT	0x1190
/* START(): what is queued begins, chains end: 0. */
#define RM_CALL_PROMISE_START	0x1191
/* WAIT(handles, count, least, ns): until so many of them are kept or the time is over (~0: never): how many are. -EINTR. */
#define RM_CALL_PROMISE_WAIT	0x1192
/* TAKE(handle, int64_t *result): waits; the handle is spent then: 0. -EINTR, -EFAULT. */
#define RM_CALL_PROMISE_TAKE	0x1193
/* VIEW(handle, struct rm_promise_view *): the same for borrowed bytes, which stay until GIVE_BACK if there are any. */
#define RM_CALL_PROMISE_VIEW	0x1194
/* GIVE_BACK(handle): 0; -EINVAL also if nothing is lent. */
#define RM_CALL_PROMISE_GIVE_BACK 0x1195
/* CANCEL(handle): Linux is asked: 0; -EAGAIN. */
#define RM_CALL_PROMISE_CANCEL	0x1196
/* COPY(handle, offset, to, size): out of lent bytes, each read once: 0; -ERANGE: beyond them; -EIO: they are gone; -EFAULT. */
#define RM_CALL_PROMISE_COPY	0x1197
/*
 * The same for many in one call, RM_TICKETS at most (-EINVAL: none or more). SUBMIT_ALL(requests, count, handles): how many were submitted, in
 * their order; what cannot be ends it, and is the error if it is the first. TAKE_ALL(handles, count, int64_t results[]) and
 * VIEW_ALL(handles, count, struct rm_promise_view[]): wait until all are kept: 0; otherwise nothing happened to any of them. GIVE_BACK_ALL(handles,
 * count): likewise. A handle that stands there twice is -EINVAL.
 */
#define RM_CALL_PROMISE_SUBMIT_ALL 0x1198
#define RM_CALL_PROMISE_TAKE_ALL 0x1199
#define RM_CALL_PROMISE_VIEW_ALL 0x119a
#define RM_CALL_PROMISE_GIVE_BACK_ALL 0x119b
#define RM_CALL_PROMISE_LAST	RM_CALL_PROMISE_GIVE_BACK_ALL

/* HOST_CHANGES(): how often a resident enclave lost its host and had it back: odd while it is lost. Never leaves, never waits. */
#define RM_CALL_HOST_CHANGES	0x119c

enum rm_promise_op {
	RM_PROMISE_NOP,
	RM_PROMISE_READ,	/* fd, address, size, offset (~0: the current position) */
	RM_PROMISE_WRITE,	/* likewise */
	RM_PROMISE_OPENAT,	/* fd, address of the path, how, mode */
	RM_PROMISE_ACCEPT,	/* fd, address of the name, offset: address of its size, or both 0; how: flags of accept4() */
	RM_PROMISE_CONNECT,	/* fd, address, size of the name */
	RM_PROMISE_SEND,	/* fd, address, size, how: MSG_* */
	RM_PROMISE_RECV,	/* likewise */
	RM_PROMISE_FSYNC,	/* fd, how: 1 = data only */
	RM_PROMISE_POLL,	/* fd, how: events of poll() */
	RM_PROMISE_TIMEOUT,	/* offset: ns */
	RM_PROMISE_OP_COUNT
};

#define RM_PROMISE_LINK		1u	/* the next one begins when this one has succeeded, wholly */
#define RM_PROMISE_BORROW	2u	/* READ, RECV: the bytes stay in the arena */

#define RM_TICKETS		32u	/* promises that a thread can have */
#define RM_TICKET_BYTES		491520u	/* bytes of all of them together, in pages of 4096; and of one */

struct rm_promise_request {
	uint8_t op;		/* enum rm_promise_op */
	uint8_t flags;		/* RM_PROMISE_LINK, RM_PROMISE_BORROW */
	uint16_t reserved;	/* 0 */
	int32_t fd;
	uint64_t address;
	uint64_t size;
	uint64_t offset;
	uint32_t how, mode;
	uint64_t deadline;	/* ns from now, after which it is ETIMEDOUT; 0: none */
};
_Static_assert(sizeof(struct rm_promise_request) == 48, "contract");

struct rm_promise_view {
	int64_t result;
	uint64_t address;	/* of the bytes, if result > 0 */
};
_Static_assert(sizeof(struct rm_promise_view) == 16, "contract");

#endif
