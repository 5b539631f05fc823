/* SPDX-License-Identifier: MIT */
/*
 * Programs on top of the model, for tests of system calls: once with an honest host, judged; then once for every operation that they
 * make, with that one answered by a liar, when only what the runtime keeps is judged; and for every operation and every lie that fits it
 * (model/lies.h), as many of these as there is time for: FUZZ_SECONDS / 20 a program and a kind of host, all with FUZZ_SECONDS=all.
 */
#ifndef TESTS_MODEL_PROGRAM_H
#define TESTS_MODEL_PROGRAM_H

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

#include "model/lies.h"
#include "ring/ring.h"

static bool quiet;	/* a hostile operation may happen: results are not judged */

#define CALL6(n, a, b, c, d, e, f) model_call(LX_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
					      (unsigned long)(d), (unsigned long)(e), (unsigned long)(f))
#define CALL4(n, a, b, c, d) CALL6(n, a, b, c, d, 0, 0)
#define CALL3(n, a, b, c) CALL6(n, a, b, c, 0, 0, 0)
#define CALL2(n, a, b) CALL6(n, a, b, 0, 0, 0, 0)
#define CALL1(n, a) CALL6(n, a, 0, 0, 0, 0, 0)
#define EXPECT(call, value) do { const long got = (call); if (!quiet) assert_int_equal(got, value); } while (0)

static char program_folder[] = "/tmp/ringmaster-test-XXXXXX";	/* where a group of programs is, if it has files */

static inline int program_remove(const char *path, const struct stat *found, int type, struct FTW *where)
{
	(void)found, (void)type;
	return where->level > 0 ? remove(path) : 0;
}

/* What an earlier run left there goes. */
static inline void program_clear_folder(void)
{
	if (program_folder[strlen(program_folder) - 1] != 'X')
		assert_int_equal(nftw(program_folder, program_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline int program_start(void **state)
{
	(void)state;
	program_clear_folder();
	model_attach(false, 0);
	return 0;
}

static inline int program_start_polled(void **state)
{
	(void)state;
	program_clear_folder();
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

/*
 * Lies.
 */

enum program_host { HOST_PLAIN, HOST_POLLED, HOST_SERVED, HOST_DEADLINE, HOST_COUNT };

static unsigned program_hosts = ~0u;	/* that a group of programs is for: bit = enum program_host */
static unsigned program_unseen;		/* lies that nobody found out */

static inline void program_tell_story(void)
{
	if (model_story[0])
		fprintf(stderr, "while this was tried: %s\n", model_story);
}

static inline void program_hangs(int signal)
{
	(void)signal;
	fprintf(stderr, "no end within 20 s: %s\n", model_story);
	abort();
}

static inline void program_host(enum program_host host)
{
	model_attach(host == HOST_POLLED, 0);
	if (host == HOST_SERVED)
		model_switchless();
	model.thread->deadline = host == HOST_DEADLINE ? 50000000 : 0;
	model.turns_max = 5000;
}

/* What must hold at the end, whoever lied. */
static inline void program_end(void)
{
	struct rm_thread *t = model.thread;

	rm_ring_catch_up(t);
	assert_int_equal(t->slots & ~t->fenced_free, 0);
	for (unsigned i = 0; i < RM_PROMISES; i++)
		assert_int_not_equal(t->promise[i].state, RM_PROMISE_LIVE);
}

/* The folder that a program may leave, by a number that no lie names. */
static inline int program_here(void)
{
	const int low = open(".", O_RDONLY | O_DIRECTORY), here = fcntl(low, F_DUPFD, 990);

	close(low);
	program_clear_folder();
	return here;
}

/* Descriptors that a lie lost stay with the model; leave the real ones closed. */
static inline void program_clean(int here)
{
	model_stop();
	assert_int_equal(fchdir(here), 0);
	close(here);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	while (waitpid(-1, NULL, 0) > 0)
		;	/* children that a lie lost */
}

/* One run; a hasty one never waits. How many answers there were. */
static inline uint64_t program_run(void (*program)(void **), enum program_host host, const struct model_lie *lie, uint64_t n, bool hasty)
{
	const int here = program_here();
	uint64_t made;

	program_host(host);
	model.lie = lie;
	model.lie_at = n;
	/* What an answer promised may never come then: nothing may wait for it. */
	model.hostile_at = hasty || (lie && !(lie->kind & LIE_HARMLESS)) ? ~0ul : 0;
	quiet = model.hostile_at != 0;
	alarm(20);
	program(NULL);
	alarm(0);
	program_end();
	made = model.operations;
	/* Unless the model ended what would have been silence for ever, or made good what only a thread that spins has seen: that counts nothing. */
	if (model.lie_told && (lie->kind & LIE_SEEN) && model_found_out() == 0 && model.turns < model.turns_max &&
	    !(host == HOST_POLLED && strncmp(lie->name, "ring: ", 6) == 0)) {
		fprintf(stderr, "nobody found out: %s\n", model_story);
		program_unseen++;
	}
	if (!lie)
		assert_int_equal(model_found_out(), 0);
	program_clean(here);
	quiet = false;
	return made;
}

static inline double program_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline double program_seconds(void)
{
	const char *seconds = getenv("FUZZ_SECONDS");

	return !seconds ? 0.5 : strcmp(seconds, "all") == 0 ? 1e9 : atof(seconds) / 20;
}

/*
 * All pairs of an answer and a lie that fits it, beginning anywhere. The model's counter is what the program's time is, so what is late is late in each
 * run alike.
 */
static inline void program_lies_of(void (*program)(void **), enum program_host host, const char *name)
{
	const double until = program_clock() + program_seconds();
	uint64_t answers, pairs, at;

	memset(model_lies_fit, 0, sizeof(model_lies_fit));
	snprintf(model_story, sizeof(model_story), "%s, host %d, honest", name, host);
	answers = program_run(program, host, NULL, 0, false);
	if (answers >= MODEL_ANSWERS) {
		memset(model_lies_fit, 0, sizeof(model_lies_fit));
		answers = program_run(program, host, NULL, 0, true);
	}
	assert_in_range(answers, 1, MODEL_ANSWERS - 1);
	pairs = answers * model_lies_count;
	at = program_seconds() > 1e6 ? 0 : (uint64_t)(program_clock() * 1e6) % pairs;
	for (uint64_t i = 0; i < pairs && program_clock() < until; i++, at = (at + 7919) % pairs) {
		const uint64_t n = 1 + at / model_lies_count, lie = at % model_lies_count;

		/* 7919 is prime: all pairs come, if their number is no multiple of it. */
		if (!(model_lies_fit[n][lie / 64] >> lie % 64 & 1))
			continue;
		snprintf(model_story, sizeof(model_story), "%s, host %d, answer %lu, %s", name, host, n, model_lies[lie].name);
		program_run(program, host, &model_lies[lie], n, false);
	}
	model_story[0] = 0;
}

/* What is read twice is different the second time: nothing may be different for the program. */
static inline void program_changing(void (*program)(void **), enum program_host host, const char *name)
{
	const int here = program_here();

	snprintf(model_story, sizeof(model_story), "%s, host %d, bytes that change", name, host);
	program_host(host);
	model.changing = true;
	program(NULL);
	program_end();
	assert_int_equal(model_found_out(), 0);
	program_clean(here);
	model_story[0] = 0;
}

#define program_lies(program) program_lies_named(program, #program)

static inline void program_lies_named(void (*program)(void **), const char *name)
{
	static bool known;

	if (!known)
		atexit(program_tell_story);
	known = true;
	signal(SIGALRM, program_hangs);
	program_unseen = 0;
	for (enum program_host host = 0; host < HOST_COUNT; host++) {
		if (!(program_hosts >> host & 1))
			continue;
		program_lies_of(program, host, name);
		program_changing(program, host, name);
	}
	assert_int_equal(program_unseen, 0);
}

/*
 * Losses: the program once for each moment at which something can be lost (enum model_loss), or for LOSSES of them (2 * FUZZ_SECONDS) if there are more. Its
 * calls may fail then, with an error that is one, and nothing of the runtime's stays taken; Linux is blamed for nothing that it did not do.
 */
static inline uint64_t program_losses_most(void)
{
	const char *losses = getenv("LOSSES");

	return losses ? strtoul(losses, NULL, 10) : 1 + (uint64_t)(40 * program_seconds());
}

/* Where to begin: anywhere, but where LOSSES are asked for each run is to be the same. */
static inline uint64_t program_losses_first(uint64_t step)
{
	return 1 + (getenv("LOSSES") ? 0 : (uint64_t)(program_clock() * 1e6) % step);
}

static inline uint64_t program_loss_run(void (*program)(void **), enum program_host host, enum model_loss loss, uint64_t n)
{
	const int here = program_here();
	const uint64_t held = loss == LOSS_ROOM && n > 0 ? ~0ul << (n - 1) : 0;
	uint64_t moments;

	program_host(host);
	model.loss = loss;
	model.lost_at = n;
	model.thread->slots |= held;
	quiet = loss != LOSS_EXIT;
	model.hostile_at = quiet ? ~0ul : 0;	/* what was promised may never come: nothing may wait for it */
	alarm(20);
	program(NULL);
	alarm(0);
	quiet = false;
	assert_int_equal(model.thread->slots & held, held);
	model.thread->slots &= ~held;
	program_end();
	/* Linux told the truth. */
	if (loss != LOSS_SHARED && loss != LOSS_LINUX)
		assert_int_equal(model_found_out(), 0);
	moments = loss == LOSS_ROOM ? 6 : model.moments[loss];
	program_clean(here);
	return moments;
}

static inline void program_losses(void (*program)(void **), const char *name)
{
	static const char *const losses[] = { "nothing", "the program's memory", "shared pages", "Linux", "secure memory", "room in the arena", "an exit" };

	for (enum program_host host = 0; host < HOST_COUNT; host++) {
		if (!(program_hosts >> host & 1))
			continue;
		for (enum model_loss loss = LOSS_USER; loss < LOSS_COUNT; loss++) {
			const uint64_t moments = program_loss_run(program, host, loss, 0), step = 1 + moments / program_losses_most();

			for (uint64_t n = program_losses_first(step); n <= moments; n += step) {
				snprintf(model_story, sizeof(model_story), "%s, host %d, %s lost at %lu", name, host, losses[loss], n);
				program_loss_run(program, host, loss, n);
			}
		}
	}
	model_story[0] = 0;
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

static inline void program_every_hostile_named(void (*program)(void **), const char *name)
{
	program_hostile_steps(program, 1);
	program_lies_named(program, name);
	program_losses(program, name);
}

#define program_every_hostile(program) program_every_hostile_named(program, #program)

/*
 * Files.
 */

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
