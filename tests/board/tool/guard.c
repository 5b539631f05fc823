/* SPDX-License-Identifier: MIT */
/*
 * guard SECONDS COMMAND...: runs a test in a session of its own and kills all it left running. Exit status: the command's,
 * 128+n if signal n ended it, 124 if it took too long.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t timed_out;

static void on_alarm(int signal)
{
	(void)signal;
	timed_out = 1;
}

/* Descendants whose parent is gone have become our children. */
static void kill_children(void)
{
	char path[64];
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	for (;;) {
		FILE *f = fopen(path, "r");

		while (f && fscanf(f, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		if (f)
			fclose(f);
		if (waitpid(-1, NULL, 0) < 0)
			return;
	}
}

static int wait_for(pid_t child)
{
	int status;

	for (;;) {
		pid_t pid = waitpid(-1, &status, 0);

		if (timed_out)
			return 124;
		if (pid == child)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		if (pid < 0)
			return 125;
	}
}

int main(int argc, char **argv)
{
	struct sigaction action;
	int status;
	pid_t child;

	if (argc < 3) {
		fprintf(stderr, "usage: guard SECONDS COMMAND...\n");
		return 125;
	}
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child = fork();
	if (child == 0) {
		setsid();
		/* The guest's shell ignores this one when it runs a script. */
		signal(SIGQUIT, SIG_DFL);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	alarm((unsigned)atoi(argv[1]));
	status = wait_for(child);
	alarm(0);
	kill(-child, SIGKILL);
	kill_children();
	return status;
}
