/* SPDX-License-Identifier: MIT */
/*
 * Reads files whose words say where they stand and which version they are (version << 40 | offset / 8; 0 in a hole), as commands on standard
 * input tell it. Each is answered by a line: "ok", or what was wrong.
 *
 *   open PATH FLAGS			close
 *   whole VERSION SIZE			the file is so long, all of it that version, by reads of several sizes
 *   range OFFSET SIZE VERSION		so are these bytes; version 0: zeroes
 *   read OFFSET SIZE TIMES		the same bytes again and again; whatever they are
 *   write OFFSET SIZE VERSION
 *   watch THREADS			as many threads read here and there until `stop`; no word may go back to an older version
 *   stop				how often they read: "ok N"
 *   opened N PATH				opens and reads N more descriptors of a file, and closes all of them
 *   size				"ok SIZE", by fstat
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1ul << 20)
#define PAGES_MAX 8192ul	/* that threads watch */
#define THREADS_MAX 8

static int fd = -1;
static char answer[256] = "ok";
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int watching;
static atomic_ulong reads;
static pthread_t threads[THREADS_MAX];
static unsigned thread_count;

/* The first thing that is wrong is told. */
static int wrong(const char *format, ...)
{
	va_list list;

	pthread_mutex_lock(&lock);
	if (strcmp(answer, "ok") == 0) {
		va_start(list, format);
		vsnprintf(answer, sizeof(answer), format, list);
		va_end(list);
	}
	pthread_mutex_unlock(&lock);
	return -1;
}

static uint64_t word_at(uint64_t version, uint64_t offset)
{
	return version == 0 ? 0 : version << 40 | offset / 8;
}

/* Bytes [offset, offset + size) as they should be. */
static int verify(const unsigned char *bytes, uint64_t offset, size_t size, uint64_t version)
{
	for (size_t i = 0; i < size; i++) {
		const uint64_t at = offset + i, word = word_at(version, at);

		if (at % 8 == 0 && size - i >= 8 && memcmp(bytes + i, &word, 8) == 0)
			i += 7;
		else if (bytes[i] != (unsigned char)(word >> at % 8 * 8)) {
			uint64_t is = 0;

			memcpy(&is, bytes + (i & ~7ul), size - (i & ~7ul) < 8 ? size - (i & ~7ul) : 8);
			return wrong("at %llu: %#llx instead of version %llu", (unsigned long long)at, (unsigned long long)is,
				     (unsigned long long)version);
		}
	}
	return 0;
}

static int range(char *buffer, uint64_t offset, size_t size, uint64_t version)
{
	const ssize_t n = pread(fd, buffer, size, (off_t)offset);

	if (n != (ssize_t)size)
		return wrong("pread(%zu, %llu) = %zd, %s", size, (unsigned long long)offset, n, n < 0 ? strerror(errno) : "short");
	return verify((unsigned char *)buffer, offset, size, version);
}

/* By read() from the start on, and by pread() once. */
static void whole(char *buffer, uint64_t version, uint64_t size)
{
	static const size_t pieces[] = { MIB, 65536, 4096, 5003, MIB + 4097 };

	for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		const size_t piece = pieces[i];
		uint64_t at = 0;
		ssize_t n;

		if (lseek(fd, 0, SEEK_SET) != 0)
			wrong("lseek: %s", strerror(errno));
		while ((n = read(fd, buffer, piece)) > 0) {
			if (verify((unsigned char *)buffer, at, (size_t)n, version) != 0)
				return;
			at += (uint64_t)n;
			if ((size_t)n < piece && at != size) {
				wrong("read(%zu) at %llu is short: %zd", piece, (unsigned long long)(at - (uint64_t)n), n);
				return;
			}
		}
		if (n < 0 || at != size) {
			wrong("%llu bytes by reads of %zu, %llu expected", (unsigned long long)at, piece, (unsigned long long)size);
			return;
		}
	}
	if (pread(fd, buffer, 1, (off_t)size) != 0)
		wrong("there is a byte at the end");
}

static int write_range(char *buffer, uint64_t offset, size_t size, uint64_t version)
{
	for (size_t done = 0; done < size; done += 8) {
		const uint64_t word = word_at(version, offset + done);

		memcpy(buffer + done, &word, 8);
	}
	return pwrite(fd, buffer, size, (off_t)offset) == (ssize_t)size ? 0 : wrong("pwrite: %s", strerror(errno));
}

/* What one thread has seen of each page: no word may be older than this. */
struct seen {
	uint32_t least[PAGES_MAX];
};

static int look_at(struct seen *seen, const uint64_t *words, uint64_t page)
{
	uint64_t least = UINT32_MAX, most = 0;
	int zero = 0;

	for (unsigned i = 0; i < 512; i++) {
		if (words[i] == 0) {
			zero = 1;
			continue;
		}
		if ((words[i] & ((1ul << 40) - 1)) != page * 512 + i)
			return wrong("page %llu, word %u: %#llx", (unsigned long long)page, i, (unsigned long long)words[i]);
		least = words[i] >> 40 < least ? words[i] >> 40 : least;
		most = words[i] >> 40 > most ? words[i] >> 40 : most;
	}
	if (most != 0 && least < seen->least[page])
		return wrong("page %llu went back from version %u to %llu", (unsigned long long)page, seen->least[page],
			     (unsigned long long)least);
	/* What was cut out does not come back. */
	if (most == 0)
		least = seen->least[page];
	if (!zero || most == 0)
		seen->least[page] = (uint32_t)least;
	return 0;
}

static void *watch(void *argument)
{
	const size_t most = 64;
	uint64_t random = (uint64_t)(uintptr_t)argument * 0x9e3779b97f4a7c15u;
	struct seen *seen = calloc(1, sizeof(*seen));
	uint64_t *buffer = malloc(most * 4096), pages = 1;
	struct stat file;

	for (unsigned long turn = 0; watching && seen && buffer; turn++) {
		uint64_t page, count;
		ssize_t n;

		random = random * 6364136223846793005u + 1442695040888963407u;
		if (turn % 64 == 0 && fstat(fd, &file) == 0)
			pages = file.st_size < 4096 ? 1 : (uint64_t)file.st_size / 4096;
		page = (random >> 33) % pages;
		count = (random >> 20) % 4 ? 1 : (random >> 24) % most + 1;
		n = pread(fd, buffer, count * 4096, (off_t)(page * 4096));
		if (n < 0)
			wrong("pread: %s", strerror(errno));
		for (ssize_t at = 0; at + 4096 <= n; at += 4096)
			if (page + (uint64_t)at / 4096 < PAGES_MAX)
				look_at(seen, buffer + at / 8, page + (uint64_t)at / 4096);
		reads++;
	}
	free(buffer);
	free(seen);
	return NULL;
}

static void opened(char *buffer, unsigned count, const char *path)
{
	int fds[512];

	for (unsigned i = 0; i < count && i < 512; i++) {
		fds[i] = open(path, O_RDONLY);
		if (fds[i] < 0)
			wrong("open: %s", strerror(errno));
		for (int k = 0; k < 6; k++)
			if (pread(fds[i], buffer, 65536, (off_t)(i % 8) * 65536) != 65536 ||
			    verify((unsigned char *)buffer, i % 8 * 65536, 65536, 1) != 0)
				wrong("descriptor %u", i);
	}
	for (unsigned i = 0; i < count && i < 512; i++)
		close(fds[i]);
}

static void command(char *buffer, const char *line)
{
	unsigned long a, b, c;
	char path[256];
	struct stat file;

	if (sscanf(line, "opened %lu %255s", &a, path) == 2) {
		opened(buffer, (unsigned)a, path);
	} else if (sscanf(line, "open %255s %lo", path, &a) == 2) {
		fd = open(path, (int)a);
		if (fd < 0)
			wrong("open: %s", strerror(errno));
	} else if (strcmp(line, "close\n") == 0) {
		close(fd);
	} else if (sscanf(line, "whole %lu %lu", &a, &b) == 2) {
		whole(buffer, a, b);
	} else if (sscanf(line, "range %lu %lu %lu", &a, &b, &c) == 3) {
		range(buffer, a, b, c);
	} else if (sscanf(line, "read %lu %lu %lu", &a, &b, &c) == 3) {
		while (c--)
			if (pread(fd, buffer, b, (off_t)a) < 0)
				wrong("pread: %s", strerror(errno));
	} else if (sscanf(line, "write %lu %lu %lu", &a, &b, &c) == 3) {
		write_range(buffer, a, b, c);
	} else if (sscanf(line, "watch %lu", &a) == 1) {
		watching = 1;
		reads = 0;
		for (thread_count = 0; thread_count < a && thread_count < THREADS_MAX; thread_count++)
			pthread_create(&threads[thread_count], NULL, watch, (void *)(uintptr_t)(thread_count + 1));
	} else if (strcmp(line, "stop\n") == 0) {
		watching = 0;
		while (thread_count > 0)
			pthread_join(threads[--thread_count], NULL);
		if (strcmp(answer, "ok") == 0)
			snprintf(answer, sizeof(answer), "ok %lu", reads);
	} else if (strcmp(line, "size\n") == 0) {
		if (fstat(fd, &file) == 0)
			snprintf(answer, sizeof(answer), "ok %lld", (long long)file.st_size);
	} else {
		wrong("no such command: %s", line);
	}
}

int main(void)
{
	char line[512], *buffer = aligned_alloc(4096, 3 * MIB);

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (buffer && fgets(line, sizeof(line), stdin)) {
		command(buffer, line);
		printf("%s\n", answer);
		strcpy(answer, "ok");
	}
	return 0;
}
