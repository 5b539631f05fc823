/* SPDX-License-Identifier: MIT */
/*
 * Files of a program on the model: names that mean the enclave, what is made of /proc/self, attributes, locks, ways of opening. Then a host
 * that lies about each operation, and lists of attributes that cannot be.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "model/program.h"
#include "posix/posix.h"
#include "posix/proc.h"

#define NOWHERE (~0ul << 48)

static void expect_text(const char *got, const char *expected)
{
	if (!quiet)
		assert_memory_equal(got, expected, strlen(expected));
}

static void expect_contains(const char *got, const char *expected)
{
	if (!quiet)
		assert_non_null(strstr(got, expected));
}

/* Numbers of descriptors are the enclave's: 50 and 51 name what the proxy has as something else. */
static void test_paths(void **state)
{
	char text[LX_PATH_MAX], here[LX_PATH_MAX], byte = 0;
	long fd = open_file("named", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC), again, directory, length;

	(void)state;
	EXPECT(CALL3(write, fd, "content", 7), 7);
	EXPECT(CALL3(fcntl, fd, LX_F_DUPFD, 50), 50);
	EXPECT(CALL3(getcwd, here, sizeof(here), 0) > 0, 1);
	memset(text, 0, sizeof(text));
	length = CALL4(readlinkat, LX_AT_FDCWD, "/proc/self/fd/50", text, sizeof(text) - 1);
	if (!quiet && length > 6)
		assert_string_equal(text + length - 6, "/named");
	EXPECT(CALL4(readlinkat, LX_AT_FDCWD, "/proc/self/fd/51", text, sizeof(text)), -ENOENT);
	again = open_file("//dev/./fd//50", 0);
	EXPECT(CALL3(read, again, &byte, 1), 1);
	EXPECT(byte, 'c');
	EXPECT(open_file("/dev/fd/51", 0), -ENOENT);
	EXPECT(open_file("/proc/self/mem", 0), -EACCES);
	EXPECT(open_file("/proc/self/maps", LX_O_RDWR), -EACCES);
	directory = open_file("/proc/self/fd", LX_O_DIRECTORY);
	memset(text, 0, sizeof(text));
	length = CALL4(readlinkat, directory, "50", text, sizeof(text) - 1);
	if (!quiet && length > 6)
		assert_string_equal(text + length - 6, "/named");
	EXPECT(CALL3(read, directory, text, 10), -EISDIR);
	EXPECT(CALL1(close, 50), 0);
	EXPECT(CALL1(close, directory), 0);
	EXPECT(CALL1(close, again), 0);
	EXPECT(CALL1(close, fd), 0);
}

static long whole(const char *name, char *text, size_t size)
{
	const long fd = open_file(name, 0);
	long result;

	memset(text, 0, size);
	result = CALL3(read, fd, text, size - 1);
	EXPECT(CALL1(close, fd), 0);
	return result;
}

static void test_made(void **state)
{
	char text[8192], key[64];
	uint8_t records[200];
	uint16_t length;
	long fd, size, done = 0;
	unsigned count = 0;

	(void)state;
	EXPECT(CALL3(prctl, 15, "tester", 0), 0);
	EXPECT(whole("/proc/self/comm", text, sizeof(text)), 7);
	expect_text(text, "tester\n");
	EXPECT(whole("/proc/self/maps", text, sizeof(text)) > 0, 1);
	expect_contains(text, " rw-p 00000000 00:00 0");
	EXPECT(whole("/proc/self/statm", text, sizeof(text)) > 0, 1);
	expect_contains(text, " 0 ");
	EXPECT(whole("/proc/self/status", text, sizeof(text)) > 0, 1);
	expect_text(text, "Name:\ttester\n");
	snprintf(key, sizeof(key), "\nPid:\t%u\n", rm_enclave.pid);
	expect_contains(text, key);
	expect_contains(text, "\nThreads:\t1\n");
	EXPECT(whole("/proc/self/stat", text, sizeof(text)) > 0, 1);
	snprintf(key, sizeof(key), "%u (tester) R ", rm_enclave.pid);
	expect_text(text, key);
	/* Descriptors, a few at a time. */
	fd = open_file("/proc/self/fd", LX_O_DIRECTORY);
	EXPECT(CALL3(getdents64, fd, records, 8), -EINVAL);
	while ((size = CALL3(getdents64, fd, records, 60)) > 0) {
		for (done = 0; done < size; done += length) {
			memcpy(&length, records + done + 16, sizeof(length));
			count++;
			if (length == 0)
				break;
		}
	}
	EXPECT(count, 3);	/* ".", ".." and the directory itself */
	EXPECT(CALL3(lseek, fd, 0, LX_SEEK_END), -EINVAL);
	EXPECT(CALL3(lseek, fd, -1, LX_SEEK_SET), -EINVAL);
	EXPECT(CALL1(close, fd), 0);
	fd = open_file("/proc/self/comm", LX_O_WRONLY);
	EXPECT(CALL3(write, fd, "another", 7), 7);
	EXPECT(CALL3(read, fd, text, 1), -EBADF);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL3(prctl, 16, text, 0), 0);
	expect_text(text, "another");
}

/* What several lines say is asked for once, however many regions there are. */
static void test_made_once(void **state)
{
	static const char *const names[] = { "/proc/self/status", "/proc/self/stat", "/proc/self/statm" };
	char text[8192];
	unsigned walk;

	(void)state;
	EXPECT(whole("/proc/self/maps", text, sizeof(text)) > 0, 1);
	walk = model.regions;
	for (unsigned i = 0; i < 3; i++) {
		model.regions = 0;
		EXPECT(whole(names[i], text, sizeof(text)) > 0, 1);
		assert_in_range(model.regions, 1, walk + 10);
	}
}

/* The program took away the memory where the text is made. */
static void test_made_gone(void **state)
{
	static const char *const names[] = { "/proc/self/status", "/proc/self/environ", "/proc/self/maps" };
	char text[100];

	(void)state;
	rm_enclave.args_end = (uint64_t)"A=1";
	rm_enclave.environ_end = rm_enclave.args_end + 4;
	for (unsigned i = 0; i < 3; i++) {
		const long fd = open_file(names[i], 0);
		struct rm_desc *desc;
		uint64_t pages;

		EXPECT(CALL3(read, fd, text, 1), 1);
		desc = rm_get((unsigned long)fd);
		pages = desc->made_text;
		desc->made_text = 8;
		EXPECT(CALL3(lseek, fd, 0, LX_SEEK_SET), 0);
		EXPECT(CALL3(read, fd, text, sizeof(text)), -EFAULT);
		desc->made_text = pages;
		rm_put(model.thread, desc);
		EXPECT(CALL3(read, fd, text, 1), 1);
		EXPECT(CALL1(close, fd), 0);
	}
}

static void test_open_ways(void **state)
{
	uint64_t how[4] = { LX_O_RDWR | LX_O_CREAT, 0600, 0, 0 };
	long fd;

	(void)state;
	fd = CALL4(openat2, LX_AT_FDCWD, "how", how, 24);
	EXPECT(CALL3(write, fd, "x", 1), 1);
	EXPECT(CALL1(close, fd), 0);
	fd = CALL4(openat2, LX_AT_FDCWD, "how", how, 32);
	EXPECT(CALL1(close, fd), 0);
	how[3] = 1;
	EXPECT(CALL4(openat2, LX_AT_FDCWD, "how", how, 32), -E2BIG);
	EXPECT(CALL4(openat2, LX_AT_FDCWD, "how", how, 16), -EINVAL);
	EXPECT(CALL4(openat2, LX_AT_FDCWD, "how", 8, 24), -EFAULT);
	EXPECT(CALL4(openat2, LX_AT_FDCWD, "how", how, 5000), -E2BIG);
	fd = CALL3(memfd_create, "name", 0, 0);
	EXPECT(CALL3(write, fd, "x", 1), 1);
	EXPECT(CALL1(close, fd), 0);
}

static void test_attributes(void **state)
{
	static char large[70000];
	char value[64] = { 0 };
	long fd = open_file("attributes", LX_O_RDWR | LX_O_CREAT), set;

	(void)state;
	set = CALL6(fsetxattr, fd, "user.one", "value", 5, 0, 0);
	if (set == 0) {
		EXPECT(CALL6(getxattr, "attributes", "user.one", value, 64, 0, 0), 5);
		expect_text(value, "value");
		EXPECT(CALL3(flistxattr, fd, value, 64) >= 9, 1);
		EXPECT(CALL3(listxattr, "attributes", 0, 0) >= 9, 1);
		EXPECT(CALL3(removexattr, "attributes", "user.one", 0), 0);
	}
	EXPECT(CALL6(setxattr, "attributes", "", "v", 1, 0, 0), -ERANGE);
	EXPECT(CALL6(setxattr, "attributes", "user.a", value, 65537, 0, 0), -E2BIG);
	EXPECT(CALL6(setxattr, "attributes", "user.a", value, 1, 8, 0), -EINVAL);
	EXPECT(CALL6(setxattr, "attributes", "user.a", 8, 1, 0, 0), -EFAULT);
	EXPECT(CALL6(fgetxattr, 99, "user.a", value, 1, 0, 0), -EBADF);
	EXPECT(CALL6(setxattr, "attributes", "user.a", NOWHERE, 1, 0, 0), -EFAULT);
	EXPECT(CALL6(setxattr, "attributes", "user.a", 0, 0, 0, 0), set);
	EXPECT(CALL6(lgetxattr, "attributes", "user.a", large, 70000, 0, 0), set == 0 ? 0 : set == -EOPNOTSUPP ? -EOPNOTSUPP : -ENODATA);
	EXPECT(CALL6(fsetxattr, fd, "user.a", "value", 5, 0, 0), set);
	if (set == 0)
		EXPECT(CALL6(fgetxattr, fd, "user.a", NOWHERE, 5, 0, 0), -EFAULT);
	EXPECT(CALL1(close, fd), 0);
}

static void test_locks(void **state)
{
	struct lx_flock lock = { .type = 1, .whence = LX_SEEK_CUR, .start = 1, .len = 2 };
	long fd = open_file("locked", LX_O_RDWR | LX_O_CREAT), copy = CALL1(dup, fd);

	(void)state;
	EXPECT(CALL3(lseek, fd, 4, LX_SEEK_SET), 4);
	EXPECT(CALL3(fcntl, fd, LX_F_SETLK, &lock), 0);
	EXPECT(CALL1(close, copy), 0);
	EXPECT(CALL3(fcntl, fd, LX_F_SETLK, 8), -EFAULT);
	EXPECT(CALL3(fcntl, fd, 9999, 0), -EINVAL);
	EXPECT(CALL2(flock, fd, 2), 0);		/* LOCK_EX */
	EXPECT(CALL2(flock, fd, 8 | 4), 0);	/* LOCK_UN | LOCK_NB */
	EXPECT(CALL2(fstat, fd, NOWHERE), -EFAULT);
	EXPECT(CALL3(fcntl, fd, LX_F_SETLK, NOWHERE), -EFAULT);
	EXPECT(open_file((const char *)NOWHERE, 0), -EFAULT);
	EXPECT(CALL3(close_range, 20, 10, 0), -EINVAL);
	EXPECT(CALL3(close_range, fd, fd, 0), 0);
	EXPECT(CALL1(close, fd), -EBADF);
}

static void test_limit(void **state)
{
	(void)state;
	rm_fd_limit(&rm_enclave.fds, 2);
	EXPECT(open_file("/dev/null", 0), 0);
	EXPECT(CALL1(dup, 0), 1);
	EXPECT(open_file("/dev/null", 0), -EMFILE);
	EXPECT(CALL1(dup, 0), -EMFILE);
	EXPECT(CALL3(fcntl, 0, LX_F_DUPFD, 2), -EINVAL);
	EXPECT(CALL3(dup3, 0, 2, 0), -EBADF);
	EXPECT(CALL1(close, 1), 0);
	EXPECT(CALL1(close, 0), 0);
}

static void test_identity(void **state)
{
	uint32_t ids[3], data[6], header[2] = { 0x20080522, 0 };

	(void)state;
	EXPECT(CALL3(getresuid, &ids[0], &ids[1], &ids[2]), 0);
	EXPECT(ids[0], rm_enclave.uid);
	EXPECT(CALL3(capget, header, data, 0), 0);
	EXPECT(CALL3(capget, 8, data, 0), -EFAULT);
	EXPECT(CALL3(prctl, 9999, 0, 0), -EINVAL);
}

static void test_text(void **state)
{
	char room[16];
	struct rm_text text = { .at = room, .size = sizeof(room) };
	const char *at = "123x";

	(void)state;
	rm_text_format(&text, "%s %d %4lx|", "ab", -7, 0x1ful);
	assert_int_equal(text.used, 11);
	assert_memory_equal(room, "ab -7 001f|", 11);
	assert_false(text.full);
	rm_text_decimal(&text, 1234567, 0);
	assert_int_equal(text.used, 16);
	assert_true(text.full);
	assert_int_equal(rm_text_number(&at, at + 4), 123);
	assert_int_equal(*at, 'x');
}

static void test_hostile(void **state)
{
	(void)state;
	program_every_hostile(test_paths);
	program_every_hostile(test_made);
	program_every_hostile(test_open_ways);
	program_every_hostile(test_attributes);
	program_every_hostile(test_locks);
	program_every_hostile(test_identity);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_paths), TEST(test_made), TEST(test_made_once), TEST(test_made_gone), TEST(test_open_ways), TEST(test_attributes), TEST(test_locks), TEST(test_limit),
		TEST(test_identity), POLLED(test_open_ways), cmocka_unit_test(test_text), cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("runtime.files", tests, program_make_folder, program_remove_folder);
}
