/* SPDX-License-Identifier: MIT */
/* From requests to entries of the ring, and from completions to results. */
#include "native.h"

#include <sys/socket.h>

#define NOBODY		(~0ul)	/* user_data of what nobody waits for */
#define ETIME_SUCCESS	(1u << 5)

static void describe_move(struct ring *r, const struct ticket *k, struct io_uring_sqe *e)
{
	const struct rm_promise_request *q = &k->request;

	e->addr = q->flags & RM_PROMISE_BORROW ? (uint64_t)(uintptr_t)(r->room + k->page * PAGE) : q->address;
	e->len = (uint32_t)q->size;
	e->off = q->offset;
}

static void describe(struct ring *r, struct ticket *k, struct io_uring_sqe *e)
{
	static const uint8_t opcode[RM_PROMISE_OP_COUNT] = {
		IORING_OP_NOP, IORING_OP_READ, IORING_OP_WRITE, IORING_OP_OPENAT, IORING_OP_ACCEPT, IORING_OP_CONNECT,
		IORING_OP_SEND, IORING_OP_RECV, IORING_OP_FSYNC, IORING_OP_POLL_ADD, IORING_OP_TIMEOUT,
	};
	const struct rm_promise_request *q = &k->request;

	e->opcode = opcode[q->op];
	e->flags = q->flags & RM_PROMISE_LINK ? IOSQE_IO_LINK : 0;
	e->fd = q->fd;
	e->user_data = (uint64_t)(k - r->ticket);
	e->rw_flags = (int)q->how;
	switch (q->op) {
	case RM_PROMISE_SEND:
	case RM_PROMISE_RECV:
	case RM_PROMISE_READ:
	case RM_PROMISE_WRITE:
		describe_move(r, k, e);
		if (q->op == RM_PROMISE_SEND)
			e->msg_flags = q->how | MSG_NOSIGNAL | MSG_WAITALL;
		break;
	case RM_PROMISE_OPENAT:
		e->flags |= IOSQE_ASYNC;
		e->addr = q->address;
		e->len = q->mode;
		break;
	case RM_PROMISE_ACCEPT:
		e->addr = q->address;
		e->addr2 = q->offset;
		break;
	case RM_PROMISE_CONNECT:
		e->addr = q->address;
		e->off = q->size;
		break;
	case RM_PROMISE_FSYNC:
		e->fsync_flags = q->how ? IORING_FSYNC_DATASYNC : 0;
		break;
	case RM_PROMISE_TIMEOUT:
		k->time = (struct __kernel_timespec){ .tv_sec = (long long)(q->offset / NS), .tv_nsec = (long long)(q->offset % NS) };
		e->addr = (uint64_t)(uintptr_t)&k->time;
		e->len = 1;
		e->timeout_flags = ETIME_SUCCESS;
		break;
	default:
		break;
	}
}

void native_operation_queue(struct ring *r, struct ticket *k)
{
	describe(r, k, native_ring_entry(r));
}

void native_operation_complete(struct ring *r, struct ticket *k, int result)
{
	const bool gone = result == -ECANCELED || result == -EINTR;

	if (result == -EINTR && !k->cancelled && k->state == LIVE) {
		k->request.flags &= (uint8_t)~RM_PROMISE_LINK;
		native_operation_queue(r, k);
		return;
	}
	k->result = result;
	if (k->expired && gone)
		k->result = -ETIMEDOUT;
	else if (gone)
		k->result = -ECANCELED;
	else if (k->request.op == RM_PROMISE_TIMEOUT && result == -ETIME)
		k->result = 0;
	if (k->state == LEFT) {
		native_ticket_drop(k);
		native_ticket_free(r, k);
	} else {
		k->state = DONE;
	}
}

void native_operation_cancel(struct ring *r, struct ticket *k)
{
	struct io_uring_sqe *e;

	if (k->state != LIVE)
		return;
	if (r->queued)
		native_ring_enter(r, 0, FOREVER);
	e = native_ring_entry(r);
	e->opcode = IORING_OP_ASYNC_CANCEL;
	e->fd = -1;
	e->addr = (uint64_t)(k - r->ticket);
	e->user_data = NOBODY;
	k->cancelled = true;
}
