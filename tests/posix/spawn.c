/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn(), system(), popen(): what the new process finds. The programs started are this one again, built like the case itself (found by
 * its own arguments: argv[0] of a helper is its path), and the shell of the machine.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

extern char **environ;

static const char *self(void)
{
	return case_program();
}

/* Starts a helper of this file: its wait status, or -error. */
static int run_helper(const char *helper, const char *arg, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr,
		      char *const *envp)
{
	char *words[] = { (char *)self(), "--helper", (char *)helper, (char *)arg, NULL };
	int status = -1, error;
	pid_t pid = -1;

	error = posix_spawn(&pid, self(), actions, attr, words, envp);
	if (error)
		return -error;
	MUST(pid > 1 && pid != getpid());
	MUST(waitpid(pid, &status, 0) == pid);
	return status;
}

HELPER(status)
{
	return atoi(arg);
}

CASE(exit_status, "clone execve wait4")
{
	EXPECT_EQ(run_helper("status", "0", NULL, NULL, environ), 0);
	EXPECT_EQ(run_helper("status", "42", NULL, NULL, environ), 42 << 8);
	EXPECT_EQ(run_helper("status", "255", NULL, NULL, environ), 255 << 8);
}

HELPER(die)
{
	return raise(atoi(arg));
}

CASE(ended_by_signal, "clone execve wait4")
{
	const int status = run_helper("die", "15", NULL, NULL, environ);

	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	EXPECT_EQ(run_helper("die", "9", NULL, NULL, environ) & 0x7f, SIGKILL);
}

HELPER(environment)
{
	const char *a = getenv("A"), *b = getenv("WITH BLANK");
	int count = 0;

	while (environ[count])
		count++;
	return a && b && strcmp(a, "1=2") == 0 && strcmp(b, "x y") == 0 && !getenv("HOME") && !getenv("RINGMASTER_RUN") ? count : 99;
}

CASE(environment, "clone execve wait4")
{
	char *list[] = { "A=1=2", "WITH BLANK=x y", "EMPTY=", NULL }, *none[] = { NULL };

	EXPECT_EQ(run_helper("environment", "", NULL, NULL, list), 3 << 8);
	EXPECT_EQ(run_helper("environment", "", NULL, NULL, none), 99 << 8);
}

HELPER(arguments)
{
	return strlen(arg) == 3000 ? 5 : 6;
}

CASE(arguments, "clone execve wait4")
{
	static char text[3001];
	char *words[] = { "other-name", "--helper", "status", "7", NULL };
	int status = 0;
	pid_t pid;

	memset(text, 'x', 3000);
	EXPECT_EQ(run_helper("arguments", text, NULL, NULL, environ), 5 << 8);
	MUST(posix_spawn(&pid, self(), NULL, NULL, words, environ) == 0);
	EXPECT(waitpid(pid, &status, 0) == pid && status == 7 << 8);
}

/* Says on its stdout which of its descriptors are open, and which folder it is in. */
HELPER(look)
{
	char line[PATH_MAX + 100], folder[PATH_MAX];
	size_t n = 0;

	for (int fd = 0; fd < 40; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%d ", fd);
	MUST(getcwd(folder, sizeof(folder)));
	n += (size_t)snprintf(line + n, sizeof(line) - n, "in %s %s", strrchr(folder, '/') + 1, arg);
	return write(1, line, n) == (ssize_t)n ? 0 : 1;
}

static void say_file(const char *name)
{
	char text[500] = "";
	const long size = case_read_file(name, text, sizeof(text) - 1);

	SAY("%s: %ld bytes: %s", name, size, text);
}

CASE(descriptors, "clone execve wait4 dup3 openat")
{
	posix_spawn_file_actions_t actions;
	int kept = open("kept", O_CREAT | O_RDWR, 0644), gone = open("gone", O_CREAT | O_RDWR | O_CLOEXEC, 0644);

	MUST(kept >= 0 && gone >= 0 && dup2(kept, 20) == 20 && dup3(kept, 21, O_CLOEXEC) == 21);
	MUST(posix_spawn_file_actions_init(&actions) == 0);
	EXPECT_ERROR(posix_spawn_file_actions_addopen(&actions, 1, "out", O_CREAT | O_WRONLY | O_TRUNC, 0600), 0);
	EXPECT_ERROR(posix_spawn_file_actions_adddup2(&actions, 21, 30), 0);
	EXPECT_ERROR(posix_spawn_file_actions_addclose(&actions, 20), 0);
	EXPECT_ERROR(posix_spawn_file_actions_addclose(&actions, 25), 0);
	EXPECT_EQ(run_helper("look", "a", &actions, NULL, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	say_file("out");
	EXPECT(fcntl(20, F_GETFD) >= 0 && fcntl(30, F_GETFD) < 0);
}

CASE(action_order, "clone execve wait4")
{
	posix_spawn_file_actions_t actions;
	int fd = open("first", O_CREAT | O_RDWR | O_CLOEXEC, 0644);

	MUST(fd >= 0 && mkdir("folder", 0755) == 0);
	MUST(posix_spawn_file_actions_init(&actions) == 0);
	EXPECT_ERROR(posix_spawn_file_actions_addchdir_np(&actions, "folder"), 0);
	EXPECT_ERROR(posix_spawn_file_actions_addopen(&actions, 1, "second", O_CREAT | O_WRONLY, 0644), 0);
	EXPECT_ERROR(posix_spawn_file_actions_adddup2(&actions, fd, fd), 0);
	EXPECT_EQ(run_helper("look", "b", &actions, NULL, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	say_file("folder/second");
	EXPECT(access("second", F_OK) < 0);
}

CASE(fchdir_action, "clone execve wait4")
{
	posix_spawn_file_actions_t actions;
	int fd;

	MUST(mkdir("folder", 0755) == 0);
	fd = open("folder", O_RDONLY | O_DIRECTORY);
	MUST(fd >= 0 && posix_spawn_file_actions_init(&actions) == 0);
	EXPECT_ERROR(posix_spawn_file_actions_addopen(&actions, 1, "out", O_CREAT | O_WRONLY, 0644), 0);
	EXPECT_ERROR(posix_spawn_file_actions_addfchdir_np(&actions, fd), 0);
	EXPECT_ERROR(posix_spawn_file_actions_addclose(&actions, fd), 0);
	EXPECT_EQ(run_helper("look", "c", &actions, NULL, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	say_file("out");
}

static int with_action(int fd, int source, const char *path)
{
	posix_spawn_file_actions_t actions;
	int result;

	MUST(posix_spawn_file_actions_init(&actions) == 0);
	if (path)
		posix_spawn_file_actions_addopen(&actions, fd, path, O_RDONLY, 0);
	else
		posix_spawn_file_actions_adddup2(&actions, source, fd);
	result = run_helper("status", "3", &actions, NULL, environ);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

CASE(actions_that_fail, "clone execve wait4")
{
	posix_spawn_file_actions_t actions;

	EXPECT_EQ(with_action(5, 0, "missing"), -ENOENT);
	EXPECT_EQ(with_action(5, 33, NULL), -EBADF);
	EXPECT_EQ(with_action(33, 33, NULL), -EBADF);
	EXPECT_EQ(with_action(5, 0, "/dev/null"), 3 << 8);
	EXPECT_EQ(waitpid(-1, NULL, WNOHANG), -1);
	MUST(posix_spawn_file_actions_init(&actions) == 0);
	EXPECT_ERROR(posix_spawn_file_actions_addclose(&actions, -1), EBADF);
	EXPECT_ERROR(posix_spawn_file_actions_adddup2(&actions, 1, -1), EBADF);
	EXPECT_ERROR(posix_spawn_file_actions_addopen(&actions, -1, "x", O_RDONLY, 0), EBADF);
	posix_spawn_file_actions_destroy(&actions);
}

CASE(programs_that_are_none, "clone execve")
{
	char *words[] = { "x", NULL };
	pid_t pid = 77;

	case_write_file("plain", "text", 4);
	case_write_file("not-elf", "text that is no program\n", 24);
	MUST(chmod("not-elf", 0755) == 0 && mkdir("folder", 0755) == 0);
	EXPECT_ERROR(posix_spawn(&pid, "missing", NULL, NULL, words, environ), ENOENT);
	EXPECT_ERROR(posix_spawn(&pid, "", NULL, NULL, words, environ), ENOENT);
	EXPECT_ERROR(posix_spawn(&pid, "plain/below", NULL, NULL, words, environ), ENOTDIR);
	EXPECT_ERROR(posix_spawn(&pid, "plain", NULL, NULL, words, environ), EACCES);
	EXPECT_ERROR(posix_spawn(&pid, "folder", NULL, NULL, words, environ), EACCES);
	EXPECT_ERROR(posix_spawn(&pid, "not-elf", NULL, NULL, words, environ), ENOEXEC);
	EXPECT_EQ(pid, 77);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}

CASE(too_large, "clone execve wait4")
{
	static char text[140000], *words[] = { "sh", "-c", "exit 0", text, NULL };
	pid_t pid;

	memset(text, 'x', sizeof(text) - 1);
	EXPECT_ERROR(posix_spawn(&pid, "/bin/sh", NULL, NULL, words, environ), E2BIG);
	EXPECT_EQ(run_helper("status", "1", NULL, NULL, environ), 1 << 8);
}

CASE(search, "clone execve wait4")
{
	char *words[] = { "here", "--helper", "status", "9", NULL }, *path = getenv("PATH");
	int status = 0;
	pid_t pid;

	MUST(mkdir("bin", 0755) == 0 && mkdir("bin2", 0755) == 0);
	case_write_file("bin/here", "no program", 10);
	MUST(symlink(self(), "bin2/here") == 0);
	path = path ? strdup(path) : NULL;
	MUST(setenv("PATH", "/nowhere:bin:bin2", 1) == 0);
	MUST(posix_spawnp(&pid, "here", NULL, NULL, words, environ) == 0);
	EXPECT(waitpid(pid, &status, 0) == pid && status == 9 << 8);
	MUST(setenv("PATH", "/nowhere:bin", 1) == 0);
	EXPECT_ERROR(posix_spawnp(&pid, "here", NULL, NULL, words, environ), EACCES);
	EXPECT_ERROR(posix_spawnp(&pid, "nowhere-else", NULL, NULL, words, environ), ENOENT);
	EXPECT_ERROR(posix_spawn(&pid, "here", NULL, NULL, words, environ), ENOENT);
	setenv("PATH", path ? path : "/bin", 1);
	free(path);
}

/* What it got of signals: the mask as a number, and which of two are ignored. */
HELPER(signals)
{
	sigset_t mask;
	struct sigaction usr1, usr2;

	MUST(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
	MUST(sigaction(SIGUSR1, NULL, &usr1) == 0 && sigaction(SIGUSR2, NULL, &usr2) == 0);
	return sigismember(&mask, SIGUSR1) + 2 * sigismember(&mask, SIGHUP) + 4 * (usr1.sa_handler == SIG_IGN) +
	       8 * (usr2.sa_handler == SIG_IGN) + 16 * (usr1.sa_handler != SIG_IGN && usr1.sa_handler != SIG_DFL);
}

CASE(signal_attributes, "clone execve wait4")
{
	posix_spawnattr_t attr;
	sigset_t set;

	MUST(posix_spawnattr_init(&attr) == 0);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	EXPECT(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	EXPECT_EQ(run_helper("signals", "", NULL, &attr, environ), (2 + 4 + 8) << 8);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	EXPECT(posix_spawnattr_setsigmask(&attr, &set) == 0 && posix_spawnattr_setsigdefault(&attr, &set) == 0);
	EXPECT_EQ(run_helper("signals", "", NULL, &attr, environ), (2 + 4 + 8) << 8);
	EXPECT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0);
	EXPECT_EQ(run_helper("signals", "", NULL, &attr, environ), (1 + 8) << 8);
	posix_spawnattr_destroy(&attr);
}

static void on_signal(int number)
{
	(void)number;
}

CASE(handlers_are_not_inherited, "clone execve wait4 rt_sigaction")
{
	signal(SIGUSR1, on_signal);
	EXPECT_EQ(run_helper("signals", "", NULL, NULL, environ), 0);
	EXPECT(signal(SIGUSR1, SIG_DFL) == on_signal);
}

HELPER(group)
{
	return (getpgrp() == getpid()) + 2 * (getsid(0) == getpid()) + 4 * (getppid() == atoi(arg));
}

CASE(groups_and_sessions, "clone execve wait4")
{
	posix_spawnattr_t attr;
	char parent[20];
	pid_t group = -1;

	snprintf(parent, sizeof(parent), "%d", getpid());
	MUST(posix_spawnattr_init(&attr) == 0);
	EXPECT_EQ(run_helper("group", parent, NULL, &attr, environ), 4 << 8);
	EXPECT(posix_spawnattr_setpgroup(&attr, 0) == 0 && posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP) == 0);
	EXPECT(posix_spawnattr_getpgroup(&attr, &group) == 0 && group == 0);
	EXPECT_EQ(run_helper("group", parent, NULL, &attr, environ), (1 + 4) << 8);
	EXPECT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID) == 0);
	EXPECT_EQ(run_helper("group", parent, NULL, &attr, environ), (1 + 2 + 4) << 8);
	EXPECT(posix_spawnattr_setpgroup(&attr, 0x3fffff00) == 0 && posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP) == 0);
	EXPECT_EQ(run_helper("group", parent, NULL, &attr, environ), -EPERM);
	EXPECT_ERROR(posix_spawnattr_setflags(&attr, 0x4000), EINVAL);
	posix_spawnattr_destroy(&attr);
}

HELPER(upper)
{
	char text[100];
	ssize_t n;

	while ((n = read(0, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			text[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
		if (write(1, text, (size_t)n) != n)
			return 1;
	}
	return 0;
}

CASE(pipes_both_ways, "clone execve wait4 pipe2")
{
	char *words[] = { (char *)self(), "--helper", "upper", "", NULL }, text[100] = "";
	posix_spawn_file_actions_t actions;
	int to[2], from[2], status = -1;
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	MUST(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
	MUST(posix_spawn_file_actions_init(&actions) == 0);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	MUST(posix_spawn(&pid, self(), &actions, NULL, words, environ) == 0);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	EXPECT(write(to[1], "from parent", 11) == 11);
	close(to[1]);
	while ((n = read(from[0], text + got, sizeof(text) - 1 - got)) > 0)
		got += (size_t)n;
	EXPECT_STR(text, "FROM PARENT");
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
}

CASE(system_status, "clone execve wait4")
{
	EXPECT(system(NULL) != 0);
	EXPECT_EQ(system("exit 5"), 5 << 8);
	EXPECT_EQ(system("echo text >made; test -s made"), 0);
	say_file("made");
	EXPECT_EQ(system("kill -9 $$"), SIGKILL);
	EXPECT_EQ(system("no-such-command-there-is 2>/dev/null"), 127 << 8);
}

/* A program of this kind in a shell's command line: an enclave stays one. */
CASE(system_runs_own_kind, "clone execve wait4")
{
	char line[PATH_MAX + 100];

	snprintf(line, sizeof(line), "%s --helper status 6; test $? = 6 && %s --helper look '' >out", self(), self());
	EXPECT_EQ(system(line), 0);
	say_file("out");
}

CASE(popen_reads, "clone execve wait4 pipe2")
{
	FILE *f = popen("echo one; echo two; exit 3", "r");
	char line[100] = "";

	MUST(f);
	EXPECT(fgets(line, sizeof(line), f) && strcmp(line, "one\n") == 0);
	EXPECT(fgets(line, sizeof(line), f) && strcmp(line, "two\n") == 0);
	EXPECT(!fgets(line, sizeof(line), f));
	EXPECT_EQ(pclose(f), 3 << 8);
	EXPECT(popen("true", "x") == NULL && errno == EINVAL);
}

CASE(popen_writes, "clone execve wait4 pipe2")
{
	FILE *f = popen("cat >copy", "w");

	MUST(f);
	EXPECT(fputs("written\n", f) >= 0);
	EXPECT_EQ(pclose(f), 0);
	say_file("copy");
}
