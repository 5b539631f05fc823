/* SPDX-License-Identifier: MIT */
/* Rings: what of a boot page is accepted, and which completions count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/io_uring.h>

#include "model/linux.h"
#include "ring/arena.h"
#include "ring/hostcall.h"
#include "ring/late.h"
#include "ring/access.h"
#include "ring/ring.h"
#include "ring/use.h"

/* Our copy of io_uring's ABI against Linux's header. */
_Static_assert((int)RM_OP_NOP == IORING_OP_NOP && (int)RM_OP_FSYNC == IORING_OP_FSYNC, "ABI");
_Static_assert((int)RM_OP_FALLOCATE == IORING_OP_FALLOCATE && (int)RM_OP_OPENAT == IORING_OP_OPENAT, "ABI");
_Static_assert((int)RM_OP_CLOSE == IORING_OP_CLOSE && (int)RM_OP_STATX == IORING_OP_STATX, "ABI");
_Static_assert((int)RM_OP_READ == IORING_OP_READ && (int)RM_OP_WRITE == IORING_OP_WRITE, "ABI");
_Static_assert((int)RM_OP_SENDMSG == IORING_OP_SENDMSG && (int)RM_OP_RECVMSG == IORING_OP_RECVMSG, "ABI");
_Static_assert((int)RM_OP_SEND == IORING_OP_SEND && (int)RM_OP_RECV == IORING_OP_RECV, "ABI");
_Static_assert((int)RM_OP_ACCEPT == IORING_OP_ACCEPT && (int)RM_OP_SOCKET == IORING_OP_SOCKET, "ABI");
_Static_assert((int)RM_OP_FADVISE == IORING_OP_FADVISE && (int)RM_OP_RENAMEAT == IORING_OP_RENAMEAT, "ABI");
_Static_assert((int)RM_OP_UNLINKAT == IORING_OP_UNLINKAT && (int)RM_OP_MKDIRAT == IORING_OP_MKDIRAT, "ABI");
_Static_assert((int)RM_OP_SYMLINKAT == IORING_OP_SYMLINKAT && (int)RM_OP_LINKAT == IORING_OP_LINKAT, "ABI");
_Static_assert(RM_SQ_NEED_WAKEUP == IORING_SQ_NEED_WAKEUP && RM_FSYNC_DATASYNC == IORING_FSYNC_DATASYNC, "ABI");
#define SAME(ours, theirs) _Static_assert(offsetof(struct rm_sqe, ours) == offsetof(struct io_uring_sqe, theirs), "ABI")
SAME(ioprio, ioprio);
SAME(fd, fd);
SAME(off, off);
SAME(addr, addr);
SAME(len, len);
SAME(op_flags, open_flags);
SAME(user_data, user_data);
SAME(buf_index, buf_index);
SAME(file_index, file_index);
_Static_assert(offsetof(struct rm_cqe, res) == offsetof(struct io_uring_cqe, res), "ABI");

static const struct rm_sqe nop = { .opcode = RM_OP_NOP };

static int start(void **state)
{
	(void)state;
	model_attach(false, 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	model_stop();
	return 0;
}

static uint64_t counted(enum rm_count what)
{
	return model.thread->count[what];
}

/* user_data of a promise as Linux sees it. */
static uint64_t name(int promise)
{
	return (uint64_t)model.thread->promise[promise].generation << 32 | (uint32_t)promise;
}

static int attach(void)
{
	struct rm_boot copy;

	memcpy(model.region, &model.boot, sizeof(model.boot));
	return rm_ring_attach(model.thread, 0, model.region, model.size, &copy);
}

/* One 32-bit field of the boot page with a bad value. */
static void bad(uint32_t *field, uint32_t value)
{
	const uint32_t good = *field;

	assert_int_equal(attach(), 0);
	*field = value;
	assert_int_not_equal(attach(), 0);
	*field = good;
}

static void test_boot_page(void **state)
{
	struct rm_boot *b = &model.boot, copy;

	(void)state;
	bad((uint32_t *)&b->magic, 1);
	bad(&b->version, 99);
	bad(&b->flags, 0x100);
	bad(&b->ring.sq_head, 0x1001);
	bad(&b->ring.sq_head, 0x1004);			/* = sq_tail */
	bad(&b->ring.sq_tail, (uint32_t)model.size);
	bad(&b->ring.sq_flags, 0xfffffffcu);
	bad(&b->ring.cq_head, 0x2000);			/* in the SQEs */
	bad(&b->ring.cq_tail, 0x10);			/* in the boot page */
	bad(&b->ring.cq_overflow, 0x4000);
	bad(&b->ring.sq_entries, 0);
	bad(&b->ring.sq_entries, 63);
	bad(&b->ring.sq_entries, 32);
	bad(&b->ring.sq_entries, 0x80000000u);
	bad(&b->ring.sq_entries, 1024);			/* into the completions */
	bad(&b->ring.cq_entries, 100);
	bad(&b->ring.cq_entries, 65536);
	bad(&b->ring.sqes, 0x2010);
	bad(&b->ring.sqes, 0xffffffc0u);
	bad(&b->ring.cqes, 0x4008);
	bad(&b->ring.cqes, 0x10000);			/* in the arena */
	bad(&b->arena, 0x10001);
	bad(&b->arena, (uint32_t)model.size - RM_SLOT_SIZE + 4096);	/* not one slot */
	bad(&b->arena, RM_SHARE_STRIDE - RM_ARENA_SIZE + 4096);		/* its end can never be shared */
	bad(&b->arena, 0u - 4096);
	bad(&b->strings_size, 0);
	bad(&b->strings_size, RM_ARENA_SIZE + 1);
	bad(&b->strings, 0xffffffffu);
	bad(&b->argc, 5);
	bad(&b->envc, ~0u);
	bad((uint32_t *)&b->exec_name, 2);
	bad(&b->exec_fd, ~0u);
	bad(&b->pid, 0);
	assert_int_equal(attach(), 0);
	assert_int_not_equal(rm_ring_attach(model.thread, 0, model.region, 100, &copy), 0);
	assert_int_not_equal(rm_ring_attach(model.thread, 0, model.region, RM_SHARE_STRIDE + 1, &copy), 0);
	model.withdrawn = true;
	assert_int_not_equal(attach(), 0);
}

static void test_completion(void **state)
{
	struct rm_thread *t = model.thread;
	const int a = rm_ring_submit(t, &nop, RM_RULE_COUNT, 10), b = rm_ring_submit(t, &nop, RM_RULE_ZERO, 0);

	(void)state;
	assert_int_not_equal(a, b);
	model_complete(name(b), 0);
	model_complete(name(a), 7);
	assert_int_equal(rm_ring_wait(t, a), 7);
	assert_int_equal(rm_ring_wait(t, b), 0);
	assert_int_equal(t->used, 0);
	assert_int_equal(t->ring.live, 0);
	assert_int_equal(model.submits, 0);
}

static void test_forged(void **state)
{
	struct rm_thread *t = model.thread;
	const int a = rm_ring_submit(t, &nop, RM_RULE_ZERO, 0);
	const uint64_t good = name(a);

	(void)state;
	model_complete(good + (1ul << 32), 0);
	model_complete(good - (1ul << 32), 0);
	model_complete(good + 1, 0);
	model_complete(good | 0x40, 0);
	model_complete(~0ul, 0);
	rm_ring_reap(t);
	assert_int_equal(t->ring.live, 1);
	assert_int_equal(counted(RM_COUNT_CQE_UNKNOWN), 5);
	model_complete(good, 0);
	model_complete(good, 0);	/* repeated */
	assert_int_equal(rm_ring_wait(t, a), 0);
	assert_int_equal(counted(RM_COUNT_CQE_UNKNOWN), 6);
	/* The promise's next use does not take the old name. */
	assert_int_equal(rm_ring_submit(t, &nop, RM_RULE_ZERO, 0), a);
	model_complete(good, -5);
	rm_ring_reap(t);
	assert_int_equal(t->ring.live, 1);
	assert_int_equal(counted(RM_COUNT_CQE_UNKNOWN), 7);
}

static void test_results(void **state)
{
	static const struct {
		enum rm_rule rule;
		uint32_t limit;
		int32_t said;
		long got;
	} cases[] = {
		{ RM_RULE_ZERO, 0, 0, 0 },		{ RM_RULE_ZERO, 0, 1, -EIO },
		{ RM_RULE_ZERO, 0, -ENOENT, -ENOENT },	{ RM_RULE_ZERO, 0, -133, -133 },
		{ RM_RULE_ZERO, 0, -134, -EIO },	{ RM_RULE_ZERO, 0, INT32_MIN, -EIO },
		{ RM_RULE_COUNT, 10, 10, 10 },		{ RM_RULE_COUNT, 10, 11, -EIO },
		{ RM_RULE_COUNT, 10, INT32_MAX, -EIO }, { RM_RULE_FD, 0, 3, 3 },
		{ RM_RULE_FD, 0, INT32_MAX, -EIO },	{ RM_RULE_FD, 0, -4096, -EIO },
	};
	struct rm_thread *t = model.thread;

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int p = rm_ring_submit(t, &nop, cases[i].rule, cases[i].limit);

		model_complete(name(p), cases[i].said);
		assert_int_equal(rm_ring_wait(t, p), cases[i].got);
	}
}

static void test_wild_tail(void **state)
{
	struct rm_thread *t = model.thread;
	uint32_t *tail = (uint32_t *)(model.region + model.boot.ring.cq_tail);
	const int a = rm_ring_submit(t, &nop, RM_RULE_ZERO, 0);

	(void)state;
	*tail = 129;
	rm_ring_reap(t);
	*tail = ~0u;
	rm_ring_reap(t);
	assert_int_equal(counted(RM_COUNT_CQ_RANGE), 2);
	assert_int_equal(t->ring.live, 1);
	assert_int_equal(t->ring.head, 0);
	/* Entries full of junk are just unknown completions. */
	*tail = 128;
	rm_ring_reap(t);
	assert_int_equal(t->ring.live, 1);
	assert_int_equal(t->ring.head, 128);
	model.cq_tail = 128;
	model_complete(name(a), 0);
	assert_int_equal(rm_ring_wait(t, a), 0);
}

static void test_wrap(void **state)
{
	struct rm_thread *t = model.thread;

	(void)state;
	t->ring.tail = t->ring.head = model.cq_tail = model.sq_head = ~0u - 3;
	*(uint32_t *)(model.region + model.boot.ring.cq_tail) = model.cq_tail;
	for (int i = 0; i < 300; i++) {
		const int p = rm_ring_submit(t, &nop, RM_RULE_ZERO, 0);

		model_complete(name(p), 0);
		assert_int_equal(rm_ring_wait(t, p), 0);
	}
	assert_int_equal(counted(RM_COUNT_CQ_RANGE) + counted(RM_COUNT_CQE_UNKNOWN), 0);
}

static void test_full(void **state)
{
	struct rm_thread *t = model.thread;
	const struct rm_sqe cancel = { .opcode = RM_OP_ASYNC_CANCEL };

	(void)state;
	for (unsigned i = 0; i < RM_PROMISES - 1; i++)
		assert_int_equal(rm_ring_submit(t, &nop, RM_RULE_ZERO, 0), i);
	assert_int_equal(rm_ring_submit(t, &nop, RM_RULE_ZERO, 0), -EAGAIN);
	/* One is left to give another up. */
	assert_int_equal(rm_ring_submit(t, &cancel, RM_RULE_ZERO, 0), RM_PROMISES - 1);
	assert_int_equal(rm_ring_submit(t, &cancel, RM_RULE_ZERO, 0), -EAGAIN);
	for (int i = RM_PROMISES - 1; i >= 0; i--)
		model_complete(name(i), 0);
	for (int i = 0; i < (int)RM_PROMISES; i++)
		assert_int_equal(rm_ring_wait(t, i), 0);
}

static void test_withdrawn(void **state)
{
	struct rm_thread *t = model.thread;
	const int a = rm_ring_submit(t, &nop, RM_RULE_ZERO, 0);
	struct rm_hostcall h;

	(void)state;
	model.withdrawn = true;
	assert_int_equal(rm_ring_wait(t, a), -EIO);
	assert_true(t->dead);
	assert_int_equal(rm_ring_submit(t, &nop, RM_RULE_ZERO, 0), -EIO);
	assert_int_equal(rm_hostcall_begin(&h, t, 17), -EIO);
}

static void test_arena(void **state)
{
	struct rm_thread *t = model.thread;
	int a, b;

	(void)state;
	assert_int_equal(rm_arena_take(t, 64), 0);
	assert_int_equal(rm_arena_take(t, 1), -EAGAIN);
	rm_arena_give(t, 0, 64);
	a = rm_arena_take(t, 3);
	b = rm_arena_take(t, 5);
	assert_int_equal(b, a + 3);
	rm_arena_give(t, a, 3);
	assert_int_equal(rm_arena_take(t, 4), 8);
	assert_int_equal(rm_arena_take(t, 3), 0);
	assert_int_equal(rm_arena_take(t, 52), 12);
	assert_int_equal(rm_arena_take(t, 1), -EAGAIN);
	assert_int_equal(t->slots, ~0ul);
	rm_arena_give(t, 0, 64);
	assert_int_equal(rm_arena_take(t, 0), -EAGAIN);
	assert_int_equal(rm_arena_take(t, 65), -EAGAIN);
	/* Each size finds the only gap that is left for it. */
	for (unsigned size = 1; size < 64; size++) {
		t->slots = ~(((1ul << size) - 1) << (64 - size));
		assert_int_equal(rm_arena_take(t, size), 64 - size);
		t->slots = ~(((1ul << size) - 1) << (64 - size));
		assert_int_equal(rm_arena_take(t, size + 1), -EAGAIN);
	}
	t->slots = 0;
	rm_arena_hold(t, model.boot.arena + RM_SLOT_SIZE - 1, 2);
	assert_int_equal(t->slots, 3);
}

/* As far as it is shared, then more at a time, and never more than there is. */
static void test_arena_grows(void **state)
{
	struct rm_thread *t = model.thread;

	(void)state;
	model.shared = model.boot.arena + 4 * RM_SLOT_SIZE + 4096;
	assert_int_equal(rm_ring_attach(t, 0, model.region, model.shared, &model.boot), 0);
	assert_int_equal(t->slots, ~0xful);
	assert_int_equal(rm_arena_take(t, 3), 0);
	assert_int_equal(model.grown, 0);
	assert_int_equal(rm_arena_take(t, 2), 3);
	assert_int_equal(model.grown, 1);
	assert_int_equal(t->absent, ~0xfful);
	assert_int_equal(rm_arena_take(t, 20), 5);
	assert_int_equal(t->absent, ~((1ul << 28) - 1));
	assert_int_equal(rm_arena_take_at(t, 30, 2), 30);
	assert_int_equal(t->absent, ~((1ul << 56) - 1));
	assert_int_equal(rm_arena_take(t, 40), -EAGAIN);
	assert_int_equal(t->absent, 0);
	assert_int_equal(model.grown, 4);
	assert_int_equal(model.shared, model.boot.arena + RM_ARENA_SIZE);
	assert_int_equal(rm_arena_take(t, 32), 32);
	assert_int_equal(rm_arena_take(t, 6), -EAGAIN);
	assert_int_equal(model.grown, 4);
	/* What came too late fences what was in use, and nothing that comes later. */
	t->slots = t->absent = ~0xful;
	rm_late_begin(t);
	assert_int_equal(t->fenced, 0);
	assert_int_equal(rm_arena_take(t, 5), 0);
	rm_arena_give(t, 0, 5);
	rm_late_end(t);
	assert_int_equal(t->slots, t->absent);
}

static void test_hostcall(void **state)
{
	struct rm_hostcall h;
	uint8_t byte;
	long room;

	(void)state;
	assert_int_equal(rm_hostcall_begin(&h, model.thread, LX_lseek), 0);
	room = rm_hostcall_room(&h, 0, 100);
	assert_true(room > 0);
	assert_int_equal(rm_hostcall_room(&h, 0, RM_SLOT_SIZE), -E2BIG);
	assert_int_equal(rm_hostcall_room(&h, 0, ~0ul), -E2BIG);
	assert_int_equal(rm_hostcall_put(&h, 0, &byte, RM_SLOT_SIZE), -E2BIG);
	/* Never outside the run, whatever a caller says. */
	assert_int_equal(rm_hostcall_take(&h, room, &byte, 1), 0);
	assert_int_equal(rm_hostcall_take(&h, 0, &byte, 1), -EIO);
	assert_int_equal(rm_hostcall_take(&h, room + RM_SLOT_SIZE, &byte, 1), -EIO);
	rm_hostcall_end(&h);
	assert_int_equal(model.thread->slots, 0);
}

static void test_poll_wakeup(void **state)
{
	int p;

	(void)state;
	model_stop();
	model_attach(true, 0);
	model.asleep = true;
	*(uint32_t *)(model.region + model.boot.ring.sq_flags) = RM_SQ_NEED_WAKEUP;
	p = rm_ring_submit(model.thread, &(struct rm_sqe){ .opcode = RM_OP_CLOSE, .fd = -1 }, RM_RULE_ZERO, 0);
	assert_int_equal(model.wakeups, 1);
	assert_int_equal(rm_ring_wait(model.thread, p), -EBADF);
	p = rm_ring_submit(model.thread, &(struct rm_sqe){ .opcode = RM_OP_CLOSE, .fd = -1 }, RM_RULE_ZERO, 0);
	assert_int_equal(rm_ring_wait(model.thread, p), -EBADF);
	/* The poller was awake: no exit at all. */
	assert_int_equal(model.turns, 1);
}

/* What became of a thread that was asked for. */
static void test_thread_result(void **state)
{
	uint32_t *word = (uint32_t *)(model.region + model.thread->result);

	(void)state;
	*word = 4711;
	assert_int_equal(rm_hostcall_thread_result(model.thread), 4711);
	*word = (uint32_t)-11;
	assert_int_equal(rm_hostcall_thread_result(model.thread), -11);
	*word = 0;
	assert_int_equal(rm_hostcall_thread_result(model.thread), -EIO);
	*word = 0x80000000;
	assert_int_equal(rm_hostcall_thread_result(model.thread), -EIO);
	assert_int_equal(counted(RM_COUNT_RESULT), 2);
	model.withdrawn = true;
	assert_int_equal(rm_hostcall_thread_result(model.thread), -EIO);
}

/* A thread without a region of Linux's: nothing is asked, nothing waits. */
static void test_none(void **state)
{
	const uint64_t turns = model.turns;
	struct rm_hostcall h;

	(void)state;
	rm_ring_none(model.thread, 3, model.region);
	assert_int_equal(model.thread->index, 3);
	assert_int_equal(rm_ring_call(model.thread, &nop, RM_RULE_ZERO, 0), -EIO);
	assert_int_equal(rm_hostcall_begin(&h, model.thread, LX_lseek), -EIO);
	rm_arena_whole(model.thread);
	rm_ring_publish(model.thread);
	rm_ring_reap(model.thread);
	assert_false(rm_ring_probe(model.thread));
	assert_int_equal(model.turns, turns);
	model.thread->index = 0;
}

extern size_t rm_string_piece;

/* Strings in pieces that do not cross into what may not be there. */
static void test_strings(void **state)
{
	_Alignas(128) char from[256 + 1], to[200];

	(void)state;
	rm_string_piece = 128;
	for (unsigned start = 0; start < 256; start += 13) {
		for (unsigned end = start; end < 256; end += 7) {
			memset(from, 'x', sizeof(from));
			from[end] = 0;
			assert_int_equal(rm_copy_string(to, from + start, sizeof(to)), end - start < sizeof(to) ? (long)(end - start) : -ENAMETOOLONG);
		}
	}
	assert_int_equal(rm_copy_string(to, from, 0), -ENAMETOOLONG);
	assert_int_equal(rm_copy_string(to, (const char *)(1ul << 48), 1), -EFAULT);
	assert_int_equal(rm_copy_string(to, (const char *)8, 1), -EFAULT);
	rm_string_piece = 1;
}

static void test_arena_places(void **state)
{
	struct rm_thread *t;
	unsigned grown;

	(void)state;
	model_stop();
	model_first_slots = 4;
	model_attach(false, 0);
	model_first_slots = 0;
	t = model.thread;
	grown = model.grown;
	assert_int_equal(rm_arena_take_at(t, 8, 4), 8);
	assert_int_equal(model.grown, grown + 1);
	assert_int_equal(rm_arena_take_at(t, 10, 4), -EAGAIN);
	assert_int_equal(rm_arena_take_at(t, 4, 4), 4);
	rm_arena_give(t, 4, 8);
	rm_arena_whole(t);
	assert_int_equal(t->absent, 0);
	assert_int_equal(model.shared, model.size);
	grown = model.grown;
	rm_arena_whole(t);
	assert_int_equal(model.grown, grown);
	/* What is late keeps its place until it is known to be done. */
	rm_late_begin(t);
	assert_int_equal(rm_arena_take_at(t, 8, 4), 8);
	rm_arena_give(t, 8, 4);
	rm_late_end(t);
	assert_int_equal(t->slots, 0);
}

/* A counter's page that vanished under a mere count is known at the next exit, once. */
static void test_gone(void **state)
{
	(void)state;
	model.withdrawn = true;
	rm_use(model.thread, RM_USE_SPINS, 1);
	assert_int_equal(counted(RM_COUNT_VANISHED), 0);
	assert_int_equal(rm_ring_host(model.thread, RM_HOST_KICK, 0, 0), 0);
	assert_int_equal(counted(RM_COUNT_VANISHED), 1);
	assert_int_equal(rm_ring_host(model.thread, RM_HOST_KICK, 0, 0), 0);
	assert_int_equal(counted(RM_COUNT_VANISHED), 1);
}

/* What another process of Linux brings is checked as the first one's was, and nothing is taken from what is refused. */
static void test_attach_again(void **state)
{
	struct rm_thread *t = model.thread;
	struct rm_boot copy;

	(void)state;
	rm_ring_kill(t);
	model.boot.flags = 0;
	model.boot.magic++;
	memcpy(model.region, &model.boot, sizeof(model.boot));
	assert_int_not_equal(rm_ring_attach_again(t, model.size, &copy), 0);
	assert_true(t->dead);
	model.boot.magic--;
	memcpy(model.region, &model.boot, sizeof(model.boot));
	for (unsigned n = 1; n < 6; n++) {
		model.loss = LOSS_SHARED;
		model.lost_at = model.moments[LOSS_SHARED] + n;
		assert_int_not_equal(rm_ring_attach_again(t, model.size, &copy), 0);
		assert_true(t->dead);
		model.withdrawn = false;
	}
	assert_int_equal(model.moments[LOSS_SHARED] >= 5, 1);
	model.loss = LOSS_NONE;
	assert_int_equal(rm_ring_attach_again(t, model.size, &copy), 0);
	assert_false(t->dead);
	assert_int_equal(rm_ring_call(t, &nop, RM_RULE_ZERO, 0), 0);
}

/* An exit that has to be made is made, whatever waits for the thread. */
static void test_surely(void **state)
{
	const unsigned kicks = model.kicks;

	(void)state;
	model.loss = LOSS_EXIT;
	model.lost_at = model.moments[LOSS_EXIT] + 1;
	assert_int_equal(rm_ring_host(model.thread, RM_HOST_KICK, 0, 0), 0);
	assert_int_equal(model.kicks, kicks + 1);
	assert_int_equal(model.moments[LOSS_EXIT], model.lost_at + 1);
}

/* With an exit for each operation. */
static void test_sync(void **state)
{
	const unsigned submits = model.submits;
	int p;

	(void)state;
	model.thread->sync = true;
	p = rm_ring_submit(model.thread, &nop, RM_RULE_ZERO, 0);
	assert_int_equal(model.submits, submits + 1);
	assert_int_equal(rm_ring_wait(model.thread, p), 0);
	assert_int_equal(model.submits, submits + 1);
	model.thread->sync = false;
}

/* The last promise is for giving another up; without it that has to wait. */
static void test_no_promise(void **state)
{
	int p[RM_PROMISES];

	(void)state;
	model.stalled = true;
	for (unsigned i = 0; i < RM_PROMISES - 1; i++)
		assert_true((p[i] = rm_ring_submit(model.thread, &nop, RM_RULE_ZERO, 0)) >= 0);
	assert_int_equal(rm_ring_submit(model.thread, &nop, RM_RULE_ZERO, 0), -EAGAIN);
	assert_int_equal(rm_ring_cancel(model.thread, p[0]), 0);
	assert_int_equal(rm_ring_cancel(model.thread, p[1]), -EAGAIN);
	model.stalled = false;
	for (unsigned i = 0; i < RM_PROMISES - 1; i++)
		assert_int_equal(rm_ring_wait(model.thread, p[i]), 0);
}

/* The poller went to sleep after it was told, and before it looked. */
static void test_poll_sleeps(void **state)
{
	uint32_t *flags;
	int p;

	(void)state;
	model_stop();
	model_attach(true, 0);
	flags = (uint32_t *)(model.region + model.boot.ring.sq_flags);
	p = rm_ring_submit(model.thread, &nop, RM_RULE_ZERO, 0);
	assert_int_equal(model.wakeups, 0);
	model.asleep = true;
	*flags = RM_SQ_NEED_WAKEUP;
	assert_int_equal(rm_ring_wait(model.thread, p), 0);
	assert_int_equal(model.wakeups, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_boot_page), TEST(test_completion), TEST(test_forged),	  TEST(test_results),
		TEST(test_wild_tail), TEST(test_wrap),	     TEST(test_full),	  TEST(test_withdrawn),
		TEST(test_arena),     TEST(test_arena_grows), TEST(test_hostcall),   TEST(test_poll_wakeup),
		TEST(test_thread_result), TEST(test_none), TEST(test_strings), TEST(test_arena_places), TEST(test_gone), TEST(test_sync),
		TEST(test_no_promise), TEST(test_attach_again), TEST(test_surely), TEST(test_poll_sleeps),
	};

	return cmocka_run_group_tests_name("runtime.ring", tests, NULL, NULL);
}
