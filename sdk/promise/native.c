/* SPDX-License-Identifier: MIT */
/*
 * Promises on Linux: an io_uring a thread, set up with its first promise. The same tickets as in an enclave, so that the same program has the
 * same room and gets the same errors; but the ring takes the program's own buffers, and Linux is trusted.
 */
#include "promise.h"

#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES		128u	/* requests to give up come on top of the tickets */
#define PAGE		4096u
#define PAGES		(RM_TICKET_BYTES / PAGE)
#define NS		1000000000ul
#define NOBODY		(~0ul)	/* user_data of what nobody waits for */
#define ETIME_SUCCESS	(1u << 5)

enum state { FREE = 0, LIVE, DONE, LENT, LEFT };

struct ticket {
	enum state state;
	uint32_t generation;
	struct rm_promise_request request;
	struct __kernel_timespec time;	/* of a timeout */
	uint64_t due;			/* ns; 0: never */
	long result;
	bool cancelled, expired, late;
	unsigned page, pages;
};

struct ring {
	int fd;
	unsigned thread;
	unsigned *sq_head, *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	void *sq_map, *cq_map;
	size_t sq_size, cq_size;
	unsigned queued;		/* entries that Linux does not know of */
	char *room;			/* borrowed bytes */
	bool taken[PAGES];
	struct ticket ticket[RM_TICKETS];
};

static _Thread_local struct ring *mine;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

/* A result that nobody wants. */
static void drop(const struct ticket *k)
{
	if ((k->request.op == RM_PROMISE_OPENAT || k->request.op == RM_PROMISE_ACCEPT) && k->result >= 0)
		close((int)k->result);
}

static void unmake(void *ring)
{
	struct io_uring_sync_cancel_reg all = { .fd = -1, .flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL, .timeout = { -1, -1 } };
	struct ring *r = ring;

	for (unsigned i = 0; i < RM_TICKETS; i++)
		if (r->ticket[i].state == DONE)
			drop(&r->ticket[i]);
	if (r->fd >= 0) {
		syscall(SYS_io_uring_register, r->fd, IORING_REGISTER_SYNC_CANCEL, &all, 1);
		close(r->fd);
	}
	if (r->sqes)
		munmap(r->sqes, ENTRIES * sizeof(*r->sqes));
	if (r->sq_map)
		munmap(r->sq_map, r->sq_size);
	if (r->cq_map)
		munmap(r->cq_map, r->cq_size);
	if (r->room)
		munmap(r->room, RM_TICKET_BYTES);
	munmap(r, sizeof(*r));
}

static void make_key(void)
{
	pthread_key_create(&key, unmake);
}

static void *map(size_t size, int fd, off_t offset)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE, fd, offset);

	return at == MAP_FAILED ? NULL : at;
}

static bool map_ring(struct ring *r, const struct io_uring_params *p)
{
	char *sq, *cq;

	r->sq_size = p->sq_off.array + p->sq_entries * sizeof(unsigned);
	r->cq_size = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	r->sq_map = sq = map(r->sq_size, r->fd, IORING_OFF_SQ_RING);
	r->cq_map = cq = map(r->cq_size, r->fd, IORING_OFF_CQ_RING);
	r->sqes = map(ENTRIES * sizeof(*r->sqes), r->fd, IORING_OFF_SQES);
	r->room = map(RM_TICKET_BYTES, -1, 0);
	if (!sq || !cq || !r->sqes || !r->room)
		return false;
	r->sq_head = (unsigned *)(void *)(sq + p->sq_off.head);
	r->sq_tail = (unsigned *)(void *)(sq + p->sq_off.tail);
	r->sq_mask = (unsigned *)(void *)(sq + p->sq_off.ring_mask);
	r->sq_array = (unsigned *)(void *)(sq + p->sq_off.array);
	r->cq_head = (unsigned *)(void *)(cq + p->cq_off.head);
	r->cq_tail = (unsigned *)(void *)(cq + p->cq_off.tail);
	r->cq_mask = (unsigned *)(void *)(cq + p->cq_off.ring_mask);
	r->cqes = (struct io_uring_cqe *)(void *)(cq + p->cq_off.cqes);
	return true;
}

/* As the proxy's rings. */
static long make(void)
{
	static unsigned threads;
	struct io_uring_params p = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN };
	struct ring *r = map(sizeof(*r), -1, 0);

	if (!r)
		return -ENOMEM;
	pthread_once(&once, make_key);
	r->thread = __atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED) & 0xffffff;
	r->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &p);
	if (r->fd < 0 || !map_ring(r, &p)) {
		const long error = r->fd < 0 ? -errno : -ENOMEM;

		unmake(r);
		return error;
	}
	pthread_setspecific(key, r);
	mine = r;
	return 0;
}

/*
 * The ring.
 */

static struct io_uring_sqe *entry(struct ring *r)
{
	const unsigned at = (*r->sq_tail + r->queued) & *r->sq_mask;

	if (r->queued == ENTRIES)
		return NULL;
	r->queued++;
	r->sq_array[at] = at;
	memset(&r->sqes[at], 0, sizeof(r->sqes[at]));
	return &r->sqes[at];
}

/* Submits, and waits for so many completions, a time (ns; ~0: any) or a signal: 0 or -errno. */
static long enter(struct ring *r, unsigned wanted, uint64_t ns)
{
	struct __kernel_timespec time = { .tv_sec = (long long)(ns / NS), .tv_nsec = (long long)(ns % NS) };
	struct io_uring_getevents_arg bounded = { .sigmask_sz = _NSIG / 8, .ts = ns == ~0ul ? 0 : (uint64_t)(uintptr_t)&time };
	const unsigned queued = r->queued, last = (*r->sq_tail + queued - 1) & *r->sq_mask;
	const uint64_t until = ns == ~0ul ? ns : now() + ns;
	long result;

	/* Whatever chain there is ends here. */
	if (queued)
		r->sqes[last].flags &= (uint8_t)~IOSQE_IO_LINK;
	__atomic_store_n(r->sq_tail, *r->sq_tail + queued, __ATOMIC_RELEASE);
	r->queued = 0;
	result = syscall(SYS_io_uring_enter, r->fd, queued, wanted, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &bounded, sizeof(bounded));
	if (result < 0)
		return errno == ETIME ? 0 : -errno;
	/* It tells what it submitted, not how the wait ended. */
	if (__atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE) - *r->cq_head < wanted && (until == ~0ul || now() < until))
		return -EINTR;
	return 0;
}

static void put_entry(struct ring *r, struct ticket *k);

static void complete(struct ring *r, struct ticket *k, int result)
{
	const bool gone = result == -ECANCELED || result == -EINTR;

	if (result == -EINTR && !k->cancelled && k->state == LIVE) {
		k->request.flags &= (uint8_t)~RM_PROMISE_LINK;
		put_entry(r, k);
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
		drop(k);
		k->state = FREE;
		memset(r->taken + k->page, 0, k->pages);
	} else {
		k->state = DONE;
	}
}

static void reap(struct ring *r)
{
	const unsigned tail = __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE);
	unsigned head = *r->cq_head;

	for (; head != tail; head++) {
		const struct io_uring_cqe *cqe = &r->cqes[head & *r->cq_mask];

		if (cqe->user_data != NOBODY)
			complete(r, &r->ticket[cqe->user_data], cqe->res);
	}
	__atomic_store_n(r->cq_head, head, __ATOMIC_RELEASE);
}

/*
 * Tickets.
 */

static uint64_t handle_of(const struct ring *r, const struct ticket *k)
{
	return (uint64_t)k->generation << 32 | r->thread << 8 | (uint64_t)(k - r->ticket);
}

static long find(struct ring *r, uint64_t handle, struct ticket **ticket)
{
	const unsigned slot = handle & 0xff;

	if (slot >= RM_TICKETS || handle >> 32 == 0)
		return -EINVAL;
	if (!r || ((uint32_t)handle >> 8) != r->thread)
		return -EPERM;
	*ticket = &r->ticket[slot];
	return (*ticket)->generation == handle >> 32 && (*ticket)->state != FREE && (*ticket)->state != LEFT ? 0 : -EINVAL;
}

static bool kept(const struct ticket *k)
{
	return k->state == DONE || k->state == LENT || k->late;
}

static void release(struct ring *r, struct ticket *k)
{
	memset(r->taken + k->page, 0, k->pages);
	k->state = FREE;
}

/* The bytes that the runtime would need for it. */
static size_t needs(const struct rm_promise_request *q)
{
	switch (q->op) {
	case RM_PROMISE_READ:
	case RM_PROMISE_WRITE:
	case RM_PROMISE_SEND:
	case RM_PROMISE_RECV:
		return q->size;
	case RM_PROMISE_OPENAT:
	case RM_PROMISE_CONNECT:
	case RM_PROMISE_TIMEOUT:
		return 1;
	default:
		return q->address != 0;
	}
}

static bool room(struct ring *r, struct ticket *k)
{
	unsigned run = 0;

	k->pages = (unsigned)((needs(&k->request) + PAGE - 1) / PAGE);
	for (unsigned i = 0; i < PAGES && run < k->pages; i++) {
		run = r->taken[i] ? 0 : run + 1;
		k->page = i + 1 - run;
	}
	if (run < k->pages)
		return false;
	memset(r->taken + k->page, 1, k->pages);
	return true;
}

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

static void put_entry(struct ring *r, struct ticket *k)
{
	struct io_uring_sqe *e = entry(r);

	while (!e) {
		enter(r, 0, ~0ul);
		e = entry(r);
	}
	describe(r, k, e);
}

static struct ticket *free_ticket(struct ring *r)
{
	for (unsigned i = 0; i < RM_TICKETS; i++)
		if (r->ticket[i].state == FREE)
			return &r->ticket[i];
	return NULL;
}

/* Looks again for what came late before it says that there is no room. */
static struct ticket *new_ticket(struct ring *r, const struct rm_promise_request *q)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		struct ticket *k = free_ticket(r);

		if (k) {
			*k = (struct ticket){ .generation = k->generation % INT32_MAX + 1, .request = *q };
			if (k->request.size > RM_TICKET_BYTES)
				k->request.size = RM_TICKET_BYTES;
			if (room(r, k))
				return k;
			k->pages = 0;
		}
		reap(r);
	}
	return NULL;
}

static bool valid(const struct rm_promise_request *q)
{
	const bool may_borrow = q->op == RM_PROMISE_READ || q->op == RM_PROMISE_RECV;

	return q->op < RM_PROMISE_OP_COUNT && (q->flags & ~(RM_PROMISE_LINK | RM_PROMISE_BORROW)) == 0 &&
	       (may_borrow || !(q->flags & RM_PROMISE_BORROW));
}

static long submit(const struct rm_promise_request *q)
{
	const long error = mine ? 0 : make();
	struct ticket *k;

	if (error)
		return error;
	if (!valid(q))
		return -EINVAL;
	k = new_ticket(mine, q);
	if (!k)
		return -EAGAIN;
	k->state = LIVE;
	k->due = q->deadline ? now() + q->deadline : 0;
	/* Linux looks at these after it has begun with what stands before them in a chain. */
	if ((q->op == RM_PROMISE_READ || q->op == RM_PROMISE_WRITE) && q->offset != ~0ul && (int64_t)q->offset < 0) {
		k->result = -EINVAL;
		k->state = DONE;
		return (long)handle_of(mine, k);
	}
	put_entry(mine, k);
	return (long)handle_of(mine, k);
}

static long cancel(struct ring *r, struct ticket *k)
{
	struct io_uring_sqe *e;

	if (k->state != LIVE)
		return 0;
	if (r->queued)
		enter(r, 0, ~0ul);
	e = entry(r);
	e->opcode = IORING_OP_ASYNC_CANCEL;
	e->fd = -1;
	e->addr = (uint64_t)(k - r->ticket);
	e->user_data = NOBODY;
	k->cancelled = true;
	return 0;
}

static void expire(struct ring *r, struct ticket *k)
{
	k->expired = true;
	cancel(r, k);
	enter(r, 1, 1000000);
	reap(r);
	k->late = k->state == LIVE;
}

static long wait(struct ring *r, struct ticket *const *tickets, unsigned count, unsigned least, uint64_t until)
{
	long error = 0;

	for (;;) {
		uint64_t due = until, time = until == ~0ul ? 0 : now();
		struct ticket *late = NULL;
		unsigned done = 0;

		reap(r);
		for (unsigned i = 0; i < count; i++) {
			struct ticket *k = tickets[i];

			done += kept(k);
			if (kept(k) || !k->due)
				continue;
			time = time ? time : now();
			due = k->due < due ? k->due : due;
			late = k->due <= time ? k : late;
		}
		if (done >= least)
			return done;
		if (error)
			return error;
		if (late) {
			expire(r, late);
			continue;
		}
		if (until != ~0ul && time >= until)
			return done;
		error = enter(r, least - done, due == ~0ul ? due : due > time ? due - time : 1);
	}
}

static long wait_for(const uint64_t *handles, unsigned long count, unsigned long least, uint64_t ns)
{
	struct ticket *tickets[RM_TICKETS];
	const uint64_t start = ns == ~0ul ? 0 : now();

	if (count > RM_TICKETS || least > count)
		return -EINVAL;
	for (unsigned long i = 0; i < count; i++) {
		const long error = find(mine, handles[i], &tickets[i]);

		if (error)
			return error;
	}
	return mine ? wait(mine, tickets, (unsigned)count, (unsigned)least, ns > INT64_MAX - start ? ~0ul : start + ns) : 0;
}

static long one(uint64_t handle, struct ticket **ticket)
{
	const long error = find(mine, handle, ticket);
	long result;

	if (error)
		return error;
	if (kept(*ticket))
		return 0;
	result = wait(mine, ticket, 1, 1, ~0ul);
	return result < 0 ? result : 0;
}

static long spend(struct ticket *k)
{
	const long result = k->late ? -ETIMEDOUT : k->result;

	if (k->state == LIVE) {
		k->state = LEFT;
	} else {
		if (k->late)
			drop(k);
		release(mine, k);
	}
	return result;
}

static long take(uint64_t handle, int64_t *result)
{
	struct ticket *k;
	const long error = one(handle, &k);

	if (error)
		return error;
	if (k->state == LENT)
		return -EINVAL;
	*result = spend(k);
	return 0;
}

static long view(uint64_t handle, struct rm_promise_view *out)
{
	struct ticket *k;
	long error = find(mine, handle, &k);

	if (error == 0)
		error = k->request.flags & RM_PROMISE_BORROW ? one(handle, &k) : -EINVAL;
	if (error)
		return error;
	if (k->late || k->result <= 0) {
		out->result = spend(k);
		return 0;
	}
	if (k->result > (long)k->request.size)
		k->result = (long)k->request.size;
	k->state = LENT;
	*out = (struct rm_promise_view){ k->result, (uint64_t)(uintptr_t)(mine->room + k->page * PAGE) };
	return 0;
}

static long lent(uint64_t handle, struct ticket **ticket)
{
	const long error = find(mine, handle, ticket);

	return error == 0 && (*ticket)->state != LENT ? -EINVAL : error;
}

static long copy(uint64_t handle, uint64_t offset, void *to, uint64_t size)
{
	struct ticket *k;
	const long error = lent(handle, &k);

	if (error)
		return error;
	if (offset > (uint64_t)k->result || size > (uint64_t)k->result - offset)
		return -ERANGE;
	memcpy(to, mine->room + k->page * PAGE + offset, size);
	return 0;
}

static long start(void)
{
	if (mine)
		enter(mine, 0, ~0ul);
	return 0;
}

long native_call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	struct ticket *k;
	long error;

	switch (number) {
	case RM_CALL_PROMISE_SUBMIT:
		return submit((const struct rm_promise_request *)a);
	case RM_CALL_PROMISE_START:
		return start();
	case RM_CALL_PROMISE_WAIT:
		return wait_for((const uint64_t *)a, b, c, d);
	case RM_CALL_PROMISE_TAKE:
		return take(a, (int64_t *)b);
	case RM_CALL_PROMISE_VIEW:
		return view(a, (struct rm_promise_view *)b);
	case RM_CALL_PROMISE_GIVE_BACK:
		error = lent(a, &k);
		if (error == 0)
			release(mine, k);
		return error;
	case RM_CALL_PROMISE_CANCEL:
		error = find(mine, a, &k);
		return error ? error : cancel(mine, k);
	case RM_CALL_PROMISE_COPY:
		return copy(a, b, (void *)c, d);
	default:
		return -ENOSYS;
	}
}
