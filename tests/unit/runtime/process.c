/* SPDX-License-Identifier: MIT */
/* Pipes, controls, signals, time and children of a program on the model; then with a hostile host. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "model/program.h"

static void test_pipe(void **state)
{
	int32_t fds[2] = { -1, -1 };
	struct lx_pollfd polled[2];
	const struct lx_timespec now = { 0, 0 };
	const struct lx_sigaction ignore = { .handler = LX_SIG_IGN };
	uint64_t set[16] = { 0 };
	char text[10];

	(void)state;
	EXPECT(CALL3(pipe2, fds, 0, 0), 0);
	polled[0] = (struct lx_pollfd){ .fd = fds[0], .events = 1 };
	polled[1] = (struct lx_pollfd){ .fd = 500, .events = 1 };
	EXPECT(CALL4(ppoll, polled, 1, &now, 0), 0);
	EXPECT(CALL3(write, fds[1], "abc", 3), 3);
	EXPECT(CALL4(ppoll, polled, 2, 0, 0), 2);
	if (!quiet) {
		assert_int_equal(polled[0].revents, 1);
		assert_int_equal(polled[1].revents, 0x20);
		set[0] = 1ul << fds[0];
	}
	EXPECT(CALL6(pselect6, 64, set, 0, 0, &now, 0), 1);
	EXPECT(CALL3(read, fds[0], text, 10), 3);
	EXPECT(CALL3(lseek, fds[0], 0, 0), -ESPIPE);
	EXPECT(CALL4(pread64, fds[0], text, 1, 0), -ESPIPE);
	EXPECT(CALL1(close, fds[0]), 0);
	signal(SIGPIPE, SIG_IGN);
	EXPECT(CALL4(rt_sigaction, LX_SIGPIPE, &ignore, 0, 8), 0);
	EXPECT(CALL3(write, fds[1], "abc", 3), -EPIPE);
	EXPECT(CALL1(close, fds[1]), 0);
	EXPECT(CALL1(pipe2, 8), -EFAULT);
}

static void test_control(void **state)
{
	const long fd = open_file("control", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);
	struct lx_flock lock = { .type = 1, .whence = LX_SEEK_CUR, .len = 10 };
	uint8_t termios[64], names[390];
	uint64_t limits[2];
	int32_t left = 0;

	(void)state;
	EXPECT(CALL3(write, fd, "12345", 5), 5);
	EXPECT(CALL3(lseek, fd, 2, 0), 2);
	EXPECT(CALL3(ioctl, fd, 0x541b, &left), 0);
	EXPECT(left, 3);
	EXPECT(CALL3(ioctl, fd, 0x5401, termios), -ENOTTY);
	EXPECT(CALL3(ioctl, fd, 0xdead, termios), -ENOTTY);
	EXPECT(CALL3(ioctl, 99, 0x5401, termios), -EBADF);
	EXPECT(CALL3(fcntl, fd, LX_F_SETLK, &lock), 0);
	EXPECT(CALL3(fcntl, fd, LX_F_GETFL, 0) & LX_O_ACCMODE, LX_O_RDWR);
	EXPECT(CALL3(fcntl, fd, 9999, 0), -EINVAL);
	EXPECT(CALL1(uname, names), 0);
	EXPECT(CALL4(prlimit64, 0, 7, 0, limits), 0);
	EXPECT(CALL4(utimensat, fd, 0, 0, 0), 0);
	EXPECT(CALL3(fchmodat, LX_AT_FDCWD, "control", 0600), 0);
	EXPECT(CALL3(truncate, "control", 2, 0), 0);
	EXPECT(model_call(400, 0, 0, 0, 0, 0, 0), -ENOSYS);
	EXPECT(model_call(99999, 0, 0, 0, 0, 0, 0), -ENOSYS);
	EXPECT(((struct rm_report *)(model.region + RM_REPORT_OFFSET))->calls, 2);
	EXPECT(CALL1(clone, 0), -ENOSYS);
	EXPECT(CALL1(close, fd), 0);
}

static void test_signals(void **state)
{
	struct lx_sigaction action = { .handler = 0x1234 }, old = { 0 };
	const uint64_t all = ~0ul, none = 0;
	jmp_buf end;

	(void)state;
	model.end = &end;
	action.handler = LX_SIG_IGN;
	EXPECT(CALL4(rt_sigaction, 10, &action, &old, 8), 0);
	EXPECT(old.handler, LX_SIG_DFL);
	EXPECT(model.ignored, 1u << 10);
	EXPECT(CALL3(kill, rm_enclave.pid, 10, 0), 0);
	EXPECT(CALL4(rt_sigaction, 10, &action, &old, 8), 0);
	EXPECT(old.handler, LX_SIG_IGN);
	EXPECT(CALL4(rt_sigaction, LX_SIGKILL, &action, 0, 8), -EINVAL);
	EXPECT(CALL4(rt_sigaction, 65, &action, 0, 8), -EINVAL);
	EXPECT(CALL3(tkill, rm_enclave.pid, 0, 0), 0);
	EXPECT(CALL3(tkill, rm_enclave.pid + 100, 0, 0), -ESRCH);
	/* As raise() does it: the signal waits behind the mask. */
	EXPECT(CALL4(rt_sigprocmask, 0, &all, 0, 8), 0);
	EXPECT(CALL3(tkill, rm_enclave.pid, LX_SIGABRT, 0), 0);
	EXPECT(model.signaled, 0);
	if (setjmp(end) == 0) {
		CALL4(rt_sigprocmask, 2, &none, 0, 8);
		rm_signal_upcall(model.thread);
		fail_msg("SIGABRT did not end the enclave");
	}
	assert_int_equal(model.signaled, LX_SIGABRT);
}

static void test_time(void **state)
{
	struct lx_timespec a, b;
	int64_t day[2];

	(void)state;
	EXPECT(CALL3(clock_gettime, 1, &a, 0), 0);
	EXPECT(CALL3(clock_gettime, 1, &b, 0), 0);
	assert_true(b.sec > a.sec || b.nsec > a.nsec);
	EXPECT(CALL3(clock_gettime, 0, &a, 0), 0);
	assert_int_equal(a.sec, 1800000000);
	EXPECT(CALL3(gettimeofday, day, 0, 0), 0);
	assert_int_equal(day[0], 1800000000);
	EXPECT(CALL3(clock_gettime, 77, &a, 0), -EINVAL);
	EXPECT(CALL3(clock_gettime, 1, 8, 0), -EFAULT);
	EXPECT(CALL3(clock_getres, 1, 0, 0), 0);
}

static void test_children(void **state)
{
	struct { struct rm_spawn head; char strings[16]; } request = { .head = { .argc = 1, .strings = sizeof(struct rm_spawn) } };
	uint32_t status = 0;
	int32_t info[32];
	long pid;

	(void)state;
	memcpy(request.strings, "/bin/x\0x", 9);
	/* Those that an earlier test's hostile host did not tell of. */
	while (waitpid(-1, NULL, 0) > 0)
		;
	EXPECT(CALL3(wait4, -1, &status, 0), -ECHILD);
	EXPECT(model_call(RM_CALL_SPAWN, (unsigned long)&request, sizeof(struct rm_spawn) - 1, 0, 0, 0, 0), -EINVAL);
	EXPECT(model_call(RM_CALL_SPAWN, (unsigned long)&request, RM_SPAWN_MAX + 1, 0, 0, 0, 0), -E2BIG);
	EXPECT(model_call(RM_CALL_SPAWN, 8, sizeof(request), 0, 0, 0, 0), -EFAULT);
	pid = model_call(RM_CALL_SPAWN, (unsigned long)&request, sizeof(request), 0, 0, 0, 0);
	if (!quiet)
		assert_true(pid > 1);
	EXPECT(CALL6(waitid, 1, pid, info, 4 | 0x01000000, 0, 0), 0);
	EXPECT(CALL4(wait4, pid, &status, 0, 0), pid);
	if (!quiet) {
		assert_int_equal(info[0], SIGCHLD);
		assert_int_equal(info[4], pid);
		assert_int_equal(status & 0xff, 0);
		assert_int_equal(info[6], status >> 8);
	}
}

static void test_hostile(void **state)
{
	(void)state;
	program_every_hostile(test_pipe);
	program_every_hostile(test_control);
	program_every_hostile(test_children);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pipe), TEST(test_control), TEST(test_signals), TEST(test_time), TEST(test_children),
		POLLED(test_pipe), cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("runtime.process", tests, program_make_folder, program_remove_folder);
}
