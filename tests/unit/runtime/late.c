/* SPDX-License-Identifier: MIT */
/* Deadlines: what Linux owes is late in time, its slots stay out of use until it is done, and then all of them are there again. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/lies.h"
#include "ring/late.h"

#define CALL(n, a, b, c, d) model_call(LX_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), (unsigned long)(d), 0, 0)
#define DEADLINE 5000000u	/* ns */

static char name[] = "/tmp/ringmaster-late-XXXXXX";
static char block[65536];

static int start_mode(bool poll)
{
	model_attach(poll, 0);
	model.turns_max = 10000;
	model.thread->deadline = DEADLINE;
	return 0;
}

static int start(void **state)
{
	(void)state;
	return start_mode(false);
}

static int start_poll(void **state)
{
	(void)state;
	return start_mode(true);
}

static int stop(void **state)
{
	(void)state;
	model_stop();
	return 0;
}

static long open_file(void)
{
	const long fd = CALL(openat, LX_AT_FDCWD, name, LX_O_RDWR, 0);

	assert_true(fd >= 0);
	assert_int_equal(CALL(pwrite64, fd, "content", 7, 0), 7);
	return fd;
}

static void assert_all_back(void)
{
	const struct rm_thread *t = model.thread;

	assert_int_equal(t->late, 0);
	assert_int_equal(t->slots, 0);
	assert_int_equal(t->used, 0);
	assert_int_equal(t->fenced | t->fenced_free | t->late_calls | t->late_opens, 0);
}

static void test_ring(void **state)
{
	struct rm_thread *t = model.thread;
	const long fd = open_file();
	uint64_t before;
	char text[8] = "";

	(void)state;
	model.stalled = true;
	before = rm_counter();
	assert_int_equal(CALL(pwrite64, fd, "written", 7, 0), -ETIMEDOUT);
	assert_in_range(rm_counter() - before, DEADLINE, 3 * DEADLINE);
	assert_int_equal(t->count[RM_COUNT_LATE], 1);
	assert_int_equal(t->late, 1);
	assert_int_not_equal(t->slots, 0);
	assert_int_equal(CALL(mkdirat, LX_AT_FDCWD, "/proc/none", 0, 0), -ETIMEDOUT);
	model_resume();
	assert_int_equal(CALL(pread64, fd, text, 7, 0), 7);
	assert_string_equal(text, "written");
	assert_all_back();
}

static void test_call(void **state)
{
	struct rm_thread *t = model.thread;
	char here[512];
	unsigned calls;

	(void)state;
	open_file();
	model.stalled = true;
	assert_int_equal(CALL(truncate, name, 3, 0, 0), -ETIMEDOUT);
	assert_int_equal(CALL(openat, LX_AT_FDCWD, name, 0, 0), -ETIMEDOUT);
	assert_int_equal(t->late, 3);	/* what kind of file it would open was asked first, and not said in time */
	model_resume();
	calls = model.calls;
	assert_true(CALL(getcwd, here, sizeof(here), 0, 0) > 0);
	/* The descriptor that came too late is closed. */
	assert_true(model.calls > calls);
	assert_int_equal(t->late_opens, 0);
	assert_true(CALL(getcwd, here, sizeof(here), 0, 0) > 0);
	assert_all_back();
}

static void test_silent(void **state)
{
	struct rm_thread *t = model.thread;
	const long fd = open_file();
	unsigned turns;
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(CALL(pipe2, ends, 0, 0, 0), 0);
	assert_int_equal(CALL(write, ends[1], "xx", 2, 0), 2);
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 1);
	model.stalled = true;
	for (int i = 0; i < 40; i++)
		assert_int_equal(CALL(pwrite64, fd, block, sizeof(block), 0), -ETIMEDOUT);
	assert_in_range(__builtin_popcountll(t->fenced), 16, 48);
	assert_int_equal(t->slots, t->fenced);
	/* What has no deadline goes on. */
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 1);
	turns = (unsigned)model.turns;
	for (int i = 0; i < 200; i++)
		assert_int_equal(CALL(pread64, fd, block, 1, 0), -ETIMEDOUT);
	assert_true(model.turns - turns <= 400);
	model_resume();
	assert_int_equal(CALL(pwrite64, fd, block, sizeof(block), 0), sizeof(block));
	assert_all_back();
}

/* A wait for others has no deadline: it ends when they do something. */
static void test_others(void **state)
{
	int ends[2];
	char byte = 0;

	(void)state;
	assert_int_equal(CALL(pipe2, ends, 0, 0, 0), 0);
	/* What they are was asked by now. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(CALL(write, ends[1], "xy" + i, 1, 0), 1);
		assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 1);
		assert_int_equal(byte, "xy"[i]);
		model.stalled = true;
	}
	assert_int_equal(model.thread->count[RM_COUNT_LATE], 0);
}

/* A ring that dies while something is due. */
static void test_dead(void **state)
{
	const long fd = open_file();

	(void)state;
	model.stalled = true;
	assert_int_equal(CALL(pwrite64, fd, block, 1, 0), -ETIMEDOUT);
	model.withdrawn = true;
	assert_int_equal(CALL(pwrite64, fd, block, 1, 0), -EIO);
	assert_true(model.thread->dead);
}

/* Who says for ever that it was interrupted does not do what it owes. */
static void test_interrupted(void **state)
{
	const long fd = open_file();
	uint64_t before;
	char here[512];

	(void)state;
	model.lie = model_lie_named("result: EINTR");
	model.lie_always = true;
	before = rm_counter();
	assert_int_equal(CALL(pwrite64, fd, "written", 7, 0), -ETIMEDOUT);
	assert_int_equal(CALL(getcwd, here, sizeof(here), 0, 0), -ETIMEDOUT);
	assert_in_range(rm_counter() - before, 2 * DEADLINE, 6 * DEADLINE);
	assert_int_equal(model.thread->count[RM_COUNT_LATE], 2);
	model.lie = NULL;
	assert_int_equal(CALL(pwrite64, fd, "written", 7, 0), 7);
	assert_all_back();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop), cmocka_unit_test_setup_teardown(f, start_poll, stop)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_ring), TEST(test_call), TEST(test_silent), TEST(test_others), TEST(test_dead), TEST(test_interrupted) };
	const int fd = mkstemp(name);
	int result;

	close(fd);
	result = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(name);
	return result;
}
