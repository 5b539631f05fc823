/* SPDX-License-Identifier: MIT */
/*
 * Other processes of a case. The case asks by a line on its stdout that starts with '!' and gets a number as answer, a line on its stdin. A
 * helper says '+' on its stdout, and hears a byte on its stdin.
 */
#include <unistd.h>

#include "lib.h"

extern const struct case_helper *const __start_posix_helpers[] __attribute__((weak)), *const __stop_posix_helpers[] __attribute__((weak));

static long ask(const char *what, const char *arguments)
{
	char line[600], answer[32];
	size_t size = 0;

	snprintf(line, sizeof(line), "!%s %s\n", what, arguments);
	report_line(line);
	for (;;) {
		ssize_t n = size < sizeof(answer) ? read(0, answer + size, 1) : -1;

		if (n < 0 && errno == EINTR)
			continue;
		MUST(n == 1);
		if (answer[size++] == '\n')
			return strtol(answer, NULL, 10);
	}
}

static long ask_about(const char *what, long pid)
{
	char number[32];

	snprintf(number, sizeof(number), "%ld", pid);
	return ask(what, number);
}

static long start(const char *kind, const char *helper, const char *arg)
{
	char words[500];
	long pid;

	snprintf(words, sizeof(words), "%s %s", helper, arg);
	pid = ask(kind, words);
	MUST(pid > 0);
	return pid;
}

long case_native(const char *helper, const char *arg)
{
	return start("native", helper, arg);
}

long case_same(const char *helper, const char *arg)
{
	return start("same", helper, arg);
}

int case_wait(long pid)
{
	return (int)ask_about("wait", pid);
}

void case_tell(long pid)
{
	MUST(ask_about("tell", pid) == 0);
}

void case_hear(long pid)
{
	MUST(ask_about("hear", pid) == 0);
}

void helper_say(void)
{
	report_line("+");
}

void helper_hear(void)
{
	char byte;

	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
}

int helper_main(const char *name, const char *arg)
{
	for (const struct case_helper *const *h = __start_posix_helpers; h < __stop_posix_helpers; h++)
		if (strcmp((*h)->name, name) == 0)
			return (*h)->run(arg);
	fprintf(stderr, "there is no helper '%s'\n", name);
	return 127;
}
