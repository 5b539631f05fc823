/* SPDX-License-Identifier: MIT */
/*
 * Images and manifests in the enclave: what is accepted is what was signed, whatever Linux reads from the file; each thing that is not is refused for its
 * reason. And the arguments and variables that a manifest leaves of the host's.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <mbedtls/sha256.h>
#include <p256-m.h>

#include "load/load.h"
#include "load/policy.h"
#include "model/linux.h"
#include "sys/linux.h"

#define PROGRAM_SIZE	70000u		/* more than one operation reads */
#define FILE_MAX	(4096u + PROGRAM_SIZE + 1)

static uint8_t file[FILE_MAX];		/* as it is on Linux */
static size_t file_size;
static uint8_t program[PROGRAM_SIZE];	/* what was packed */
static struct rm_elf_error error;
static int fd;

static struct rm_image *image(void)
{
	return (struct rm_image *)(void *)file;
}

static struct rm_manifest *manifest(void)
{
	return (struct rm_manifest *)(void *)(file + sizeof(struct rm_image));
}

static const char development[] =
#include "development_key.inc"
;

/* Everybody's key, or with a change one that is nobody's. */
static void make_key(uint8_t private[32], uint8_t public[RM_PUBLIC_KEY_SIZE], uint8_t change)
{
	for (unsigned i = 0; i < 32; i++) {
		unsigned byte;

		assert_int_equal(sscanf(development + 2 * i, "%2x", &byte), 1);
		private[i] = (uint8_t)byte;
	}
	private[31] ^= change;
	assert_int_equal(p256_public_from_private(public, private), P256_SUCCESS);
}

static void sign(uint8_t change)
{
	uint8_t private[32], public[RM_PUBLIC_KEY_SIZE], hash[RM_HASH_SIZE];

	make_key(private, public, change);
	mbedtls_sha256(public, sizeof(public), image()->key, 0);
	mbedtls_sha256(file, RM_IMAGE_SIGNED, hash, 0);
	assert_int_equal(p256_ecdsa_sign(image()->signature, private, hash, sizeof(hash)), P256_SUCCESS);
}

/* After the manifest was changed. */
static void sign_manifest(void)
{
	mbedtls_sha256((const uint8_t *)manifest(), manifest()->size, image()->manifest_hash, 0);
	sign(0);
}

static void write_file(void)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, file, file_size, 0), (ssize_t)file_size);
}

/* A signed image; `extra` goes into its manifest. */
static void pack(uint32_t flags, const struct rm_manifest *extra)
{
	struct rm_manifest m = extra ? *extra : (struct rm_manifest){ 0 };

	m.magic = RM_MANIFEST_MAGIC;
	m.version = RM_MANIFEST_VERSION;
	m.threads = m.threads ? m.threads : 5;
	m.flags = flags;
	m.size = sizeof(m) + (flags & RM_MANIFEST_ARGUMENTS ? 2 : 0);
	m.count[RM_LIST_ARGUMENTS] = (flags & RM_MANIFEST_ARGUMENTS) != 0;
	memset(file, 0, sizeof(file));
	*manifest() = m;
	if (flags & RM_MANIFEST_ARGUMENTS)
		memcpy(manifest() + 1, "p", 2);
	for (size_t i = 0; i < sizeof(program); i++)
		program[i] = (uint8_t)(i * 7 + i / 251);
	*image() = (struct rm_image){ .magic = RM_IMAGE_MAGIC, .version = RM_IMAGE_VERSION, .manifest_size = m.size, .program_offset = 4096,
				      .program_size = sizeof(program) };
	memcpy(file + 4096, program, sizeof(program));
	file_size = 4096 + sizeof(program);
	mbedtls_sha256(program, sizeof(program), image()->program_hash, 0);
	sign_manifest();
	write_file();
}

static const struct rm_manifest resident_manifest = {
	.memory = 1 << 20, .deadline = 200,
	.resident = { .core = RM_CORE_ANY, .count = 1, .deadline = 200, .devices = RM_DEVICE_UART0, .reservation = { { 50, 1000, 100 } } },
};

static int start(void **state)
{
	(void)state;
	model_attach(false, 0);
	model.boot.flags |= RM_BOOT_IMAGE;
	model.boot.exec_fd = (uint32_t)fd;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rm_policy_loaded();
	rm_policy_firmware(NULL, 0);
	model_stop();
	return 0;
}

static int check(void)
{
	error = (struct rm_elf_error){ 0 };
	return rm_policy_start(model.thread, &model.boot, &error);
}

static void accepted(void)
{
	assert_int_equal(check(), 0);
	assert_int_equal(rm_policy.program_size, sizeof(program));
	assert_memory_equal(rm_policy.program, program, sizeof(program));
	rm_policy_loaded();
	assert_null(rm_policy.program);
}

static void refused(int reason, uint64_t detail)
{
	assert_int_equal(check(), -1);
	assert_int_equal(error.reason, reason);
	assert_int_equal(error.detail, detail);
}

/* The same, where the detail is a line. */
static void refused_for(int reason)
{
	assert_int_equal(check(), -1);
	assert_int_equal(error.reason, reason);
}

static void test_accepted(void **state)
{
	const struct rm_manifest some = { .memory = 1 << 20, .threads = 3, .deadline = 50, .signals = 6 };

	(void)state;
	pack(RM_MANIFEST_DEBUG | RM_MANIFEST_FILES | RM_MANIFEST_SPAWN | RM_MANIFEST_SIGNALS, &some);
	accepted();
	assert_true(rm_policy.debug && rm_policy.files && rm_policy.spawn && rm_policy_debug());
	assert_false(rm_policy.resident || rm_policy.order || rm_policy.firmware);
	assert_int_equal(rm_policy.threads, 3);
	assert_int_equal(rm_policy.signals, 6);
	assert_int_equal(rm_policy.deadline, 50000000);
	assert_true(model.thread->restricted && model.thread->special);
	assert_int_equal(model.thread->deadline, 50000000);
	pack(0, NULL);
	accepted();
	assert_false(rm_policy.debug || rm_policy.files || rm_policy.spawn || model.thread->restricted);
	assert_int_equal(rm_policy.signals, ~0ul);
	pack(RM_MANIFEST_RESIDENT, &resident_manifest);
	accepted();
	assert_true(rm_policy.resident);
	assert_int_equal(rm_policy.devices, RM_DEVICE_UART0);
	assert_int_equal(rm_policy.deadline, 100000000);
	pack(RM_MANIFEST_SHUTDOWN, &(struct rm_manifest){ .threads = 1, .nonce = { 1, 2 } });
	accepted();
	assert_true(rm_policy.order);
	assert_int_equal(rm_policy.manifest->nonce[1], 2);
}

/* Any byte of the file. */
static void test_changed(void **state)
{
	(void)state;
	pack(RM_MANIFEST_ARGUMENTS, NULL);
	for (size_t i = 0; i < file_size; i += i < 430 ? 5 : 1997) {
		file[i] ^= 0x10;
		write_file();
		assert_int_equal(check(), -1);
		assert_in_range(error.reason, RM_FAIL_IMAGE, RM_FAIL_HASH);
		assert_null(rm_policy.program);
		file[i] ^= 0x10;
	}
	write_file();
	accepted();
}

static void test_refused(void **state)
{
	(void)state;
	pack(0, NULL);
	model.boot.manifest_size = 1;
	refused(RM_FAIL_MANIFEST, 0);
	model.boot.manifest_size = 0;
	image()->magic++;
	write_file();
	refused_for(RM_FAIL_IMAGE);
	pack(0, NULL);
	sign(1);
	write_file();
	refused(RM_FAIL_KEY, 0);
	pack(0, NULL);
	image()->signature[0] ^= 1;
	write_file();
	refused(RM_FAIL_SIGNATURE, 0);
	pack(0, NULL);
	manifest()->threads++;
	write_file();
	refused(RM_FAIL_HASH, 1);
	sign_manifest();
	manifest()->flags = ~0u;
	sign_manifest();
	write_file();
	refused_for(RM_FAIL_MANIFEST);
	pack(0, NULL);
	file[file_size - 1] ^= 1;
	write_file();
	refused(RM_FAIL_HASH, 2);
	pack(0, NULL);
	file_size++;
	write_file();
	refused(RM_FAIL_HASH, 3);
	assert_null(rm_policy.program);
	/* Cut off anywhere. */
	for (size_t size = 0; size < 4096 + sizeof(program); size += 1499) {
		file_size = size;
		write_file();
		refused(RM_FAIL_TRUNCATED, size);
	}
	model.boot.exec_fd = 999;
	refused(RM_FAIL_READ, 9);
}

static void test_memory(void **state)
{
	const struct rm_manifest limited = { .memory = 1 << 20 };

	(void)state;
	pack(0, &limited);
	model.loss = LOSS_MEMORY;
	model.lost_at = 1;
	refused(RM_FAIL_MEMORY, 1 << 20);
	model.lost_at = model.moments[LOSS_MEMORY] + 2;
	refused(RM_FAIL_MEMORY, sizeof(program));
	accepted();
}

/* What was asked for beside the image. */
static void test_asked(void **state)
{
	(void)state;
	pack(RM_MANIFEST_RESIDENT, &resident_manifest);
	model.thread->sync = true;
	refused(RM_FAIL_RESIDENT, 95);
	model.thread->sync = false;
	model.thread->poll = true;
	refused(RM_FAIL_RESIDENT, 95);
	model.thread->poll = false;
	pack(0, NULL);
	model.thread->trace = 0x100000;
	refused(RM_FAIL_DEBUG, RM_BOOT_TRACE);
	pack(RM_MANIFEST_DEBUG, NULL);
	accepted();
	assert_true(model.thread->special);
	model.thread->trace = 0;
}

/* The firmware has the image, and nobody is asked. */
static void test_firmware(void **state)
{
	uint64_t turns;

	(void)state;
	pack(RM_MANIFEST_RESIDENT | RM_MANIFEST_ARGUMENTS, &resident_manifest);
	model.boot.exec_fd = 999;
	turns = model.turns;
	rm_policy_firmware(file, file_size);
	accepted();
	assert_true(rm_policy.firmware);
	rm_policy_firmware(file, file_size - 1);
	refused(RM_FAIL_TRUNCATED, file_size - 1);
	rm_policy_firmware(file, file_size + 1);
	refused(RM_FAIL_HASH, 3);
	/* Nobody says what its arguments are; nobody lends it time. */
	pack(RM_MANIFEST_RESIDENT, &resident_manifest);
	rm_policy_firmware(file, file_size);
	refused(RM_FAIL_RESIDENT, 1);
	pack(RM_MANIFEST_ARGUMENTS, NULL);
	rm_policy_firmware(file, file_size);
	refused(RM_FAIL_RESIDENT, 1);
	model.boot.flags &= ~RM_BOOT_IMAGE;
	refused(RM_FAIL_RESIDENT, 1);
	assert_int_equal(model.turns, turns);
}

/* A manifest that Linux chose, in the arena. */
static void loose(uint32_t flags, const struct rm_manifest *extra)
{
	pack(flags, extra);
	model.boot.flags &= ~RM_BOOT_IMAGE;
	model.boot.manifest = model.boot.arena;
	model.boot.manifest_size = manifest()->size;
	memcpy(model.region + model.boot.arena, manifest(), manifest()->size);
}

static void test_loose(void **state)
{
	(void)state;
	loose(RM_MANIFEST_FILES, NULL);
	assert_int_equal(check(), 0);
	assert_true(rm_policy.files);
	assert_null(rm_policy.program);
	/* It was copied: what Linux changes later is nothing. */
	memset(model.region + model.boot.arena, 0xff, sizeof(struct rm_manifest));
	assert_int_equal(rm_policy.manifest->flags, RM_MANIFEST_FILES);
	refused_for(RM_FAIL_MANIFEST);
	loose(0, NULL);
	model.boot.manifest_size--;
	refused_for(RM_FAIL_MANIFEST);
	model.boot.manifest_size = RM_MANIFEST_MAX + 1;
	refused(RM_FAIL_MANIFEST, 0);
	/* Only for who signs. */
	loose(RM_MANIFEST_RESIDENT, &resident_manifest);
	refused(RM_FAIL_RESIDENT, 1);
	loose(RM_MANIFEST_SHUTDOWN, &(struct rm_manifest){ .threads = 1, .nonce = { 1, 2 } });
	refused(RM_FAIL_MANIFEST, 0);
	loose(0, NULL);
	model.withdrawn = true;
	refused(RM_FAIL_MANIFEST, 0);
	model.withdrawn = false;
	/* None at all: everything is permitted, for who develops. */
	model.boot.manifest_size = 0;
	assert_int_equal(check(), 0);
	assert_true(rm_policy.debug);
	assert_null(rm_policy.manifest);
}

/* The n-th answer is a lie: what is accepted all the same is what was signed. */
static void test_lied_to(void **state)
{
	uint8_t script[256];
	unsigned good = 0, bad = 0;

	(void)state;
	pack(RM_MANIFEST_FILES, NULL);
	srand(7);
	for (unsigned n = 0; n < 240; n++) {
		for (size_t i = 0; i < sizeof(script); i++)
			script[i] = (uint8_t)(rand() >> 7);
		start(NULL);
		model.hostile_at = 1 + n % 12;
		model.script = script;
		model.script_left = sizeof(script);
		model.turns_max = 200;
		if (check() == 0) {
			good++;
			assert_memory_equal(rm_policy.program, program, sizeof(program));
			assert_true(rm_policy.files);
		} else {
			bad++;
			assert_in_range(error.reason, 1, RM_FAIL_COUNT - 1);
			assert_null(rm_policy.program);
		}
		stop(NULL);
	}
	assert_true(good > 10 && bad > 10);
}

/*
 * Arguments and variables.
 */

static struct {
	struct rm_manifest head;
	char strings[200];
} lists;

static void choose(uint32_t flags, const char *arguments, const char *pass, const char *set)
{
	const char *const all[] = { arguments, pass, set };
	size_t used = 0;

	memset(&lists, 0, sizeof(lists));
	lists.head = (struct rm_manifest){ .magic = RM_MANIFEST_MAGIC, .version = RM_MANIFEST_VERSION, .threads = 1, .flags = flags };
	for (unsigned list = 0; list < 3; list++)
		for (const char *at = all[list]; *at != 0; at += strlen(at) + 1, lists.head.count[list]++)
			used += (size_t)(stpcpy(lists.strings + used, at) + 1 - (lists.strings + used));
	lists.head.size = (uint32_t)(sizeof(lists.head) + used);
	assert_int_equal(rm_manifest_check(&lists, lists.head.size), 0);
}

static _Alignas(16) char stack[4096];

/* The host's: strings of argc arguments, envc variables, and the program's path. */
static struct rm_stack host_strings(const char *strings, uint32_t argc, uint32_t envc)
{
	struct rm_stack s = { .argc = argc, .envc = envc };
	size_t size = 0;

	while (strings[size] != 0)
		size += strlen(strings + size) + 1;
	memset(stack, 0, sizeof(stack));
	s.strings = (uint64_t)stack + sizeof(stack) - 16 - size;
	s.strings_size = size;
	memcpy((char *)s.strings, strings, size);
	s.exec_name = s.strings + size - strlen("/exe") - 1;
	return s;
}

static void chosen(const char *strings, uint32_t argc, uint32_t envc, const char *expected, const char *name)
{
	struct rm_stack s = host_strings(strings, argc, envc);
	const struct rm_stack before = s;
	size_t size = 0;

	assert_int_equal(rm_strings_choose(&lists.head, &s, (uint64_t)stack), 0);
	while (expected[size] != 0)
		size += strlen(expected + size) + 1;
	assert_memory_equal((const char *)s.strings, expected, size);
	assert_string_equal((const char *)s.exec_name, name);
	assert_int_equal(s.exec_name, s.strings + size);
	assert_int_equal(s.strings_size, size + strlen(name) + 1);
	assert_int_equal(s.strings % 16, 0);
	/* Nothing of the host's is left above. */
	for (uint64_t i = 0; i < before.strings_size; i++)
		assert_int_equal(((const char *)before.strings)[i], 0);
}

#define HOST "sh\0-c\0PATH=/bin\0HOME=/\0PATH=/evil\0LD_PRELOAD=x\0A=1\0/exe\0"

static void test_strings(void **state)
{
	(void)state;
	choose(0, "", "", "");
	chosen(HOST, 2, 5, "sh\0-c\0PATH=/bin\0HOME=/\0PATH=/evil\0LD_PRELOAD=x\0A=1\0", "/exe");
	choose(RM_MANIFEST_ARGUMENTS, "prog\0-x\0", "", "");
	chosen(HOST, 2, 5, "prog\0-x\0PATH=/bin\0HOME=/\0PATH=/evil\0LD_PRELOAD=x\0A=1\0", "prog");
	/* Each name once, and none that is set. */
	choose(RM_MANIFEST_ENVIRONMENT, "", "A\0PATH\0", "A=2\0B=\0");
	chosen(HOST, 2, 5, "sh\0-c\0PATH=/bin\0A=2\0B=\0", "/exe");
	choose(RM_MANIFEST_ARGUMENTS | RM_MANIFEST_ENVIRONMENT, "prog\0", "PAT\0PATHX\0", "");
	chosen(HOST, 2, 5, "prog\0", "prog");
}

static void not_chosen(struct rm_stack s, uint64_t bottom)
{
	const struct rm_stack before = s;

	assert_int_equal(rm_strings_choose(&lists.head, &s, bottom), -1);
	assert_memory_equal(&s, &before, sizeof(s));
}

static void test_strings_refused(void **state)
{
	struct rm_stack s;

	(void)state;
	choose(0, "", "", "");
	not_chosen(host_strings("a\0b\0/exe\0", 4, 0), (uint64_t)stack);
	not_chosen(host_strings("a\0b\0/exe\0", 2, 2), (uint64_t)stack);
	not_chosen(host_strings("a\0b\0/exe\0", ~0u, ~0u), (uint64_t)stack);
	s = host_strings("a\0b\0/exe\0", 2, 0);
	not_chosen(s, s.strings - 16 - 8);
	s = host_strings("a\0b\0/exe\0", 2, 0);
	assert_int_equal(rm_strings_choose(&lists.head, &s, s.strings - 16 - 9), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accepted), TEST(test_changed), TEST(test_refused), TEST(test_memory), TEST(test_asked), TEST(test_firmware), TEST(test_loose),
		cmocka_unit_test(test_lied_to), cmocka_unit_test(test_strings), cmocka_unit_test(test_strings_refused),
	};

	fd = memfd_create("image", 0);
	return cmocka_run_group_tests_name("runtime.image", tests, NULL, NULL);
}
