/* SPDX-License-Identifier: MIT */
/* File and line of an address: from addr2line or llvm-symbolizer, if one is installed. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lines.h"

#define MISSING 127

static int start(const char *tool, const char *file, const char *address, int out, pid_t *child)
{
	int nowhere;

	*child = fork();
	if (*child != 0)
		return *child < 0 ? -1 : 0;
	nowhere = open("/dev/null", O_RDWR);
	dup2(nowhere, 0);
	dup2(out, 1);
	dup2(nowhere, 2);
	execlp(tool, tool, "-e", file, address, (char *)NULL);
	_exit(MISSING);
}

/* 0, -1: it does not know, -2: it is not installed. */
static int ask(const char *tool, const char *file, uint64_t address, char *text, size_t text_size)
{
	char number[32];
	int ends[2], status;
	size_t used = 0;
	ssize_t got;
	pid_t child;

	snprintf(number, sizeof(number), "%#" PRIx64, address);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	status = start(tool, file, number, ends[1], &child);
	close(ends[1]);
	while (status == 0 && used + 1 < text_size && (got = read(ends[0], text + used, text_size - 1 - used)) > 0)
		used += (size_t)got;
	close(ends[0]);
	text[used] = '\0';
	if (status != 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	if (WEXITSTATUS(status) == MISSING)
		return -2;
	if (WEXITSTATUS(status) != 0)
		return -1;
	text[strcspn(text, "\n ")] = '\0';
	return *text == '\0' || *text == '?' ? -1 : 0;
}

int line_find(const char *file, uint64_t address, char *text, size_t text_size)
{
	static const char *const tools[] = { "addr2line", "aarch64-linux-gnu-addr2line", "llvm-addr2line" };

	static size_t tool;	/* the first that may be installed */

	for (; tool < sizeof(tools) / sizeof(tools[0]); tool++) {
		const int result = ask(tools[tool], file, address, text, text_size);

		if (result != -2)
			return result;
	}
	return -1;
}
