/* SPDX-License-Identifier: MIT */
/* Waiting for children: wait4(), waitid(), in all their ways. */
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

extern char **environ;

/* A shell that waits until its stdin ends, and then does `command`. */
static pid_t start(const char *command, int *input)
{
	char line[200], *words[] = { "sh", "-c", line, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int p[2];

	MUST(pipe(p) == 0);
	snprintf(line, sizeof(line), "read x; %s", command);
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

CASE(no_child, "wait4 waitid")
{
	siginfo_t info;

	EXPECT_ERRNO(wait(NULL), ECHILD);
	EXPECT_ERRNO(waitpid(-1, NULL, WNOHANG), ECHILD);
	EXPECT_ERRNO(waitpid(getpid(), NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(1, NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(-1, NULL, 0x100), EINVAL);
	EXPECT_ERRNO(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
	EXPECT_ERRNO(waitid(P_ALL, 0, &info, 0), EINVAL);
	EXPECT_ERRNO(waitid(P_PID, 0, &info, WEXITED), EINVAL);
	EXPECT_ERRNO(waitid((idtype_t)77, 0, &info, WEXITED), EINVAL);
}

CASE(nohang, "clone execve wait4")
{
	int input, status = 77;
	pid_t pid = start("exit 4", &input);

	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(status, 77);
	close(input);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	EXPECT_ERRNO(waitpid(pid, &status, 0), ECHILD);
}

CASE(which_one, "clone execve wait4")
{
	int first_in, second_in, status;
	pid_t first = start("exit 1", &first_in), second = start("exit 2", &second_in);

	close(second_in);
	EXPECT_EQ(waitpid(second, &status, 0), second);
	EXPECT_EQ(status, 2 << 8);
	close(first_in);
	EXPECT(wait(&status) == first && status == 1 << 8);
	EXPECT_ERRNO(wait(&status), ECHILD);
}

CASE(by_group, "clone execve wait4 setpgid")
{
	int input, status;
	pid_t pid = start("exit 3", &input);

	EXPECT(setpgid(pid, pid) == 0 || errno == EACCES);
	close(input);
	EXPECT_ERRNO(waitpid(-0x3fffff, &status, 0), ECHILD);
	EXPECT(waitpid(-1, &status, 0) == pid && status == 3 << 8);
}

CASE(stopped_and_continued, "clone execve wait4 kill")
{
	int input, status = 0;
	pid_t pid = start("exit 0", &input);

	EXPECT(kill(pid, SIGSTOP) == 0);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	EXPECT(kill(pid, SIGCONT) == 0);
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	EXPECT(WIFCONTINUED(status));
	close(input);
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
}

CASE(killed, "clone execve wait4 kill")
{
	int input, status = 0;
	pid_t pid = start("exit 0", &input);

	EXPECT(kill(pid, 0) == 0);
	EXPECT(kill(pid, SIGTERM) == 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && !WCOREDUMP(status));
	EXPECT_ERRNO(kill(pid, 0), ESRCH);
}

CASE(waitid, "clone execve waitid")
{
	siginfo_t info = { 0 };
	int input;
	pid_t pid = start("exit 200", &input);

	info.si_pid = 55;
	EXPECT(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0 && info.si_signo == 0);
	close(input);
	EXPECT(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	EXPECT(info.si_signo == SIGCHLD && info.si_code == CLD_EXITED && info.si_pid == pid && info.si_uid == getuid());
	EXPECT_EQ(info.si_status, 200);
	memset(&info, 0, sizeof(info));
	EXPECT(waitid(P_ALL, 0, &info, WEXITED) == 0 && info.si_pid == pid);
	EXPECT_ERRNO(waitid(P_PID, (id_t)pid, &info, WEXITED), ECHILD);
	pid = start("kill -9 $$", &input);
	close(input);
	EXPECT(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT) == 0);
	EXPECT(waitid(P_PID, (id_t)pid, &info, WEXITED) == 0 && info.si_code == CLD_KILLED && info.si_status == SIGKILL);
}

CASE(usage, "clone execve wait4")
{
	struct rusage usage;
	int input, status;
	pid_t pid = start("exit 0", &input);

	memset(&usage, 0xff, sizeof(usage));
	close(input);
	EXPECT(wait4(pid, &status, 0, &usage) == pid);
	EXPECT(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_usec < 1000000 && usage.ru_maxrss > 0);
	pid = start("exit 0", &input);
	close(input);
	EXPECT_ERRNO(syscall(SYS_wait4, pid, 8, 0, NULL), EFAULT);
}
