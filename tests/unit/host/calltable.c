/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "calltable.h"

/* Numbers of AArch64. */
enum { GETCWD = 17, FCNTL = 25, IOCTL = 29, FCHDIR = 50, GETDENTS = 61, PPOLL = 73, READLINKAT = 78, PRCTL = 167, EXECVE = 221 };

#define SIZE 65536u

static uint8_t region[SIZE];
static uint64_t arg[6];

static int translate(uint32_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct rm_host_call call = { .number = number, .arg = { a, b, c, d, 5, 6 } };

	return call_translate(&call, region, SIZE, arg);
}

static uint64_t address(uint64_t offset)
{
	return (uint64_t)(uintptr_t)(region + offset);
}

static void values(void **state)
{
	(void)state;
	assert_int_equal(translate(FCHDIR, ~0ull, 2, 3, 4), 0);
	assert_true(arg[0] == ~0ull);
	assert_int_equal(arg[5], 6);
}

static void unknown(void **state)
{
	(void)state;
	assert_int_equal(translate(EXECVE, 0, 0, 0, 0), -ENOSYS);
	assert_int_equal(translate(UINT32_MAX, 0, 0, 0, 0), -ENOSYS);
	assert_int_equal(translate(FCHDIR + 0x10000, 0, 0, 0, 0), -ENOSYS);
}

static void buffers(void **state)
{
	(void)state;
	assert_int_equal(translate(GETDENTS, 3, 4096, 1024, 0), 0);
	assert_true(arg[0] == 3 && arg[1] == address(4096) && arg[2] == 1024);
	assert_int_equal(translate(GETDENTS, 3, SIZE - 1024, 1024, 0), 0);
	assert_int_equal(translate(GETDENTS, 3, SIZE - 1023, 1024, 0), -EFAULT);
	assert_int_equal(translate(GETDENTS, 3, SIZE, 0, 0), -EFAULT);
	assert_int_equal(translate(GETDENTS, 3, 0, ~0ull, 0), -EFAULT);
	assert_int_equal(translate(GETDENTS, 3, ~0ull - 1, 16, 0), -EFAULT);
	assert_int_equal(translate(GETDENTS, 3, RM_HOST_NULL, 16, 0), 0);
	assert_int_equal(arg[1], 0);
	assert_int_equal(translate(GETCWD, 64, 100, 0, 0), 0);
	assert_true(arg[0] == address(64));
}

static void arrays(void **state)
{
	(void)state;
	assert_int_equal(translate(PPOLL, 0, SIZE / 8, RM_HOST_NULL, RM_HOST_NULL), 0);
	assert_int_equal(translate(PPOLL, 0, SIZE / 8 + 1, RM_HOST_NULL, RM_HOST_NULL), -EFAULT);
	assert_int_equal(translate(PPOLL, 0, 1ull << 61, RM_HOST_NULL, RM_HOST_NULL), -EFAULT);
}

static void strings(void **state)
{
	(void)state;
	strcpy((char *)region + 128, "name");
	assert_int_equal(translate(READLINKAT, 3, 128, 256, 100), 0);
	assert_true(arg[1] == address(128) && arg[2] == address(256));
	memset(region + SIZE - 16, 'x', 16);
	assert_int_equal(translate(READLINKAT, 3, SIZE - 16, 256, 100), -EFAULT);
	memset(region + SIZE - 16, 0, 16);
	assert_int_equal(translate(READLINKAT, 3, SIZE - 1, 256, 100), 0);
}

static void by_request(void **state)
{
	(void)state;
	assert_int_equal(translate(IOCTL, 1, 0x5413 /* TIOCGWINSZ */, 512, 0), 0);
	assert_true(arg[2] == address(512));
	assert_int_equal(translate(IOCTL, 1, 0x5413, SIZE - 8, 0), -EFAULT);
	assert_int_equal(translate(IOCTL, 1, 0x540b /* TCFLSH */, 2, 0), 0);
	assert_int_equal(arg[2], 2);
	assert_int_equal(translate(FCNTL, 1, 4 /* F_SETFL */, 0x800, 0), 0);
	assert_int_equal(arg[2], 0x800);
	assert_int_equal(translate(FCNTL, 1, 6 /* F_SETLK */, 1024, 0), 0);
	assert_true(arg[2] == address(1024));
	assert_int_equal(translate(FCNTL, 1, 6, SIZE - 31, 0), -EFAULT);
}

/* Only what the runtime asks for: the others would change the proxy. */
static void prctl_options(void **state)
{
	enum { SET_NAME = 15, GET_NO_NEW_PRIVS = 39 };
	static const uint32_t refused[] = { 0, 5, 14, 22 /* SET_SECCOMP */, 35 /* SET_MM */, 59 /* SET_SYSCALL_USER_DISPATCH */,
					    0x53564d41 /* SET_VMA */, UINT32_MAX };

	(void)state;
	assert_int_equal(translate(PRCTL, GET_NO_NEW_PRIVS, 0, 0, 0), 0);
	assert_int_equal(translate(PRCTL, SET_NAME, 64, 0, 0), 0);
	assert_true(arg[1] == address(64));
	assert_int_equal(translate(PRCTL, SET_NAME, SIZE - 15, 0, 0), -EFAULT);
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(translate(PRCTL, refused[i], 64, 0, 0), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),  cmocka_unit_test(unknown), cmocka_unit_test(buffers),
		cmocka_unit_test(arrays),  cmocka_unit_test(strings), cmocka_unit_test(by_request),
		cmocka_unit_test(prctl_options),
	};

	return cmocka_run_group_tests_name("host.calltable", tests, NULL, NULL);
}
