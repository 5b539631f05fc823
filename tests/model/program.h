/* SPDX-License-Identifier: MIT */
/*
 * Programs on top of the model, for tests of system calls: once with an honest host, judged; then once for every operation that they
 * make, with that one answered by a liar, when only what the runtime keeps is judged.
 */
#ifndef TESTS_MODEL_PROGRAM_H
#define TESTS_MODEL_PROGRAM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

#include "model/linux.h"

static bool quiet;	/* a hostile operation may happen: results are not judged */

#define CALL6(n, a, b, c, d, e, f) model_call(LX_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
					      (unsigned long)(d), (unsigned long)(e), (unsigned long)(f))
#define CALL4(n, a, b, c, d) CALL6(n, a, b, c, d, 0, 0)
#define CALL3(n, a, b, c) CALL6(n, a, b, c, 0, 0, 0)
#define CALL2(n, a, b) CALL6(n, a, b, 0, 0, 0, 0)
#define CALL1(n, a) CALL6(n, a, 0, 0, 0, 0, 0)
#define EXPECT(call, value) do { const long got = (call); if (!quiet) assert_int_equal(got, value); } while (0)

static inline int program_start(void **state)
{
	(void)state;
	model_attach(false, 0);
	return 0;
}

static inline int program_start_polled(void **state)
{
	(void)state;
	model_attach(true, 0);
	return 0;
}

/* Every operation gave back what it took. */
static inline int program_stop(void **state)
{
	(void)state;
	assert_int_equal(model.thread->slots, 0);
	assert_int_equal(model.thread->used, 0);
	for (enum rm_count c = 0; c < RM_COUNT_UNSUPPORTED && !quiet; c++)
		assert_int_equal(model.thread->count[c], 0);
	model_stop();
	return 0;
}

/* The program with its n-th operation answered by a liar whose decisions come from a seed. How many operations it made. */
static inline uint64_t program_hostile(void (*program)(void **), uint64_t n, unsigned seed)
{
	uint8_t script[512];
	const int here = open(".", O_RDONLY | O_DIRECTORY);
	uint64_t made;

	srand(seed);
	for (size_t i = 0; i < sizeof(script); i++)
		script[i] = (uint8_t)(rand() >> 7);
	model_attach(seed & 1, 0);
	model.hostile_at = n;
	model.script = script;
	model.script_left = sizeof(script);
	model.turns_max = 3000;
	program(NULL);
	assert_int_equal(model.thread->slots, 0);
	assert_int_equal(model.thread->used, 0);
	made = model.operations;
	model_stop();
	assert_int_equal(fchdir(here), 0);
	/* Descriptors that a lie lost stay with the model; leave the real ones closed. */
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	return made;
}

/* Every step-th of its operations: for programs that make many of a kind. */
static inline void program_hostile_steps(void (*program)(void **), unsigned step)
{
	quiet = true;
	for (uint64_t n = 1; n < 400; n += step)
		if (program_hostile(program, n, (unsigned)(n * 31 + 7)) < n)
			break;
	quiet = false;
}

static inline void program_every_hostile(void (*program)(void **))
{
	program_hostile_steps(program, 1);
}

/*
 * Files.
 */

static char program_folder[] = "/tmp/ringmaster-test-XXXXXX";

/* Of a group of tests: an empty folder to be in. */
static inline int program_make_folder(void **state)
{
	(void)state;
	return mkdtemp(program_folder) && chdir(program_folder) == 0 ? 0 : -1;
}

static inline int program_remove_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", program_folder);
	return system(command) == 0 ? 0 : -1;
}

static inline long open_file(const char *name, unsigned flags)
{
	return CALL4(openat, LX_AT_FDCWD, name, flags, 0644);
}

static inline uint8_t pattern(size_t i)
{
	return (uint8_t)(i * 31 + i / 4096);
}

static inline uint8_t *make_pattern(size_t size)
{
	uint8_t *data = malloc(size);

	for (size_t i = 0; i < size; i++)
		data[i] = pattern(i);
	return data;
}

static inline void expect_pattern(const uint8_t *data, size_t from, size_t size)
{
	for (size_t i = 0; i < size && !quiet; i++)
		if (data[i] != pattern(from + i))
			fail_msg("byte %zu", from + i);
}

#endif
