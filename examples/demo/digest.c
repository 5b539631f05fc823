/* SPDX-License-Identifier: MIT */
/*
 * digest FILE: SHA-256, lines and bytes of a file. The file passes through a page of the program's own; with
 *
 * digest FILE STOP: the program tells where that page stands in memory, and reads the file again and again until there is a
 * file named STOP. Each time it looks at every byte of its page.
 */
#include <errno.h>
#include <fcntl.h>
#include <ringmaster.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sha256.h"

struct result {
	unsigned char digest[32];
	long lines, bytes;
};

static _Alignas(4096) unsigned char page[4096];

static int read_file(const char *name, struct result *result)
{
	int fd = open(name, O_RDONLY);
	struct sha256 sha;
	ssize_t n;

	if (fd < 0)
		return -1;
	memset(result, 0, sizeof(*result));
	sha256_begin(&sha);
	while ((n = read(fd, page, sizeof(page))) > 0) {
		sha256_add(&sha, page, (size_t)n);
		result->bytes += n;
		for (ssize_t i = 0; i < n; i++)
			result->lines += page[i] == '\n';
	}
	sha256_end(&sha, result->digest);
	close(fd);
	return n < 0 ? -1 : 0;
}

static void print(const struct result *result)
{
	printf("sha256 ");
	for (int i = 0; i < 32; i++)
		printf("%02x", result->digest[i]);
	printf("\n%ld lines, %ld bytes\n", result->lines, result->bytes);
}

static int watch(const char *name, const char *stop, const struct result *first)
{
	struct result again;
	long rounds = 0;

	printf("page %#lx\n", ringmaster_page_address(page));
	fflush(stdout);
	while (access(stop, F_OK)) {
		if (read_file(name, &again))
			return -1;
		if (memcmp(first, &again, sizeof(again))) {
			puts("the page or the file has changed");
			return 1;
		}
		rounds++;
	}
	printf("read %ld times more, every byte the same\n", rounds);
	return 0;
}

int main(int argc, char **argv)
{
	struct result result;
	int status = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: digest FILE [STOP]\n");
		return 2;
	}
	if (read_file(argv[1], &result) == 0) {
		print(&result);
		if (argc > 2)
			status = watch(argv[1], argv[2], &result);
	} else {
		status = -1;
	}
	if (status < 0) {
		fprintf(stderr, "digest: %s: %s\n", argv[1], strerror(errno));
		status = 1;
	}
	return status;
}
