/* SPDX-License-Identifier: MIT */
/* limit: 300 s */
/*
 * A file that an enclave reads by windows is changed by others: by write(), past Linux's memory (O_DIRECT), by holes, by taking pieces out, by the
 * enclave itself. A read that begins when the change is done sees it; threads that read meanwhile see nothing go back.
 */
#include <linux/falloc.h>

#include "window.h"

#define SIZE (4 * MIB + 2 * PAGE)
#define ROUNDS 12

static const char *path;
static int fd;
static struct window_reader *reader;
static uint64_t state = 7;

static void warm(uint64_t offset)
{
	window_warm(reader, offset, 2 * PAGE);
}

/* Some pages that windows have. */
static uint64_t pick(uint64_t *size)
{
	*size = (t_random(&state) % 8 + 1) * PAGE;
	return t_random(&state) % ((SIZE - 10 * PAGE) / PAGE) * PAGE;
}

static void begin(uint64_t version)
{
	window_write(fd, version, 0, SIZE);
	WINDOW_OK(reader, "whole %lu %lu", version, SIZE);
}

/* One way of writing; without threads that read, then with. */
static void check_writes(const char *what, uint64_t version, void (*change)(uint64_t version, uint64_t offset, uint64_t size))
{
	const char *answer;
	uint64_t offset, size, hits = 0;

	begin(version++);
	for (int i = 0; i < ROUNDS; i++, version++) {
		offset = pick(&size);
		warm(offset);
		change(version, offset, size);
		WINDOW_OK(reader, "range %lu %lu %lu", offset, size, version);
		WINDOW_OK(reader, "range %lu %lu %lu", offset, size, version);
	}
	begin(version++);
	warm(0);
	warm(CHUNK);
	WINDOW_OK(reader, "watch 2");
	window_hits(reader);
	for (int i = 0; i < 40 * ROUNDS && (i < 4 * ROUNDS || hits < 50); i++, version++) {
		offset = pick(&size);
		change(version, offset, size);
		hits += window_hits(reader);
	}
	answer = window_ask(reader, "stop");
	if (strncmp(answer, "ok ", 3) != 0) {
		T_FAIL(answer);
		fprintf(stderr, "\t%s %s\n", path, what);
	}
	if (hits < 50) {
		T_FAIL("windows are not read while it changes");
		fprintf(stderr, "\t%s %s: %llu\n", path, what, (unsigned long long)hits);
	}
}

static void by_write(uint64_t version, uint64_t offset, uint64_t size)
{
	window_write(fd, version, offset, size);
}

static void by_direct_write(uint64_t version, uint64_t offset, uint64_t size)
{
	static int direct = -1;

	if (direct < 0)
		direct = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
	MUST(direct >= 0);
	window_write(direct, version, offset, size);
}

static void by_enclave(uint64_t version, uint64_t offset, uint64_t size)
{
	WINDOW_OK(reader, "write %lu %lu %lu", offset, size, version);
}

static void by_hole(uint64_t version, uint64_t offset, uint64_t size)
{
	MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size) == 0);
	window_write(fd, version, offset, size);
}

/* Aligned and not: zeroes there, and nowhere else. */
static void check_holes(uint64_t version)
{
	static const uint64_t holes[][2] = { { PAGE, PAGE }, { 5 * PAGE, 9 * PAGE }, { 20 * PAGE + 8, 16 }, { 30 * PAGE - 64, PAGE + 128 },
		{ CHUNK - PAGE, 2 * PAGE }, { CHUNK - 8, 16 } };

	begin(version);
	for (size_t i = 0; i < sizeof(holes) / sizeof(*holes); i++) {
		const uint64_t start = holes[i][0], size = holes[i][1], first = (start - PAGE) / PAGE * PAGE;

		window_warm(reader, first, PAGE);
		window_warm(reader, start, size);
		MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)start, (off_t)size) == 0);
		WINDOW_OK(reader, "range %lu %lu 0", start, size);
		WINDOW_OK(reader, "range %lu %lu %lu", first, start - first, version);
		WINDOW_OK(reader, "range %lu %lu %lu", start + size, PAGE, version);
		window_write(fd, version, start, size);
	}
	WINDOW_OK(reader, "whole %lu %lu", version, SIZE);
}

/* What stands behind a piece that is taken out moves. */
static void check_collapse(uint64_t version)
{
	begin(version);
	warm(0);
	warm(CHUNK);
	if (fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 16 * PAGE, 8 * PAGE) != 0) {
		CHECK(errno == EOPNOTSUPP);
		return;
	}
	WINDOW_OK(reader, "range 0 %lu %lu", 16 * PAGE, version);
	CHECK(strtoul(window_ask(reader, "size") + 3, NULL, 10) == SIZE - 8 * PAGE);
}

static void check_on(const char *where, int disk)
{
	path = where;
	fd = window_file(path, SIZE);
	reader = window_start(path, "2");
	check_writes("write", 100, by_write);
	check_writes("enclave", 300, by_enclave);
	check_writes("hole", 500, by_hole);
	if (disk)
		check_writes("direct", 700, by_direct_write);
	check_holes(900);
	window_end(reader);
	close(fd);
	unlink(path);
}

/* The enclave itself goes past Linux's memory; and takes no window then. */
static void check_direct_reader(void)
{
	path = "/mnt/disk/window.direct";
	fd = window_file(path, SIZE);
	reader = window_start(path, "0200000");	/* O_DIRECT */
	window_hits(reader);
	WINDOW_OK(reader, "read 0 4096 50");
	CHECK(reader->device < 0 || window_hits(reader) == 0);
	window_end(reader);
	close(fd);
	unlink(path);
}

int main(void)
{
	check_on("written", 0);
	check_on("/mnt/disk/window.written", 1);
	check_direct_reader();
	path = "/mnt/disk/window.collapsed";
	fd = window_file(path, SIZE);
	reader = window_start(path, "0");
	check_collapse(2);
	window_end(reader);
	unlink(path);
	return t_done();
}
