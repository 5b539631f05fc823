/* SPDX-License-Identifier: MIT */
/*
 * Promises (ringmaster.h) in batches, reading a page-cached file. The name says what stands on the native side:
 *   promise.read.*     plain read(), against promises into private memory in the enclave
 *   promise.uring.*    io_uring, by the same source
 *   promise.borrow.*   io_uring into a buffer, against borrowed bytes; of neither is anything looked at
 *   promise.nop.*      io_uring's NOP, against the same through the ring of the enclave
 * The last number is how many are under way at once.
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

static char *buffer;
static int fd = -1;
static off_t at;

static void begin(const struct bench_case *c)
{
	(void)c;
	if (buffer == NULL && (buffer = aligned_alloc(4096, 1 << 20)) == NULL)
		bench_fail("no memory");
	memset(buffer, 'x', 1 << 20);
	fd = open(PATH, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
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

/* `count` reads of `size` bytes, as many at once as there is room for: how many. */
static unsigned read_batch(unsigned count, unsigned size)
{
	ringmaster_promise p[RINGMASTER_PROMISES] = { 0 };
	unsigned n = 0;

	for (; n < count; n++) {
		p[n] = ringmaster_read(fd, buffer + n * size, size, at, NULL);
		if (!p[n])
			break;
		advance(size);
	}
	if (ringmaster_wait(p, n, n, -1) != (int)n)
		bench_fail("wait: %s", strerror(errno));
	for (unsigned i = 0; i < n; i++)
		check(ringmaster_await(p[i]), size);
	return n;
}

static unsigned borrow_batch(unsigned count, unsigned size)
{
	ringmaster_promise p[RINGMASTER_PROMISES] = { 0 };
	const volatile void *bytes;
	unsigned n = 0;

	for (; n < count; n++) {
		p[n] = ringmaster_borrow(fd, size, at, NULL);
		if (!p[n])
			break;
		advance(size);
	}
	if (ringmaster_wait(p, n, n, -1) != (int)n)
		bench_fail("wait: %s", strerror(errno));
	for (unsigned i = 0; i < n; i++) {
		check(ringmaster_view(p[i], &bytes), size);
		ringmaster_give_back(p[i]);
	}
	return n;
}

static void in_batches(const struct bench_case *c, unsigned long operations, unsigned (*batch)(unsigned, unsigned))
{
	const unsigned size = c->bytes > PIECE ? PIECE : c->bytes, depth = (unsigned)c->flags;
	unsigned long left = operations * (c->bytes / size);

	while (left)
		left -= batch(left < depth ? (unsigned)left : depth, size);
}

static void uring(const struct bench_case *c, unsigned long operations)
{
	in_batches(c, operations, read_batch);
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
		const unsigned n = operations < (unsigned)c->flags ? (unsigned)operations : (unsigned)c->flags;

		for (unsigned i = 0; i < n; i++)
			if ((p[i] = ringmaster_nop(NULL)) == 0)
				bench_fail("nop: %s", strerror(errno));
		if (ringmaster_wait(p, n, n, -1) != (int)n)
			bench_fail("wait: %s", strerror(errno));
		for (unsigned i = 0; i < n; i++)
			check(ringmaster_await(p[i]), 0);
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
	CASES("1m.8", 1048576, 8),
	{ "promise.nop.1", 0, NULL, nothing, NULL, NULL, 1 },
	{ "promise.nop.32", 0, NULL, nothing, NULL, NULL, 32 },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
