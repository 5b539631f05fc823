/* SPDX-License-Identifier: MIT */
/*
 * Lies about completions. Linux's completions are taken out of the queue as soon as they are there, and the enclave gets another queue in its
 * place: the same words and entries of the region, written by us.
 *
 * A ring of this kind (DEFER_TASKRUN) completes only while its thread is in io_uring_enter(), so nobody writes there when we do. Rings with a
 * polling thread are left alone; words.c disturbs those.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "liar.h"

#define ENTRIES	(2 * RM_RING_ENTRIES)

struct asked {		/* by the enclave, under an index of its promises */
	bool live;
	struct io_uring_sqe sqe;
};

struct stream {
	uint32_t linux_tail;		/* completions of Linux's that we have taken */
	uint32_t submitted;		/* entries of the submission queue that we have looked at */
	struct asked asked[RM_RING_ENTRIES];
	struct io_uring_cqe out[4 * ENTRIES];	/* to be shown to the enclave, or seen by nobody yet */
	unsigned out_count;
	struct io_uring_cqe held[ENTRIES];
	unsigned held_count;
};

static struct stream *streams[RM_THREAD_MAX];	/* by thread, made when its first lie is due; the thread's own */

__typeof__(kick_call) __real_kick_call, __wrap_kick_call;

static uint32_t load(const unsigned *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(unsigned *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* What is about to be submitted, before Linux takes it. */
static void note_submissions(struct stream *s, const struct region *region)
{
	const struct io_uring_sq *sq = &region->ring.sq;
	const uint32_t tail = load(sq->ktail);

	for (; s->submitted != tail && tail - s->submitted <= RM_RING_ENTRIES; s->submitted++) {
		const struct io_uring_sqe *sqe = &sq->sqes[s->submitted & (sq->ring_entries - 1)];
		struct asked *asked = &s->asked[(uint32_t)sqe->user_data % RM_RING_ENTRIES];

		asked->sqe = *sqe;
		asked->live = true;
	}
	s->submitted = tail;
}

static void show(struct stream *s, const struct io_uring_cqe *cqe)
{
	if (s->out_count < sizeof(s->out) / sizeof(s->out[0]))
		s->out[s->out_count++] = *cqe;
}

static uint8_t *buffer(const struct region *region, uint64_t address, size_t size)
{
	const uint64_t offset = address - (uint64_t)(uintptr_t)region->base;

	return offset >= REGION_ARENA && offset <= REGION_SIZE - size ? region->base + offset : NULL;
}

static void absurd(const struct region *region, const struct io_uring_sqe *sqe)
{
	uint8_t *at;

	switch (sqe->opcode) {
	case IORING_OP_RECVMSG:
		if (buffer(region, sqe->addr, sizeof(struct msghdr)) != NULL)
			lie_message(region->base, (uint64_t)(uintptr_t)region->base, sqe->addr - (uint64_t)(uintptr_t)region->base);
		break;
	case IORING_OP_STATX:
		at = buffer(region, sqe->off, 256);
		if (at != NULL)
			lie_bytes(at, 256);
		break;
	case IORING_OP_ACCEPT:
		at = buffer(region, sqe->addr, 128);
		if (at != NULL && buffer(region, sqe->addr2, 4) != NULL)
			lie_name(at, (uint32_t *)(void *)buffer(region, sqe->addr2, 4));
		break;
	default:
		at = buffer(region, sqe->addr, sqe->len);
		if (at != NULL)
			lie_bytes(at, sqe->len < 512 ? sqe->len : 512);
		break;
	}
}

static bool makes_descriptor(const struct io_uring_sqe *sqe)
{
	return sqe->opcode == IORING_OP_OPENAT || sqe->opcode == IORING_OP_OPENAT2 || sqe->opcode == IORING_OP_ACCEPT ||
	       sqe->opcode == IORING_OP_SOCKET;
}

/* What Linux owes by the manifest's deadline. */
static bool owed(const struct io_uring_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_READ:
	case IORING_OP_WRITE:
		return sqe->off != UINT64_MAX;
	case IORING_OP_FSYNC:
	case IORING_OP_FALLOCATE:
	case IORING_OP_STATX:
	case IORING_OP_RENAMEAT:
	case IORING_OP_UNLINKAT:
	case IORING_OP_MKDIRAT:
	case IORING_OP_SYMLINKAT:
	case IORING_OP_LINKAT:
		return true;
	default:
		return false;
	}
}

/* One completion of Linux's, as the enclave is to see it, at once or later. */
static void pass_on(struct stream *s, const struct region *region, struct io_uring_cqe cqe)
{
	struct asked *asked = &s->asked[(uint32_t)cqe.user_data % RM_RING_ENTRIES];
	const uint64_t any = LIES_RESULT | LIES(LIE_BYTES) | LIES(LIE_ABSURD) | LIES(LIE_REPEAT) | LIES(LIE_FORGE) | LIES(LIE_STALE) |
			     LIES(LIE_DELAY) | LIES(LIE_EINTR);
	const bool made = makes_descriptor(&asked->sqe);
	const enum lie lie = plan_spares(owed(&asked->sqe)) ? LIE_COUNT : plan_next(any | (made ? LIES(LIE_ALIAS) : 0) | (owed(&asked->sqe) ? LIES(LIE_DROP) : 0));
	struct io_uring_cqe more = cqe;

	asked->live = false;
	if (made)
		lie_remember(cqe.res);
	switch (lie) {
	case LIE_COUNT:
		break;
	case LIE_BYTES:
	case LIE_ABSURD:
		absurd(region, &asked->sqe);
		break;
	case LIE_REPEAT:
		show(s, &cqe);
		break;
	case LIE_FORGE:
		more.user_data = plan_random();
		show(s, &more);
		break;
	case LIE_STALE:
		more.user_data -= 1ul << 32;
		show(s, &more);
		break;
	case LIE_DELAY:
		if (s->held_count == ENTRIES)
			break;
		s->held[s->held_count++] = cqe;
		return;
	case LIE_DROP:
		return;
	default:
		cqe.res = (int32_t)lie_result(lie, cqe.res, asked->sqe.len);
		if (made)
			cqe.res = (int32_t)lie_spared(cqe.res);
		break;
	}
	show(s, &cqe);
}

static void swap_names(struct stream *s)
{
	uint64_t name;

	if (s->out_count < 2 || plan_next(LIES(LIE_SWAP)) == LIE_COUNT)
		return;
	name = s->out[0].user_data;
	s->out[0].user_data = s->out[s->out_count - 1].user_data;
	s->out[s->out_count - 1].user_data = name;
}

/* Something that Linux still has is done, we say. */
static void complete_early(struct stream *s)
{
	for (unsigned i = 0; i < RM_RING_ENTRIES; i++) {
		const struct io_uring_sqe *sqe = &s->asked[i].sqe;
		const struct io_uring_cqe cqe = { .user_data = sqe->user_data, .res = (int32_t)(plan_random() % (sqe->len + 1ul)) };

		if (s->asked[i].live && plan_next(LIES(LIE_EARLY)) < LIE_COUNT)
			show(s, &cqe);
	}
}

/* The enclave has not seen these: they stand there once more, in front of the new ones. */
static void take_back(struct stream *s, const struct region *region, uint32_t head, uint32_t tail)
{
	const struct io_uring_cq *cq = &region->ring.cq;

	s->out_count = 0;
	for (; head != tail && tail - head <= cq->ring_entries; head++)
		show(s, &cq->cqes[head & (cq->ring_entries - 1)]);
}

/* From `head` on. The new tail. */
static uint32_t write_queue(const struct stream *s, const struct region *region, uint32_t head)
{
	const struct io_uring_cq *cq = &region->ring.cq;
	unsigned count = s->out_count < cq->ring_entries ? s->out_count : cq->ring_entries;

	for (unsigned i = 0; i < count; i++)
		cq->cqes[(head + i) & (cq->ring_entries - 1)] = s->out[i];
	return head + count;
}

static void lie_words(const struct region *region, uint32_t tail)
{
	if (plan_next(LIES(LIE_CQ_TAIL)) < LIE_COUNT)
		store(region->ring.cq.ktail, tail + ENTRIES + 1 + (uint32_t)plan_random() % 0x7fffffff);
	if (plan_next(LIES(LIE_SQ_HEAD)) < LIE_COUNT)
		store(region->ring.sq.khead, load(region->ring.sq.ktail) + 1 + (uint32_t)plan_random() % 0x7fffff00);
}

static struct stream *stream_of(const struct region *region)
{
	struct stream *s = streams[region->index];

	if (s != NULL)
		return s;
	s = streams[region->index] = calloc(1, sizeof(*s));
	s->linux_tail = load(region->ring.cq.ktail);
	s->submitted = load(region->ring.sq.khead);
	return s;
}

void ring_forget(uint32_t index)
{
	free(streams[index]);
	streams[index] = NULL;
}

/* Linux's words of the queue as it left them, for the time it works; then ours again. */
struct words {
	uint32_t head, tail, sq_head;
};
static struct words shown[RM_THREAD_MAX];

/* What Linux has, is taken from it; what the enclave finds, is put there. */
static long enter(const struct region *region, struct stream *s, const volatile int *pending, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
		  uint64_t e, uint64_t f)
{
	const struct io_uring_cq *cq = &region->ring.cq;
	const uint32_t head = load(cq->khead);	/* the enclave's */
	struct words *mine = &shown[region->index];
	uint32_t tail;
	long ret;

	take_back(s, region, head, mine->tail);
	note_submissions(s, region);
	store(cq->khead, s->linux_tail);
	store(cq->ktail, s->linux_tail);
	store(region->ring.sq.khead, mine->sq_head);
	/* Whoever is owed something must not wait for something else, and what was said of the head is not our own opinion. */
	b = load(region->ring.sq.ktail) - mine->sq_head;
	ret = __real_kick_call(pending, SYS_io_uring_enter, a, b, s->held_count + s->out_count != 0 ? 0 : c, d, e, f);
	for (unsigned i = 0; i < s->held_count; i++)
		show(s, &s->held[i]);
	s->held_count = 0;
	for (tail = load(cq->ktail); s->linux_tail != tail; s->linux_tail++)
		pass_on(s, region, cq->cqes[s->linux_tail & (cq->ring_entries - 1)]);
	mine->sq_head = load(region->ring.sq.khead);
	swap_names(s);
	complete_early(s);
	mine->tail = write_queue(s, region, head);
	store(cq->khead, head);
	store(cq->ktail, mine->tail);
	lie_words(region, mine->tail);
	return ret;
}

static bool wanted(void)
{
	static const enum lie lies[] = { LIE_RESULT, LIE_MORE, LIE_LESS, LIE_ZERO, LIE_ERRNO, LIE_NO_ERRNO, LIE_EINTR, LIE_ALIAS, LIE_BYTES,
		LIE_ABSURD, LIE_REPEAT, LIE_FORGE, LIE_STALE, LIE_SWAP, LIE_EARLY, LIE_DELAY, LIE_DROP, LIE_CQ_TAIL, LIE_SQ_HEAD };

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		if (plan_has(lies[i]))
			return true;
	return false;
}

long __wrap_kick_call(const volatile int *pending, long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	const struct region *region = (const struct region *)(const void *)((const uint8_t *)(uintptr_t)pending - offsetof(struct region, kick.pending));

	if (number == SYS_ioctl && b == RM_IOC_ENTER && plan_next(LIES(LIE_NOTIFY)) < LIE_COUNT)
		((struct rm_ioc_enter *)(uintptr_t)c)->flags |= RM_ENTER_NOTIFY;
	if (number != SYS_io_uring_enter || (region->ring.flags & IORING_SETUP_SQPOLL) || !wanted())
		return __real_kick_call(pending, number, a, b, c, d, e, f);
	if (streams[region->index] == NULL)
		shown[region->index] = (struct words){ 0, load(region->ring.cq.ktail), load(region->ring.sq.khead) };
	return enter(region, stream_of(region), pending, a, b, c, d, e, f);
}
