/* SPDX-License-Identifier: MIT */
/* The process itself: numbers, groups, sessions, its end. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

CASE(numbers, "getpid getppid")
{
	EXPECT(getpid() > 1 && getppid() > 0 && getpid() != getppid());
	EXPECT(kill(getpid(), 0) == 0 && kill(getppid(), 0) == 0);
}

HELPER(is_my_number)
{
	return atoi(arg) > 1 && kill(atoi(arg), 0) == 0 && atoi(arg) != getpid() ? 0 : 1;
}

CASE(number_is_linuxs, "getpid")
{
	char number[20];

	snprintf(number, sizeof(number), "%d", getpid());
	EXPECT_EQ(case_wait(case_native("is_my_number", number)), 0);
}

HELPER(own_session)
{
	const pid_t me = getpid();

	if (getpgrp() == me)		/* a leader cannot leave its group's session */
		return setsid() == -1 && errno == EPERM ? 10 : 1;
	return setsid() == me ? 11 : 2;
}

CASE(groups, "getpgid setpgid getsid setsid")
{
	EXPECT_EQ(getpgid(0), getpgrp());
	EXPECT_EQ(getpgid(getpid()), getpgrp());
	EXPECT(getsid(0) > 0 && getsid(getpid()) == getsid(0));
	EXPECT_ERRNO(getpgid(0x3fffff00), ESRCH);
	EXPECT_ERRNO(getsid(0x3fffff00), ESRCH);
	EXPECT_ERRNO(getpgid(-1), ESRCH);
	EXPECT_ERRNO(setpgid(0, -1), EINVAL);
	EXPECT_ERRNO(setpgid(0x3fffff00, 0), ESRCH);
	EXPECT(setpgid(0, 0) == 0 && getpgrp() == getpid());
	EXPECT_ERRNO(setsid(), EPERM);
	SAY("own session: %d", case_wait(case_same("own_session", "")) >> 8);
}

HELPER(exit_with)
{
	if (*arg == '_')
		_exit(atoi(arg + 1));
	exit(atoi(arg));
}

CASE(exit_statuses, "exit exit_group")
{
	EXPECT_EQ(case_wait(case_same("exit_with", "0")), 0);
	EXPECT_EQ(case_wait(case_same("exit_with", "1")), 1 << 8);
	EXPECT_EQ(case_wait(case_same("exit_with", "_255")), 255 << 8);
	EXPECT_EQ(case_wait(case_same("exit_with", "256")), 0);
	EXPECT_EQ(case_wait(case_same("exit_with", "-1")), 255 << 8);
}

static void on_exit_first(void)
{
	if (access("second", F_OK) == 0)
		case_write_file("first", "", 0);
}

static void on_exit_second(void)
{
	case_write_file("second", "", 0);
}

HELPER(handlers)
{
	FILE *f = fopen("buffered", "w");

	MUST(f && atexit(on_exit_first) == 0 && atexit(on_exit_second) == 0);
	fputs("text", f);
	if (*arg == '_')
		_exit(3);
	exit(3);
}

CASE(exit_handlers, "exit exit_group")
{
	char text[10];

	EXPECT_EQ(case_wait(case_same("handlers", "_")), 3 << 8);
	EXPECT(access("first", F_OK) < 0 && access("second", F_OK) < 0);
	EXPECT_EQ(case_read_file("buffered", text, sizeof(text)), 0);
	EXPECT_EQ(case_wait(case_same("handlers", "")), 3 << 8);
	EXPECT(access("first", F_OK) == 0 && access("second", F_OK) == 0);
	EXPECT_EQ(case_read_file("buffered", text, sizeof(text)), 4);
}

HELPER(abort)
{
	abort();
}

HELPER(trap)
{
	*(volatile char *)(uintptr_t)strtoul(arg, NULL, 0) = 1;
	return 0;
}

CASE(abort, "kill tkill tgkill")
{
	EXPECT_EQ(case_wait(case_same("abort", "")) & 0x7f, SIGABRT);
}

HELPER(illegal)
{
	__asm__ volatile(".inst 0");
	return 0;
}

CASE(faults_end_it, "exit exit_group")
{
	EXPECT_EQ(case_wait(case_same("trap", "8")) & 0x7f, SIGSEGV);
	EXPECT_EQ(case_wait(case_same("illegal", "")) & 0x7f, SIGILL);
	EXPECT_EQ(case_wait(case_same("exit_with", "2")), 2 << 8);
}
