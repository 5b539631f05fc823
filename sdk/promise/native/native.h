/* SPDX-License-Identifier: MIT */
/*
 * Promises on Linux: an io_uring a thread, set up with its first promise. The same tickets as in an enclave, so that the same program has the
 * same room and gets the same errors; but the ring takes the program's own buffers, and Linux is trusted.
 */
#ifndef SDK_PROMISE_NATIVE_H
#define SDK_PROMISE_NATIVE_H

#include "../promise.h"

#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <stdbool.h>
#include <stdint.h>

#define PAGE		4096u
#define PAGES		(RM_TICKET_BYTES / PAGE)
#define NS		1000000000ul
#define FOREVER		(~0ul)

enum state { FREE = 0, LIVE, DONE, LENT, LEFT };

struct ticket {
	enum state state;
	uint32_t generation;
	struct rm_promise_request request;
	struct __kernel_timespec time;	/* of a timeout */
	uint64_t due;			/* ns; 0: never */
	long result;
	bool cancelled, expired, late;
	uint8_t page, pages;		/* of the room */
};

struct ring {
	int fd;
	unsigned thread;
	unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	void *sq_map, *cq_map;
	size_t sq_size, cq_size;
	unsigned queued;		/* entries that Linux does not know of */
	char *room;			/* borrowed bytes */
	unsigned __int128 taken;	/* bit i: page i of it */
	uint32_t used;			/* bit i: ticket i is not FREE */
	struct ticket ticket[RM_TICKETS];
};

/* ring.c: the calling thread's, or NULL. Makes it: 0 or -errno. */
extern _Thread_local struct ring *native_ring;
long native_ring_make(void);
/* An entry of the submission queue, all zero. */
struct io_uring_sqe *native_ring_entry(struct ring *r);
/* Submits, and waits for so many completions, a time (ns; FOREVER: any) or a signal: 0 or -errno. */
long native_ring_enter(struct ring *r, unsigned wanted, uint64_t ns);
/* Takes in what completions there are. */
void native_ring_reap(struct ring *r);
/* Of CLOCK_MONOTONIC. */
uint64_t native_now(void);

/* ticket.c: one for a request, or NULL: no room. */
struct ticket *native_ticket_new(struct ring *r, const struct rm_promise_request *request);
void native_ticket_free(struct ring *r, struct ticket *k);
/* Its handle, and back: 0, -EINVAL, -EPERM. `r` may be NULL. */
uint64_t native_ticket_handle(const struct ring *r, const struct ticket *k);
long native_ticket_find(struct ring *r, uint64_t handle, struct ticket **ticket);
/* Whether there is something to take. */
static inline bool native_ticket_kept(const struct ticket *k)
{
	return k->state == DONE || k->state == LENT || k->late;
}
/* A result that nobody wants is undone. */
void native_ticket_drop(const struct ticket *k);

/* operation.c: queues an entry for what was requested. Its completion. */
void native_operation_queue(struct ring *r, struct ticket *k);
void native_operation_complete(struct ring *r, struct ticket *k, int result);
/* Asks Linux to give it up. */
void native_operation_cancel(struct ring *r, struct ticket *k);

#endif
