/* SPDX-License-Identifier: MIT */
/*
 * Promises (ringmaster.h) in batches, on a page-cached file. The name says what stands on the native side:
 *   promise.read.*     plain read(), against promises into private memory in the enclave
 *   promise.uring.*    io_uring, by the same source
 *   promise.borrow.*   io_uring into a buffer, against borrowed bytes; of neither is anything looked at
 *   promise.write.*    io_uring, by the same source
 *   promise.nop.*      io_uring's NOP, against the same through the ring of the enclave
 *   promise.single.*   as promise.read, but each submitted and taken by a call of its own
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
static const struct bench_case *opened;	/* whose file is open: it stays so from sample to sample, as that of a program that reads often */

static void begin(const struct bench_case *c)
{
	at = 0;
	if (opened == c && lseek(fd, 0, SEEK_SET) == 0)
		return;
	opened = NULL;
	close(fd);
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
	opened = c;
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

/* Submits `count` of a kind, of `size` bytes each, or as many as there is room for: how many. */
static unsigned begin_batch(const ringmaster_operation *kind, unsigned count, unsigned size, ringmaster_promise *p)
{
	ringmaster_operation operations[RINGMASTER_PROMISES];
	const off_t start = at;
	int n;

	for (unsigned i = 0; i < count; i++) {
		operations[i] = *kind;
		operations[i].fd = fd;
		operations[i].address = kind->flags & RM_PROMISE_BORROW ? 0 : (uint64_t)buffer + i * size;
		operations[i].size = size;
		operations[i].offset = (uint64_t)advance(size);
	}
	n = ringmaster_submit(operations, count, p);
	if (n <= 0)
		bench_fail("no promise: %s", strerror(errno));
	at = (start + (off_t)n * size) % (off_t)FILE_SIZE;
	return (unsigned)n;
}

/* Takes them all, so that the next case finds room whatever this one brought. */
static void take_all(const ringmaster_promise *p, unsigned n, long expected)
{
	long results[RINGMASTER_PROMISES];

	if (ringmaster_take_all(p, n, results) != 0)
		bench_fail("take: %s", strerror(errno));
	for (unsigned i = 0; i < n; i++)
		if (results[i] != expected)
			bench_fail("%ld instead of %ld", results[i], expected);
}

static unsigned read_batch(unsigned count, unsigned size)
{
	static const ringmaster_operation kind = { .op = RM_PROMISE_READ };
	ringmaster_promise p[RINGMASTER_PROMISES];
	const unsigned n = begin_batch(&kind, count, size, p);

	take_all(p, n, size);
	return n;
}

static unsigned write_batch(unsigned count, unsigned size)
{
	static const ringmaster_operation kind = { .op = RM_PROMISE_WRITE };
	ringmaster_promise p[RINGMASTER_PROMISES];
	const unsigned n = begin_batch(&kind, count, size, p);

	take_all(p, n, size);
	return n;
}

static unsigned borrow_batch(unsigned count, unsigned size)
{
	static const ringmaster_operation kind = { .op = RM_PROMISE_READ, .flags = RM_PROMISE_BORROW };
	struct ringmaster_view views[RINGMASTER_PROMISES];
	ringmaster_promise p[RINGMASTER_PROMISES];
	const unsigned n = begin_batch(&kind, count, size, p);

	if (ringmaster_view_all(p, n, views) != 0)
		bench_fail("view: %s", strerror(errno));
	for (unsigned i = 0; i < n; i++)
		if (views[i].result != (long)size)
			bench_fail("%ld instead of %u", views[i].result, size);
	if (ringmaster_give_back_all(p, n) != 0)
		bench_fail("give back: %s", strerror(errno));
	return n;
}

static unsigned single_batch(unsigned count, unsigned size)
{
	ringmaster_promise p[RINGMASTER_PROMISES];
	unsigned n = 0;

	for (; n < count; n++) {
		p[n] = ringmaster_read(fd, buffer + n * size, size, at, NULL);
		if (!p[n])
			break;
		advance(size);
	}
	if (n == 0)
		bench_fail("no promise: %s", strerror(errno));
	for (unsigned i = 0; i < n; i++)
		check(ringmaster_await(p[i]), size);
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

static void read_plain(const struct bench_case *c, unsigned long operations)
{
	while (operations--) {
		check(read(fd, buffer, c->bytes), c->bytes);
		if (advance(c->bytes) + (off_t)c->bytes == FILE_SIZE)
			lseek(fd, 0, SEEK_SET);
	}
}

static void plain(const struct bench_case *c, unsigned long operations)
{
	if (ringmaster_in_enclave())
		uring(c, operations);
	else
		read_plain(c, operations);
}

static void single(const struct bench_case *c, unsigned long operations)
{
	if (ringmaster_in_enclave())
		in_batches(c, operations, single_batch);
	else
		read_plain(c, operations);
}

static void nothing(const struct bench_case *c, unsigned long operations)
{
	static const ringmaster_operation nops[RINGMASTER_PROMISES] = { [0 ... RINGMASTER_PROMISES - 1] = { .op = RM_PROMISE_NOP, .fd = -1 } };
	ringmaster_promise p[RINGMASTER_PROMISES];

	while (operations) {
		const unsigned n = operations < DEPTH(c) ? (unsigned)operations : DEPTH(c);

		if (ringmaster_submit(nops, n, p) != (int)n)
			bench_fail("nop: %s", strerror(errno));
		take_all(p, n, 0);
		operations -= n;
	}
}

#define CASES(name, size, depth) \
	{ "promise.read." name, size, begin, plain, NULL, NULL, depth }, \
	{ "promise.uring." name, size, begin, uring, NULL, NULL, depth }, \
	{ "promise.borrow." name, size, begin, borrow, NULL, NULL, depth }

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
	{ "promise.write.4k.1", 4096, begin, put, NULL, NULL, 1 },
	{ "promise.write.4k.8", 4096, begin, put, NULL, NULL, 8 },
	{ "promise.write.4k.32", 4096, begin, put, NULL, NULL, 32 },
	{ "promise.write.64k.1", 65536, begin, put, NULL, NULL, 1 },
	{ "promise.write.64k.8", 65536, begin, put, NULL, NULL, 8 },
	{ "promise.write.64k.32", 65536, begin, put, NULL, NULL, 32 },
	{ "promise.single.4k.1", 4096, begin, single, NULL, NULL, 1 },
	{ "promise.single.4k.32", 4096, begin, single, NULL, NULL, 32 },
	{ "promise.nop.1", 0, NULL, nothing, NULL, NULL, 1 },
	{ "promise.nop.32", 0, NULL, nothing, NULL, NULL, 32 },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
