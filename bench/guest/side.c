/* SPDX-License-Identifier: MIT */
#include "side.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 8

static char *options[SIDE_OPTIONS_MAX];
static int option_count;

void side_option(char *option)
{
	if (option_count == SIDE_OPTIONS_MAX)
		errx(2, "too many options");
	options[option_count++] = option;
}

static void execute(const char *program, const char *kind, char *const *arguments)
{
	char path[4096];
	char *words[2 + SIDE_OPTIONS_MAX + 1 + ARGUMENTS_MAX + 1] = { "ringmaster", "run" };
	int n = 2, first;

	for (int i = 0; i < option_count; i++)
		words[n++] = options[i];
	snprintf(path, sizeof(path), "%s.%s", program, kind);
	first = n;
	words[n++] = path;
	for (int i = 0; arguments[i] && i < ARGUMENTS_MAX; i++)
		words[n++] = arguments[i];
	if (strcmp(kind, "enclave") == 0)
		execvp("ringmaster", words);
	else
		execv(path, words + first);
	err(127, "%s", path);
}

void side_start(struct side *side, const char *program, const char *kind, char *const *arguments)
{
	int to[2], from[2];

	signal(SIGPIPE, SIG_IGN);
	side->kind = kind;
	if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
		err(1, "pipe");
	side->pid = fork();
	if (side->pid < 0)
		err(1, "fork");
	if (side->pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(to[0], 0);
		dup2(from[1], 1);
		execute(program, kind, arguments);
	}
	close(to[0]);
	close(from[1]);
	side->to = fdopen(to[1], "w");
	side->from = fdopen(from[0], "r");
	if (!side->to || !side->from)
		err(1, "fdopen");
}

void side_say(struct side *side, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(side->to, format, args);
	va_end(args);
	if (fflush(side->to) != 0)
		err(1, "the %s program listens no more", side->kind);
}

void side_hear(struct side *side, char *line, int size)
{
	if (fgets(line, size, side->from) == NULL)
		errx(1, "the %s program ended", side->kind);
}

void side_finish(struct side *side)
{
	int status;

	fclose(side->to);
	if (waitpid(side->pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "the %s program ended badly", side->kind);
	fclose(side->from);
}

static int device(void)
{
	static int fd = -1;
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION };

	if (fd >= 0)
		return fd;
	fd = open("/dev/ringmaster", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RM_IOC_HELLO, &hello) != 0)
		err(1, "/dev/ringmaster");
	return fd;
}

struct rm_ioc_list side_counters(const struct side *side)
{
	struct rm_ioc_list entry = { 0 };

	if (strcmp(side->kind, "enclave") != 0)
		return entry;
	while (ioctl(device(), RM_IOC_LIST, &entry) == 0) {
		if ((pid_t)entry.pid == side->pid)
			return entry;
	}
	errx(1, "process %d has no enclave", (int)side->pid);
}

void side_print_fact(const char *name, const char *unit, double native, double enclave)
{
	printf("%s fact %s %.6g %.6g\n", name, unit, native, enclave);
	fflush(stdout);
}
