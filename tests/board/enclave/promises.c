/* SPDX-License-Identifier: MIT */
/*
 * promises reads FILE BATCHES: so many times 32 reads of 4 KiB, each batch submitted before it is waited for.
 * promises nops BATCHES: the same with nothing to do.
 * promises late FOLDER: waits for a line of standard input before and after Linux stands still; a write has a deadline.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringmaster.h"

static char buffer[RINGMASTER_PROMISES][4096];

static int take_all(const ringmaster_promise *p, long expected)
{
	if (ringmaster_wait(p, RINGMASTER_PROMISES, RINGMASTER_PROMISES, -1) != (int)RINGMASTER_PROMISES)
		return 1;
	for (unsigned i = 0; i < RINGMASTER_PROMISES; i++)
		if (ringmaster_await(p[i]) != expected)
			return 1;
	return 0;
}

static int batches(long count, int fd)
{
	ringmaster_promise p[RINGMASTER_PROMISES];

	while (count--) {
		for (unsigned i = 0; i < RINGMASTER_PROMISES; i++)
			p[i] = fd < 0 ? ringmaster_nop(NULL) : ringmaster_read(fd, buffer[i], 4096, (off_t)i * 4096, NULL);
		if (take_all(p, fd < 0 ? 0 : 4096) != 0)
			return 2;
	}
	puts("done");
	return 0;
}

static void tell(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "ok");
	fflush(stdout);
}

static int late(const char *folder)
{
	const struct ringmaster_options soon = { .deadline = 300000000 };
	ringmaster_promise p, q;
	char line[10];
	int fd;

	if (chdir(folder) != 0)
		return 2;
	fd = open("late", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, "before", 6) != 6)
		return 2;
	puts("freeze");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 2;
	p = ringmaster_write(fd, "behind", 6, 6, &soon);
	q = ringmaster_openat(AT_FDCWD, "made", O_RDWR | O_CREAT, 0600, &soon);
	tell("write", ringmaster_await(p));
	tell("open", ringmaster_await(q));
	tell("again", ringmaster_await(p));
	for (int i = 0; i < 100; i++)
		if (ringmaster_await(ringmaster_read(fd, line, 6, 0, NULL)) != 6)
			return 3;
	tell("read", memcmp(line, "before", 6) == 0 ? 0 : -1);
	puts("thaw");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 2;
	/* What is late comes now. All 32 are free again once it did; the descriptor that nobody wants is closed. */
	if (batches(1, -1) != 0)
		return 4;
	tell("next", open("next", O_RDWR | O_CREAT, 0600) == fd + 1 ? 0 : -1);
	tell("fsync", ringmaster_await(ringmaster_fsync(fd, 0, NULL)));
	return 0;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc == 3 && strcmp(argv[1], "nops") == 0)
		return batches(atol(argv[2]), -1);
	if (argc == 3 && strcmp(argv[1], "late") == 0)
		return late(argv[2]);
	if (argc != 4 || strcmp(argv[1], "reads") != 0)
		return 1;
	fd = open(argv[2], O_RDONLY);
	return fd < 0 ? 1 : batches(atol(argv[3]), fd);
}
