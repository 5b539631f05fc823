/* SPDX-License-Identifier: MIT */
/* SIGCHLD: which changes of children it tells of, and what is left of them for wait(). */
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

extern char **environ;

static volatile int count, code, status;

static void told(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	code = info->si_code;
	status = info->si_status;
	count++;
}

static void set(int flags)
{
	struct sigaction action = { .sa_sigaction = told, .sa_flags = SA_SIGINFO | SA_RESTART | flags };

	MUST(sigaction(SIGCHLD, &action, NULL) == 0);
	count = code = 0;
}

static void plain(void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	MUST(sigaction(SIGCHLD, &action, NULL) == 0);
	count = code = 0;
}

/* A signal from outside comes within a moment; 10 seconds is never. */
static void expect_told(int expected)
{
	for (int i = 0; i < 1000 && count < expected; i++)
		usleep(10000);
	EXPECT_EQ(count, expected);
}

/* A shell that ends with status 5 when its stdin does. */
static pid_t start(int *input)
{
	char *words[] = { "sh", "-c", "read x; exit 5", NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int p[2];

	MUST(pipe(p) == 0);
	MUST(posix_spawn_file_actions_init(&actions) == 0);
	posix_spawn_file_actions_adddup2(&actions, p[0], 0);
	posix_spawn_file_actions_addclose(&actions, p[0]);
	posix_spawn_file_actions_addclose(&actions, p[1]);
	MUST(posix_spawn(&pid, "/bin/sh", &actions, NULL, words, environ) == 0);
	posix_spawn_file_actions_destroy(&actions);
	close(p[0]);
	*input = p[1];
	return pid;
}

CASE(child_stops, "rt_sigaction kill wait4")
{
	int input, how;
	pid_t pid;

	set(0);
	pid = start(&input);
	EXPECT(kill(pid, SIGSTOP) == 0);
	expect_told(1);		/* a wait that is faster than the signal takes si_status away from it, in Linux */
	EXPECT(code == CLD_STOPPED && status == SIGSTOP);
	EXPECT_EQ(waitpid(pid, &how, WUNTRACED), pid);
	EXPECT(kill(pid, SIGCONT) == 0);
	EXPECT_EQ(waitpid(pid, &how, WCONTINUED), pid);
	expect_told(2);
	EXPECT(code == CLD_CONTINUED && status == SIGCONT);
	close(input);
	EXPECT_EQ(waitpid(pid, &how, 0), pid);
	expect_told(3);
	EXPECT(code == CLD_EXITED && status == 5);
	EXPECT_ERRNO(waitpid(pid, &how, 0), ECHILD);
}

CASE(child_killed, "rt_sigaction kill wait4")
{
	int input, how;
	pid_t pid;

	set(0);
	pid = start(&input);
	EXPECT(kill(pid, SIGKILL) == 0);
	EXPECT_EQ(waitpid(pid, &how, 0), pid);
	expect_told(1);
	EXPECT(code == CLD_KILLED && status == SIGKILL);
	close(input);
}

CASE(nocldstop, "rt_sigaction kill wait4")
{
	int input, how;
	pid_t pid;

	/* Only its end is told. It ends here, since it tells of going on when it runs again, which may be after the wait for that. */
	set(SA_NOCLDSTOP);
	pid = start(&input);
	EXPECT(kill(pid, SIGSTOP) == 0);
	EXPECT_EQ(waitpid(pid, &how, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(how));
	EXPECT(kill(pid, SIGCONT) == 0);
	EXPECT_EQ(waitpid(pid, &how, WCONTINUED), pid);
	close(input);
	EXPECT_EQ(waitpid(pid, &how, 0), pid);
	expect_told(1);
	EXPECT(code == CLD_EXITED && status == 5);
	/* The same handler without the flag. */
	set(0);
	pid = start(&input);
	EXPECT(kill(pid, SIGSTOP) == 0);
	EXPECT_EQ(waitpid(pid, &how, WUNTRACED), pid);
	expect_told(1);
	EXPECT(kill(pid, SIGCONT) == 0);
	expect_told(2);
	close(input);
	EXPECT_EQ(waitpid(pid, &how, 0), pid);
	expect_told(3);
	EXPECT_ERRNO(waitpid(pid, &how, WUNTRACED), ECHILD);
}

CASE(nocldwait, "rt_sigaction wait4")
{
	int input, how = 77;
	pid_t pid;

	set(SA_NOCLDWAIT);
	pid = start(&input);
	close(input);
	EXPECT_ERRNO(waitpid(pid, &how, 0), ECHILD);
	EXPECT_EQ(how, 77);
	expect_told(1);
	EXPECT(code == CLD_EXITED && status == 5);
	/* Not for children from now on. */
	set(0);
	pid = start(&input);
	close(input);
	EXPECT_EQ(waitpid(pid, &how, 0), pid);
	EXPECT_EQ(how, 5 << 8);
}

CASE(nocldwait_by_default, "rt_sigaction wait4")
{
	int input, how = 77;
	pid_t pid;

	plain(SIG_DFL, SA_NOCLDWAIT);
	pid = start(&input);
	close(input);
	EXPECT_ERRNO(waitpid(pid, &how, 0), ECHILD);
	plain(SIG_DFL, 0);
	pid = start(&input);
	close(input);
	EXPECT_EQ(waitpid(pid, &how, 0), pid);
}

CASE(ignored_children, "rt_sigaction wait4")
{
	int input, how = 77;
	pid_t pid;

	plain(SIG_IGN, 0);
	pid = start(&input);
	close(input);
	EXPECT_ERRNO(waitpid(pid, &how, 0), ECHILD);
	EXPECT_EQ(how, 77);
	plain(SIG_DFL, 0);
	EXPECT_ERRNO(waitpid(-1, &how, WNOHANG), ECHILD);
}
