/* SPDX-License-Identifier: MIT */
/* The smallest operations: those that Linux does for an enclave, and those that never leave it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define FILE_NAME "/tmp/bench.small"

static int fd = -1;

static void begin_file(const struct bench_case *c)
{
	(void)c;
	fd = open(FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || pwrite(fd, "x", 1, 0) != 1)
		bench_fail("%s: %s", FILE_NAME, strerror(errno));
}

static void end_file(const struct bench_case *c)
{
	(void)c;
	close(fd);
}

static void check(int good, const char *what)
{
	if (!good)
		bench_fail("%s: %s", what, strerror(errno));
}

static void pread_byte(const struct bench_case *c, unsigned long operations)
{
	char byte;

	(void)c;
	while (operations--)
		check(pread(fd, &byte, 1, 0) == 1, "pread");
}

static void stat_file(const struct bench_case *c, unsigned long operations)
{
	struct stat status;

	(void)c;
	while (operations--)
		check(stat(FILE_NAME, &status) == 0, "stat");
}

static void open_close(const struct bench_case *c, unsigned long operations)
{
	(void)c;
	while (operations--) {
		const int opened = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

		check(opened >= 0 && close(opened) == 0, "open and close");
	}
}

/* One that has no opcode in io_uring and does next to nothing. */
static void flag_call(const struct bench_case *c, unsigned long operations)
{
	(void)c;
	while (operations--)
		check(getpgid(0) >= 0, "getpgid");
}

static void identity(const struct bench_case *c, unsigned long operations)
{
	(void)c;
	while (operations--)
		check(syscall(SYS_getpid) > 0, "getpid");
}

static void empty_wake(const struct bench_case *c, unsigned long operations)
{
	static int word;

	(void)c;
	while (operations--)
		check(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 0, "futex");
}

static void clock_read(const struct bench_case *c, unsigned long operations)
{
	struct timespec t;

	(void)c;
	while (operations--)
		check(clock_gettime(CLOCK_MONOTONIC, &t) == 0, "clock_gettime");
}

static void map_touch(const struct bench_case *c, unsigned long operations)
{
	(void)c;
	while (operations--) {
		char *page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		check(page != MAP_FAILED, "mmap");
		for (int i = 0; i < 16; i++)
			page[i * 4096] = 1;
		munmap(page, 65536);
	}
}

static const struct bench_case cases[] = {
	{ "call.pread1", 0, begin_file, pread_byte, end_file, NULL, 0 },
	{ "call.stat", 0, begin_file, stat_file, end_file, NULL, 0 },
	{ "call.open_close", 0, begin_file, open_close, end_file, NULL, 0 },
	{ "call.hostcall", 0, NULL, flag_call, NULL, NULL, 0 },
	{ "call.getpid", 0, NULL, identity, NULL, NULL, 0 },
	{ "call.futex_wake", 0, NULL, empty_wake, NULL, NULL, 0 },
	{ "call.clock", 0, NULL, clock_read, NULL, NULL, 0 },
	{ "call.mmap64k", 0, NULL, map_touch, NULL, NULL, 0 },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
