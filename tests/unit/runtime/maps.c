/* SPDX-License-Identifier: MIT */
/* Mappings of files on the model: what they hold, and when the file has what the program stored; then with a hostile host. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>

#include "model/program.h"

static void test_map(void **state)
{
	const long fd = open_file("mapped", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);
	uint8_t *data = make_pattern(10000);
	long at;

	(void)state;
	EXPECT(CALL3(write, fd, data, 10000), 10000);
	at = CALL6(mmap, 0, 8192, 1, LX_MAP_PRIVATE, fd, 4096);
	if (at > 0 || !quiet) {
		assert_true(at > 0);
		expect_pattern((const uint8_t *)at, 4096, 10000 - 4096);
		if (!quiet)
			assert_int_equal(((const uint8_t *)at)[8191], 0);
		CALL3(munmap, at, 8192, 0);
		/* munmap is the kernel's; here it was passed on. */
	}
	EXPECT(CALL6(mmap, 0, 4096, 3, LX_MAP_SHARED, CALL4(openat, LX_AT_FDCWD, "mapped", 0, 0), 0), -EACCES);
	EXPECT(CALL1(close, fd + 1), 0);
	EXPECT(CALL6(mmap, 0, 4096, 1, 3 | 0x80000, fd, 0), -EOPNOTSUPP);
	EXPECT(CALL6(mmap, 0, 4096, 1, LX_MAP_PRIVATE, fd, INT64_MAX - 4095), -EOVERFLOW);
	EXPECT(CALL6(mmap, 0, 4096, 1, LX_MAP_PRIVATE, fd, 5), -EINVAL);
	EXPECT(CALL6(mmap, 0, 4096, 1, LX_MAP_PRIVATE, 99, 0), -EBADF);
	EXPECT(CALL1(close, fd), 0);
	free(data);
}

/* One byte of a real file. */
static int file_byte(const char *name, off_t at)
{
	const int fd = open(name, O_RDONLY);
	uint8_t byte = 0;
	const ssize_t got = pread(fd, &byte, 1, at);

	close(fd);
	return got == 1 ? byte : -1;
}

static void set_file_byte(const char *name, off_t at, uint8_t byte)
{
	const int fd = open(name, O_WRONLY);

	if (fd >= 0 && pwrite(fd, &byte, 1, at) != 1 && !quiet)
		fail();
	close(fd);
}

static void test_map_shared(void **state)
{
	const long fd = open_file("shared-map", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);
	struct lx_flock lock = { .type = 1, .len = 10 };
	uint8_t *data = make_pattern(10000), text[4] = "";
	uint8_t *p;
	long at;

	(void)state;
	EXPECT(CALL3(write, fd, data, 10000), 10000);
	at = CALL6(mmap, 0, 16384, 3, LX_MAP_SHARED, fd, 0);
	if (at < 0) {
		assert_true(quiet);
		goto end;
	}
	p = (uint8_t *)at;
	expect_pattern(p, 0, 10000);
	/* What differs is written, and only that: the neighbour is somebody else's by now. */
	p[100] = 'a';
	p[5000] = 'b';
	set_file_byte("shared-map", 101, 'z');
	EXPECT(CALL3(msync, at, 16384, 4), 0);
	EXPECT(file_byte("shared-map", 100), 'a');
	EXPECT(file_byte("shared-map", 101), 'z');
	EXPECT(file_byte("shared-map", 5000), 'b');
	EXPECT(file_byte("shared-map", 10000), -1);
	/* A lock brings in what others wrote, and keeps what was not written yet. */
	p[200] = 'c';
	set_file_byte("shared-map", 300, 'y');
	set_file_byte("shared-map", 200, 'q');
	EXPECT(CALL3(fcntl, fd, LX_F_SETLK, &lock), 0);
	EXPECT(p[101], 'z');
	EXPECT(p[300], 'y');
	EXPECT(file_byte("shared-map", 200), 'c');
	p[400] = 'd';
	lock.type = LX_F_UNLCK;
	EXPECT(CALL3(fcntl, fd, LX_F_SETLK, &lock), 0);
	EXPECT(file_byte("shared-map", 400), 'd');
	/* Calls on the file and the mapping agree. */
	p[500] = 'e';
	EXPECT(CALL4(pread64, fd, text, 1, 500), 1);
	EXPECT(text[0], 'e');
	EXPECT(CALL4(pwrite64, fd, "f", 1, 501), 1);
	EXPECT(p[501], 'f');
	/* The file grows, and shrinks. */
	EXPECT(CALL3(ftruncate, fd, 16000, 0), 0);
	EXPECT(p[9999], pattern(9999));
	EXPECT(p[15999], 0);
	EXPECT(CALL3(ftruncate, fd, 4096, 0), 0);
	/* In part, and after the descriptor is gone. */
	EXPECT(CALL1(close, fd), 0);
	p[600] = 'g';
	EXPECT(CALL3(munmap, at + 4096, 4096, 0), 0);
	EXPECT(file_byte("shared-map", 600), pattern(600));
	EXPECT(CALL3(munmap, at, 16384, 0), 0);
	EXPECT(file_byte("shared-map", 600), 'g');
	assert_int_equal(rm_enclave.maps.count, 0);
	assert_int_equal(rm_enclave.maps.shared, 0);
end:
	free(data);
}

static void test_map_move(void **state)
{
	const long fd = open_file("moved-map", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);
	uint8_t *data = make_pattern(40000);
	long at, to, size = 8192;

	(void)state;
	EXPECT(CALL3(write, fd, data, 40000), 40000);
	at = CALL6(mmap, 0, 8192, 3, LX_MAP_SHARED, fd, 0);
	if (at > 0) {
		((uint8_t *)at)[7] = 'x';
		to = CALL6(mremap, at, 8192, 45056, 1, 0, 0);
		if (to > 0) {
			at = to;
			size = 45056;
			expect_pattern((uint8_t *)at + 8, 8, 40000 - 8);
			if (model.loss != LOSS_MEMORY)	/* without, what is new stays beyond the file: no place to store */
				((uint8_t *)at)[39999] = 'y';
			EXPECT(((uint8_t *)at)[7], 'x');
			EXPECT(CALL6(mremap, at, 45056, 40960, 0, 0, 0), at);
		}
		EXPECT(CALL3(munmap, at, size, 0), 0);
		EXPECT(file_byte("moved-map", 7), 'x');
		EXPECT(file_byte("moved-map", 39999), 'y');
	}
	at = CALL6(mmap, 0, 8192, 3, LX_MAP_PRIVATE, fd, 0);
	if (at > 0) {
		((uint8_t *)at)[9] = 'p';
		EXPECT(CALL3(madvise, at, 4096, 4), 0);
		EXPECT(((uint8_t *)at)[9], pattern(9));
		EXPECT(CALL3(munmap, at, 8192, 0), 0);
	}
	EXPECT(CALL6(mremap, 4096, 4096, 4096, 8, 0, 0), -EINVAL);
	EXPECT(CALL1(close, fd), 0);
	free(data);
}

static void test_hostile(void **state)
{
	(void)state;
	program_every_hostile(test_map);
	program_every_hostile(test_map_shared);
	program_every_hostile(test_map_move);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_map), TEST(test_map_shared), TEST(test_map_move), POLLED(test_map_shared), POLLED(test_map_move),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("runtime.maps", tests, program_make_folder, program_remove_folder);
}
