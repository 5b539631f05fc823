/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proxy.h"

static int is_in(const uint64_t *bitmap, int fd)
{
	return bitmap[fd / 64] >> (fd % 64) & 1;
}

static void finds_open_ones(void **state)
{
	uint64_t bitmap[RM_FD_MAX / 64];
	int fd;

	(void)state;
	/* What whoever runs us left open would stand above ours. */
	closefrom(3);
	fd = fcntl(0, F_DUPFD, 200);
	assert_true(fd >= 200);
	descriptors_inherited(bitmap);
	assert_true(is_in(bitmap, fd));
	assert_true(is_in(bitmap, 1));
	close(fd);
	/* Whatever the bitmap held: all of it is written, though the last open descriptor stands in an early word. */
	memset(bitmap, 0xff, sizeof(bitmap));
	descriptors_inherited(bitmap);
	assert_false(is_in(bitmap, fd));
}

static void moves_its_own(void **state)
{
	struct rlimit before, after;
	int fd = open("/dev/null", O_RDONLY), high;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	high = descriptor_out_of_the_way(fd);
	getrlimit(RLIMIT_NOFILE, &after);
	assert_int_equal(before.rlim_cur, after.rlim_cur);
	if (before.rlim_max <= RM_FD_MAX)
		skip();
	assert_true(high >= (int)RM_FD_MAX);
	assert_int_equal(fcntl(high, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	close(high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_open_ones),
		cmocka_unit_test(moves_its_own),
	};

	return cmocka_run_group_tests_name("host.descriptors", tests, NULL, NULL);
}
