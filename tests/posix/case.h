/* SPDX-License-Identifier: MIT */
/*
 * The POSIX conformance suite: how to write a case.
 *
 * An area is one file, tests/posix/AREA.c (or a folder tests/posix/AREA/ of several), built for Linux and as an enclave. Adding the file is
 * all it takes: each of its cases is a test `posix.AREA.NAME` of `make check` and of `make check-board TESTS='posix.AREA.*'`, and the whole
 * area is one test `posix.stubs.AREA`.
 *
 *	#include "case.h"
 *
 *	CASE(missing, "openat")
 *	{
 *		EXPECT_ERRNO(open("missing", O_RDONLY), ENOENT);
 *	}
 *
 * CASE stands in the first column; its name is of [a-z0-9_]; the string names the AArch64 system calls that the case proves, as Linux calls them:
 * stat() is newfstatat, poll() is ppoll, fork() is clone. docs/syscalls.md is made from it: run `make docs` and commit it with the case (after a
 * merge or rebase run it again).
 *
 * What passes: natively every case is ok, and the enclave's output is the same, line by line. Output is what SAY() and failed checks print, and
 * `ok AREA.NAME`, `not ok AREA.NAME: reason` or `skip AREA.NAME: reason`. So nothing may be said that changes from run to run: no
 * addresses, process numbers, times, or orders that are a matter of luck. An accepted difference stands, with its reason, in docs/differences.md
 * (its head says how); so does a case that is skipped.
 *
 * What is proved on top (posix.stubs.AREA): each case is run natively twice more, in a process whose declared calls do nothing and return 0, and
 * one where they fail with ENOSYS (seccomp, from the moment the case starts). In neither may the case be ok. So check what a call did, not only
 * what it returned; a call whose success nobody can see (sync) has to be declared together with another one. Times are the trap: natively
 * clock_gettime() and gettimeofday() are no system calls; to prove them, use syscall(SYS_clock_gettime, ...).
 *
 * Each case runs in a fresh directory of its own on ext4 (case_tmpfs() names one on tmpfs), which is removed afterwards. The cases of an area run in one
 * process, one after the other: a case joins its threads. Behind it the harness closes what is open from descriptor 3 on, and puts signal
 * mask, dispositions, alarm and umask back. A case that crashes, ends the process or hangs has failed, and a new process does the cases behind it.
 * Descriptors 0 and 1 belong to the harness: a case that needs them saves them with dup() and puts them back before its end. What is written
 * to stderr is shown if the case fails. Environment: BIG and STACK (bytes that this board has for one allocation, for a stack).
 *
 * Other processes. An enclave cannot fork, so a case asks the runner for them, the same way in both builds:
 *
 *	HELPER(locker)			// int: exit status; arg is a string
 *	{
 *		lock_the_file(arg);
 *		helper_say();		// the case's case_hear() returns
 *		helper_hear();		// waits for case_tell()
 *		return 0;
 *	}
 *	...
 *	long h = case_native("locker", "file");		// a Linux process out of the native build, in the case's directory
 *	case_hear(h); EXPECT_ERRNO(...); case_tell(h);
 *	EXPECT_EQ(case_wait(h), 0);			// status as from waitpid()
 *
 * case_same() starts one of the same kind as the case (enclave beside enclave), and one with the same stubs in the proof above: for calls that end
 * a process. Both return the process number, usable for kill(); it is not a child of the case. The helpers' time is the case's; what is
 * left of them is killed at its end.
 */
#ifndef POSIX_CASE_H
#define POSIX_CASE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct case_entry {
	const char *name, *calls;
	unsigned limit;			/* seconds */
	void (*run)(void);
};

struct case_helper {
	const char *name;
	int (*run)(const char *arg);
};

#define CASE_UNUSED __attribute__((unused))

/* A case. CASE_LIMIT is for one that may need more than 20 seconds on a busy machine. */
#define CASE(name, calls) CASE_LIMIT(name, calls, 20)
#define CASE_LIMIT(name, calls, seconds) \
	static void case_##name(void); \
	static const struct case_entry entry_##name = { #name, calls, seconds, case_##name }; \
	static const struct case_entry *const pointer_##name __attribute__((used, no_reorder, section("posix_cases"))) = &entry_##name; \
	static void case_##name(void)

/* A function for case_native() and case_same(). */
#define HELPER(name) \
	static int helper_##name(const char *arg); \
	static const struct case_helper helper_entry_##name = { #name, helper_##name }; \
	static const struct case_helper *const helper_pointer_##name __attribute__((used, section("posix_helpers"))) = \
		&helper_entry_##name; \
	static int helper_##name(const char *arg CASE_UNUSED)

/* Checks. Each may be made in any thread; a failed one is printed, the first becomes the case's reason, and the case goes on. */
#define EXPECT(condition) ((condition) ? (void)0 : case_fail(__FILE_NAME__, __LINE__, "%s is false", #condition))

/* A call that must fail: result -1 and that errno. */
#define EXPECT_ERRNO(call, error) do { \
	errno = 0; \
	case_errno(__FILE_NAME__, __LINE__, #call, (long)(call), error); \
} while (0)

/* A pthread_* or posix_* function, which returns the error. */
#define EXPECT_ERROR(call, error) case_error(__FILE_NAME__, __LINE__, #call, call, error)

/* Numbers; strings. */
#define EXPECT_EQ(got, expected) case_equal(__FILE_NAME__, __LINE__, #got, (long)(got), (long)(expected))
#define EXPECT_STR(got, expected) case_string(__FILE_NAME__, __LINE__, #got, got, expected)

/* A check without which the case cannot go on: ends the case (in another thread: that thread). */
#define MUST(condition) ((condition) ? (void)0 : case_must(__FILE_NAME__, __LINE__, #condition))

/* Prints a line that must be the same on both sides. */
__attribute__((format(printf, 1, 2))) void case_say(const char *format, ...);
#define SAY(...) case_say(__VA_ARGS__)

/* Ends the case: it cannot be run here. */
__attribute__((format(printf, 1, 2))) _Noreturn void case_skip(const char *format, ...);
#define SKIP(...) case_skip(__VA_ARGS__)

/* Threads: start or end the case with a failure; case_join() returns what the thread returned. */
void *case_thread(void *(*body)(void *), void *arg);
void *case_join(void *thread);
/* Waits until *word is at least `value`; what other threads did before is seen then. The writer uses case_set(). */
void case_until(int *word, int value);
void case_set(int *word, int value);

/* Milliseconds of CLOCK_MONOTONIC; a struct timespec so many milliseconds from now on a clock. */
int64_t case_ms(void);
struct timespec;
void case_deadline(struct timespec *out, int clock, long milliseconds);

/* A file with that content, made or replaced; a file's size by reading it, its first `size` bytes in `data`. */
void case_write_file(const char *name, const void *data, size_t size);
long case_read_file(const char *name, void *data, size_t size);

/* A directory on tmpfs, made for this case. */
const char *case_tmpfs(void);

/* Path of the program that runs: of the native build natively, of the enclave build in an enclave. */
const char *case_program(void);

/* Number from the environment. */
long case_number(const char *name, long otherwise);

/* Other processes, see above. case_wait() also takes what case_tell() and case_hear() would: the end of the process. */
long case_native(const char *helper, const char *arg);
long case_same(const char *helper, const char *arg);
int case_wait(long pid);
void case_tell(long pid);
void case_hear(long pid);
void helper_say(void);
void helper_hear(void);

/* Behind the macros. */
__attribute__((format(printf, 3, 4))) void case_fail(const char *file, int line, const char *format, ...);
_Noreturn void case_must(const char *file, int line, const char *what);
void case_errno(const char *file, int line, const char *what, long result, int error);
void case_error(const char *file, int line, const char *what, int result, int error);
void case_equal(const char *file, int line, const char *what, long got, long expected);
void case_string(const char *file, int line, const char *what, const char *got, const char *expected);

#endif
