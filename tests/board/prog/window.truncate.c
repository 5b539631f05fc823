/* SPDX-License-Identifier: MIT */
/* limit: 300 s */
/* A file that an enclave reads by windows gets shorter and longer: what is cut off is gone at once, what comes back is zeroes or new. */
#include "window.h"

#define SIZE (4 * MIB + 5 * PAGE)

static int fd;
static struct window_reader *reader;

/* The enclave reads all of it by windows; then it gets `size` bytes long, and must be so. */
static void cut(uint64_t version, uint64_t before, uint64_t size)
{
	const uint64_t near = size < 2 * PAGE ? 0 : (size - PAGE) / PAGE * PAGE;

	window_warm(reader, near, PAGE);
	if (before > CHUNK + PAGE)
		window_warm(reader, before - CHUNK, PAGE);
	MUST(ftruncate(fd, (off_t)size) == 0);
	WINDOW_OK(reader, "whole %lu %lu", version, size);
}

static void grow(uint64_t version, uint64_t from, uint64_t to)
{
	window_write(fd, version, from, to - from);
	WINDOW_OK(reader, "whole %lu %lu", version, to);
}

/* Down to a size and up again, by a hole and by an append. */
static void check_size(uint64_t version, uint64_t size)
{
	grow(version, 0, SIZE);
	cut(version, SIZE, size);
	/* The tail of the cut page, read as soon as the file is longer again. */
	MUST(ftruncate(fd, (off_t)(size + 3 * PAGE)) == 0);
	WINDOW_OK(reader, "range %lu %lu 0", (size + 7) & ~7ul, 2 * PAGE);
	MUST(ftruncate(fd, (off_t)size) == 0);
	/* Appended to, again and again, the last page many times. */
	for (uint64_t at = size, step = 8; at < size + 3 * PAGE; at += step, step = step < PAGE ? 3 * step : step) {
		window_write(fd, version, at, step);
		WINDOW_OK(reader, "range %lu %lu %lu", at > 64 ? at - 64 : 0, step + (at > 64 ? 64 : at), version);
		CHECK(pread(fd, (char[8]){ 0 }, 8, (off_t)(at + step)) == 0);
	}
	/* Cut again where windows have just come to. */
	window_warm(reader, size > PAGE ? size - PAGE : 0, 8);
	MUST(ftruncate(fd, (off_t)(size + 8)) == 0);
	WINDOW_OK(reader, "whole %lu %lu", version, size + 8);
}

/* Cut and written again and again while threads of the enclave read. */
static void check_while_read(uint64_t version)
{
	const char *answer;

	grow(version++, 0, SIZE);
	for (uint64_t at = 0; at + 64 * PAGE < SIZE; at += CHUNK)
		window_warm(reader, at, 64 * PAGE);
	WINDOW_OK(reader, "watch 3");
	window_hits(reader);
	for (int round = 0; round < 30; round++, version++) {
		uint64_t size = (uint64_t)round * 7919 * 56 % SIZE;

		MUST(ftruncate(fd, (off_t)size) == 0);
		window_write(fd, version, 0, SIZE);
	}
	answer = window_ask(reader, "stop");
	if (strncmp(answer, "ok ", 3) != 0)
		T_FAIL(answer);
	CHECK(window_hits(reader) > 50);
	WINDOW_OK(reader, "whole %lu %lu", version - 1, SIZE);
}

static void check_on(const char *path)
{
	static const uint64_t sizes[] = { 0, 8, PAGE - 8, PAGE, PAGE + 8, 3 * PAGE, 3 * PAGE + 1000, CHUNK - PAGE, CHUNK - 8, CHUNK, CHUNK + 8,
		CHUNK + PAGE, CHUNK + PAGE + 8, SIZE - PAGE, SIZE - 8 };
	uint64_t version = 2;

	fd = window_file(path, SIZE);
	reader = window_start(path, "0");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		check_size(version++, sizes[i]);
	check_while_read(version);
	window_end(reader);
	close(fd);
	unlink(path);
}

int main(void)
{
	check_on("truncated");
	check_on("/mnt/disk/window.truncated");
	return t_done();
}
