/* SPDX-License-Identifier: MIT */
/* ringmaster kill: a signal for the Linux process that runs an enclave; with it, the enclave ends. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "device.h"
#include "message.h"
#include "signals.h"

/* The process of enclave `id`; 0: it is resident and has none; -1: there is no such enclave. */
static pid_t find_process(int fd, uint32_t id)
{
	struct rm_ioc_list list = { .id = id - 1 };

	if (ioctl(fd, RM_IOC_LIST, &list) != 0 || list.id != id)
		return -1;
	return (pid_t)list.pid;
}

static int kill_one(int fd, const char *text, int signal)
{
	char *end;
	unsigned long id = strtoul(text, &end, 10);
	pid_t pid;

	if (*text < '0' || *text > '9' || *end != '\0' || id == 0 || id > UINT32_MAX) {
		warn("kill: '%s' is not the number of an enclave; 'ringmaster ps' shows them", text);
		return 1;
	}
	pid = find_process(fd, (uint32_t)id);
	if (pid == 0) {
		warn("kill: enclave %lu is resident and goes on without a process; 'ringmaster attach' gives it one, 'ringmaster shutdown' ends it, with the right key", id);
		return 1;
	}
	if (pid < 0) {
		warn("kill: there is no enclave %lu; 'ringmaster ps' shows which there are", id);
		return 1;
	}
	if (kill(pid, signal) != 0) {
		warn("kill: enclave %lu (process %d): %s", id, (int)pid, strerror(errno));
		return 1;
	}
	return 0;
}

int cli_kill(int argc, char **argv)
{
	struct rm_ioc_hello hello;
	int signal = SIGTERM, next = 1, status = 0, fd;

	if (next < argc && strcmp(argv[next], "--") != 0 && argv[next][0] == '-') {
		signal = signal_parse(argv[next] + 1);
		if (signal < 0)
			die(STATUS_ERROR, "kill: '%s' is not a signal; write it as -TERM or -15", argv[next] + 1);
		next++;
	}
	if (next < argc && strcmp(argv[next], "--") == 0)
		next++;
	if (next == argc)
		die(STATUS_ERROR, "kill: no enclave given; see 'ringmaster kill --help'");
	fd = device_open(&hello);
	for (; next < argc; next++)
		status |= kill_one(fd, argv[next], signal);
	return status;
}
