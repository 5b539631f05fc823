/* SPDX-License-Identifier: MIT */
/* The descriptor table: numbers as Linux gives them, sharing by dup(), exhaustion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "posix/fd.h"
#include "sys/linux.h"

static struct rm_fd_table table;

static int fresh(void **state)
{
	const uint64_t inherited[RM_FD_MAX / 64] = { 7 };

	(void)state;
	rm_fd_init(&table, inherited);
	return 0;
}

static int open_one(int host_fd)
{
	const int fd = rm_fd_reserve(&table, 0, false);

	return fd < 0 ? fd : rm_fd_install(&table, 0, fd, host_fd, 0);
}

/* Closes; the host's descriptor if it was the last reference. */
static int close_one(int fd)
{
	struct rm_desc *desc = rm_fd_remove(&table, fd);

	return desc ? rm_fd_put(&table, desc) : -EBADF;
}

static void test_inherited(void **state)
{
	struct rm_desc *desc = rm_fd_get(&table, 2);

	(void)state;
	assert_non_null(desc);
	assert_int_equal(desc->host_fd, 2);
	assert_false(desc->opened);
	assert_int_equal(rm_fd_put(&table, desc), -1);
	assert_null(rm_fd_get(&table, 3));
	assert_null(rm_fd_get(&table, -1));
	assert_null(rm_fd_get(&table, RM_FD_MAX));
	assert_int_equal(close_one(1), 1);
	assert_int_equal(close_one(1), -EBADF);
}

static void test_lowest(void **state)
{
	(void)state;
	assert_int_equal(open_one(50), 3);
	assert_int_equal(open_one(51), 4);
	assert_int_equal(close_one(0), 0);
	assert_int_equal(open_one(52), 0);
	assert_int_equal(open_one(53), 5);
	assert_int_equal(rm_fd_reserve(&table, 64, false), 64);
	assert_int_equal(rm_fd_reserve(&table, 64, false), 65);
	assert_int_equal(rm_fd_reserve(&table, RM_FD_MAX - 1, false), RM_FD_MAX - 1);
	assert_int_equal(rm_fd_reserve(&table, RM_FD_MAX - 1, false), -EMFILE);
	assert_int_equal(rm_fd_reserve(&table, RM_FD_MAX, false), -EINVAL);
	assert_int_equal(rm_fd_reserve(&table, -1, false), -EINVAL);
}

static void test_dup_shares(void **state)
{
	const int fd = open_one(50);
	struct rm_desc *a, *b;
	int copy;

	(void)state;
	copy = rm_fd_dup(&table, fd, 0, true);
	assert_int_equal(copy, fd + 1);
	assert_int_equal(rm_fd_cloexec(&table, fd), 0);
	assert_int_equal(rm_fd_cloexec(&table, copy), 1);
	a = rm_fd_get(&table, fd);
	b = rm_fd_get(&table, copy);
	assert_ptr_equal(a, b);
	assert_int_equal(close_one(fd), -1);
	assert_int_equal(close_one(copy), -1);
	/* Two calls are still under way. */
	assert_int_equal(rm_fd_put(&table, a), -1);
	assert_int_equal(rm_fd_put(&table, b), 50);
	assert_int_equal(rm_fd_dup(&table, fd, 0, false), -EBADF);
	assert_int_equal(rm_fd_dup(&table, 0, RM_FD_MAX, false), -EINVAL);
}

static void test_dup_to(void **state)
{
	struct rm_desc *replaced;
	const int reserved = rm_fd_reserve(&table, 0, false);

	(void)state;
	assert_int_equal(rm_fd_dup_to(&table, 0, 1, true, &replaced), 1);
	assert_non_null(replaced);
	assert_int_equal(rm_fd_put(&table, replaced), 1);
	assert_int_equal(rm_fd_cloexec(&table, 1), 1);
	assert_int_equal(rm_fd_dup_to(&table, 0, 900, false, &replaced), 900);
	assert_null(replaced);
	assert_int_equal(rm_fd_dup_to(&table, 0, reserved, false, &replaced), -EBUSY);
	assert_int_equal(rm_fd_dup_to(&table, 77, 1, false, &replaced), -EBADF);
	assert_int_equal(rm_fd_dup_to(&table, 0, RM_FD_MAX, false, &replaced), -EBADF);
	assert_null(rm_fd_get(&table, reserved));
	rm_fd_unreserve(&table, reserved);
	assert_int_equal(open_one(60), reserved);
}

static void test_cloexec(void **state)
{
	(void)state;
	assert_int_equal(rm_fd_set_cloexec(&table, 0, true), 0);
	assert_int_equal(rm_fd_cloexec(&table, 0), 1);
	assert_int_equal(close_one(0), 0);
	assert_int_equal(rm_fd_cloexec(&table, 0), -EBADF);
	assert_int_equal(rm_fd_set_cloexec(&table, 0, true), -EBADF);
	assert_int_equal(open_one(50), 0);
	assert_int_equal(rm_fd_cloexec(&table, 0), 0);
}

static void test_full(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int fd = 3; fd < (int)RM_FD_MAX; fd++)
			assert_int_equal(open_one(1000 + fd), fd);
		assert_int_equal(open_one(1), -EMFILE);
		assert_int_equal(rm_fd_dup(&table, 0, 0, false), -EMFILE);
		for (int fd = 3; fd < (int)RM_FD_MAX; fd++)
			assert_int_equal(close_one(fd), 1000 + fd);
	}
}

/* Another process in the place of the proxy: what was of the old one is lost, but for standard streams. */
static void test_lost(void **state)
{
	const uint64_t inherited[RM_FD_MAX / 64] = { 5 };	/* without standard output */
	const int file = open_one(50), other = rm_fd_dup(&table, file, 0, true), device = rm_fd_reserve(&table, 0, false);
	struct rm_desc *desc;
	int late;

	(void)state;
	assert_int_equal(rm_fd_install_kind(&table, 0, device, -1, 0, RM_KIND_DEVICE), device);
	desc = rm_fd_get(&table, 0);
	desc->kind = RM_KIND_REGULAR;
	assert_true(rm_fd_lose(&table, 1, inherited));
	assert_false(rm_fd_lose(&table, 1, inherited));
	assert_int_equal(desc->kind, RM_KIND_UNKNOWN);
	assert_int_equal(desc->host_fd, 0);
	rm_fd_put(&table, desc);
	assert_null(rm_fd_get(&table, 1));
	assert_non_null(rm_fd_get(&table, 2));
	assert_null(rm_fd_get(&table, file));
	assert_non_null(rm_fd_get(&table, device));
	assert_int_equal(rm_fd_dup(&table, file, 0, false), -EBADF);
	assert_int_equal(rm_fd_cloexec(&table, other), -EBADF);
	assert_int_equal(close_one(file), -1);		/* nothing of the new process's is closed */
	assert_int_equal(close_one(other), -1);
	assert_int_equal(close_one(file), -EBADF);
	/* A thread that had its number from the old process, and comes late. */
	late = open_one(51);
	assert_null(rm_fd_get(&table, late));
	assert_int_equal(close_one(late), -1);
	late = rm_fd_reserve(&table, 0, false);
	assert_int_equal(rm_fd_install(&table, 1, late, 51, 0), late);
	assert_non_null(rm_fd_get(&table, late));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_inherited, fresh),	cmocka_unit_test_setup(test_lowest, fresh),
		cmocka_unit_test_setup(test_dup_shares, fresh), cmocka_unit_test_setup(test_dup_to, fresh),
		cmocka_unit_test_setup(test_cloexec, fresh),	cmocka_unit_test_setup(test_full, fresh),
		cmocka_unit_test_setup(test_lost, fresh),
	};

	return cmocka_run_group_tests_name("runtime.fd", tests, NULL, NULL);
}
