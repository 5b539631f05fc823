/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes of a file into private memory: in memory (tmpfs) and on the disk (ext4), sequential and random. "direct" is O_DIRECT; "steady"
 * goes on so long that what the bench itself asks Linux for, a line and an answer a sample, does not count. "disk" is one that QEMU makes slower than
 * the emulator is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define FILE_SIZE	(16u << 20)
#define MEMORY		"/tmp/bench.data"
#define DISK		"/mnt/disk/bench.data"
#define SLOW		"/mnt/slow/bench.data"
#define LONG_MS		500
#define STEADY_MS	1500

static char *buffer;
static int fd = -1;

static void make_file(const char *path)
{
	const int made = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	off_t size = made < 0 ? -1 : lseek(made, 0, SEEK_END);

	if (size < 0)
		bench_fail("%s: %s", path, strerror(errno));
	memset(buffer, 'x', 1 << 20);
	for (; size < (off_t)FILE_SIZE; size += 1 << 20) {
		if (pwrite(made, buffer, 1 << 20, size) != 1 << 20)
			bench_fail("%s: cannot be made: %s", path, strerror(errno));
	}
	close(made);
}

static const struct bench_case *opened;	/* whose file is open: it stays so from sample to sample, as that of a program that reads often */

static void begin(const struct bench_case *c)
{
	if (opened == c && lseek(fd, 0, SEEK_SET) == 0)
		return;
	opened = NULL;
	close(fd);
	if (buffer == NULL && (buffer = aligned_alloc(4096, 1 << 20)) == NULL)
		bench_fail("no memory");
	make_file(c->path);
	fd = open(c->path, c->flags | O_CLOEXEC);
	if (fd < 0)
		bench_fail("%s: %s", c->path, strerror(errno));
	opened = c;
}

/* For cases that open the file anew each time. */
static void end(const struct bench_case *c)
{
	(void)c;
	opened = NULL;
}

static void check(ssize_t result, const struct bench_case *c)
{
	if (result != (ssize_t)c->bytes)
		bench_fail("%zd bytes instead of %u: %s", result, c->bytes, result < 0 ? strerror(errno) : "short");
}

static off_t at_random(const struct bench_case *c)
{
	return (off_t)(bench_random() % (FILE_SIZE / c->bytes)) * c->bytes;
}

/* From the start again at the end. */
static void rewind_at_end(off_t *at, const struct bench_case *c)
{
	*at += c->bytes;
	if (*at == (off_t)FILE_SIZE)
		*at = lseek(fd, 0, SEEK_SET);
}

static void read_on(const struct bench_case *c, unsigned long operations)
{
	off_t at = 0;

	while (operations--) {
		check(read(fd, buffer, c->bytes), c);
		rewind_at_end(&at, c);
	}
}

static void write_on(const struct bench_case *c, unsigned long operations)
{
	off_t at = 0;

	while (operations--) {
		check(write(fd, buffer, c->bytes), c);
		rewind_at_end(&at, c);
	}
}

static void read_random(const struct bench_case *c, unsigned long operations)
{
	while (operations--)
		check(pread(fd, buffer, c->bytes, at_random(c)), c);
}

static void write_random(const struct bench_case *c, unsigned long operations)
{
	while (operations--)
		check(pwrite(fd, buffer, c->bytes, at_random(c)), c);
}

/* What is read was written just now, one time in 16. */
static void read_modified(const struct bench_case *c, unsigned long operations)
{
	while (operations--) {
		const off_t at = at_random(c);

		if (operations % 16 == 0)
			check(pwrite(fd, buffer, c->bytes, at), c);
		check(pread(fd, buffer, c->bytes, at), c);
	}
}

/* From the disk: Linux has dropped what it had of the file, once a pass. */
static void read_cold(const struct bench_case *c, unsigned long operations)
{
	off_t at = 0;

	while (operations--) {
		if (at == 0 && (fdatasync(fd) != 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0))
			bench_fail("the file stays in memory: %s", strerror(errno));
		check(read(fd, buffer, c->bytes), c);
		rewind_at_end(&at, c);
	}
}

#define CASES(name, path, size, extra) \
	{ "read." name, size, begin, read_on, NULL, path, O_RDONLY | (extra) }, \
	{ "pread." name, size, begin, read_random, NULL, path, O_RDONLY | (extra) }, \
	{ "write." name, size, begin, write_on, NULL, path, O_WRONLY | (extra) }, \
	{ "pwrite." name, size, begin, write_random, NULL, path, O_WRONLY | (extra) }

static const struct bench_case cases[] = {
	CASES("tmpfs.4k", MEMORY, 4096, 0),
	CASES("tmpfs.64k", MEMORY, 65536, 0),
	CASES("tmpfs.1m", MEMORY, 1048576, 0),
	CASES("ext4.4k", DISK, 4096, 0),
	CASES("ext4.64k", DISK, 65536, 0),
	CASES("ext4.1m", DISK, 1048576, 0),
	{ "read.tmpfs.64k.opened", 65536, begin, read_on, end, MEMORY, O_RDONLY },
	{ "read.ext4.64k.opened", 65536, begin, read_on, end, DISK, O_RDONLY },
	{ "pread.tmpfs.4k.modified", 4096, begin, read_modified, end, MEMORY, O_RDWR },
	{ "pread.ext4.4k.modified", 4096, begin, read_modified, end, DISK, O_RDWR },
	{ "read.ext4.64k.cold", 65536, begin, read_cold, end, DISK, O_RDONLY },
	{ "read.tmpfs.4k.steady", 4096, begin, read_on, NULL, MEMORY, O_RDONLY, STEADY_MS },
	{ "read.tmpfs.64k.steady", 65536, begin, read_on, NULL, MEMORY, O_RDONLY, STEADY_MS },
	{ "read.ext4.4k.steady", 4096, begin, read_on, NULL, DISK, O_RDONLY, STEADY_MS },
	{ "read.ext4.64k.steady", 65536, begin, read_on, NULL, DISK, O_RDONLY, STEADY_MS },
	CASES("direct.4k", DISK, 4096, O_DIRECT),
	CASES("direct.64k", DISK, 65536, O_DIRECT),
	CASES("direct.1m", DISK, 1048576, O_DIRECT),
	{ "disk.read.64k.cold", 65536, begin, read_cold, NULL, SLOW, O_RDONLY, LONG_MS },
	{ "disk.read.64k", 65536, begin, read_on, NULL, SLOW, O_RDONLY | O_DIRECT, LONG_MS },
	{ "disk.read.1m", 1048576, begin, read_on, NULL, SLOW, O_RDONLY | O_DIRECT, LONG_MS },
	{ "disk.write.64k", 65536, begin, write_on, NULL, SLOW, O_WRONLY | O_DIRECT, LONG_MS },
	{ "disk.write.1m", 1048576, begin, write_on, NULL, SLOW, O_WRONLY | O_DIRECT, LONG_MS },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
