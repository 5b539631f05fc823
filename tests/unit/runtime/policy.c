/* SPDX-License-Identifier: MIT */
/* What lists of files and programs permit: the name that Linux gets is the one that was checked, however the program wrote it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "load/policy.h"
#include "abi/spawn.h"
#include "model/linux.h"
#include "posix/spawn.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct {
	struct rm_manifest head;
	char strings[1024];
} manifest;

/* Lists of paths, each ended by a NUL and the whole by another. */
static void permit(const char *read, const char *write, const char *spawn)
{
	const char *const lists[] = { read, write, spawn };
	size_t used = 0;

	memset(&manifest, 0, sizeof(manifest));
	manifest.head = (struct rm_manifest){ .magic = RM_MANIFEST_MAGIC, .version = RM_MANIFEST_VERSION, .threads = 1,
					      .flags = RM_MANIFEST_FILES | RM_MANIFEST_SPAWN };
	for (unsigned i = 0; i < 3; i++) {
		for (const char *at = lists[i]; *at != 0; at += strlen(at) + 1, manifest.head.count[RM_LIST_READ + i]++) {
			strcpy(manifest.strings + used, at);
			used += strlen(at) + 1;
		}
	}
	manifest.head.size = (uint32_t)(sizeof(manifest.head) + used);
	assert_int_equal(rm_manifest_check(&manifest, manifest.head.size), 0);
	rm_policy.manifest = &manifest.head;
	rm_policy.files = rm_policy.spawn = true;
	rm_policy_thread(model.thread);
}

static struct rm_grant grant;

static void allow(const char *path, enum rm_access access, const char *expected)
{
	char text[LX_PATH_MAX];

	strcpy(text, path);
	assert_int_equal(rm_policy_path(model.thread, text, LX_AT_FDCWD, access, &grant), 0);
	assert_string_equal(text, expected);
}

static void refuse(const char *path, enum rm_access access)
{
	const uint64_t before = model.thread->count[RM_COUNT_REFUSED];
	char text[LX_PATH_MAX];

	strcpy(text, path);
	assert_int_equal(rm_policy_path(model.thread, text, LX_AT_FDCWD, access, &grant), -EACCES);
	assert_int_equal(model.thread->count[RM_COUNT_REFUSED], before + 1);
}

static int start(void **state)
{
	(void)state;
	model_attach(false, 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	model_stop();
	return 0;
}

static void test_names(void **state)
{
	(void)state;
	permit("/etc/\0/one\0", "/var/\0", "");
	allow("/etc/passwd", RM_ACCESS_LOOK, "/etc/passwd");
	assert_true(grant.read_only);
	allow("//etc/.//a/../b/", RM_ACCESS_LOOK, "/etc/b/");
	allow("/etc", RM_ACCESS_LOOK, "/etc");
	allow("/etc/.", RM_ACCESS_LOOK, "/etc/.");
	allow("/etc/a/..", RM_ACCESS_LOOK, "/etc/.");
	allow("/var/x", RM_ACCESS_CHANGE, "/var/x");
	assert_false(grant.read_only);
	allow("/../../var/x", RM_ACCESS_LOOK, "/var/x");
	allow("/one", RM_ACCESS_LOOK, "/one");
	refuse("/one/two", RM_ACCESS_LOOK);
	refuse("/etc/passwd", RM_ACCESS_CHANGE);
	refuse("/etc/../one2", RM_ACCESS_LOOK);
	refuse("/etc/../../x", RM_ACCESS_LOOK);
	refuse("/var/../etc/x", RM_ACCESS_CHANGE);
	refuse("/", RM_ACCESS_LOOK);
	refuse("/..", RM_ACCESS_LOOK);
	/* An empty path is the descriptor's file. */
	allow("", RM_ACCESS_CHANGE, "");
}

static void test_root(void **state)
{
	(void)state;
	permit("/\0", "", "");
	allow("/", RM_ACCESS_LOOK, "/");
	allow("/..", RM_ACCESS_LOOK, "/.");
	allow("/x", RM_ACCESS_LOOK, "/x");
	refuse("/x", RM_ACCESS_CHANGE);
}

static void test_long(void **state)
{
	char path[LX_PATH_MAX];

	(void)state;
	permit("/\0", "", "");
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	refuse(path, RM_ACCESS_LOOK);
	path[sizeof(path) - 4] = 0;
	allow(path, RM_ACCESS_LOOK, path);
}

static void test_relative(void **state)
{
	char here[1024], list[1100] = "", expected[1200], text[LX_PATH_MAX] = "..//file/";
	long fd;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(list, sizeof(list) - 1, "%s/", here);
	permit("", list, "");
	snprintf(expected, sizeof(expected), "%s/a", here);
	allow("./b/../a", RM_ACCESS_CHANGE, expected);
	refuse("../a", RM_ACCESS_CHANGE);
	fd = model_call(LX_openat, (unsigned long)LX_AT_FDCWD, (unsigned long)"tests", LX_O_DIRECTORY, 0, 0, 0);
	assert_true(fd >= 0);
	snprintf(expected, sizeof(expected), "%s/file/", here);
	assert_int_equal(rm_policy_path(model.thread, text, (int)fd, RM_ACCESS_CHANGE, &grant), 0);
	assert_string_equal(text, expected);
	strcpy(text, "../../x");
	assert_int_equal(rm_policy_path(model.thread, text, (int)fd, RM_ACCESS_CHANGE, &grant), -EACCES);
	strcpy(text, "x");
	assert_int_equal(rm_policy_path(model.thread, text, 77, RM_ACCESS_CHANGE, &grant), -EBADF);
}

static void test_hash(void **state)
{
	char text[LX_PATH_MAX] = "/bin/./sh";

	(void)state;
	permit("/etc/\0" HASH "/etc/x\0", "/\0", HASH "/bin/sh\0/usr/\0");
	allow("/etc/x", RM_ACCESS_LOOK, "/etc/x");
	assert_memory_equal(grant.hash, HASH, 64);
	assert_true(grant.read_only);
	refuse("/etc/x", RM_ACCESS_CHANGE);
	allow("/etc/y", RM_ACCESS_CHANGE, "/etc/y");
	assert_null(grant.hash);
	assert_int_equal(rm_policy_program(model.thread, text, &grant), 0);
	assert_string_equal(text, "/bin/sh");
	assert_memory_equal(grant.hash, HASH, 64);
	strcpy(text, "/usr/bin/x");
	assert_int_equal(rm_policy_program(model.thread, text, &grant), 0);
	assert_null(grant.hash);
	strcpy(text, "/bin/ls");
	assert_int_equal(rm_policy_program(model.thread, text, &grant), -EACCES);
}

/* A descriptor of what may only be looked at changes nothing of it. */
static void test_descriptor(void **state)
{
	char here[1024], list[1100] = "", name[1200];
	long fd;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(list, sizeof(list) - 1, "%s/", here);
	permit(list, "", "");
	snprintf(name, sizeof(name), "%s/Makefile", here);
	fd = model_call(LX_openat, (unsigned long)LX_AT_FDCWD, (unsigned long)name, 0, 0, 0, 0);
	assert_true(fd >= 0);
	assert_int_equal(model_call(LX_fchmod, (unsigned long)fd, 0, 0, 0, 0, 0), -EACCES);
	assert_int_equal(model_call(LX_utimensat, (unsigned long)fd, 0, 0, 0, 0, 0), -EACCES);
	assert_int_equal(model_call(LX_fchownat, (unsigned long)fd, (unsigned long)"", 0, 0, 0x1000, 0), -EACCES);
	assert_int_equal(model_call(LX_symlinkat, (unsigned long)"x", (unsigned long)LX_AT_FDCWD, (unsigned long)"y", 0, 0, 0), -EACCES);
	assert_int_equal(model_call(LX_chroot, (unsigned long)name, 0, 0, 0, 0, 0), -EACCES);
	assert_int_equal(model_call(LX_openat, (unsigned long)LX_AT_FDCWD, (unsigned long)name, LX_O_RDWR, 0, 0, 0), -EACCES);
	assert_int_equal(model_call(LX_unlinkat, (unsigned long)LX_AT_FDCWD, (unsigned long)name, 0, 0, 0, 0), -EACCES);
}

/* A request: head, one action that opens `output` (if any), its path, then the strings. */
static struct {
	struct rm_spawn head;
	char rest[512];
} request;

static size_t ask(uint32_t flags, const char *output, const char *strings)
{
	struct rm_spawn_action open_it = { .kind = RM_SPAWN_OPEN, .fd = 1, .flags = LX_O_WRONLY };
	size_t used = 0, size = 0;

	memset(&request, 0, sizeof(request));
	if (output) {
		open_it.path = (uint32_t)(sizeof(request.head) + sizeof(open_it));
		memcpy(request.rest, &open_it, sizeof(open_it));
		strcpy(request.rest + sizeof(open_it), output);
		used = sizeof(open_it) + strlen(output) + 1;
	}
	while (strings[size] != 0)
		size += strlen(strings + size) + 1;
	memcpy(request.rest + used, strings, size);
	request.head = (struct rm_spawn){ .flags = flags, .actions = output != NULL, .argc = 1,
					  .strings = (uint32_t)(sizeof(request.head) + used) };
	return sizeof(request.head) + used + size;
}

static long permitted(size_t size, const char *expected)
{
	struct rm_permitted answer;
	const struct rm_spawn *head;
	const long result = rm_spawn_permit(model.thread, (unsigned long)&request, size, &answer);

	if (result == 0) {
		size = 0;
		while (expected[size] != 0)
			size += strlen(expected + size) + 1;
		head = answer.request;
		assert_int_equal(answer.size, head->strings + size);
		assert_memory_equal((const char *)head + head->strings, expected, size);
		assert_int_equal(head->flags & RM_SPAWN_SEARCH, 0);
	}
	rm_spawn_permitted(&answer);
	return result;
}

static void test_spawn(void **state)
{
	size_t size;

	(void)state;
	permit("/r/\0", "/w/\0", "/bin/sh\0/usr/\0");
	assert_int_equal(permitted(ask(0, NULL, "/bin/sh\0sh\0A=1\0"), "/bin/sh\0sh\0A=1\0"), 0);
	assert_int_equal(permitted(ask(0, NULL, "/x/../bin//sh\0sh\0"), "/bin/sh\0sh\0"), 0);
	assert_int_equal(permitted(ask(0, NULL, "/bin/ls\0ls\0"), ""), -EACCES);
	/* Searched for in their order, and only where the list has it; what was searched is not handed on. */
	assert_int_equal(permitted(ask(RM_SPAWN_SEARCH, NULL, "sh\0/usr/bin:/bin\0sh\0"), "/usr/bin/sh\0sh\0"), 0);
	assert_int_equal(permitted(ask(RM_SPAWN_SEARCH, NULL, "sh\0:rel:/sbin:/bin:/usr\0sh\0"), "/bin/sh\0sh\0"), 0);
	assert_int_equal(permitted(ask(RM_SPAWN_SEARCH, NULL, "ls\0/bin:/sbin\0ls\0"), ""), -EACCES);
	assert_int_equal(permitted(ask(RM_SPAWN_SEARCH, NULL, "/bin/sh\0/usr\0sh\0"), "/bin/sh\0sh\0"), 0);
	assert_int_equal(permitted(ask(RM_SPAWN_SEARCH, NULL, "sh\0"), ""), -EINVAL);
	/* Files for it. */
	assert_int_equal(permitted(ask(0, "/w/x", "/bin/sh\0sh\0"), "/bin/sh\0sh\0"), 0);
	assert_int_equal(permitted(ask(0, "/r/x", "/bin/sh\0sh\0"), ""), -EACCES);
	assert_int_equal(permitted(ask(0, "/w/../r/x", "/bin/sh\0sh\0"), ""), -EACCES);
	assert_int_equal(permitted(ask(0, "x", "/bin/sh\0sh\0"), ""), -EACCES);
	/* Requests that are none. */
	size = ask(0, "/w/x", "/bin/sh\0sh\0");
	assert_int_equal(permitted(size - 1, ""), -EINVAL);
	request.head.actions = 2;
	assert_int_equal(permitted(size, ""), -EINVAL);
	request.head.actions = ~0u;
	assert_int_equal(permitted(size, ""), -EINVAL);
	for (uint32_t strings = 0; strings < sizeof(request.head); strings++) {
		request.head.strings = strings;
		assert_int_equal(permitted(size, ""), -EINVAL);
	}
	request.head.strings = (uint32_t)size;
	assert_int_equal(permitted(size, ""), -EINVAL);
	size = ask(0, "/w/x", "/bin/sh\0sh\0");
	((struct rm_spawn_action *)(void *)request.rest)->path = request.head.strings;
	assert_int_equal(permitted(size, ""), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names), TEST(test_root), TEST(test_long), TEST(test_relative), TEST(test_hash), TEST(test_descriptor), TEST(test_spawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
