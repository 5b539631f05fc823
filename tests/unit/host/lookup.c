/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lookup.h"

/* one/prog runs, two/prog is not executable, two/dir is a folder; we stand in their parent. */
static int set_up(void **state)
{
	static char folder[] = "/tmp/lookup-XXXXXX";

	*state = folder;
	if (mkdtemp(folder) == NULL || chdir(folder) != 0 || mkdir("one", 0700) != 0 || mkdir("two", 0700) != 0 ||
	    mkdir("two/dir", 0700) != 0)
		return -1;
	close(open("one/prog", O_CREAT | O_WRONLY, 0700));
	close(open("two/prog", O_CREAT | O_WRONLY, 0600));
	close(open("two/plain", O_CREAT | O_WRONLY, 0600));
	return 0;
}

static int tear_down(void **state)
{
	return unlink("one/prog") | unlink("two/prog") | unlink("two/plain") | rmdir("two/dir") | rmdir("one") | rmdir("two") |
	       chdir("/") | rmdir(*state);
}

static char path[PATH_MAX];

static int look(const char *name, const char *search)
{
	return lookup_program(name, search, path, sizeof(path));
}

static void by_search(void **state)
{
	(void)state;
	assert_int_equal(look("prog", "nosuch:two:one"), 0);
	assert_string_equal(path, "one/prog");
	assert_int_equal(look("sh", NULL), 0);
	assert_int_equal(chdir("one"), 0);
	assert_int_equal(look("prog", "/nosuch::/also"), 0);
	assert_string_equal(path, "./prog");
	assert_int_equal(look("prog", ""), 0);
	assert_int_equal(look("prog", "/nosuch:"), 0);
	assert_int_equal(chdir(".."), 0);
}

static void by_path(void **state)
{
	(void)state;
	assert_int_equal(look("one/prog", "nosuch"), 0);
	assert_string_equal(path, "one/prog");
	assert_int_equal(look("two/prog", "one"), -EACCES);
	assert_int_equal(look("two/dir", "one"), -EISDIR);
	assert_int_equal(look("one/prog/x", "one"), -ENOTDIR);
	assert_int_equal(look("./nosuch", "one"), -ENOENT);
	assert_int_equal(lookup_program("one/prog", "", path, 8), -ENAMETOOLONG);
}

static void not_found(void **state)
{
	(void)state;
	assert_int_equal(look("nosuch", "one:two"), -ENOENT);
	assert_int_equal(look("plain", "one:two:nosuch"), -EACCES);
	assert_int_equal(look("dir", "one:two"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_search),
		cmocka_unit_test(by_path),
		cmocka_unit_test(not_found),
	};

	return cmocka_run_group_tests_name("host.lookup", tests, set_up, tear_down);
}
