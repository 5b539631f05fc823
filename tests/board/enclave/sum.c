/* SPDX-License-Identifier: MIT */
/* sum FILE BLOCK: reads a file in blocks of that size, prints its length and a sum. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t size = argc > 2 ? strtoul(argv[2], NULL, 0) : 65536;
	unsigned char *block = malloc(size);
	uint64_t sum = 0, word;
	long total = 0;
	ssize_t n;
	int fd = open(argv[1], O_RDONLY);

	if (fd < 0 || !block)
		return 1;
	while ((n = read(fd, block, size)) > 0) {
		for (ssize_t i = 0; i + 8 <= n; i += 8) {
			memcpy(&word, block + i, 8);
			sum = (sum << 1 | sum >> 63) ^ word;
		}
		total += n;
	}
	printf("%ld %016llx\n", total, (unsigned long long)sum);
	return n < 0;
}
