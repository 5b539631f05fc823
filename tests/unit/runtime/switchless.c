/* SPDX-License-Identifier: MIT */
/* Switchless calls: with a server that works, that is not there, that is slow, and that lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/linux.h"
#include "ring/hostcall.h"

#define CALL(n, a, b, c, d) model_call(LX_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), (unsigned long)(d), 0, 0)
#define CALLS 2000

static char name[] = "/tmp/ringmaster-switchless-XXXXXX";
static long fd;

static int start(void **state)
{
	(void)state;
	model_attach(false, 0);
	model_switchless();
	fd = CALL(openat, LX_AT_FDCWD, name, LX_O_RDWR, 0);
	return fd < 0;
}

static int stop(void **state)
{
	(void)state;
	model_stop();
	return 0;
}

static uint64_t used(enum rm_use what)
{
	uint64_t value;

	memcpy(&value, model.region + RM_USE_OFFSET + what * sizeof(value), sizeof(value));
	return value;
}

/* Each call writes and reads back another number, whoever does it. */
static void many_calls(void)
{
	for (uint32_t i = 0; i < CALLS; i++) {
		uint32_t back = ~i;

		assert_int_equal(CALL(pwrite64, fd, &i, sizeof(i), i % 512), sizeof(i));
		assert_int_equal(CALL(pread64, fd, &back, sizeof(back), i % 512), sizeof(back));
		assert_int_equal(back, i);
	}
	assert_int_equal(model.thread->slots, 0);
}

static void test_works(void **state)
{
	const uint64_t turns = model.turns;

	(void)state;
	many_calls();
	assert_int_equal(model.server_asks, 1);
	assert_true(model.turns - turns < 64);
	assert_int_equal(used(RM_USE_SWITCHLESS), model.server_calls);
	assert_true(model.server_calls > 2 * CALLS - 64);
	/* What must be done by the thread itself is. */
	assert_int_equal(CALL(openat, LX_AT_FDCWD, name, 0, 0), fd + 1);
	assert_int_equal(used(RM_USE_SWITCHLESS), model.server_calls);
	/* A server that fell asleep is asked again, later. */
	((struct rm_switchless *)(model.region + RM_SWITCHLESS_OFFSET))->awake = 0;
	many_calls();
	assert_int_equal(model.server_asks, 2);
}

static void test_none(void **state)
{
	(void)state;
	model.server = SERVER_NONE;
	many_calls();
	assert_in_range(model.server_asks, 1, 20);	/* less and less often */
	assert_int_equal(model.server_calls, 0);
}

static void test_absent(void **state)
{
	(void)state;
	model.server = SERVER_ABSENT;
	many_calls();
	assert_in_range(used(RM_USE_TAKEN_BACK), 1, 20);
	assert_int_equal(used(RM_USE_SWITCHLESS), 0);
	assert_int_equal(((struct rm_switchless *)(model.region + RM_SWITCHLESS_OFFSET))->posted, 0);
	/* What it is given once only is done all the same. */
	((struct rm_switchless *)(model.region + RM_SWITCHLESS_OFFSET))->awake = 4711;
	model.thread->server_missed = 0;
	assert_int_equal(rm_close_host(model.thread, dup(0)), 0);
	assert_int_equal(used(RM_USE_SWITCHLESS), 0);
	/* It comes after all. */
	model.server = SERVER_WORKS;
	for (int i = 0; i < 200 && model.server_calls == 0; i++)
		many_calls();
	assert_true(model.server_calls > 0);
}

static void test_slow(void **state)
{
	(void)state;
	model.server = SERVER_SLOW;
	many_calls();
	assert_true(model.server_awaits > 0);
	assert_int_equal(model.server_awaits, model.server_calls);
}

/* In pieces, of which the server does one while another is copied. */
static void test_large(void **state)
{
	static uint8_t out[700000], in[sizeof(out)];

	(void)state;
	many_calls();
	for (unsigned turn = 0; turn < 4; turn++) {
		static const int kinds[] = { SERVER_WORKS, SERVER_SLOW, SERVER_ABSENT, SERVER_WORKS };

		model.server = (unsigned)kinds[turn];
		for (size_t i = 0; i < sizeof(out); i++)
			out[i] = (uint8_t)(i * 31 + i / 4096 + turn);
		memset(in, 0, sizeof(in));
		assert_int_equal(CALL(pwrite64, fd, out, sizeof(out), 5), sizeof(out));
		assert_int_equal(CALL(pread64, fd, in, sizeof(in), 5), sizeof(in));
		assert_memory_equal(in, out, sizeof(in));
		/* Beyond the end. */
		assert_int_equal(CALL(pread64, fd, in, sizeof(in), 500000), sizeof(in) + 5 - 500000);
		assert_memory_equal(in, out + 500000 - 5, sizeof(in) + 5 - 500000);
		assert_int_equal(model.thread->slots, 0);
	}
	assert_int_equal(CALL(ftruncate, fd, 4096, 0, 0), 0);
}

/* Bytes there and back, all by the server. */
static void no_exit_between(int to, int from)
{
	const uint64_t turns = model.turns, calls = model.server_calls;

	for (uint32_t i = 0; i < 100; i++) {
		uint32_t back = ~i;

		assert_int_equal(CALL(write, to, &i, sizeof(i), 0), sizeof(i));
		assert_int_equal(CALL(read, from, &back, sizeof(back), 0), sizeof(back));
		assert_int_equal(back, i);
	}
	assert_int_equal(model.server_calls, calls + 200);
	assert_int_equal(model.turns, turns);
}

static void test_pipe(void **state)
{
	char byte;
	int ends[2];

	(void)state;
	assert_int_equal(CALL(pipe2, ends, 0, 0, 0), 0);
	many_calls();
	/* What it is, it asks once. */
	assert_int_equal(CALL(write, ends[1], "a", 1, 0), 1);
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 1);
	no_exit_between(ends[1], ends[0]);
	/* The end of the pipe comes as it would otherwise; and so does a read of what nothing stands in, after it left. */
	assert_int_equal(CALL(close, ends[1], 0, 0, 0), 0);
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 0);
	assert_int_equal(CALL(close, ends[0], 0, 0, 0), 0);
	assert_int_equal(CALL(close, ends[0], 0, 0, 0), -EBADF);
}

static void test_socket(void **state)
{
	static uint8_t out[8192], in[sizeof(out)];
	int ends[2];

	(void)state;
	assert_int_equal(CALL(socketpair, LX_AF_UNIX, LX_SOCK_STREAM, 0, ends), 0);
	many_calls();
	no_exit_between(ends[0], ends[1]);
	no_exit_between(ends[1], ends[0]);
	/* Large sends, either way, the other one now and then. */
	for (uint32_t i = 0; i < 1000; i++) {
		memset(out, (int)i, sizeof(out));
		assert_int_equal(CALL(sendto, ends[0], out, sizeof(out), 0), sizeof(out));
		assert_int_equal(CALL(recvfrom, ends[1], in, sizeof(in), LX_MSG_WAITALL), sizeof(in));
		assert_memory_equal(out, in, sizeof(in));
	}
	assert_true(model.thread->send.served != 0 && model.thread->send.left != 0);
	assert_int_equal(CALL(close, ends[0], 0, 0, 0), 0);
	assert_int_equal(CALL(close, ends[1], 0, 0, 0), 0);
}

static void test_lies(void **state)
{
	uint8_t script[4096];

	(void)state;
	for (unsigned seed = 1; seed < 40; seed++) {
		srand(seed);
		for (size_t i = 0; i < sizeof(script); i++)
			script[i] = (uint8_t)rand();
		model.script = script;
		model.script_left = sizeof(script);
		model.hostile = true;
		for (int i = 0; i < 200 && model.script_left > 0; i++) {
			static char bytes[300000];
			const size_t size = i % 2 ? 64 : sizeof(bytes);

			assert_in_range(CALL(pread64, fd, bytes, size, 0) + 4096, 1, 4096 + size);
		}
		stop(NULL);
		assert_int_equal(start(NULL), 0);
	}
}

static void test_vanished(void **state)
{
	char byte;

	(void)state;
	many_calls();
	model.withdrawn = true;
	assert_int_equal(CALL(pread64, fd, &byte, 1, 0), -EIO);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_works), TEST(test_none), TEST(test_absent), TEST(test_slow), TEST(test_large), TEST(test_pipe),
					    TEST(test_socket), TEST(test_lies), TEST(test_vanished) };
	const int file = mkstemp(name);
	int result;

	close(file);
	result = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(name);
	return result;
}
