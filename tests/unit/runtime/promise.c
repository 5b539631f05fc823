/* SPDX-License-Identifier: MIT */
/*
 * Promises of programs: with an honest Linux, with one that forges, repeats, delays and loses completions, and with one that says nothing.
 * All memory of the program and of the arena is watched by the sanitizers; what must hold is that no lie is worth more than its own result.
 */
#define _GNU_SOURCE
#include "model/program.h"

#include <poll.h>

#include "abi/promise.h"
#include "load/policy.h"
#include "posix/posix.h"
#include "promise/ticket.h"
#include "ring/arena.h"

#define FOREVER (~0ul)

static long call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return model_call(number, a, b, c, d, 0, 0);
}

static long submit(struct rm_promise_request request)
{
	return call(RM_CALL_PROMISE_SUBMIT, (unsigned long)&request, 0, 0, 0);
}

#define SUBMIT(operation, ...) submit((struct rm_promise_request){ .op = RM_PROMISE_##operation, __VA_ARGS__ })

static long take(long handle)
{
	int64_t result = -1000;
	const long error = call(RM_CALL_PROMISE_TAKE, (unsigned long)handle, (unsigned long)&result, 0, 0);

	return error ? error : result;
}

static long wait_for(const long *handles, unsigned count, unsigned least, unsigned long ns)
{
	return call(RM_CALL_PROMISE_WAIT, (unsigned long)handles, count, least, ns);
}

/* As a thread does that ends. All is given back, but for what came too late and may still come; requests to give up may be without an answer. */
static void assert_all_back(void)
{
	struct rm_thread *t = model.thread;

	rm_promise_ends(t);
	rm_ring_catch_up(t);
	assert_int_equal(t->slots & ~t->fenced_free, 0);
	assert_int_equal(t->lent, 0);
	assert_int_equal(t->ring.background, 0);
	for (unsigned i = 0; i < RM_PROMISES; i++)
		if (t->promise[i].state != RM_PROMISE_FREE && !(t->late && t->promise[i].state == RM_PROMISE_LATE))
			assert_int_equal(t->promise[i].state, RM_PROMISE_ORPHAN);
	assert_int_equal(rm_tickets(t) ? (int)rm_tickets(t)->used : 0, 0);
	assert_true(!rm_tickets(t) || rm_tickets(t)->pages == 0);
}

static int stop(void **state)
{
	(void)state;
	assert_all_back();
	model_stop();
	return 0;
}

static long open_promised(const char *name, unsigned flags)
{
	return take(SUBMIT(OPENAT, .fd = LX_AT_FDCWD, .address = (uint64_t)name, .how = flags, .mode = 0600));
}

static struct rm_promise_request read_of(long fd, void *to, unsigned i, unsigned flags)
{
	return (struct rm_promise_request){ .op = RM_PROMISE_READ, .flags = (uint8_t)flags, .fd = (int)fd, .address = flags & RM_PROMISE_BORROW ? 0 : (uint64_t)to + i * 4096,
					    .size = 4096, .offset = i * 4096 };
}

static long many(long number, const void *of, unsigned count, void *out)
{
	return call(number, (unsigned long)of, count, (unsigned long)out, 0);
}

/*
 * A program that uses everything.
 */

static void files(void)
{
	uint8_t *data = make_pattern(100000), *into = calloc(1, 100000);
	const long fd = open_promised("promised", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);
	struct rm_promise_request requests[4];
	struct rm_promise_view view = { 0 };
	int64_t results[4] = { 0 };
	long p[8] = { 0 };

	EXPECT(take(SUBMIT(WRITE, .fd = (int)fd, .address = (uint64_t)data, .size = 100000)), 100000);
	EXPECT(take(SUBMIT(FSYNC, .fd = (int)fd)), 0);
	for (int i = 0; i < 8; i++)
		p[i] = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into + (uint64_t)i * 4096, .size = 4096, .offset = ~0ul);
	EXPECT(wait_for(p, 8, 8, FOREVER), 8);
	for (int i = 0; i < 8; i++)
		EXPECT(take(p[i]), 4096);
	expect_pattern(into, 0, 8 * 4096);
	EXPECT(CALL3(lseek, fd, 0, LX_SEEK_CUR), 8 * 4096);
	p[0] = SUBMIT(READ, .fd = (int)fd, .size = 50000, .offset = 1000, .flags = RM_PROMISE_BORROW);
	EXPECT(call(RM_CALL_PROMISE_VIEW, (unsigned long)p[0], (unsigned long)&view, 0, 0), 0);
	EXPECT(view.result, 50000);
	EXPECT(call(RM_CALL_PROMISE_COPY, (unsigned long)p[0], 500, (unsigned long)into, 40000), 0);
	expect_pattern(into, 1500, 40000);
	EXPECT(call(RM_CALL_PROMISE_COPY, (unsigned long)p[0], 500, (unsigned long)into, 49501), -ERANGE);
	EXPECT(call(RM_CALL_PROMISE_COPY, (unsigned long)p[0], ~0ul, (unsigned long)into, 2), -ERANGE);
	EXPECT(call(RM_CALL_PROMISE_GIVE_BACK, (unsigned long)p[0], 0, 0, 0), 0);
	EXPECT(call(RM_CALL_PROMISE_GIVE_BACK, (unsigned long)p[0], 0, 0, 0), -EINVAL);
	for (unsigned i = 0; i < 4; i++)
		requests[i] = read_of(fd, into, i, i == 2 ? RM_PROMISE_LINK : 0);
	EXPECT(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, 4, p), 4);
	EXPECT(many(RM_CALL_PROMISE_TAKE_ALL, p, 4, results), 0);
	EXPECT(results[3], 4096);
	requests[0] = read_of(fd, NULL, 1, RM_PROMISE_BORROW);
	EXPECT(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, 1, p), 1);
	EXPECT(many(RM_CALL_PROMISE_VIEW_ALL, p, 1, &view), 0);
	EXPECT(many(RM_CALL_PROMISE_GIVE_BACK_ALL, p, 1, NULL), 0);
	/* A chain that breaks in its middle. */
	p[0] = SUBMIT(WRITE, .fd = (int)fd, .address = (uint64_t)"chain", .size = 5, .flags = RM_PROMISE_LINK);
	p[1] = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into, .size = 10, .offset = 99999, .flags = RM_PROMISE_LINK);
	p[2] = SUBMIT(WRITE, .fd = (int)fd, .address = (uint64_t)"never", .size = 5);
	EXPECT(take(p[2]), -ECANCELED);
	EXPECT(take(p[1]), 1);
	EXPECT(take(p[0]), 5);
	EXPECT(open_promised("nothing", 0), -ENOENT);
	EXPECT(take(SUBMIT(READ, .fd = 77, .address = (uint64_t)into, .size = 1)), -EBADF);
	CALL1(close, fd);
	free(data);
	free(into);
}

static void sockets(void)
{
	struct sockaddr { uint16_t family; char path[106]; } name = { 1, "promised.socket" }, from;
	const long listener = CALL3(socket, 1, 1, 0), client = CALL3(socket, 1, 1, 0);
	uint32_t size = sizeof(from);
	char into[100];
	int32_t ends[2] = { -1, -1 };
	long p, s;

	unlink(name.path);
	EXPECT(CALL3(bind, listener, &name, sizeof(name)), 0);
	EXPECT(CALL2(listen, listener, 5), 0);
	EXPECT(take(SUBMIT(CONNECT, .fd = (int)client, .address = (uint64_t)&name, .size = sizeof(name))), 0);
	s = quiet ? -1 : take(SUBMIT(ACCEPT, .fd = (int)listener, .address = (uint64_t)&from, .offset = (uint64_t)&size));
	if (!quiet)
		assert_true(s >= 0);
	EXPECT(take(SUBMIT(SEND, .fd = (int)client, .address = (uint64_t)"hello", .size = 5)), 5);
	EXPECT(take(SUBMIT(RECV, .fd = (int)s, .address = (uint64_t)into, .size = 100, .how = quiet ? LX_MSG_DONTWAIT : 0)), 5);
	EXPECT(take(SUBMIT(POLL, .fd = (int)client, .how = POLLIN | POLLOUT)), POLLOUT);
	EXPECT(take(SUBMIT(READ, .fd = (int)client, .address = (uint64_t)into, .size = 1, .offset = 5)), -ESPIPE);
	CALL1(close, s);
	CALL1(close, client);
	CALL1(close, listener);
	EXPECT(CALL2(pipe2, ends, 0), 0);
	EXPECT(take(SUBMIT(READ, .fd = ends[0], .address = (uint64_t)into, .size = 1, .offset = 0)), -ESPIPE);
	EXPECT(take(SUBMIT(RECV, .fd = ends[0], .address = (uint64_t)into, .size = 1)), -ENOTSOCK);
	p = SUBMIT(READ, .fd = ends[0], .address = (uint64_t)into, .size = 1, .offset = ~0ul);
	EXPECT(call(RM_CALL_PROMISE_CANCEL, (unsigned long)p, 0, 0, 0), 0);
	EXPECT(take(p), -ECANCELED);
	EXPECT(take(SUBMIT(TIMEOUT, .offset = 5000000)), 0);
	EXPECT(take(SUBMIT(NOP, .fd = -1)), 0);
	CALL1(close, ends[0]);
	CALL1(close, ends[1]);
}

static void everything(void **state)
{
	(void)state;
	files();
	sockets();
}

/* Each operation of it once answered by a liar, and then by nobody but liars. */
static void test_hostile(void **state)
{
	const int here = open(".", O_RDONLY | O_DIRECTORY);
	uint8_t script[2048];

	(void)state;
	quiet = true;
	for (unsigned n = 1; n < 400; n++) {
		srand(n);
		for (size_t i = 0; i < sizeof(script); i++)
			script[i] = (uint8_t)(rand() >> 7);
		model_attach(n & 1, 0);
		model.hostile = n > 200;
		model.hostile_at = n > 200 ? 0 : 1 + n / 2;
		model.script = script;
		model.script_left = sizeof(script);
		model.turns_max = 3000;
		everything(NULL);
		assert_all_back();
		model_stop();
		assert_int_equal(fchdir(here), 0);
		for (int fd = 3; fd < 64; fd++)
			if (fd != here)
				close(fd);
	}
	quiet = false;
	close(here);
}

static void ended(void **state)
{
	everything(state);
	assert_all_back();
}

static void test_each_lie(void **state)
{
	(void)state;
	program_lies(ended);
}

/*
 * Single lies.
 */

/* Takes what the runtime has submitted, as Linux does, and does nothing about it. */
static uint64_t submitted(void)
{
	struct rm_sqe sqe;

	model.stalled = true;
	call(RM_CALL_PROMISE_START, 0, 0, 0, 0);
	assert_true(model.pending_count > 0);
	sqe = model.pending[model.pending_count - 1];
	model.pending_count = 0;
	return sqe.user_data;
}

static void test_forged(void **state)
{
	static const int32_t impossible[] = { 11, INT32_MAX, -134, -4096, INT32_MIN };
	struct rm_thread *t = model.thread;
	const long fd = open_file("forged", LX_O_RDWR | LX_O_CREAT);
	uint8_t into[10];
	uint64_t data;
	long p;

	(void)state;
	for (unsigned i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
		p = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into, .size = 10);
		model_complete(submitted(), impossible[i]);
		assert_int_equal(take(p), -EIO);
		assert_int_equal(t->count[RM_COUNT_RESULT], i + 1);
	}
	p = SUBMIT(OPENAT, .fd = LX_AT_FDCWD, .address = (uint64_t)"x");
	model_complete(submitted(), INT32_MAX);
	assert_int_equal(take(p), -EIO);
	p = SUBMIT(POLL, .fd = (int)fd, .how = POLLIN);
	model_complete(submitted(), POLLOUT);
	assert_int_equal(take(p), -EIO);
	assert_int_equal(t->count[RM_COUNT_CONTENT], 1);
	/* Twice, for an older one, for one that is not there: only the first counts. */
	p = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into, .size = 10);
	data = submitted();
	model_complete(data - (1ul << 32), 3);
	model_complete(data ^ 1, 3);
	model_complete(data, 4);
	model_complete(data, 5);
	assert_int_equal(take(p), 4);
	model_complete(data, 6);
	p = SUBMIT(NOP, .fd = -1);
	model_complete(submitted(), 0);
	assert_int_equal(take(p), 0);
	assert_int_equal(t->count[RM_COUNT_CQE_UNKNOWN], 4);
	/* Before it is time. */
	p = SUBMIT(TIMEOUT, .offset = 50000000);
	model_complete(submitted(), -ETIME);
	assert_int_equal(wait_for(&p, 1, 0, 0), 0);
	model.stalled = false;
	assert_int_equal(take(p), 0);
	CALL1(close, fd);
}

/* What is late is told in time, and keeps its pages until it came. */
static void test_late(void **state)
{
	struct rm_thread *t = model.thread;
	const long fd = open_file("late", LX_O_RDWR | LX_O_CREAT);
	struct rm_promise_view view = { 0 };
	uint8_t into[10] = "untouched";
	struct rm_sqe late;
	uint64_t before;
	int next;
	long p, q;

	(void)state;
	assert_int_equal(CALL4(pwrite64, fd, "something.", 10, 0), 10);
	model.stalled = true;
	before = rm_counter();
	p = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into, .size = 10, .deadline = 5000000);
	assert_int_equal(take(p), -ETIMEDOUT);
	assert_in_range(rm_counter() - before, 5000000, 20000000);
	assert_int_equal(take(p), -EINVAL);
	assert_int_equal(t->count[RM_COUNT_LATE], 1);
	late = model.pending[0];
	assert_int_equal(late.opcode, RM_OP_READ);
	/* Another one has other pages, and is not disturbed. */
	model.stalled = false;
	memmove(model.pending, model.pending + 1, --model.pending_count * sizeof(late));
	q = SUBMIT(READ, .fd = (int)fd, .size = 4, .flags = RM_PROMISE_BORROW);
	assert_int_equal(call(RM_CALL_PROMISE_VIEW, (unsigned long)q, (unsigned long)&view, 0, 0), 0);
	assert_int_equal(view.result, 4);
	assert_true(view.address + 4096 <= late.addr || late.addr + 4096 <= view.address);
	memset(model_there(late.addr, 10), 'L', 10);
	model_complete(late.user_data, 10);
	assert_memory_equal((void *)view.address, "some", 4);
	assert_string_equal((char *)into, "untouched");
	assert_int_equal(call(RM_CALL_PROMISE_GIVE_BACK, (unsigned long)q, 0, 0, 0), 0);
	assert_int_equal(rm_tickets(t)->used, 1);
	assert_int_equal(take(SUBMIT(NOP, .fd = -1)), 0);
	assert_int_equal(take(SUBMIT(NOP, .fd = -1)), 0);
	assert_int_equal(rm_tickets(t)->used, 0);
	assert_int_equal(t->slots, 0);
	/* A descriptor that nobody waits for any more is closed. */
	next = open("late", O_RDONLY);
	close(next);
	model.stalled = true;
	p = SUBMIT(OPENAT, .fd = LX_AT_FDCWD, .address = (uint64_t)"late", .deadline = 5000000);
	assert_int_equal(take(p), -ETIMEDOUT);
	model.stalled = false;
	assert_int_equal(take(SUBMIT(NOP, .fd = -1)), 0);
	assert_int_equal(take(SUBMIT(NOP, .fd = -1)), 0);
	assert_int_equal(open("late", O_RDONLY), next);
	close(next);
	CALL1(close, fd);
}

/* One exit for all of them, and calls of POSIX neither wait for promises nor want for room. */
static void test_batch(void **state)
{
	const long fd = open_file("batch", LX_O_RDWR | LX_O_CREAT);
	uint8_t *data = make_pattern(1 << 20), *into = calloc(1, 1 << 20);
	long p[RM_TICKETS], other;
	int32_t ends[2];
	uint64_t turns;
	unsigned windows;

	(void)state;
	assert_int_equal(CALL4(pwrite64, fd, data, 1 << 20, 0), 1 << 20);
	turns = model.turns;
	windows = model.windows_filled;
	for (unsigned i = 0; i < RM_TICKETS; i++)
		p[i] = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into + i * 4096, .size = 4096, .offset = i * 4096);
	assert_int_equal(SUBMIT(NOP, .fd = -1), -EAGAIN);
	assert_int_equal(wait_for(p, RM_TICKETS, RM_TICKETS, FOREVER), RM_TICKETS);
	if (!model.thread->poll)
		assert_int_equal(model.turns - turns, 1 + model.windows_filled - windows);
	for (unsigned i = 0; i < RM_TICKETS; i++)
		assert_int_equal(take(p[i]), 4096);
	expect_pattern(into, 0, RM_TICKETS * 4096);
	/* By windows, by which it is read by now: nobody leaves, and the position moves as it would. */
	turns = model.turns;
	memset(into, 0, 8192);
	assert_int_equal(CALL3(lseek, fd, 4096, LX_SEEK_SET), 4096);
	p[0] = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into, .size = 4096, .offset = ~0ul);
	p[1] = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into + 4096, .size = 4096, .offset = ~0ul);
	assert_int_equal(take(p[1]), 4096);
	assert_int_equal(take(p[0]), 4096);
	expect_pattern(into, 4096, 8192);
	assert_int_equal(CALL3(lseek, fd, 0, LX_SEEK_CUR), 3 * 4096);
	assert_int_equal(model.turns, turns);
	/* All of the bytes in use. */
	other = SUBMIT(READ, .fd = (int)fd, .size = 1 << 20, .flags = RM_PROMISE_BORROW);
	assert_true(other > 0);
	assert_int_equal(SUBMIT(READ, .fd = (int)fd, .size = 1, .flags = RM_PROMISE_BORROW), -EAGAIN);
	/* But windows need none. */
	assert_int_equal(take(SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into, .size = 1)), 1);
	assert_int_equal(CALL4(pread64, fd, into, 1 << 20, 0), 1 << 20);
	expect_pattern(into, 0, 1 << 20);
	assert_int_equal(CALL4(socketpair, 1, 2, 0, ends), 0);
	assert_int_equal(CALL6(sendto, ends[0], data, 100000, 0, 0, 0), 100000);
	assert_int_equal(take(other), RM_TICKET_BYTES);
	CALL1(close, ends[0]);
	CALL1(close, ends[1]);
	CALL1(close, fd);
	free(data);
	free(into);
}

/* Many in one call: one exit for all, what stops a submission, and all or nothing when they are taken. */
static void test_many(void **state)
{
	const long fd = open_file("many", LX_O_RDWR | LX_O_CREAT);
	uint8_t *data = make_pattern(RM_TICKETS * 4096), *into = calloc(RM_TICKETS, 4096);
	struct rm_promise_request requests[RM_TICKETS];
	struct rm_promise_view views[RM_TICKETS];
	int64_t results[RM_TICKETS];
	long p[RM_TICKETS], last;
	struct rm_desc *desc;
	uint64_t turns;

	(void)state;
	assert_int_equal(CALL4(pwrite64, fd, data, RM_TICKETS * 4096, 0), RM_TICKETS * 4096);
	for (unsigned i = 0; i < RM_TICKETS; i++)
		requests[i] = read_of(fd, into, i, RM_PROMISE_BORROW);
	turns = model.turns;
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, RM_TICKETS, p), RM_TICKETS);
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, 1, p), -EAGAIN);
	assert_int_equal(many(RM_CALL_PROMISE_GIVE_BACK_ALL, p, RM_TICKETS, NULL), -EINVAL);
	assert_int_equal(many(RM_CALL_PROMISE_VIEW_ALL, p, RM_TICKETS, views), 0);
	if (!model.thread->poll)
		assert_int_equal(model.turns - turns, 1);
	for (unsigned i = 0; i < RM_TICKETS; i++) {
		assert_int_equal(views[i].result, 4096);
		assert_memory_equal((void *)views[i].address, data + i * 4096, 4096);
	}
	assert_int_equal(many(RM_CALL_PROMISE_TAKE_ALL, p, RM_TICKETS, results), -EINVAL);
	assert_int_equal(many(RM_CALL_PROMISE_GIVE_BACK_ALL, p, RM_TICKETS, NULL), 0);
	assert_int_equal(many(RM_CALL_PROMISE_GIVE_BACK_ALL, p, RM_TICKETS, NULL), -EINVAL);
	for (unsigned i = 0; i < RM_TICKETS; i++)
		requests[i] = read_of(fd, into, i, 0);
	/* What cannot be ends it, and is nobody's result. */
	requests[5].reserved = 1;
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, RM_TICKETS, p), 5);
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests + 5, 3, p + 5), -EINVAL);
	requests[5].reserved = 0;
	requests[6].fd = 999;
	requests[7].flags = RM_PROMISE_LINK;
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests + 5, RM_TICKETS - 5, p + 5), RM_TICKETS - 5);
	/* All or nothing. */
	last = p[31];
	p[31] = p[30];
	assert_int_equal(many(RM_CALL_PROMISE_TAKE_ALL, p, RM_TICKETS, results), -EINVAL);
	assert_int_equal(many(RM_CALL_PROMISE_VIEW_ALL, p, 1, views), -EINVAL);
	assert_int_equal(many(RM_CALL_PROMISE_TAKE_ALL, p, 31, (void *)8), -EFAULT);
	assert_int_equal(many(RM_CALL_PROMISE_TAKE_ALL, p, 31, results), 0);
	for (unsigned i = 0; i < 31; i++)
		assert_int_equal(results[i], i == 6 ? -EBADF : 4096);
	assert_memory_equal(into, data, 6 * 4096);
	assert_memory_equal(into + 7 * 4096, data + 7 * 4096, 24 * 4096);
	assert_int_equal(many(RM_CALL_PROMISE_TAKE_ALL, p, 1, results), -EINVAL);
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, RM_TICKETS, (void *)8), -EFAULT);
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, 0, p), -EINVAL);
	assert_int_equal(many(RM_CALL_PROMISE_SUBMIT_ALL, requests, RM_TICKETS + 1, p), -EINVAL);
	assert_int_equal(many(RM_CALL_PROMISE_TAKE_ALL, p, 0, results), -EINVAL);
	assert_int_equal(take(last), 4096);
	/* Nobody holds the file any more but its descriptor, and we. */
	desc = rm_get((unsigned long)fd);
	assert_int_equal(desc->refs, 2);
	rm_put(model.thread, desc);
	CALL1(close, fd);
	free(data);
	free(into);
}

static void test_arguments(void **state)
{
	struct rm_promise_request unknown = { .op = RM_PROMISE_OP_COUNT };
	long p = SUBMIT(NOP, .fd = -1), none = 0;
	int64_t result;

	(void)state;
	assert_int_equal(submit(unknown), -EINVAL);
	assert_int_equal(SUBMIT(NOP, .flags = 4), -EINVAL);
	assert_int_equal(SUBMIT(NOP, .flags = RM_PROMISE_BORROW), -EINVAL);
	assert_int_equal(SUBMIT(NOP, .reserved = 1), -EINVAL);
	assert_int_equal(wait_for(&p, RM_TICKETS + 1, 0, 0), -EINVAL);
	assert_int_equal(wait_for(&none, 1, 0, 0), -EINVAL);
	assert_int_equal(take(-1), -EINVAL);
	assert_int_equal(take(p | 0x3f00), -EPERM);
	assert_int_equal(take(p | 0xff), -EINVAL);
	assert_int_equal(take(p ^ 1l << 40), -EINVAL);
	assert_int_equal(call(RM_CALL_PROMISE_VIEW, (unsigned long)p, (unsigned long)&result, 0, 0), -EINVAL);
	assert_int_equal(take(p), 0);
	assert_int_equal(take(p), -EINVAL);
	assert_int_equal(take(SUBMIT(READ, .fd = 0, .offset = 1ul << 63)), -EINVAL);
}

/* The result of one that could not begin is taken while its chain is open. */
static void test_open_chain(void **state)
{
	long p = SUBMIT(READ, .fd = 77, .flags = RM_PROMISE_LINK), q;

	(void)state;
	assert_int_equal(rm_tickets(model.thread)->chained, 1);
	assert_int_equal(take(p), -EBADF);
	assert_int_equal(rm_tickets(model.thread)->chained, 0);
	q = SUBMIT(NOP, .flags = RM_PROMISE_LINK);
	p = SUBMIT(READ, .fd = 77, .flags = RM_PROMISE_LINK);
	assert_int_equal(take(p), -EBADF);
	assert_int_equal(take(SUBMIT(NOP, .fd = -1)), 0);
	assert_int_equal(take(q), 0);
	/* Nobody waits for this one. */
	SUBMIT(NOP, .flags = RM_PROMISE_LINK);
	SUBMIT(TIMEOUT, .offset = 1000, .flags = RM_PROMISE_LINK);
}

/* What a late one leaves behind comes in while the thread ends. */
static void test_late_end(void **state)
{
	const long fd = open_file("late", LX_O_RDWR | LX_O_CREAT);
	uint8_t into[10];
	long p = 0;

	(void)state;
	model.stalled = true;
	for (unsigned i = 0; i < RM_TICKETS && p >= 0; i++) {
		p = SUBMIT(READ, .fd = (int)fd, .address = (uint64_t)into, .size = 10, .deadline = 1000000);
		if (p >= 0)
			assert_int_equal(take(p), -ETIMEDOUT);
	}
	assert_int_equal(SUBMIT(NOP, .fd = -1), -EAGAIN);
	CALL1(close, fd);
	model.stalled = false;
	rm_ring_catch_up(model.thread);
}

/* Linux gives it up in time: its time is up, and nothing is late. */
static void test_given_up(void **state)
{
	int32_t ends[2];
	char into[4];
	long p;

	(void)state;
	assert_int_equal(CALL2(pipe2, ends, 0), 0);
	p = SUBMIT(READ, .fd = ends[0], .address = (uint64_t)into, .size = 4, .offset = ~0ul, .deadline = 1000000);
	model.stalled = true;
	model.stalled_turns = 1;
	assert_int_equal(take(p), -ETIMEDOUT);
	model.stalled = false;
	assert_int_equal(model.thread->count[RM_COUNT_LATE], 0);
	assert_int_equal(model.thread->late, 0);
	/* It says that it was interrupted, when it was asked to give up. */
	p = SUBMIT(READ, .fd = ends[0], .address = (uint64_t)into, .size = 4, .offset = ~0ul);
	assert_int_equal(call(RM_CALL_PROMISE_CANCEL, (unsigned long)p, 0, 0, 0), 0);
	model.lie = model_lie_named("result: EINTR");
	model.lie_always = true;
	assert_int_equal(take(p), -ECANCELED);
	model.lie = NULL;
	CALL1(close, ends[0]);
	CALL1(close, ends[1]);
}

/* One that was late and came after all, before anybody took it. */
static void test_late_and_done(void **state)
{
	long p, next;

	(void)state;
	CALL1(close, open_file("late", LX_O_RDWR | LX_O_CREAT));
	next = dup(0);
	close((int)next);
	model.stalled = true;
	p = SUBMIT(OPENAT, .fd = LX_AT_FDCWD, .address = (uint64_t)"late", .deadline = 1000000);
	assert_int_equal(wait_for(&p, 1, 1, FOREVER), 1);
	assert_int_equal(model.thread->count[RM_COUNT_LATE], 1);
	model.stalled = false;
	assert_int_equal(take(SUBMIT(NOP, .fd = -1)), 0);
	assert_int_equal(wait_for(&p, 1, 1, FOREVER), 1);
	assert_int_equal(take(p), -ETIMEDOUT);
	assert_int_equal(take(SUBMIT(NOP, .fd = -1)), 0);
	/* Its descriptor is nobody's, so it is closed. */
	assert_int_equal(dup(0), next);
	close((int)next);
}

/* Descriptors that the program cannot have, or that cannot do all. */
static void test_descriptors(void **state)
{
	static struct {
		struct rm_manifest head;
		char strings[32];
	} lists = { .head = { .magic = RM_MANIFEST_MAGIC, .version = RM_MANIFEST_VERSION, .threads = 1, .flags = RM_MANIFEST_FILES, .count[RM_LIST_READ] = 1,
			      .size = sizeof(lists.head) + 2 }, .strings = "/" };
	const long fd = open_file("one", LX_O_RDWR | LX_O_CREAT);
	long other, next;

	(void)state;
	next = dup(0);
	close((int)next);
	rm_fd_limit(&rm_enclave.fds, 1);
	assert_int_equal(open_promised("one", 0), -EMFILE);
	assert_int_equal(dup(0), next);
	close((int)next);
	rm_fd_limit(&rm_enclave.fds, RM_FD_MAX);
	assert_int_equal(rm_manifest_check(&lists, lists.head.size), 0);
	rm_policy.manifest = &lists.head;
	rm_policy.files = true;
	rm_policy_thread(model.thread);
	other = open_promised("one", 0);
	assert_true(other >= 0);
	assert_int_equal(CALL2(fchmod, other, 0600), -EACCES);
	assert_int_equal(CALL2(fchmod, fd, 0600), 0);
	assert_int_equal(open_promised("one", LX_O_RDWR), -EACCES);
	CALL1(close, fd);
	CALL1(close, other);
	rm_policy.files = false;
	rm_policy_thread(model.thread);
}

/* Connections that inherit timeouts, and those whose name has no place to go: then they are closed. */
static void test_connections(void **state)
{
	struct { uint16_t family, port; uint32_t address; uint64_t pad; } name = { .family = 2, .address = 0x0100007f }, from;
	const struct { int64_t sec, usec; } timeout = { 0, 2000 };
	const long listener = CALL3(socket, 2, 1, 0);
	uint32_t size = sizeof(name);
	char byte;
	long out, in;

	(void)state;
	assert_int_equal(CALL3(bind, listener, &name, sizeof(name)), 0);
	assert_int_equal(CALL2(listen, listener, 5), 0);
	assert_int_equal(CALL3(getsockname, listener, &name, &size), 0);
	assert_int_equal(CALL6(setsockopt, listener, 1, LX_SO_RCVTIMEO, &timeout, 16, 0), 0);
	out = CALL3(socket, 2, 1, 0);
	assert_int_equal(CALL3(connect, out, &name, sizeof(name)), 0);
	in = take(SUBMIT(ACCEPT, .fd = (int)listener, .address = (uint64_t)&from, .offset = (uint64_t)&size));
	assert_true(in >= 0);
	assert_int_equal(from.address, name.address);
	assert_int_equal(CALL3(read, in, &byte, 1), -EAGAIN);
	CALL1(close, in);
	CALL1(close, out);
	out = CALL3(socket, 2, 1, 0);
	assert_int_equal(CALL3(connect, out, &name, sizeof(name)), 0);
	assert_int_equal(take(SUBMIT(ACCEPT, .fd = (int)listener, .address = 8, .offset = (uint64_t)&size)), -EFAULT);
	assert_int_equal(CALL3(read, out, &byte, 1), 0);
	CALL1(close, out);
	/* The pages vanish before it is taken. */
	out = CALL3(socket, 2, 1, 0);
	assert_int_equal(CALL3(connect, out, &name, sizeof(name)), 0);
	in = SUBMIT(ACCEPT, .fd = (int)listener, .address = (uint64_t)&from, .offset = (uint64_t)&size);
	assert_int_equal(wait_for(&in, 1, 1, FOREVER), 1);
	model.withdrawn = true;
	assert_int_equal(take(in), -EIO);
	model.withdrawn = false;
	model_stop();
	program_start(NULL);
}

/* What a promise writes, shared mappings of the file show. */
static void test_mapped(void **state)
{
	const long fd = open_file("mapped", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);
	long at;

	(void)state;
	assert_int_equal(CALL4(pwrite64, fd, "abcdef", 6, 0), 6);
	at = CALL6(mmap, 0, 4096, 3, LX_MAP_SHARED, fd, 0);
	assert_true(at > 0);
	((char *)at)[5] = 'F';
	assert_int_equal(take(SUBMIT(WRITE, .fd = (int)fd, .address = (uint64_t)"XY", .size = 2, .offset = 1)), 2);
	assert_memory_equal((char *)at, "aXYdeF", 6);
	assert_int_equal(CALL2(munmap, at, 4096), 0);
	CALL1(close, fd);
}

/* The length that a datagram had before it was cut is no length of what is lent. */
static void test_cut(void **state)
{
	struct rm_promise_view view = { 0 };
	int32_t pair[2];
	long p;

	(void)state;
	assert_int_equal(CALL4(socketpair, 1, 2, 0, pair), 0);
	assert_int_equal(CALL3(write, pair[0], "datagram", 8), 8);
	p = SUBMIT(RECV, .fd = pair[1], .size = 4, .how = LX_MSG_TRUNC, .flags = RM_PROMISE_BORROW);
	assert_int_equal(call(RM_CALL_PROMISE_VIEW, (unsigned long)p, (unsigned long)&view, 0, 0), 0);
	assert_int_equal(view.result, 4);
	assert_memory_equal((void *)view.address, "data", 4);
	assert_int_equal(call(RM_CALL_PROMISE_GIVE_BACK, (unsigned long)p, 0, 0, 0), 0);
	CALL1(close, pair[0]);
	CALL1(close, pair[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_given_up), TEST(test_late_and_done), TEST(test_descriptors), TEST(test_connections), TEST(test_mapped), TEST(test_cut),
		cmocka_unit_test_setup_teardown(everything, program_start, stop),
		{ "everything, polled", everything, program_start_polled, stop, NULL },
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_each_lie),
		cmocka_unit_test_setup_teardown(test_forged, program_start, stop),
		cmocka_unit_test_setup_teardown(test_late, program_start, stop),
		cmocka_unit_test_setup_teardown(test_batch, program_start, stop),
		{ "test_batch, polled", test_batch, program_start_polled, stop, NULL },
		cmocka_unit_test_setup_teardown(test_open_chain, program_start, stop),
		{ "test_open_chain, polled", test_open_chain, program_start_polled, stop, NULL },
		cmocka_unit_test_setup_teardown(test_late_end, program_start, stop),
		cmocka_unit_test_setup_teardown(test_many, program_start, stop),
		cmocka_unit_test_setup_teardown(test_arguments, program_start, stop),
	};

	return cmocka_run_group_tests(tests, program_make_folder, program_remove_folder);
}
