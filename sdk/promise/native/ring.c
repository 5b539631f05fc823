/* SPDX-License-Identifier: MIT */
/* The io_uring of a thread: made with its first promise, unmade with the thread. */
#include "native.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES		128u	/* requests to give up come on top of the tickets */

_Thread_local struct ring *native_ring;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

uint64_t native_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static void unmake(void *ring)
{
	struct io_uring_sync_cancel_reg all = { .fd = -1, .flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL, .timeout = { -1, -1 } };
	struct ring *r = ring;

	for (unsigned i = 0; i < RM_TICKETS; i++)
		if (r->ticket[i].state == DONE)
			native_ticket_drop(&r->ticket[i]);
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
long native_ring_make(void)
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
	native_ring = r;
	return 0;
}

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

struct io_uring_sqe *native_ring_entry(struct ring *r)
{
	struct io_uring_sqe *e = entry(r);

	while (!e) {
		native_ring_enter(r, 0, FOREVER);
		e = entry(r);
	}
	return e;
}

long native_ring_enter(struct ring *r, unsigned wanted, uint64_t ns)
{
	struct __kernel_timespec time = { .tv_sec = (long long)(ns / NS), .tv_nsec = (long long)(ns % NS) };
	struct io_uring_getevents_arg bounded = { .sigmask_sz = _NSIG / 8, .ts = ns == FOREVER ? 0 : (uint64_t)(uintptr_t)&time };
	const unsigned queued = r->queued, last = (*r->sq_tail + queued - 1) & *r->sq_mask;
	const uint64_t until = ns == FOREVER ? ns : native_now() + ns;
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
	if (__atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE) - *r->cq_head < wanted && (until == FOREVER || native_now() < until))
		return -EINTR;
	return 0;
}

void native_ring_reap(struct ring *r)
{
	const unsigned tail = __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE);
	unsigned head = *r->cq_head;

	for (; head != tail; head++) {
		const struct io_uring_cqe *cqe = &r->cqes[head & *r->cq_mask];

		if (cqe->user_data < RM_TICKETS)
			native_operation_complete(r, &r->ticket[cqe->user_data], cqe->res);
	}
	__atomic_store_n(r->cq_head, head, __ATOMIC_RELEASE);
}
