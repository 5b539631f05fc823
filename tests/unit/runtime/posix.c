/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and naming files on top of the honest model: what a program sees must be what Linux gives. Then the same programs with one
 * operation after the other answered by a hostile host: nothing may break.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "model/program.h"

#define BIG (3u << 20)

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
	const bool polled = model.thread->poll;
	char text[16] = "";
	struct stat st;
	long fd;

	(void)state;
	model_stop();
	model_attach(polled, 1ul << shared);
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
	EXPECT(CALL3(getcwd, text, sizeof(text), 0), (long)strlen(program_folder) + 1);
	if (!quiet)
		assert_string_equal(text, program_folder);
	EXPECT(CALL3(getcwd, text, 3, 0), -ERANGE);
	EXPECT(CALL1(chdir, "/"), 0);
	EXPECT(CALL1(chdir, program_folder), 0);
	assert_int_equal(chdir(program_folder), 0);
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

static void test_hostile(void **state)
{
	(void)state;
	program_hostile_steps(test_large, 7);
	program_every_hostile(test_vectors);
	program_every_hostile(test_dup);
	program_every_hostile(test_names);
	program_hostile_steps(test_directory, 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_large), TEST(test_vectors), TEST(test_positions), TEST(test_dup), TEST(test_names),
		TEST(test_directory), POLLED(test_large), POLLED(test_vectors), POLLED(test_positions), POLLED(test_names),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("runtime.posix", tests, program_make_folder, program_remove_folder);
}
