/* SPDX-License-Identifier: MIT */
/* What lists of files and programs permit: the name that Linux gets is the one that was checked, however the program wrote it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "load/policy.h"
#include "abi/spawn.h"
#include "model/linux.h"
#include "posix/checked.h"
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

/*
 * Files whose content is fixed.
 */

static char checked[] = "/tmp/ringmaster-checked-XXXXXX";
static uint8_t content[9000];
static char wanted[2 * RM_HASH_SIZE + 1];

static void write_checked(void)
{
	FILE *out = fopen(checked, "w");

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 31 + i / 256);
	assert_int_equal(fwrite(content, 1, sizeof(content), out), sizeof(content));
	fclose(out);
}

/* It may be read and started, and only as it is now. */
static void permit_checked(void)
{
	uint8_t hash[RM_HASH_SIZE];
	char list[200] = "";

	write_checked();
	rm_hash(hash, content, sizeof(content));
	for (unsigned i = 0; i < RM_HASH_SIZE; i++)
		sprintf(wanted + 2 * i, "%02x", hash[i]);
	snprintf(list, sizeof(list) - 1, "%s%s", wanted, checked);
	permit(list, "", list);
}

static long open_checked(void)
{
	return model_call(LX_openat, (unsigned long)LX_AT_FDCWD, (unsigned long)checked, 0, 0, 0, 0);
}

static long at(long number, long fd, void *to, size_t size, size_t offset)
{
	return model_call(number, (unsigned long)fd, (unsigned long)to, size, offset, 0, 0);
}

static int make_checked(void **state)
{
	const int fd = mkstemp(checked);

	close(fd);
	return start(state);
}

static int remove_checked(void **state)
{
	if (unlink(checked) != 0)
		rmdir(checked);
	strcpy(checked + strlen(checked) - 6, "XXXXXX");
	return stop(state);
}

static void test_checked(void **state)
{
	static uint8_t back[sizeof(content)];
	struct rm_desc *desc;
	long fd, map;

	(void)state;
	permit_checked();
	fd = open_checked();
	assert_true(fd >= 0);
	/* What it was when it was checked, whatever Linux makes of it. */
	assert_int_equal(truncate(checked, 5), 0);
	assert_int_equal(at(LX_pread64, fd, back, sizeof(back), 0), sizeof(back));
	assert_memory_equal(back, content, sizeof(back));
	assert_int_equal(at(LX_pread64, fd, back, 100, 8950), 50);
	assert_memory_equal(back, content + 8950, 50);
	assert_int_equal(at(LX_pread64, fd, back, 100, 9000), 0);
	assert_int_equal(at(LX_pread64, fd, (void *)8, 100, 0), -EFAULT);
	assert_int_equal(at(LX_read, fd, back, 100, 0), 100);
	map = model_call(LX_mmap, 0, 8192, LX_PROT_READ, LX_MAP_PRIVATE, (unsigned long)fd, 4096);
	assert_true(map > 0);
	assert_memory_equal((const void *)map, content + 4096, sizeof(content) - 4096);
	assert_int_equal(((const uint8_t *)map)[sizeof(content) - 4096], 0);
	assert_int_equal(model_call(LX_munmap, (unsigned long)map, 8192, 0, 0, 0, 0), 0);
	desc = rm_get((unsigned long)fd);
	assert_int_equal(rm_checked_read_at(model.thread, desc, back, 10, 8995), 5);
	assert_int_equal(rm_checked_read_at(model.thread, desc, back, 10, 9000), 0);
	assert_int_equal(rm_checked_read_at(model.thread, desc, (void *)8, 10, 0), -EFAULT);
	rm_put(model.thread, desc);
	assert_int_equal(at(LX_write, fd, back, 100, 0), -EBADF);
	assert_int_equal(model_call(LX_close, (unsigned long)fd, 0, 0, 0, 0, 0), 0);
	assert_int_equal(model.thread->count[RM_COUNT_HASH], 0);
}

static void test_checked_refused(void **state)
{
	const struct rm_thread *t = model.thread;
	long fds[3];
	FILE *out;

	(void)state;
	permit_checked();
	out = fopen(checked, "r+");
	fputc(content[0] ^ 1, out);
	fclose(out);
	assert_int_equal(open_checked(), -EIO);
	assert_int_equal(rm_checked_program(model.thread, checked, wanted), -EIO);
	write_checked();
	assert_int_equal(rm_checked_program(model.thread, checked, wanted), 0);
	assert_int_equal(truncate(checked, 8999), 0);
	assert_int_equal(open_checked(), -EIO);
	assert_int_equal(truncate(checked, 9001), 0);
	assert_int_equal(open_checked(), -EIO);
	assert_int_equal(t->count[RM_COUNT_HASH], 4);
	assert_int_equal(truncate(checked, (1l << 30) + 1), 0);
	assert_int_equal(open_checked(), -EFBIG);
	unlink(checked);
	assert_int_equal(open_checked(), -ENOENT);
	assert_int_equal(rm_checked_program(model.thread, checked, wanted), -ENOENT);
	assert_int_equal(mkdir(checked, 0700), 0);
	assert_int_equal(open_checked(), -EACCES);
	assert_int_equal(rm_checked_program(model.thread, checked, wanted), -EACCES);
	rmdir(checked);
	write_checked();
	/* No number left for it, and none of Linux's stays open. */
	rm_fd_limit(&rm_enclave.fds, 2);
	for (unsigned i = 0; i < 3; i++)
		fds[i] = open_checked();
	assert_true(fds[0] >= 0 && fds[1] >= 0);
	assert_int_equal(fds[2], -EMFILE);
	assert_int_equal(t->count[RM_COUNT_HASH], 4);
}

/* One answer is a lie, or something is lost at any moment: what can be read is what was fixed. */
static void read_all_of(unsigned *good, unsigned *bad)
{
	static uint8_t back[sizeof(content)];
	const long fd = open_checked(), started = rm_checked_program(model.thread, checked, wanted);
	long got;

	assert_true(started <= 0 && started >= -LX_ERRNO_LAST);
	if (fd < 0) {
		++*bad;
		return;
	}
	memset(back, 0, sizeof(back));
	got = at(LX_pread64, fd, back, sizeof(back), 0);
	if (got >= 0)
		assert_int_equal(got, sizeof(back));
	if (got > 0)
		assert_memory_equal(back, content, sizeof(back));
	++*good;
	model_call(LX_close, (unsigned long)fd, 0, 0, 0, 0, 0);
}

static void test_checked_lies(void **state)
{
	uint8_t script[256];
	unsigned good = 0, bad = 0;

	srand(3);
	for (unsigned n = 0; n < 400; n++) {
		for (size_t i = 0; i < sizeof(script); i++)
			script[i] = (uint8_t)(rand() >> 7);
		permit_checked();
		model.hostile_at = 1 + n % 10;
		model.script = script;
		model.script_left = sizeof(script);
		model.turns_max = 100;
		read_all_of(&good, &bad);
		assert_int_equal(model.thread->slots, 0);
		stop(state);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		start(state);
	}
	assert_true(good > 10 && bad > 10);
	for (enum model_loss loss = LOSS_SHARED; loss <= LOSS_MEMORY; loss++) {
		for (unsigned n = 1; n < 40; n++) {
			permit_checked();
			model.loss = loss;
			model.lost_at = model.moments[loss] + n;
			read_all_of(&good, &bad);
			assert_int_equal(model.thread->slots, 0);
			stop(state);
			for (int fd = 3; fd < 64; fd++)
				close(fd);
			start(state);
		}
	}
}

/* Sockets of AF_UNIX have paths too. */
static long bind_to(const char *path, unsigned short family)
{
	struct { unsigned short family; char path[106]; } name = { .family = family };
	const long fd = model_call(LX_socket, family, 1, 0, 0, 0, 0);
	long result;

	assert_true(fd >= 0);
	strcpy(name.path, path);
	result = model_call(LX_bind, (unsigned long)fd, (unsigned long)&name, path[0] ? sizeof(name) : 2, 0, 0, 0);
	model_call(LX_close, (unsigned long)fd, 0, 0, 0, 0, 0);
	return result;
}

static void test_socket_names(void **state)
{
	(void)state;
	permit("/tmp/\0", "/tmp/ringmaster-policy/\0", "");
	mkdir("/tmp/ringmaster-policy", 0700);
	assert_int_equal(bind_to("/tmp/ringmaster-policy/s", 1), 0);
	assert_int_equal(unlink("/tmp/ringmaster-policy/s"), 0);
	assert_int_equal(bind_to("/tmp/ringmaster-policy-s", 1), -EACCES);
	assert_int_equal(access("/tmp/ringmaster-policy-s", F_OK), -1);
	assert_int_equal(bind_to("/tmp/ringmaster-policy/../s", 1), -EACCES);
	assert_int_equal(bind_to("", 1), 0);
	assert_int_equal(model.thread->count[RM_COUNT_REFUSED], 2);
	rmdir("/tmp/ringmaster-policy");
}

/* A current folder whose name leaves no room, and one that Linux does not tell. */
static void test_folder_names(void **state)
{
	char name[256], text[LX_PATH_MAX] = "x", deep[LX_PATH_MAX];
	const int here = open(".", O_RDONLY | O_DIRECTORY);

	(void)state;
	permit("/\0", "", "");
	assert_int_equal(chdir("/tmp"), 0);
	for (size_t size = 4, part; size < 4094; size += part + 1) {
		part = 4094 - size <= 250 ? 4094 - size - 1 : 200;
		memset(name, 'd', part);
		name[part] = 0;
		assert_int_equal(mkdir(name, 0700), 0);
		assert_int_equal(chdir(name), 0);
	}
	assert_non_null(getcwd(deep, sizeof(deep)));
	assert_int_equal(strlen(deep), 4094);
	assert_int_equal(rm_policy_path(model.thread, text, LX_AT_FDCWD, RM_ACCESS_LOOK, &grant), -EACCES);
	assert_int_equal(fchdir(here), 0);
	assert_int_equal(system("rm -rf /tmp/dddddddddd*"), 0);
	model.thread->dead = true;
	assert_int_equal(rm_policy_path(model.thread, text, LX_AT_FDCWD, RM_ACCESS_LOOK, &grant), -EIO);
	assert_int_equal(rm_policy_program(model.thread, text, &grant), -EIO);
	assert_string_equal(text, "x");
	model.thread->dead = false;
	close(here);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
#define CHECKED(f) cmocka_unit_test_setup_teardown(f, make_checked, remove_checked)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names), TEST(test_root), TEST(test_long), TEST(test_relative), TEST(test_hash), TEST(test_descriptor), TEST(test_spawn),
		CHECKED(test_checked), CHECKED(test_checked_refused), CHECKED(test_checked_lies), TEST(test_socket_names), TEST(test_folder_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
