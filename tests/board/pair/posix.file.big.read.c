/* SPDX-License-Identifier: MIT */
/* Reads the 100 MB file that the runner made, with several block sizes and through stdio. */
#include <fcntl.h>
#include <unistd.h>

#include "t.h"

static char block[1 << 20];

static uint64_t read_all(const char *path, size_t size)
{
	int fd = open(path, O_RDONLY);
	uint64_t hash = 1;
	ssize_t n;
	long total = 0;

	MUST(fd >= 0);
	while ((n = read(fd, block, size)) > 0) {
		hash = t_hash(hash, block, (size_t)n);
		total += n;
	}
	CHECK(n == 0);
	printf("blocks of %zu: %ld bytes\n", size, total);
	close(fd);
	return hash;
}

int main(void)
{
	const char *path = getenv("HUGE_FILE");
	uint64_t first;

	if (!path)
		t_skip("HUGE_FILE is not set");
	first = read_all(path, 1 << 20);
	printf("%016llx\n", (unsigned long long)first);
	CHECK(read_all(path, 65536) == first);
	CHECK(read_all(path, 16384) == first);
	FILE *f = fopen(path, "r");
	MUST(f);
	MUST(fseek(f, -1000000, SEEK_END) == 0);
	CHECK(fread(block, 1, 1000000, f) == 1000000 && fgetc(f) == EOF);
	printf("%ld %016llx\n", ftell(f), (unsigned long long)t_hash(1, block, 1000000));
	return t_done();
}
