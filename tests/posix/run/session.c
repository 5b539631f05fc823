/* SPDX-License-Identifier: MIT */
/* Processes with pipes, and the questions that cases ask (lib/helper.c). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void die(const char *what)
{
	perror(what);
	exit(3);
}

void process_start(struct process *p, char *const words[], const char *directory, int extra)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		die("pipe");
	p->pid = fork();
	if (p->pid < 0)
		die("fork");
	if (p->pid == 0) {
		setpgid(0, 0);
		if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || (extra >= 0 && extra != 3 && dup2(extra, 3) < 0) ||
		    (extra >= 0 && fcntl(3, F_SETFD, 0)) || (extra > 3 && close(extra)) || chdir(directory))
			_exit(126);
		execvp(words[0], words);
		_exit(127);
	}
	setpgid(p->pid, p->pid);
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = out[0];
	p->ended = false;
}

static void close_pipe(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void process_reap(struct process *p)
{
	if (p->ended)
		return;
	close_pipe(&p->in);
	close_pipe(&p->out);
	while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
		;
	p->ended = true;
}

void process_kill(struct process *p)
{
	if (p->pid > 0) {
		kill(-p->pid, SIGKILL);
		if (!p->ended)
			kill(p->pid, SIGKILL);
	}
	process_reap(p);
}

void command(enum kind kind, char **words, size_t room, char *const *arguments)
{
	static char run[100];
	size_t n = 0;

	snprintf(run, sizeof(run), "%s", kind == ENCLAVE ? suite.run : "");
	for (char *word = strtok(run, " "); word; word = strtok(NULL, " "))
		words[n++] = word;
	words[n++] = suite.program[kind];
	while (*arguments && n + 1 < room)
		words[n++] = *arguments++;
	words[n] = NULL;
}

/*
 * Questions
 */

static void answer(struct session *s, long number)
{
	char line[32];
	int size = snprintf(line, sizeof(line), "%ld\n", number);

	/* One that does not read its answer, or is gone, ends by its time limit. */
	if (s->main.in >= 0 && write(s->main.in, line, (size_t)size) != size)
		close_pipe(&s->main.in);
}

static void start_helper(struct session *s, bool same, char *name, char *arg)
{
	char index[16], *words[16];
	struct helper *h = &s->helpers[s->helper_count];
	char *arguments[] = { "--helper", name, arg, NULL, NULL, NULL };

	if (s->helper_count == HELPERS_MAX) {
		answer(s, -1);
		return;
	}
	if (same && s->stub) {
		snprintf(index, sizeof(index), "%d", s->stub_index);
		arguments[3] = (char *)s->stub;
		arguments[4] = index;
	}
	memset(h, 0, sizeof(*h));
	command(same ? s->kind : NATIVE, words, 16, arguments);
	process_start(&h->process, words, s->directory, -1);
	s->helper_count++;
	answer(s, h->process.pid);
}

static struct helper *find_helper(struct session *s, long pid)
{
	for (int i = 0; i < s->helper_count; i++)
		if (s->helpers[i].process.pid == pid)
			return &s->helpers[i];
	return NULL;
}

/* Answers that a case waits for and that can be given now. */
static void settle(struct session *s, struct helper *h)
{
	if (h->heard && (h->said || h->process.ended)) {
		answer(s, h->said ? 0 : -1);
		h->said -= h->said > 0;
		h->heard = false;
	}
	if (h->waited && h->process.ended) {
		answer(s, h->process.status);
		h->waited = false;
	}
}

static void question(struct session *s, char *line)
{
	char *what = strtok(line, " "), *first = strtok(NULL, " "), *rest = strtok(NULL, "");
	struct helper *h;

	if (!what || !first)
		return;
	if (strcmp(what, "native") == 0 || strcmp(what, "same") == 0) {
		start_helper(s, what[0] == 's', first, rest ? rest : "");
		return;
	}
	h = find_helper(s, strtol(first, NULL, 10));
	if (!h) {
		answer(s, -1);
		return;
	}
	if (strcmp(what, "tell") == 0)
		answer(s, h->process.in >= 0 && write(h->process.in, "\n", 1) == 1 ? 0 : -1);
	else if (strcmp(what, "hear") == 0)
		h->heard = true;
	else
		h->waited = true;
	settle(s, h);
}

static void take_lines(struct session *s)
{
	char *line = s->buffer, *end;

	while ((end = memchr(line, '\n', s->used - (size_t)(line - s->buffer))) != NULL) {
		*end = 0;
		if (*line == '!')
			question(s, line + 1);
		else
			s->line(s, line);
		line = end + 1;
	}
	s->used -= (size_t)(line - s->buffer);
	memmove(s->buffer, line, s->used);
	if (s->used == sizeof(s->buffer))
		s->used = 0;
}

static void read_main(struct session *s)
{
	ssize_t n = read(s->main.out, s->buffer + s->used, sizeof(s->buffer) - s->used);

	if (n > 0) {
		s->used += (size_t)n;
		take_lines(s);
	} else if (n == 0) {
		process_reap(&s->main);
	}
}

static void read_helper(struct session *s, struct helper *h)
{
	char text[64];
	ssize_t n = read(h->process.out, text, sizeof(text));

	for (ssize_t i = 0; i < n; i++)
		h->said += text[i] == '+';
	if (n == 0)
		process_reap(&h->process);
	settle(s, h);
}

#define POLLED_MAX	128

void session_poll(struct session *const *sessions, int count, int64_t until)
{
	struct pollfd fds[POLLED_MAX];
	struct { struct session *s; struct helper *h; } who[POLLED_MAX];
	int n = 0;
	int64_t left = until - now_ms();

	for (int i = 0; i < count; i++) {
		struct session *s = sessions[i];

		if (!s || s->main.ended)
			continue;
		fds[n] = (struct pollfd){ .fd = s->main.out, .events = POLLIN };
		who[n].s = s;
		who[n++].h = NULL;
		for (int j = 0; j < s->helper_count; j++) {
			fds[n] = (struct pollfd){ .fd = s->helpers[j].process.out, .events = POLLIN };
			who[n].s = s;
			who[n++].h = &s->helpers[j];
		}
	}
	if (poll(fds, (nfds_t)n, left > 0 ? (int)left : 0) <= 0)
		return;
	for (int i = 0; i < n; i++) {
		if (!fds[i].revents)
			continue;
		if (who[i].h && !who[i].h->process.ended)
			read_helper(who[i].s, who[i].h);
		else if (!who[i].h)
			read_main(who[i].s);
	}
}

void session_end_helpers(struct session *s)
{
	for (int i = 0; i < s->helper_count; i++)
		process_kill(&s->helpers[i].process);
	s->helper_count = 0;
}

void session_end(struct session *s)
{
	process_kill(&s->main);
	session_end_helpers(s);
}
