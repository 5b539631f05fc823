/* SPDX-License-Identifier: MIT */
/*
 * Promises (ringmaster.h) in batches, on a page-cached file. The name says what stands on the native side:
 *   promise.read.*     plain read(), against promises into private memory in the enclave
 *   promise.uring.*    io_uring, by the same source
 *   promise.borrow.*   io_uring into a buffer, against borrowed bytes; of neither is anything looked at
 *   promise.write.*    io_uring, by the same source
 *   promise.nop.*      io_uring's NOP, against the same through the ring of the enclave
 * "direct" is O_DIRECT. The last number is how many are under way at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "ringmaster.h"

#define FILE_SIZE	(16u << 20)
#define PATH		"/mnt/disk/bench.promises"
#define PIECE		65536u		/* of what is larger than all promises together can be */
#define BUFFER_SIZE	(RINGMASTER_PROMISES * PIECE)	/* reads that windows have are done at once and need no room in the arena */

#define DEPTH(c)	((unsigned)(c)->flags & 0xff)

static char *buffer;
static int fd = -1;
static off_t at;

static void begin(const struct bench_case *c)
{
	if (buffer == NULL && (buffer = aligned_alloc(4096, BUFFER_SIZE)) == NULL)
		bench_fail("no memory");
	memset(buffer, 'x', BUFFER_SIZE);
	fd = open(PATH, O_RDWR | O_CREAT | O_CLOEXEC | (c->flags & O_DIRECT), 0644);
	if (fd < 0)
		bench_fail("%s: %s", PATH, strerror(errno));
	if (lseek(fd, 0, SEEK_END) != FILE_SIZE)
		for (off_t made = 0; made < (off_t)FILE_SIZE; made += 1 << 20)
			if (pwrite(fd, buffer, 1 << 20, made) != 1 << 20)
				bench_fail("%s: cannot be made: %s", PATH, strerror(errno));
	lseek(fd, 0, SEEK_SET);
	at = 0;
}

static void end(const struct bench_case *c)
{
	(void)c;
	close(fd);
}

static void check(long result, unsigned long expected)
{
	if (result != (long)expected)
		bench_fail("%ld instead of %lu: %s", result, expected, result < 0 ? strerror(errno) : "short");
}

static off_t advance(unsigned size)
{
	const off_t now = at;

	at = at + size == FILE_SIZE ? 0 : at + size;
	return now;
}

/* Takes them all, so that the next case finds room whatever this one brought. */
static void take_all(const ringmaster_promise *p, unsigned n, unsigned long expected)
{
	long result, wrong = (long)expected;
	int error = 0;

	if (ringmaster_wait(p, n, n, -1) != (int)n)
		bench_fail("wait: %s", strerror(errno));
	for (unsigned i = 0; i < n; i++) {
		result = ringmaster_await(p[i]);
		if (result != (long)expected) {
			wrong = result;
			error = errno;
		}
	}
	errno = error;
	check(wrong, expected);
}

typedef ringmaster_promise submit(int fd, void *memory, size_t size, off_t offset);

static ringmaster_promise submit_read(int file, void *memory, size_t size, off_t offset)
{
	return ringmaster_read(file, memory, size, offset, NULL);
}

static ringmaster_promise submit_write(int file, void *memory, size_t size, off_t offset)
{
	return ringmaster_write(file, memory, size, offset, NULL);
}

/* `count` of them, of `size` bytes each, as many at once as there is room for: how many. */
static unsigned move_batch(unsigned count, unsigned size, submit *submit_one)
{
	ringmaster_promise p[RINGMASTER_PROMISES] = { 0 };
	unsigned n = 0;

	for (; n < count; n++) {
		p[n] = submit_one(fd, buffer + n * size, size, at);
		if (!p[n])
			break;
		advance(size);
	}
	if (n == 0)
		bench_fail("no promise: %s", strerror(errno));
	take_all(p, n, size);
	return n;
}

static unsigned read_batch(unsigned count, unsigned size)
{
	return move_batch(count, size, submit_read);
}

static unsigned write_batch(unsigned count, unsigned size)
{
	return move_batch(count, size, submit_write);
}

static unsigned borrow_batch(unsigned count, unsigned size)
{
	ringmaster_promise p[RINGMASTER_PROMISES] = { 0 };
	const volatile void *bytes;
	long result, wrong = (long)size;
	unsigned n = 0;

	for (; n < count; n++) {
		p[n] = ringmaster_borrow(fd, size, at, NULL);
		if (!p[n])
			break;
		advance(size);
	}
	if (n == 0)
		bench_fail("no promise: %s", strerror(errno));
	if (ringmaster_wait(p, n, n, -1) != (int)n)
		bench_fail("wait: %s", strerror(errno));
	for (unsigned i = 0; i < n; i++) {
		result = ringmaster_view(p[i], &bytes);
		wrong = result == (long)size ? wrong : result;
		if (result > 0)
			ringmaster_give_back(p[i]);
	}
	check(wrong, size);
	return n;
}

static void in_batches(const struct bench_case *c, unsigned long operations, unsigned (*batch)(unsigned, unsigned))
{
	const unsigned size = c->bytes > PIECE ? PIECE : c->bytes, depth = DEPTH(c);
	unsigned long left = operations * (c->bytes / size);

	while (left)
		left -= batch(left < depth ? (unsigned)left : depth, size);
}

static void uring(const struct bench_case *c, unsigned long operations)
{
	in_batches(c, operations, read_batch);
}

static void put(const struct bench_case *c, unsigned long operations)
{
	in_batches(c, operations, write_batch);
}

static void borrow(const struct bench_case *c, unsigned long operations)
{
	in_batches(c, operations, borrow_batch);
}

static void plain(const struct bench_case *c, unsigned long operations)
{
	if (ringmaster_in_enclave()) {
		uring(c, operations);
		return;
	}
	while (operations--) {
		check(read(fd, buffer, c->bytes), c->bytes);
		if (advance(c->bytes) + (off_t)c->bytes == FILE_SIZE)
			lseek(fd, 0, SEEK_SET);
	}
}

static void nothing(const struct bench_case *c, unsigned long operations)
{
	ringmaster_promise p[RINGMASTER_PROMISES] = { 0 };

	while (operations) {
		const unsigned n = operations < DEPTH(c) ? (unsigned)operations : DEPTH(c);

		for (unsigned i = 0; i < n; i++)
			if ((p[i] = ringmaster_nop(NULL)) == 0)
				bench_fail("nop: %s", strerror(errno));
		take_all(p, n, 0);
		operations -= n;
	}
}

#define CASES(name, size, depth) \
	{ "promise.read." name, size, begin, plain, end, NULL, depth }, \
	{ "promise.uring." name, size, begin, uring, end, NULL, depth }, \
	{ "promise.borrow." name, size, begin, borrow, end, NULL, depth }

static const struct bench_case cases[] = {
	CASES("4k.1", 4096, 1),
	CASES("4k.8", 4096, 8),
	CASES("4k.32", 4096, 32),
	CASES("64k.1", 65536, 1),
	CASES("64k.8", 65536, 8),
	CASES("64k.32", 65536, 32),
	CASES("1m.1", 1048576, 1),
	CASES("1m.8", 1048576, 8),
	CASES("1m.32", 1048576, 32),
	CASES("direct.4k.8", 4096, O_DIRECT | 8),
	CASES("direct.64k.8", 65536, O_DIRECT | 8),
	{ "promise.write.4k.1", 4096, begin, put, end, NULL, 1 },
	{ "promise.write.4k.8", 4096, begin, put, end, NULL, 8 },
	{ "promise.write.4k.32", 4096, begin, put, end, NULL, 32 },
	{ "promise.write.64k.1", 65536, begin, put, end, NULL, 1 },
	{ "promise.write.64k.8", 65536, begin, put, end, NULL, 8 },
	{ "promise.write.64k.32", 65536, begin, put, end, NULL, 32 },
	{ "promise.nop.1", 0, NULL, nothing, NULL, NULL, 1 },
	{ "promise.nop.32", 0, NULL, nothing, NULL, NULL, 32 },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
