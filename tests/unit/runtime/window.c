/* SPDX-License-Identifier: MIT */
/*
 * File windows on the model: what is read by them, what not, what a withdrawal does, how places are given and taken; then a host that lies.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "abi/use.h"
#include "model/program.h"
#include "posix/posix.h"
#include "posix/window.h"

#define CHUNK	RM_WINDOW_CHUNK
#define PAGE	4096ul

static uint8_t buffer[3 * CHUNK];

static uint64_t used(enum rm_use what)
{
	uint64_t value;

	memcpy(&value, model.region + RM_USE_OFFSET + 8 * what, sizeof(value));
	return value;
}

static void make_file(const char *name, size_t size)
{
	uint8_t *data = make_pattern(size);
	const int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		fail_msg("%s", name);
	close(fd);
	free(data);
}

/* A piece by pread(): what the file has, and whether a window had it. */
static bool piece(long fd, uint64_t offset, size_t size)
{
	const uint64_t before = used(RM_USE_WINDOW_BYTES);

	memset(buffer, 0xee, size);
	EXPECT(CALL4(pread64, fd, buffer, size, offset), (long)size);
	expect_pattern(buffer, offset, size);
	return used(RM_USE_WINDOW_BYTES) - before == size;
}

/* Until a window has it. */
static void warm(long fd, uint64_t offset, size_t size)
{
	for (int i = 0; i < 40 && !quiet; i++)
		if (piece(fd, offset, size))
			return;
	assert_true(quiet);
}

static void test_read(void **state)
{
	const struct lx_iovec vector[3] = { { (uint64_t)buffer, 100 }, { (uint64_t)buffer + 100, 2 * PAGE }, { (uint64_t)buffer + 100 + 2 * PAGE, 5000 } };
	unsigned calls;
	long fd;

	(void)state;
	make_file("plain", 2 * CHUNK + 20 * PAGE);
	fd = open_file("plain", 0);
	/* What is read once or twice costs no window. */
	EXPECT(piece(fd, 0, 100), false);
	EXPECT(piece(fd, PAGE, 100), false);
	EXPECT(model.windows_filled, 0);
	warm(fd, 2 * PAGE, 100);
	warm(fd, CHUNK + 5, 100);
	EXPECT(piece(fd, 100 * PAGE, 100), false);
	for (uint64_t at = 7; at < 2 * CHUNK - 70000; at += 65000)
		piece(fd, at, 65000);
	calls = model.calls + model.submits;
	for (uint64_t at = 7; at < 2 * CHUNK - 70000; at += 65000)
		EXPECT(piece(fd, at, 65000), true);
	memset(buffer, 0, sizeof(buffer));
	EXPECT(CALL4(preadv, fd, vector, 3, CHUNK - 4000), 5100 + 2 * (long)PAGE);
	expect_pattern(buffer, CHUNK - 4000, 5100 + 2 * PAGE);
	EXPECT(model.calls + model.submits - calls, 0);
	/* A read with a flag, and one that is not there to be seen. */
	EXPECT(CALL6(preadv2, fd, vector, 3, 0, 0, 8 /* RWF_NOWAIT */) != 0, true);
	EXPECT(CALL4(pread64, fd, 8, 100, PAGE), -EFAULT);
	EXPECT(piece(fd, PAGE, 100), true);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(model.windows_dropped, 1);
}

/* read() from the start to the end: one window after the other, before the ring is asked. */
static void test_on(void **state)
{
	const size_t size = 3 * CHUNK;
	uint64_t at = 0;
	long fd, n;

	(void)state;
	make_file("long", size);
	fd = open_file("long", LX_O_RDWR);
	while ((n = CALL3(read, fd, buffer, PAGE)) > 0) {
		expect_pattern(buffer, at, (size_t)n);
		at += (uint64_t)n;
	}
	EXPECT(n, 0);
	EXPECT(at, (long)size);
	/* All but some at the start, and the last page. */
	EXPECT(used(RM_USE_WINDOW_READS) >= 3 * 512 - 8, true);
	/* More pieces each time, then a chunk each, and a look behind the end. */
	EXPECT(model.windows_filled <= 6, true);
	EXPECT(CALL1(close, fd), 0);
}

static unsigned pages_shown(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < RM_WINDOW_CHUNKS; i++)
		for (unsigned word = 0; word < 8; word++)
			n += (unsigned)__builtin_popcountl(model.place[i].bits[word]);
	return n;
}

/* A window begins with what was read, grows with what is read again, and by more each time where reads go on. */
static void test_grows(void **state)
{
	const uint64_t size = CHUNK / 8;
	long fd;

	(void)state;
	make_file("grows", 2 * CHUNK);
	fd = open_file("grows", 0);
	warm(fd, 5 * size + 100, 100);
	EXPECT(model.windows_filled, 1);
	EXPECT(pages_shown(), 64);
	/* Here and there: twice as much more, every other time. */
	EXPECT(piece(fd, 100, 100), false);
	EXPECT(model.windows_filled, 1);
	EXPECT(piece(fd, 9000, 100), true);
	EXPECT(model.windows_filled, 2);
	EXPECT(pages_shown(), 3 * 64);
	EXPECT(piece(fd, 7 * size + 100, 100), false);
	EXPECT(piece(fd, 7 * size + 100, 100), true);
	EXPECT(pages_shown(), 512);
	EXPECT(model.windows_filled, 3);
	/* On and on, over an end: the next chunk whole, but for the file's last page. */
	EXPECT(piece(fd, CHUNK - 100, 200), true);
	EXPECT(model.windows_filled, 4);
	EXPECT(pages_shown(), 1023);
	EXPECT(CALL1(close, fd), 0);
}

static void test_end(void **state)
{
	const uint64_t size = 10 * PAGE;
	int host = -1;
	long fd;

	(void)state;
	make_file("end", size);
	fd = open_file("end", 0);
	warm(fd, 0, PAGE);
	EXPECT(piece(fd, size - PAGE - 8, 8), true);
	EXPECT(piece(fd, size - 8, 8), false);
	/* Windows and the ring for one read, up to the end. */
	EXPECT(CALL4(pread64, fd, buffer, 2 * size, 2 * PAGE), 8 * (long)PAGE);
	expect_pattern(buffer, 2 * PAGE, 8 * PAGE);
	EXPECT(CALL4(pread64, fd, buffer, 10, size), 0);
	/* It grows, and the window after it. */
	host = open("end", O_WRONLY);
	for (uint64_t at = size; at < 2 * size; at++) {
		const uint8_t byte = pattern(at);

		EXPECT(pwrite(host, &byte, 1, (off_t)at), 1);
	}
	close(host);
	EXPECT(CALL4(pread64, fd, buffer, 3 * size, 0), 2 * (long)size);
	expect_pattern(buffer, 0, 2 * size);
	for (int i = 0; i < 2000; i++)
		piece(fd, size + PAGE, 8);
	EXPECT(piece(fd, size + PAGE, 8), true);
	EXPECT(CALL1(close, fd), 0);
}

/* Pages go, and are there again later; what comes from the file meanwhile is right. */
static void test_withdrawn(void **state)
{
	unsigned place = 0;
	long fd;

	(void)state;
	make_file("taken", CHUNK);
	fd = open_file("taken", 0);
	warm(fd, 0, PAGE);
	while (!quiet && !model.place[place].map)
		place++;
	for (int i = 0; i < 20; i++)
		EXPECT(piece(fd, 50 * PAGE, 2 * PAGE), true);
	if (!quiet)
		model_window_take(place, 51, 1);
	EXPECT(piece(fd, 50 * PAGE, 2 * PAGE), false);
	EXPECT(used(RM_USE_WINDOWS_LOST), 1);
	/* It had paid: soon. */
	EXPECT(piece(fd, 50 * PAGE, 2 * PAGE), true);
	/* Again and again, before it has: later and later. */
	for (int i = 0; i < 200; i++) {
		if (!quiet)
			model_window_take(place, 0, 512);
		piece(fd, 50 * PAGE, 2 * PAGE);
	}
	EXPECT(model.windows_filled < 30, true);
	EXPECT(CALL1(close, fd), 0);
}

static long other_fd, first_fd;

/* Another file's chunks take all places. */
static void occupy(void)
{
	for (int round = 0; round < 12; round++)
		for (uint64_t chunk = 0; chunk < 16; chunk++)
			for (int i = 0; i < 20; i++)
				CALL4(pread64, other_fd, buffer + CHUNK, 8, chunk * 128 * CHUNK + 8);
	for (uint64_t chunk = 0; chunk < 128; chunk++)
		for (int i = 0; i < 6; i++)
			CALL4(pread64, other_fd, buffer + CHUNK, 8, chunk * CHUNK + 8);
	for (uint64_t chunk = 128; chunk < 1024; chunk++)
		for (int i = 0; i < 6; i++)
			CALL4(pread64, other_fd, buffer + CHUNK, 8, chunk * CHUNK + 8);
}

static void test_replaced(void **state)
{
	unsigned filled;

	(void)state;
	make_file("first", CHUNK);
	make_file("other", PAGE);
	EXPECT(truncate("other", 2048l * (long)CHUNK), 0);
	first_fd = open_file("first", 0);
	other_fd = open_file("other", 0);
	warm(first_fd, 0, 3 * PAGE);
	if (!quiet)
		model.meanwhile = occupy;
	/* While it is copied its place becomes the other file's: what came is thrown away, and is what it should be all the same. */
	EXPECT(piece(first_fd, 8, 2 * PAGE), false);
	EXPECT(model.meanwhile == NULL, true);
	filled = model.windows_filled;
	EXPECT(filled > RM_WINDOW_CHUNKS / 2, true);
	warm(first_fd, 8, 2 * PAGE);
	EXPECT(CALL1(close, first_fd), 0);
	EXPECT(CALL1(close, other_fd), 0);
	for (unsigned i = 0; i < RM_WINDOW_CHUNKS && !quiet; i++)
		assert_null(model.place[i].map);
}

/* Reads here and there in a file much larger than the area: windows that do not pay are not made. */
static void test_thrash(void **state)
{
	uint64_t random = 1;
	long fd;

	(void)state;
	make_file("huge", PAGE);
	EXPECT(truncate("huge", 20000l * (long)CHUNK), 0);
	fd = open_file("huge", 0);
	for (int i = 0; i < 20000; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		EXPECT(CALL4(pread64, fd, buffer, 8, (random >> 33) % 20000 * CHUNK + CHUNK / 2), 8);
	}
	EXPECT(model.windows_filled < 1000, true);
	EXPECT(CALL1(close, fd), 0);
}

static void never(long fd)
{
	for (int i = 0; i < 30; i++)
		EXPECT(piece(fd, 100, 100), false);
	EXPECT(CALL1(close, fd), 0);
}

static void test_never(void **state)
{
	struct rm_desc *desc;
	long fd;

	(void)state;
	make_file("none", 8 * PAGE);
	never(open_file("none", LX_O_RDWR | LX_O_APPEND));
	EXPECT(model.windows_filled, 0);
	fd = open_file("none", 0);
	EXPECT(CALL3(fcntl, fd, LX_F_SETFL, 0), 0);
	desc = rm_get((unsigned long)fd);
	if (desc) {
		desc->flags |= LX_O_DIRECT;	/* as if opened so: not every file system of the build machine can */
		rm_put(model.thread, desc);
	}
	never(fd);
	EXPECT(model.windows_filled, 0);
	/* A file system that has none is asked once. */
	if (!quiet)
		model.window_error = EOPNOTSUPP;
	never(open_file("none", 0));
	EXPECT(model.windows_filled, 1);
	/* No memory now: again, but seldom. */
	if (!quiet)
		model.window_error = ENOMEM;
	never(open_file("none", 0));
	EXPECT(model.windows_filled > 2 && model.windows_filled < 9, true);
	model.window_error = 0;
}

/* The windows are the description's, not the descriptor's. */
static void test_close(void **state)
{
	long fd, copy;

	(void)state;
	make_file("closed", CHUNK);
	fd = open_file("closed", 0);
	copy = CALL1(dup, fd);
	warm(fd, 0, PAGE);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(model.windows_dropped, 0);
	EXPECT(piece(copy, 0, PAGE), true);
	EXPECT(CALL1(close, copy), 0);
	EXPECT(model.windows_dropped, 1);
	/* The same descriptor and description, another file. */
	make_file("closed2", 8 * PAGE);
	fd = open_file("closed2", 0);
	EXPECT(piece(fd, 0, PAGE), false);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(model.windows_dropped, 1);
}

/* A file that is read from its beginning to its end gets whole windows. */
static void test_in_order(void **state)
{
	struct rm_desc *desc;
	long fd;

	(void)state;
	make_file("order", 2 * CHUNK + PAGE);
	fd = open_file("order", 0);
	EXPECT(piece(fd, 0, 100), false);
	desc = rm_get((unsigned long)fd);
	desc->window_next = 100;
	desc->window_bytes = 16 * CHUNK;
	rm_put(model.thread, desc);
	EXPECT(piece(fd, 100, 100), true);
	EXPECT(model.windows_filled, 1);
	EXPECT(piece(fd, CHUNK - 200, 100), true);
	EXPECT(model.windows_filled, 1);
	EXPECT(CALL1(close, fd), 0);
}

static void test_hostile(void **state)
{
	(void)state;
	program_hosts = ~(1u << HOST_DEADLINE);	/* by whose counter no window is worth it */
	program_hostile_steps(test_read, 3);
	program_every_hostile(test_end);
	program_hostile_steps(test_withdrawn, 5);
	program_every_hostile(test_close);
	program_every_hostile(test_never);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read), TEST(test_on), TEST(test_grows), TEST(test_end), TEST(test_withdrawn), TEST(test_replaced), TEST(test_thrash), TEST(test_never),
		TEST(test_close), TEST(test_in_order), POLLED(test_read), POLLED(test_on), POLLED(test_end), cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("runtime.window", tests, program_make_folder, program_remove_folder);
}
