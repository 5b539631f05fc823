/* SPDX-License-Identifier: MIT */
/* ringmaster ps: the enclaves there are. */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "device.h"
#include "message.h"
#include "process.h"
#include "size.h"
#include "smc.h"

#define FRAME_SIZE 4096

/* From the file alone: a static program cannot ask the name services. */
static const char *user_name(uint32_t uid, char *buffer, size_t buffer_size)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry;

	snprintf(buffer, buffer_size, "%u", uid);
	while (file != NULL && (entry = fgetpwent(file)) != NULL) {
		if (entry->pw_uid == uid) {
			snprintf(buffer, buffer_size, "%s", entry->pw_name);
			break;
		}
	}
	if (file != NULL)
		fclose(file);
	return buffer;
}

static const char *time_text(long seconds, char *buffer, size_t buffer_size)
{
	if (seconds < 0)
		snprintf(buffer, buffer_size, "-");
	else
		snprintf(buffer, buffer_size, "%ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
	return buffer;
}

static void print_enclave(const struct rm_ioc_list *e)
{
	char user[64], used[32], limit[32], elapsed[32], process[16] = "-";

	if (e->pid != 0)
		snprintf(process, sizeof(process), "%u", e->pid);
	printf("%5u %7s %-10s %7u %11s %11s %10" PRIu64 " %9s %s\n", e->id, process,
	       user_name(e->uid, user, sizeof(user)), e->threads,
	       size_format(e->stats[RM_STAT_FRAMES] * FRAME_SIZE, used, sizeof(used)),
	       size_format(e->stats[RM_STAT_FRAMES_LIMIT] * FRAME_SIZE, limit, sizeof(limit)),
	       (uint64_t)e->stats[RM_STAT_ENTRIES], time_text(process_seconds(e->pid), elapsed, sizeof(elapsed)), e->name);
}

int cli_ps(int argc, char **argv)
{
	struct rm_ioc_hello hello;
	struct rm_ioc_list list = { 0 };
	int fd;

	cli_no_arguments(argc, argv);
	fd = device_open(&hello);
	printf("%5s %7s %-10s %7s %11s %11s %10s %9s %s\n", "ID", "PID", "USER", "THREADS", "MEM", "LIMIT", "ENTRIES",
	       "TIME", "NAME");
	while (ioctl(fd, RM_IOC_LIST, &list) == 0)
		print_enclave(&list);
	if (errno != ENOENT)
		die(STATUS_ERROR, "cannot list the enclaves: %s", strerror(errno));
	return 0;
}
