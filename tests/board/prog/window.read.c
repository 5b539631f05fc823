/* SPDX-License-Identifier: MIT */
/* File windows while nobody changes anything: reads have what the file has, by windows; the file is held no longer than it is open. */
#include <sys/file.h>
#include <sys/statfs.h>
#include "window.h"

#define SIZE (5 * MIB + 3 * PAGE + 104)

static void check_file(const char *path, const char *flags)
{
	int fd = window_file(path, SIZE);
	struct window_reader *r = window_start(path, flags);

	WINDOW_OK(r, "whole 1 %lu", SIZE);
	window_hits(r);
	WINDOW_OK(r, "whole 1 %lu", SIZE);
	/* Nearly all of them, and no new windows. */
	uint64_t filled = r->filled, hits = window_hits(r);
	if (r->device >= 0 && (hits < SIZE / PAGE + SIZE / 5003 || r->filled > filled + 2)) {
		T_FAIL("by windows");
		fprintf(stderr, "\t%s: %llu reads, %llu windows more\n", path, (unsigned long long)hits, (unsigned long long)(r->filled - filled));
	}
	WINDOW_OK(r, "close");
	window_end(r);
	close(fd);
}

/* The last page, whole or not, is never in a window; what stands before it is. */
static void check_end(void)
{
	for (uint64_t size = 3 * PAGE - 8; size <= 3 * PAGE + 8; size += 8) {
		int fd = window_file("end", size);
		struct window_reader *r = window_start("end", "0");

		window_warm(r, 0, 8);
		window_hits(r);
		WINDOW_OK(r, "read %lu 8 100", size - 8);
		CHECK(r->device < 0 || window_hits(r) == 0);
		WINDOW_OK(r, "whole 1 %lu", size);
		window_end(r);
		close(fd);
	}
}

static unsigned long space_left(void)
{
	struct statfs s;

	MUST(statfs(".", &s) == 0);
	return s.f_bfree;
}

/* Dirty pages that go to the disk stay where they are, for a descriptor that may write, too. */
static void check_writeback(void)
{
	int fd = window_file("/mnt/disk/window.synced", 3 * MIB);
	struct window_reader *r = window_start("/mnt/disk/window.synced", "2");
	uint64_t lost;

	window_warm(r, PAGE, 16 * PAGE);
	lost = r->lost;
	window_write(fd, 2, 0, 3 * MIB);
	MUST(fsync(fd) == 0);
	WINDOW_OK(r, "range %lu %lu 2", PAGE, 16 * PAGE);
	WINDOW_OK(r, "read %lu %lu 50", PAGE, 16 * PAGE);
	CHECK(window_hits(r) > 50 && r->lost == lost);
	window_end(r);
	close(fd);
	unlink("/mnt/disk/window.synced");
}

/* A deleted file's space, a lock, are free when the enclave has closed it. */
static void check_close(void)
{
	unsigned long before = space_left();
	int fd = window_file("gone", 8 * MIB);
	struct window_reader *r = window_start("gone", "0");

	for (unsigned long at = 0; at < 8 * MIB - PAGE; at += CHUNK)
		window_warm(r, at, PAGE);
	unlink("gone");
	close(fd);
	CHECK(space_left() < before);
	WINDOW_OK(r, "close");
	for (int64_t end = t_now_ns() + 5000000000; space_left() != before && t_now_ns() < end;)
		usleep(10000);
	CHECK(space_left() == before);
	/* And again by another description, which must not find the old one's windows. */
	close(window_file("gone", 3 * MIB));
	WINDOW_OK(r, "open gone 0");
	WINDOW_OK(r, "whole 1 %lu", 3 * MIB);
	window_end(r);
}

/* A window costs nothing that fstat() would show: a hole of a sparse file stays one. */
static void check_holes(void)
{
	int fd = open("sparse", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct window_reader *r;
	struct stat before, after;

	MUST(fd >= 0 && ftruncate(fd, 4 * MIB) == 0);
	window_write(fd, 1, 16 * PAGE, PAGE);
	MUST(fstat(fd, &before) == 0);
	r = window_start("sparse", "0");
	window_warm(r, 16 * PAGE, PAGE);
	WINDOW_OK(r, "range %lu %lu 0", 17 * PAGE, MIB);
	WINDOW_OK(r, "range %lu %lu 0", 17 * PAGE, MIB);
	WINDOW_OK(r, "range %lu %lu 0", 17 * PAGE, MIB);
	WINDOW_OK(r, "range %lu %lu 1", 16 * PAGE, PAGE);
	MUST(fstat(fd, &after) == 0);
	CHECK(after.st_blocks == before.st_blocks);
	window_end(r);
	close(fd);
}

int main(void)
{
	if (access("/dev/ringmaster", F_OK) && t_enclaves())
		t_skip("there is no secure kernel");
	check_file("plain", "0");
	check_file("both", "2");
	check_file("/mnt/disk/window.plain", "0");
	check_end();
	check_writeback();
	check_close();
	check_holes();
	unlink("/mnt/disk/window.plain");
	return t_done();
}
