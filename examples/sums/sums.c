/* SPDX-License-Identifier: MIT */
/*
 * sums FILE...: SHA-256 of files, as sha256sum prints it. Shows ringmaster.h: eight reads are under way while their bytes are hashed, in order,
 * straight from the memory that Linux put them into. They are copied once, since that memory may change under us: what is hashed is
 * the copy, and a program that goes on to use the bytes has just those.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringmaster.h>

#define PIECE	32768u
#define DEPTH	8u

/* Hashes one piece, which gives back its memory: bytes, 0 at the end, -1. */
static long hash_piece(struct ringmaster_sha256 *hash, ringmaster_promise promise)
{
	static unsigned char copy[PIECE];	/* ours: what the hash is of */
	const volatile void *bytes;
	const long size = promise ? ringmaster_view(promise, &bytes) : -1;
	int error;

	if (size <= 0)
		return size;
	error = ringmaster_sha256_copy(hash, copy, promise, 0, (size_t)size);
	ringmaster_give_back(promise);
	return error ? -1 : size;
}

static int hash_file(int fd, unsigned char digest[32])
{
	ringmaster_promise flight[DEPTH];
	struct ringmaster_sha256 hash;
	long size = 1;
	int error = 0;

	ringmaster_sha256_start(&hash);
	for (unsigned i = 0; i < DEPTH; i++)
		flight[i] = ringmaster_borrow(fd, PIECE, (off_t)i * PIECE, NULL);
	for (unsigned long i = 0; size > 0; i++) {
		size = hash_piece(&hash, flight[i % DEPTH]);
		error = size < 0 ? errno : 0;
		flight[i % DEPTH] = ringmaster_borrow(fd, PIECE, (off_t)((i + DEPTH) * PIECE), NULL);
	}
	ringmaster_sha256_end(&hash, digest);
	/* What is still under way is of no interest, but it has to end. */
	for (unsigned i = 0; i < DEPTH; i++)
		if (flight[i])
			ringmaster_await(flight[i]);
	errno = error;
	return error ? -1 : 0;
}

static int sum(const char *name)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC);
	unsigned char digest[32];

	if (fd < 0 || hash_file(fd, digest) != 0) {
		fprintf(stderr, "sums: %s: %s\n", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 1;
	}
	close(fd);
	for (unsigned i = 0; i < sizeof(digest); i++)
		printf("%02x", digest[i]);
	printf("  %s\n", name);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= sum(argv[i]);
	return failed;
}
