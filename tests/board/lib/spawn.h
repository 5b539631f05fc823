/* SPDX-License-Identifier: MIT */
/* Programs started by a test: with pipes, or on a terminal of their own. */
#ifndef T_SPAWN_H
#define T_SPAWN_H

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "t.h"

struct t_child {
	pid_t pid;
	int in, out;		/* its stdin and stdout; the same terminal for t_spawn_tty */
	char text[65536];	/* what it wrote and was not consumed */
	size_t size;
};

/* Command that runs a helper program: `ringmaster run`, or nothing when the tests prove themselves natively. */
T_UNUSED static const char *t_run(const char *program)
{
	static char command[4][512];
	static int next;
	const char *run = getenv("RUN"), *folder = getenv("T");

	next = (next + 1) % 4;
	snprintf(command[next], sizeof(command[next]), "%s %s/bin/%s", run ? run : "", folder ? folder : ".", program);
	return command[next];
}

T_UNUSED static int t_enclaves(void)
{
	const char *run = getenv("RUN");

	return run && *run;
}

/* Words by blanks. Not by way of a shell: the guest's ignores SIGQUIT on a terminal. */
T_UNUSED static void t_exec(const char *command)
{
	char line[600], *words[32] = { 0 };

	snprintf(line, sizeof(line), "%s", command);
	for (int i = 0; i < 31 && (words[i] = strtok(i ? NULL : line, " ")); i++)
		;
	execvp(words[0], words);
	_exit(127);
}

T_UNUSED static struct t_child *t_spawn(const char *command)
{
	struct t_child *child = calloc(1, sizeof(*child));
	int in[2], out[2];

	MUST(child && pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	child->pid = fork();
	MUST(child->pid >= 0);
	if (!child->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		t_exec(command);
	}
	close(in[0]);
	close(out[1]);
	child->in = in[1];
	child->out = out[0];
	return child;
}

T_UNUSED static struct t_child *t_spawn_tty(const char *command, struct winsize *size)
{
	struct t_child *child = calloc(1, sizeof(*child));

	MUST(child);
	child->pid = forkpty(&child->in, NULL, NULL, size);
	MUST(child->pid >= 0);
	if (!child->pid)
		t_exec(command);
	fcntl(child->in, F_SETFD, FD_CLOEXEC);
	child->out = child->in;
	return child;
}

T_UNUSED static void t_send(struct t_child *child, const char *text)
{
	MUST(write(child->in, text, strlen(text)) == (ssize_t)strlen(text));
}

/* More of what the child writes, by the time `end`. 0: nothing came, or it has closed its side. */
T_UNUSED static int t_read(struct t_child *child, int64_t end)
{
	struct pollfd ready = { .fd = child->out, .events = POLLIN };
	int64_t left = (end - t_now_ns()) / 1000000;

	if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
		return 0;
	ssize_t n = read(child->out, child->text + child->size, sizeof(child->text) - 1 - child->size);
	if (n <= 0)
		return 0;
	child->size += (size_t)n;
	child->text[child->size] = 0;
	return 1;
}

T_UNUSED static void t_consume(struct t_child *child, size_t size)
{
	memmove(child->text, child->text + size, child->size - size + 1);
	child->size -= size;
}

/* Waits until the text comes; consumes up to its end. */
T_UNUSED static int t_expect(struct t_child *child, const char *text, int seconds)
{
	int64_t end = t_now_ns() + seconds * 1000000000l;
	char *found;

	while (!(found = strstr(child->text, text)))
		if (!t_read(child, end)) {
			fprintf(stderr, "'%s' did not come; there is: '%s'\n", text, child->text);
			t_failures++;
			return 0;
		}
	t_consume(child, (size_t)(found - child->text) + strlen(text));
	return 1;
}

/* The next line, without its end; ends the test if none comes. */
T_UNUSED static char *t_line(struct t_child *child, int seconds)
{
	static char line[4096];
	int64_t end = t_now_ns() + seconds * 1000000000l;
	char *found;

	while (!(found = strchr(child->text, '\n')))
		MUST(t_read(child, end));
	snprintf(line, sizeof(line), "%.*s", (int)(found - child->text), child->text);
	t_consume(child, (size_t)(found - child->text) + 1);
	return line;
}

/* Exit status as a shell sees it, or -1 if the child does not end in time (it is killed then). */
T_UNUSED static int t_wait(struct t_child *child, int seconds)
{
	int64_t end = t_now_ns() + seconds * 1000000000l;
	int status;

	while (waitpid(child->pid, &status, WNOHANG) == 0) {
		char drop[4096];
		struct pollfd ready = { .fd = child->out, .events = POLLIN };

		/* A terminal whose output nobody reads may hold its writer up. */
		if (poll(&ready, 1, 2) > 0 && (ready.revents & POLLIN) && read(child->out, drop, sizeof(drop)) < 0)
			usleep(2000);
		else if (ready.revents & (POLLHUP | POLLERR))
			usleep(2000);
		if (t_now_ns() > end) {
			kill(child->pid, SIGKILL);
			waitpid(child->pid, &status, 0);
			return -1;
		}
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

T_UNUSED static void t_close(struct t_child *child)
{
	close(child->in);
	if (child->out != child->in)
		close(child->out);
	free(child);
}

#endif
