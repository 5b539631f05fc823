/* SPDX-License-Identifier: MIT */
/*
 * System calls on top of the honest model: what a program sees must be what Linux gives. Then the same program once for every
 * operation it makes, with that one operation answered by a hostile host: nothing may break.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/linux.h"

#define BIG (3u << 20)

static char folder[] = "/tmp/ringmaster-posix-XXXXXX";
static bool poll_mode;
static bool quiet;	/* a hostile operation may happen: results are not judged */

static int start(void **state)
{
	(void)state;
	model_attach(poll_mode, 0);
	return 0;
}

static int start_polled(void **state)
{
	poll_mode = true;
	return start(state);
}

static int stop(void **state)
{
	(void)state;
	/* Every operation gave back what it took. */
	assert_int_equal(model.thread->slots, 0);
	assert_int_equal(model.thread->used, 0);
	for (enum rm_count c = 0; c < RM_COUNT_UNSUPPORTED && !quiet; c++)
		assert_int_equal(model.thread->count[c], 0);
	model_stop();
	poll_mode = false;
	return 0;
}

#define CALL6(n, a, b, c, d, e, f) model_call(LX_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
					      (unsigned long)(d), (unsigned long)(e), (unsigned long)(f))
#define CALL4(n, a, b, c, d) CALL6(n, a, b, c, d, 0, 0)
#define CALL3(n, a, b, c) CALL6(n, a, b, c, 0, 0, 0)
#define CALL1(n, a) CALL6(n, a, 0, 0, 0, 0, 0)
#define EXPECT(call, value) do { const long got = (call); if (!quiet) assert_int_equal(got, value); } while (0)

static long open_file(const char *name, unsigned flags)
{
	return CALL4(openat, LX_AT_FDCWD, name, flags, 0644);
}

static uint8_t pattern(size_t i)
{
	return (uint8_t)(i * 31 + i / 4096);
}

static uint8_t *make_pattern(size_t size)
{
	uint8_t *data = malloc(size);

	for (size_t i = 0; i < size; i++)
		data[i] = pattern(i);
	return data;
}

static void expect_pattern(const uint8_t *data, size_t from, size_t size)
{
	for (size_t i = 0; i < size && !quiet; i++)
		if (data[i] != pattern(from + i))
			fail_msg("byte %zu", from + i);
}

static void test_large(void **state)
{
	uint8_t *data = make_pattern(BIG), *back = calloc(1, BIG + 100);
	long fd = open_file("large", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);

	(void)state;
	EXPECT(fd, 0);
	EXPECT(CALL3(write, fd, data, BIG), BIG);
	EXPECT(CALL3(lseek, fd, 0, LX_SEEK_CUR), BIG);
	EXPECT(CALL3(read, fd, back, 10), 0);
	EXPECT(CALL3(lseek, fd, 0, LX_SEEK_SET), 0);
	EXPECT(CALL3(read, fd, back, BIG + 100), BIG);
	expect_pattern(back, 0, BIG);
	memset(back, 0, BIG);
	EXPECT(CALL4(pread64, fd, back, 100000, BIG - 50000), 50000);
	expect_pattern(back, BIG - 50000, 50000);
	EXPECT(CALL3(lseek, fd, -7, LX_SEEK_END), BIG - 7);
	EXPECT(CALL3(read, fd, back, 100), 7);
	expect_pattern(back, BIG - 7, 7);
	EXPECT(CALL4(pread64, fd, back, 1, -1), -EINVAL);
	EXPECT(CALL3(lseek, fd, -1, LX_SEEK_SET), -EINVAL);
	EXPECT(CALL3(read, fd, back, 0), 0);
	EXPECT(CALL4(pwrite64, fd, "xyz", 3, 5), 3);
	EXPECT(CALL4(pread64, fd, back, 3, 5), 3);
	if (!quiet)
		assert_memory_equal(back, "xyz", 3);
	EXPECT(CALL3(ftruncate, fd, 100, 0), 0);
	EXPECT(CALL4(pread64, fd, back, 1000, 0), 100);
	EXPECT(CALL1(fsync, fd), 0);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL1(close, fd), -EBADF);
	EXPECT(CALL3(read, fd, back, 1), -EBADF);
	EXPECT(open_file("none", 0), -ENOENT);
	EXPECT(CALL4(openat, LX_AT_FDCWD, 0, 0, 0), -EFAULT);
	EXPECT(CALL4(openat, 77, "large", 0, 0), -EBADF);
	free(data);
	free(back);
}

static void test_vectors(void **state)
{
	uint8_t a[3] = "abc", b[20000], c[1], back[sizeof(a) + sizeof(b)];
	const struct lx_iovec out[] = { { (uint64_t)a, 3 }, { 0, 0 }, { (uint64_t)b, sizeof(b) } };
	const struct lx_iovec in[] = { { (uint64_t)c, 1 }, { (uint64_t)back, sizeof(back) } };
	const struct lx_iovec wrong[] = { { (uint64_t)c, 1 }, { (uint64_t)back, 1ul << 63 } };
	const struct lx_iovec bad[] = { { 8, 100 } };
	const long fd = open_file("vector", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);

	(void)state;
	memset(b, 'b', sizeof(b));
	EXPECT(CALL3(writev, fd, out, 3), 20003);
	EXPECT(CALL4(preadv, fd, in, 2, 1), 20002);
	if (!quiet) {
		assert_int_equal(c[0], 'b');
		assert_memory_equal(back, "cbb", 3);
	}
	EXPECT(CALL6(preadv2, fd, in, 2, -1ul, 0, 0), 0);
	EXPECT(CALL6(preadv2, fd, in, 2, 0, 0, 0x4000), -EOPNOTSUPP);
	EXPECT(CALL6(preadv2, fd, in, 2, 0, 0, 16), -EOPNOTSUPP);
	EXPECT(CALL3(writev, fd, wrong, 2), -EINVAL);
	EXPECT(CALL3(writev, fd, out, 1025), -EINVAL);
	EXPECT(CALL3(writev, fd, 8, 2), -EFAULT);
	EXPECT(CALL3(writev, fd, bad, 1), -EFAULT);
	EXPECT(CALL3(writev, fd, out, 0), 0);
	EXPECT(CALL1(close, fd), 0);
}

/* A description that others share uses Linux's position; one in append mode too. */
static void test_positions(void **state)
{
	const int shared = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char text[16] = "";
	struct stat st;
	long fd;

	(void)state;
	model_stop();
	model_attach(poll_mode, 1ul << shared);
	EXPECT(CALL3(write, shared, "one\n", 4), 4);
	assert_int_equal(write(shared, "two\n", 4), 4);
	EXPECT(CALL3(write, shared, "three\n", 6), 6);
	assert_int_equal(pread(shared, text, sizeof(text), 0), 14);
	assert_string_equal(text, "one\ntwo\nthree\n");
	EXPECT(CALL3(lseek, shared, 4, LX_SEEK_SET), 4);
	assert_int_equal(lseek(shared, 0, SEEK_CUR), 4);
	EXPECT(CALL3(read, shared, text, 3), 3);
	assert_int_equal(lseek(shared, 0, SEEK_CUR), 7);

	fd = open_file("shared", LX_O_WRONLY | LX_O_APPEND);
	EXPECT(CALL3(write, fd, "four\n", 5), 5);
	assert_int_equal(fstat(shared, &st), 0);
	assert_int_equal(st.st_size, 19);
	EXPECT(CALL1(close, fd), 0);

	fd = open_file("shared", LX_O_RDWR);
	EXPECT(CALL3(write, fd, "ONE", 3), 3);
	EXPECT(CALL3(fcntl, fd, LX_F_SETFL, LX_O_APPEND), 0);
	EXPECT(CALL3(read, fd, text, 2), 2);
	assert_memory_equal(text, "\nt", 2);
	EXPECT(CALL3(write, fd, "five\n", 5), 5);
	assert_int_equal(fstat(shared, &st), 0);
	assert_int_equal(st.st_size, 24);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL1(close, shared), 0);
}

static void test_dup(void **state)
{
	const long fd = open_file("dup", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC | LX_O_CLOEXEC);
	const long copy = CALL1(dup, fd);
	char text[4];

	(void)state;
	EXPECT(CALL3(write, fd, "abcd", 4), 4);
	EXPECT(CALL3(lseek, copy, 0, LX_SEEK_CUR), 4);
	EXPECT(CALL3(fcntl, fd, LX_F_GETFD, 0), 1);
	EXPECT(CALL3(fcntl, copy, LX_F_GETFD, 0), 0);
	EXPECT(CALL3(fcntl, copy, LX_F_DUPFD, 100), 100);
	EXPECT(CALL3(dup3, fd, 5, 0), 5);
	EXPECT(CALL3(dup3, fd, fd, 0), -EINVAL);
	EXPECT(CALL3(dup3, fd, 6, 1), -EINVAL);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL1(close, copy), 0);
	EXPECT(CALL1(close, 5), 0);
	EXPECT(CALL4(pread64, 100, text, 4, 0), 4);
	EXPECT(CALL1(close, 100), 0);
}

static void test_names(void **state)
{
	struct lx_stat st;
	struct lx_statx stx;
	char text[LX_PATH_MAX], long_name[5000];
	long fd;

	(void)state;
	EXPECT(CALL3(mkdirat, LX_AT_FDCWD, "d", 0755), 0);
	EXPECT(CALL3(mkdirat, LX_AT_FDCWD, "d", 0755), -EEXIST);
	fd = open_file("d/a", LX_O_WRONLY | LX_O_CREAT);
	EXPECT(CALL3(write, fd, "hello", 5), 5);
	EXPECT(CALL3(fstat, fd, &st, 0), 0);
	if (!quiet) {
		struct stat real;

		assert_int_equal(st.size, 5);
		assert_int_equal(stat("d/a", &real), 0);
		assert_int_equal(st.ino, real.st_ino);
		assert_int_equal(st.dev, real.st_dev);
		assert_int_equal(st.mode, real.st_mode);
		assert_int_equal(st.mtime.sec, real.st_mtim.tv_sec);
		assert_int_equal(st.mtime.nsec, real.st_mtim.tv_nsec);
	}
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL4(renameat, LX_AT_FDCWD, "d/a", LX_AT_FDCWD, "d/b"), 0);
	EXPECT(CALL6(renameat2, LX_AT_FDCWD, "d/b", LX_AT_FDCWD, "d/b", 1, 0), -EEXIST);
	EXPECT(CALL6(linkat, LX_AT_FDCWD, "d/b", LX_AT_FDCWD, "d/c", 0, 0), 0);
	EXPECT(CALL3(symlinkat, "target", LX_AT_FDCWD, "d/l"), 0);
	EXPECT(CALL4(readlinkat, LX_AT_FDCWD, "d/l", text, sizeof(text)), 6);
	EXPECT(CALL4(readlinkat, LX_AT_FDCWD, "d/l", text, 2), 2);
	EXPECT(CALL4(newfstatat, LX_AT_FDCWD, "d/l", &st, LX_AT_SYMLINK_NOFOLLOW), 0);
	EXPECT(CALL4(newfstatat, LX_AT_FDCWD, "d/zzz", &st, 0), -ENOENT);
	EXPECT(CALL6(statx, LX_AT_FDCWD, "d/b", 0, LX_STATX_BASIC, &stx, 0), 0);
	EXPECT(CALL3(faccessat, LX_AT_FDCWD, "d/b", 4), 0);
	fd = open_file("d", LX_O_DIRECTORY);
	EXPECT(CALL4(newfstatat, fd, "b", &st, 0), 0);
	EXPECT(CALL4(newfstatat, fd, "", &st, LX_AT_EMPTY_PATH), 0);
	EXPECT(CALL3(read, fd, text, 10), -EISDIR);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL3(unlinkat, LX_AT_FDCWD, "d/b", 0), 0);
	EXPECT(CALL3(unlinkat, LX_AT_FDCWD, "d/c", 0), 0);
	EXPECT(CALL3(unlinkat, LX_AT_FDCWD, "d", 0x200), -ENOTEMPTY);
	EXPECT(CALL3(unlinkat, LX_AT_FDCWD, "d/l", 0), 0);
	EXPECT(CALL3(unlinkat, LX_AT_FDCWD, "d", 0x200), 0);
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = 0;
	EXPECT(open_file(long_name, 0), -ENAMETOOLONG);
	EXPECT(CALL3(getcwd, text, sizeof(text), 0), (long)strlen(folder) + 1);
	if (!quiet)
		assert_string_equal(text, folder);
	EXPECT(CALL3(getcwd, text, 3, 0), -ERANGE);
	EXPECT(CALL1(chdir, "/"), 0);
	EXPECT(CALL1(chdir, folder), 0);
	assert_int_equal(chdir(folder), 0);
}

/* Every name of a directory with many entries, once. */
static void test_directory(void **state)
{
	uint8_t buffer[1000];
	unsigned seen = 0;
	long fd, size;
	char name[32];

	(void)state;
	mkdir("many", 0755);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many/file%d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	fd = open_file("many", LX_O_DIRECTORY);
	while ((size = CALL3(getdents64, fd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < size;) {
			uint16_t length;

			memcpy(&length, buffer + at + 16, 2);
			seen += buffer[at + 19] == 'f';
			at += length;
		}
	}
	EXPECT(size, 0);
	if (!quiet)
		assert_int_equal(seen, 300);
	EXPECT(CALL3(lseek, fd, 0, LX_SEEK_SET), 0);
	EXPECT(CALL3(getdents64, fd, buffer, 5), -EINVAL);
	EXPECT(CALL1(close, fd), 0);
}

static void test_pipe(void **state)
{
	int32_t fds[2] = { -1, -1 };
	struct lx_pollfd polled[2];
	const struct lx_timespec now = { 0, 0 };
	const struct lx_sigaction ignore = { .handler = LX_SIG_IGN };
	uint64_t set[16] = { 0 };
	char text[10];

	(void)state;
	EXPECT(CALL3(pipe2, fds, 0, 0), 0);
	polled[0] = (struct lx_pollfd){ .fd = fds[0], .events = 1 };
	polled[1] = (struct lx_pollfd){ .fd = 500, .events = 1 };
	EXPECT(CALL4(ppoll, polled, 1, &now, 0), 0);
	EXPECT(CALL3(write, fds[1], "abc", 3), 3);
	EXPECT(CALL4(ppoll, polled, 2, 0, 0), 2);
	if (!quiet) {
		assert_int_equal(polled[0].revents, 1);
		assert_int_equal(polled[1].revents, 0x20);
		set[0] = 1ul << fds[0];
	}
	EXPECT(CALL6(pselect6, 64, set, 0, 0, &now, 0), 1);
	EXPECT(CALL3(read, fds[0], text, 10), 3);
	EXPECT(CALL3(lseek, fds[0], 0, 0), -ESPIPE);
	EXPECT(CALL4(pread64, fds[0], text, 1, 0), -ESPIPE);
	EXPECT(CALL1(close, fds[0]), 0);
	signal(SIGPIPE, SIG_IGN);
	EXPECT(CALL4(rt_sigaction, LX_SIGPIPE, &ignore, 0, 8), 0);
	EXPECT(CALL3(write, fds[1], "abc", 3), -EPIPE);
	EXPECT(CALL1(close, fds[1]), 0);
	EXPECT(CALL1(pipe2, 8), -EFAULT);
}

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
	long at, to;

	(void)state;
	EXPECT(CALL3(write, fd, data, 40000), 40000);
	at = CALL6(mmap, 0, 8192, 3, LX_MAP_SHARED, fd, 0);
	if (at > 0) {
		((uint8_t *)at)[7] = 'x';
		to = CALL6(mremap, at, 8192, 45056, 1, 0, 0);
		if (to > 0) {
			at = to;
			expect_pattern((uint8_t *)at + 8, 8, 40000 - 8);
			((uint8_t *)at)[39999] = 'y';
			EXPECT(((uint8_t *)at)[7], 'x');
			EXPECT(CALL6(mremap, at, 45056, 40960, 0, 0, 0), at);
		}
		EXPECT(CALL3(munmap, at, 45056, 0), 0);
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

static void test_control(void **state)
{
	const long fd = open_file("control", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);
	struct lx_flock lock = { .type = 1, .whence = LX_SEEK_CUR, .len = 10 };
	uint8_t termios[64], names[390];
	uint64_t limits[2];
	int32_t left = 0;

	(void)state;
	EXPECT(CALL3(write, fd, "12345", 5), 5);
	EXPECT(CALL3(lseek, fd, 2, 0), 2);
	EXPECT(CALL3(ioctl, fd, 0x541b, &left), 0);
	EXPECT(left, 3);
	EXPECT(CALL3(ioctl, fd, 0x5401, termios), -ENOTTY);
	EXPECT(CALL3(ioctl, fd, 0xdead, termios), -ENOTTY);
	EXPECT(CALL3(ioctl, 99, 0x5401, termios), -EBADF);
	EXPECT(CALL3(fcntl, fd, LX_F_SETLK, &lock), 0);
	EXPECT(CALL3(fcntl, fd, LX_F_GETFL, 0) & LX_O_ACCMODE, LX_O_RDWR);
	EXPECT(CALL3(fcntl, fd, 9999, 0), -EINVAL);
	EXPECT(CALL1(uname, names), 0);
	EXPECT(CALL4(prlimit64, 0, 7, 0, limits), 0);
	EXPECT(CALL4(utimensat, fd, 0, 0, 0), 0);
	EXPECT(CALL3(fchmodat, LX_AT_FDCWD, "control", 0600), 0);
	EXPECT(CALL3(truncate, "control", 2, 0), 0);
	EXPECT(model_call(400, 0, 0, 0, 0, 0, 0), -ENOSYS);
	EXPECT(model_call(99999, 0, 0, 0, 0, 0, 0), -ENOSYS);
	EXPECT(((struct rm_report *)(model.region + RM_REPORT_OFFSET))->calls, 2);
	EXPECT(CALL1(clone, 0), -ENOSYS);
	EXPECT(CALL1(close, fd), 0);
}

static void test_signals(void **state)
{
	struct lx_sigaction action = { .handler = 0x1234 }, old = { 0 };
	const uint64_t all = ~0ul, none = 0;
	jmp_buf end;

	(void)state;
	model.end = &end;
	action.handler = LX_SIG_IGN;
	EXPECT(CALL4(rt_sigaction, 10, &action, &old, 8), 0);
	EXPECT(old.handler, LX_SIG_DFL);
	EXPECT(model.ignored, 1u << 10);
	EXPECT(CALL3(kill, rm_enclave.pid, 10, 0), 0);
	EXPECT(CALL4(rt_sigaction, 10, &action, &old, 8), 0);
	EXPECT(old.handler, LX_SIG_IGN);
	EXPECT(CALL4(rt_sigaction, LX_SIGKILL, &action, 0, 8), -EINVAL);
	EXPECT(CALL4(rt_sigaction, 65, &action, 0, 8), -EINVAL);
	EXPECT(CALL3(tkill, rm_enclave.pid, 0, 0), 0);
	EXPECT(CALL3(tkill, rm_enclave.pid + 100, 0, 0), -ESRCH);
	/* As raise() does it: the signal waits behind the mask. */
	EXPECT(CALL4(rt_sigprocmask, 0, &all, 0, 8), 0);
	EXPECT(CALL3(tkill, rm_enclave.pid, LX_SIGABRT, 0), 0);
	EXPECT(model.signaled, 0);
	if (setjmp(end) == 0) {
		CALL4(rt_sigprocmask, 2, &none, 0, 8);
		rm_signal_upcall(model.thread);
		fail_msg("SIGABRT did not end the enclave");
	}
	assert_int_equal(model.signaled, LX_SIGABRT);
}

static void test_time(void **state)
{
	struct lx_timespec a, b;
	int64_t day[2];

	(void)state;
	EXPECT(CALL3(clock_gettime, 1, &a, 0), 0);
	EXPECT(CALL3(clock_gettime, 1, &b, 0), 0);
	assert_true(b.sec > a.sec || b.nsec > a.nsec);
	EXPECT(CALL3(clock_gettime, 0, &a, 0), 0);
	assert_int_equal(a.sec, 1800000000);
	EXPECT(CALL3(gettimeofday, day, 0, 0), 0);
	assert_int_equal(day[0], 1800000000);
	EXPECT(CALL3(clock_gettime, 77, &a, 0), -EINVAL);
	EXPECT(CALL3(clock_gettime, 1, 8, 0), -EFAULT);
	EXPECT(CALL3(clock_getres, 1, 0, 0), 0);
}

static void test_children(void **state)
{
	struct { struct rm_spawn head; char strings[16]; } request = { .head = { .argc = 1, .strings = sizeof(struct rm_spawn) } };
	uint32_t status = 0;
	int32_t info[32];
	long pid;

	(void)state;
	memcpy(request.strings, "/bin/x\0x", 9);
	EXPECT(CALL3(wait4, -1, &status, 0), -ECHILD);
	EXPECT(model_call(RM_CALL_SPAWN, (unsigned long)&request, sizeof(struct rm_spawn) - 1, 0, 0, 0, 0), -EINVAL);
	EXPECT(model_call(RM_CALL_SPAWN, (unsigned long)&request, RM_SPAWN_MAX + 1, 0, 0, 0, 0), -E2BIG);
	EXPECT(model_call(RM_CALL_SPAWN, 8, sizeof(request), 0, 0, 0, 0), -EFAULT);
	pid = model_call(RM_CALL_SPAWN, (unsigned long)&request, sizeof(request), 0, 0, 0, 0);
	if (!quiet)
		assert_true(pid > 1);
	EXPECT(CALL6(waitid, 1, pid, info, 4 | 0x01000000, 0, 0), 0);
	EXPECT(CALL4(wait4, pid, &status, 0, 0), pid);
	if (!quiet) {
		assert_int_equal(info[0], SIGCHLD);
		assert_int_equal(info[4], pid);
		assert_int_equal(status & 0xff, 0);
		assert_int_equal(info[6], status >> 8);
	}
}

static void (*const programs[])(void **) = { test_large,     test_vectors, test_dup, test_names,
					     test_directory, test_pipe,	   test_map, test_control,
					     test_map_shared, test_map_move, test_children };

/* One program with its n-th operation answered by a liar whose decisions come from a seed. Returns how many it made. */
static uint64_t run_hostile(unsigned program, uint64_t n, unsigned seed)
{
	uint8_t script[512];

	srand(seed);
	for (size_t i = 0; i < sizeof(script); i++)
		script[i] = (uint8_t)(rand() >> 7);
	model_attach(seed & 1, 0);
	model.hostile_at = n;
	model.script = script;
	model.script_left = sizeof(script);
	model.turns_max = 3000;
	programs[program](NULL);
	assert_int_equal(model.thread->slots, 0);
	assert_int_equal(model.thread->used, 0);
	return model.operations;
}

static void test_nth_hostile(void **state)
{
	static const unsigned step[] = { 7, 1, 1, 1, 5, 1, 1, 1, 1, 1, 1 };

	(void)state;
	quiet = true;
	for (unsigned program = 0; program < sizeof(programs) / sizeof(programs[0]); program++) {
		for (uint64_t n = 1; n < 400; n += step[program]) {
			const uint64_t made = run_hostile(program, n, (unsigned)(n * 31 + program));

			model_stop();
			/* Descriptors that a lie lost stay with the model; leave the real ones closed. */
			for (int fd = 3; fd < 64; fd++)
				close(fd);
			assert_int_equal(chdir(folder), 0);
			if (made < n)
				break;
		}
	}
	quiet = false;
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) == 0 ? 0 : -1;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
#define POLLED(f) { "polled." #f, f, start_polled, stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_large),      TEST(test_vectors), TEST(test_positions), TEST(test_dup),     TEST(test_names),
		TEST(test_directory),  TEST(test_pipe),	   TEST(test_map),	 TEST(test_control), TEST(test_signals),
		TEST(test_time),       POLLED(test_large), POLLED(test_vectors), POLLED(test_names), POLLED(test_pipe),
		TEST(test_children), TEST(test_map_shared), TEST(test_map_move),  POLLED(test_map_shared), POLLED(test_map_move),
		POLLED(test_positions), cmocka_unit_test(test_nth_hostile),
	};

	return cmocka_run_group_tests_name("runtime.posix", tests, make_folder, remove_folder);
}
