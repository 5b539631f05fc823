/* SPDX-License-Identifier: MIT */
/* Files that an enclave (bin/windowed) reads by windows, while this process changes them. */
#ifndef T_WINDOW_H
#define T_WINDOW_H

#include <stdarg.h>
#include <sys/stat.h>

#include "../../../abi/use.h"
#include "device.h"
#include "spawn.h"

#define PAGE 4096ul
#define CHUNK RM_WINDOW_CHUNK
#define MIB (1ul << 20)

struct window_reader {
	struct t_child *child;
	int device;
	uint64_t reads, lost, filled;	/* when window_hits() looked last */
};

/* Words that say where they stand: version << 40 | offset / 8. Version 0: zeroes. size is a multiple of 8. */
T_UNUSED static void *window_bytes(uint64_t version, uint64_t offset, size_t size)
{
	static uint64_t *buffer;
	static size_t room;

	if (room < size) {
		free(buffer);
		MUST(posix_memalign((void **)&buffer, PAGE, size) == 0);
		room = size;
	}
	for (size_t i = 0; i < size / 8; i++)
		buffer[i] = version ? version << 40 | (offset / 8 + i) : 0;
	return buffer;
}

T_UNUSED static void window_write(int fd, uint64_t version, uint64_t offset, size_t size)
{
	for (size_t n; size; size -= n, offset += n) {
		n = size < MIB ? size : MIB;
		MUST(pwrite(fd, window_bytes(version, offset, n), n, (off_t)offset) == (ssize_t)n);
	}
}

/* A file of version 1. */
T_UNUSED static int window_file(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	MUST(fd >= 0);
	window_write(fd, 1, 0, size);
	return fd;
}

T_UNUSED static const struct rm_ioc_list *window_counters(const struct window_reader *r)
{
	static struct rm_ioc_list list;

	memset(&list, 0, sizeof(list));
	while (ioctl(r->device, RM_IOC_LIST, &list) == 0)
		if ((pid_t)list.pid == r->child->pid)
			return &list;
	MUST(!"the enclave is listed");
	return NULL;
}

/* Sends a command: its answer. */
T_UNUSED static const char *window_ask(struct window_reader *r, const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text) - 1, format, list);
	va_end(list);
	strcat(text, "\n");
	t_send(r->child, text);
	return t_line(r->child, 240);
}

#define WINDOW_OK(r, ...) do { \
	const char *window_answer = window_ask(r, __VA_ARGS__); \
	if (strcmp(window_answer, "ok")) { \
		T_FAIL(window_answer); \
		fprintf(stderr, "\tafter: " __VA_ARGS__); \
		fputc('\n', stderr); \
	} \
} while (0)

T_UNUSED static struct window_reader *window_start(const char *path, const char *flags)
{
	struct window_reader *r = calloc(1, sizeof(*r));

	MUST(r);
	r->child = t_spawn(t_run("windowed"));
	r->device = t_enclaves() ? device_greet() : -1;
	WINDOW_OK(r, "open %s %s", path, flags);
	return r;
}

T_UNUSED static void window_end(struct window_reader *r)
{
	close(r->child->in);
	CHECK(t_wait(r->child, 20) == 0);
	if (r->device >= 0)
		close(r->device);
	free(r);
}

/* Reads by windows since the last look; and the other counters. */
T_UNUSED static uint64_t window_hits(struct window_reader *r)
{
	const uint64_t before = r->reads;

	if (r->device < 0)
		return 1000000;		/* natively: nothing to be counted */
	const struct rm_ioc_list *list = window_counters(r);
	r->reads = list->use[RM_USE_WINDOW_READS];
	r->lost = list->use[RM_USE_WINDOWS_LOST];
	r->filled = list->use[RM_USE_WINDOWS_FILLED];
	return r->reads - before;
}

/* So that a test cannot pass without windows: some bytes are read by one, many times over, after at most `tries` rounds. */
T_UNUSED static int window_warm(struct window_reader *r, uint64_t offset, size_t size)
{
	for (int tries = 0; tries < 40; tries++) {
		window_hits(r);
		WINDOW_OK(r, "read %lu %lu 60", offset, size);
		if (window_hits(r) >= 50)
			return 1;
	}
	T_FAIL("no windows");
	return 0;
}

#endif
