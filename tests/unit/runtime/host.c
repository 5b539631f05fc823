/* SPDX-License-Identifier: MIT */
/* A resident enclave and a Linux that is silent: errors in time, nothing asked while it is away, nothing lost for good when it is back. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/linux.h"
#include "load/policy.h"
#include "ring/host.h"

#define CALL(n, a, b, c, d) model_call(LX_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), (unsigned long)(d), 0, 0)
#define LX_promise_submit RM_CALL_PROMISE_SUBMIT
#define LX_promise_take RM_CALL_PROMISE_TAKE
#define DEADLINE 10000000u	/* ns */

static char name[] = "/tmp/ringmaster-host-XXXXXX";

static int start(void **state)
{
	(void)state;
	model_attach(false, 0);
	model.turns_max = 10000;
	model_resident(DEADLINE);
	return 0;
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

static void be_silent(bool takes)
{
	model.silent = DEADLINE;
	model.takes = takes;
	model.silences = 0;
}

static void deadline_passes(void)
{
	const uint64_t until = rm_counter() + DEADLINE;

	while (rm_counter() < until)
		;
}

static void assert_all_back(void)
{
	const struct rm_thread *t = model.thread;

	assert_int_equal(t->late, 0);
	assert_int_equal(t->slots, 0);
	assert_int_equal(t->used, 0);
	assert_int_equal(t->fenced | t->fenced_free | t->late_calls | t->late_opens | t->late_doubtful, 0);
	assert_false(t->silent || t->late_strays);
}

/* What each call says while Linux is away; and that it took no longer than a deadline the first time, and no time later. */
static void lose(long (*call)(long fd), long fd)
{
	uint64_t before = rm_counter(), turns;

	assert_int_equal(call(fd), -ETIMEDOUT);
	assert_in_range(rm_counter() - before, DEADLINE, DEADLINE * 3 / 2);
	assert_int_equal(model.silences, 1);
	assert_int_equal(rm_host_changes() & 1, 1);
	before = rm_counter();
	turns = model.turns;
	for (int i = 0; i < 100; i++)
		assert_int_equal(call(fd), -ETIMEDOUT);
	assert_int_equal(model.silences, 1);
	assert_in_range(rm_counter() - before, 0, DEADLINE / 2);
	assert_int_equal(model.turns, turns);
	/* Asked anew once a deadline, which takes one. */
	for (int i = 0; i < 5; i++) {
		deadline_passes();
		before = rm_counter();
		assert_int_equal(call(fd), -ETIMEDOUT);
		assert_int_equal(call(fd), -ETIMEDOUT);
		assert_int_equal(model.silences, 2 + i);
		assert_in_range(rm_counter() - before, DEADLINE, DEADLINE * 3 / 2);
	}
	assert_int_equal(rm_host_changes(), 1);
}

static void find_again(long fd)
{
	char text[8] = "";

	model_back();
	deadline_passes();
	assert_int_equal(CALL(pread64, fd, text, 7, 0), 7);
	assert_int_equal(rm_host_changes(), 2);
	assert_int_equal(CALL(pread64, fd, text, 7, 0), 7);
	assert_all_back();
}

static long write_it(long fd) { return CALL(pwrite64, fd, "written", 7, 0); }
static long ask_folder(long fd) { char here[512]; (void)fd; return CALL(getcwd, here, sizeof(here), 0, 0); }
static long open_it(long fd) { (void)fd; return CALL(openat, LX_AT_FDCWD, name, 0, 0); }
static long set_nonblock(long fd) { return CALL(fcntl, fd, LX_F_SETFL, 0, 0); }

static void test_calls(void **state)
{
	long (*const calls[])(long) = { write_it, ask_folder, open_it, set_nonblock };

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(calls) / sizeof(calls[0]); i++) {
		const long fd = open_file();

		be_silent(i % 2 == 1);
		lose(calls[i / 2], fd);
		find_again(fd);
		assert_int_equal(CALL(close, fd, 0, 0, 0), 0);
		model_stop();
		start(NULL);
	}
}

/* A read of a pipe: the byte that comes too late is not waited for, and the request to give it up stands in the ring. */
static void test_wait(void **state)
{
	const long fd = open_file();
	int ends[2];
	char byte = 0;

	(void)state;
	assert_int_equal(CALL(pipe2, ends, 0, 0, 0), 0);
	be_silent(false);
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), -ETIMEDOUT);
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), -ETIMEDOUT);
	assert_int_equal(model.thread->late, 1);
	find_again(fd);
	assert_int_equal(CALL(write, ends[1], "x", 1, 0), 1);
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(rm_host_changes(), 2);
	assert_all_back();
}

/* A Linux that lives and has nothing comes back in half a deadline, as often as it takes. */
static void test_idle(void **state)
{
	int ends[2];
	char byte = 0;

	(void)state;
	assert_int_equal(CALL(pipe2, ends, 0, 0, 0), 0);
	assert_int_equal(CALL(write, ends[1], "xy", 2, 0), 2);
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 1);
	model.stalled = true;
	model.stalled_turns = 20;
	assert_int_equal(CALL(read, ends[0], &byte, 1, 0), 1);
	assert_int_equal(model.stalled_turns, 0);
	assert_int_equal(rm_host_changes(), 0);
	assert_all_back();
}

static void test_idle_poll(void **state)
{
	struct lx_pollfd fds[1] = { { .events = 1 } };
	const struct lx_timespec timeout = { .nsec = 50000000 };
	int ends[2];

	(void)state;
	assert_int_equal(CALL(pipe2, ends, 0, 0, 0), 0);
	fds[0].fd = ends[0];
	assert_int_equal(CALL(ppoll, fds, 1, &timeout, 0), 0);
	assert_true(model.bounds >= 5);
	be_silent(false);
	assert_int_equal(CALL(ppoll, fds, 1, 0, 0), -ETIMEDOUT);
	assert_int_equal(CALL(ppoll, fds, 1, &timeout, 0), -ETIMEDOUT);
	assert_int_equal(model.silences, 1);
	model_back();
	deadline_passes();
	assert_int_equal(CALL(write, ends[1], "x", 1, 0), 1);
	assert_int_equal(CALL(ppoll, fds, 1, 0, 0), 1);
	assert_all_back();
}

/* Descriptors that come too late are closed: nothing is left open on Linux. */
static void test_descriptors(void **state)
{
	const long fd = open_file();
	const int first = dup(0);
	long socket;

	(void)state;
	close(first);
	be_silent(false);
	assert_int_equal(CALL(socket, 1, 1, 0, 0), -ETIMEDOUT);
	model_back();
	deadline_passes();
	for (int i = 0; i < 3; i++)
		find_again(fd);
	assert_int_equal(dup(0), first);
	close(first);
	socket = CALL(socket, 1, 1, 0, 0);
	assert_true(socket >= 0);
	be_silent(false);
	assert_int_equal(CALL(close, socket, 0, 0, 0), -ETIMEDOUT);
	assert_int_equal(CALL(close, socket, 0, 0, 0), -EBADF);
	model_back();
	deadline_passes();
	write_it(fd);
	write_it(fd);
	assert_int_equal(dup(0), first);
	close(first);
	assert_all_back();
}

/* The proxy is gone, with all that it shared. */
static void test_left(void **state)
{
	const long fd = open_file();

	(void)state;
	model.withdrawn = true;
	assert_int_equal(write_it(fd), -ETIMEDOUT);
	assert_int_equal(rm_host_changes() & 1, 1);
	assert_int_equal(ask_folder(fd), -ETIMEDOUT);
	assert_true(model.thread->dead);
}

/* Another process attaches: it is found by a call that fails, from then on all is as before, but for what was open. */
static void test_attached(void **state)
{
	const long fd = open_file();
	const struct rm_boot *boot = (const struct rm_boot *)(const void *)model.region;
	long other;

	(void)state;
	be_silent(true);
	assert_int_equal(write_it(fd), -ETIMEDOUT);	/* so that something is due */
	assert_true(model.thread->late > 0);
	model_back();
	model.withdrawn = true;
	deadline_passes();
	assert_int_equal(ask_folder(fd), -ETIMEDOUT);
	assert_int_equal(ask_folder(fd), -ETIMEDOUT);
	assert_true(model.thread->dead && model.attaches > 0);
	assert_int_equal(rm_host_changes(), 1);
	model_succeed(1);
	assert_int_equal(boot->magic, RM_BOOT_MAGIC);
	assert_int_equal(ask_folder(fd), -ETIMEDOUT);
	assert_false(model.thread->dead || model.thread->special);
	assert_int_equal(rm_host_changes(), 2);
	assert_all_back();
	assert_int_equal(write_it(fd), -EBADF);
	other = open_file();
	assert_int_not_equal(other, fd);
	assert_int_equal(write_it(other), 7);
	assert_int_equal(CALL(close, fd, 0, 0, 0), 0);
	assert_int_equal(write_it(other), 7);		/* whatever number it had there */
	model.withdrawn = true;
	assert_int_equal(write_it(other), -ETIMEDOUT);
	model_succeed(2);
	assert_int_equal(ask_folder(fd), -ETIMEDOUT);
	assert_int_equal(rm_host_changes(), 4);
	assert_int_equal(write_it(other), -EBADF);
}

/* Who does not need Linux is not held up by a new process; one whose promises are of the old process takes them first. */
static void test_attached_late(void **state)
{
	const struct rm_promise_request sync = { .op = RM_PROMISE_FSYNC, .fd = (int32_t)open_file() };
	const struct lx_timespec moment = { .nsec = 1000 };
	int64_t result;
	long handle;

	(void)state;
	model.withdrawn = true;
	assert_int_equal(write_it(sync.fd), -ETIMEDOUT);
	assert_int_equal(write_it(sync.fd), -ETIMEDOUT);
	handle = CALL(promise_submit, &sync, 0, 0, 0);
	assert_int_equal(CALL(clock_nanosleep, 1, 0, &moment, 0), 0);
	model_succeed(1);
	model.attaches = 0;
	assert_int_equal(CALL(clock_nanosleep, 1, 0, &moment, 0), 0);
	assert_true(handle > 0 && model.thread->dead);
	assert_int_equal(CALL(promise_take, handle, &result, 0, 0), 0);
	assert_int_equal(result, -ETIMEDOUT);
	assert_false(model.thread->dead);
	assert_int_equal(write_it(sync.fd), -EBADF);
}

/* One whose boot page is not acceptable changes nothing, and is counted. */
static void test_attached_wrongly(void **state)
{
	const struct rm_boot good = model.boot;
	const long fd = open_file();

	(void)state;
	model.withdrawn = true;
	assert_int_equal(write_it(fd), -ETIMEDOUT);
	for (unsigned how = 0; how < 7; how++) {
		const uint64_t before = model.thread->count[RM_COUNT_CONTENT];

		model_succeed(1);
		model.boot = good;
		model.boot.flags = how == 0 ? RM_BOOT_TRACE : how == 1 ? RM_BOOT_POLL : how == 2 ? RM_BOOT_IMAGE : how == 3 ? RM_BOOT_DEBUG : 0;
		model.boot.magic += how == 4;
		model.boot.arena += how == 5 ? (uint32_t)model.size : 0;
		model.boot.ring.sqes = how == 6 ? model.boot.ring.cqes : model.boot.ring.sqes;
		memcpy(model.region, &model.boot, sizeof(model.boot));
		assert_int_equal(write_it(fd), -ETIMEDOUT);
		assert_true(model.thread->dead);
		assert_int_equal(model.thread->count[RM_COUNT_CONTENT], before + 1);
	}
	model.boot = good;
	model_succeed(1);
	model.offered -= 4096;		/* not all of the arena */
	assert_int_equal(write_it(fd), -ETIMEDOUT);
	assert_true(model.thread->dead);
	model_succeed(2);
	assert_int_equal(write_it(fd), -ETIMEDOUT);
	assert_int_equal(write_it(fd), -EBADF);
	assert_int_equal(rm_host_changes(), 2);
}

/* Pages that vanish under one host call: nobody is asked any more. */
static void test_call_left(void **state)
{
	char here[512];

	(void)state;
	model.withdrawn = true;
	assert_int_equal(CALL(getcwd, here, sizeof(here), 0, 0), -ETIMEDOUT);
	assert_true(model.thread->dead);
}

/* What a thread knows of a process that is gone says nothing of the next one's. */
static void test_old_news(void **state)
{
	const long fd = open_file();

	(void)state;
	be_silent(false);
	model.thread->host_process++;
	assert_int_equal(write_it(fd), -ETIMEDOUT);
	assert_true(model.thread->silent);
	assert_int_equal(rm_host_changes(), 0);
	model.thread->host_process--;
}

/* Another thread has answers: only this one goes without. */
static void test_one_thread(void **state)
{
	const long fd = open_file();

	(void)state;
	be_silent(false);
	rm_host_answered(model.thread);		/* in the future of this wait: as by another thread, meanwhile */
	model.thread->silent = true;
	model.thread->try_after = 0;
	assert_int_equal(write_it(fd), -ETIMEDOUT);
	assert_true(model.thread->silent);
	assert_int_equal(rm_host_changes(), 0);
}

/* Timers are woken up for by those who sleep, and Linux is not asked. */
static void test_timer(void **state)
{
	const struct lx_timespec second = { .sec = 1 };
	const int64_t timer[4] = { 0, 0, 0, 1000 }, none[4] = { 0 };
	const uint64_t alarm = 1ul << 13;
	uint64_t turns;

	(void)state;
	assert_int_equal(CALL(rt_sigprocmask, 0, &alarm, 0, 8), 0);
	be_silent(false);
	turns = model.turns;
	assert_int_equal(CALL(setitimer, 0, timer, 0, 0), 0);
	assert_int_equal(CALL(clock_nanosleep, 1, 0, &second, 0), 0);
	assert_int_equal(model.turns, turns);
	assert_int_equal(model.silences, 0);
	assert_int_equal(CALL(setitimer, 0, none, 0, 0), 0);
}

/* The kernel hears of each moment once that it passed, whatever came in between: it counts them. Who is not resident is not counted. */
static void test_moments(void **state)
{
	const struct lx_sigaction action = { .handler = 0x1000, .flags = LX_SA_RESTORER, .restorer = 0x9000 };
	const struct lx_timespec second = { .sec = 1 };

	(void)state;
	model.late_news = 2;
	assert_int_equal(CALL(clock_nanosleep, 1, LX_TIMER_ABSTIME, &second, 0), 0);
	assert_int_equal(model.late_news, 0);
	assert_int_equal(model.moments_passed, 1);
	model.late_news = 1;
	assert_int_equal(CALL(clock_nanosleep, 1, LX_TIMER_ABSTIME, &second, 0), 0);
	assert_int_equal(model.moments_passed, 2);
	/* Nor does a signal come first that is there when the moment has passed. */
	assert_int_equal(CALL(rt_sigaction, LX_SIGALRM, &action, 0, 8), 0);
	model_signal(LX_SIGALRM, 0, 1, 0);
	assert_int_equal(CALL(clock_nanosleep, 1, LX_TIMER_ABSTIME, &second, 0), 0);
	assert_int_equal(model.moments_passed, 3);
	model.thread->resident = false;
	assert_int_equal(CALL(clock_nanosleep, 1, LX_TIMER_ABSTIME, &second, 0), 0);
	assert_int_equal(model.moments_passed, 3);
}

/* Anything, in any order, with a Linux that comes and goes: in time, and nothing is lost for good. */
static void test_anything(void **state)
{
	const long fd = open_file();
	const int before = dup(0);

	(void)state;
	close(before);
	srand(1);
	for (int i = 0; i < 3000; i++) {
		const uint64_t begun = rm_counter();
		long result = 0;

		switch (rand() % 8) {
		case 0: result = write_it(fd); break;
		case 1: result = ask_folder(fd); break;
		case 2: result = set_nonblock(fd); break;
		case 3:
		case 4:
			result = rand() % 2 ? open_it(fd) : CALL(socket, 1, 1, 0, 0);
			if (result >= 0)
				CALL(close, result, 0, 0, 0);
			break;
		case 5: deadline_passes(); break;
		case 6: be_silent(rand() % 2); break;
		case 7: model_back(); break;
		}
		model.turns = 0;
		assert_true(rm_counter() - begun < 3 * DEADLINE);
		assert_true(result >= 0 || result == -ETIMEDOUT || result == -EAGAIN);
	}
	for (int i = 0; i < 8; i++) {
		model_back();
		deadline_passes();
		write_it(fd);
	}
	assert_all_back();
	assert_int_equal(rm_host_changes() & 1, 0);
	assert_int_equal(dup(0), before);
	close(before);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_calls), TEST(test_wait), TEST(test_idle), TEST(test_idle_poll), TEST(test_descriptors), TEST(test_left), TEST(test_call_left),
		TEST(test_old_news), TEST(test_attached), TEST(test_attached_wrongly), TEST(test_attached_late), TEST(test_one_thread),
		TEST(test_timer), TEST(test_moments), TEST(test_anything),
	};
	int failed, fd = mkstemp(name);

	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(name);
	return failed;
}
