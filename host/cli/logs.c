/* SPDX-License-Identifier: MIT */
/* ringmaster logs: what the module keeps of what happened to enclaves. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "device.h"
#include "message.h"

static const char *source_name(uint32_t source)
{
	switch (source) {
	case RM_LOG_MODULE:
		return "module";
	case RM_LOG_PROXY:
		return "proxy";
	case RM_LOG_RUNTIME:
		return "runtime";
	default:
		return "?";
	}
}

static void print_line(const struct rm_ioc_log *line)
{
	time_t seconds = (time_t)(line->time_ns / 1000000000);
	struct tm parts;
	char when[32] = "?";

	if (localtime_r(&seconds, &parts) != NULL)
		strftime(when, sizeof(when), "%b %d %H:%M:%S", &parts);
	printf("%s.%03u %" PRIu32 " %.*s[%" PRIu32 "] %s: %.*s\n", when, (unsigned)(line->time_ns / 1000000 % 1000), line->id,
	       RM_NAME_SIZE, line->name, line->pid, source_name(line->source), RM_LOG_TEXT, line->text);
}

/* By number, or by name; NULL: all. */
static bool wanted(const struct rm_ioc_log *line, const char *which)
{
	char number[16];

	if (which == NULL)
		return true;
	snprintf(number, sizeof(number), "%" PRIu32, line->id);
	return strcmp(which, number) == 0 || strncmp(which, line->name, RM_NAME_SIZE) == 0;
}

int cli_logs(int argc, char **argv)
{
	struct rm_ioc_log line = { .sequence = 1 };
	struct rm_ioc_hello hello;
	bool follow = false, found = false;
	int next = 1, fd;

	if (next < argc && strcmp(argv[next], "-f") == 0) {
		follow = true;
		next++;
	}
	if (next < argc && argv[next][0] == '-')
		die(STATUS_ERROR, "logs: option '%s' is unknown; see 'ringmaster logs --help'", argv[next]);
	if (argc - next > 1)
		die(STATUS_ERROR, "logs: one enclave at most; see 'ringmaster logs --help'");
	fd = device_open(&hello);
	for (;; line.sequence++) {
		line.flags = follow ? RM_LOG_WAIT : 0;
		if (ioctl(fd, RM_IOC_LOG_READ, &line) != 0)
			break;
		if (!wanted(&line, next < argc ? argv[next] : NULL))
			continue;
		found = true;
		print_line(&line);
		if (follow && fflush(stdout) != 0)
			die(STATUS_ERROR, "cannot write the output");
	}
	if (errno != ENOENT)
		die(STATUS_ERROR, "logs: cannot be read: %s", strerror(errno));
	if (!found && next < argc) {
		warn("logs: nothing is known of an enclave '%s'; the last %d lines are kept, each user sees those of the own enclaves", argv[next],
		     RM_LOG_KEPT);
		return 1;
	}
	return 0;
}
