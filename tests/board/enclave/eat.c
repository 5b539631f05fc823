/* SPDX-License-Identifier: MIT */
/*
 * eat BYTES [fill|check]: takes memory in 64 KiB blocks and touches it. `fill` writes a pattern and keeps going to the end;
 * `check` demands that each word is zero when it comes. BYTES 0: until there is no more.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BLOCK 65536

int main(int argc, char **argv)
{
	long limit = argc > 1 ? atol(argv[1]) : 0, total = 0;
	const char *how = argc > 2 ? argv[2] : "fill";

	while (!limit || total < limit) {
		uint64_t *words = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (words == MAP_FAILED)
			break;
		for (int i = 0; i < BLOCK / 8; i++) {
			if (!strcmp(how, "check") && words[i]) {
				printf("not zero: %llx\n", (unsigned long long)words[i]);
				return 1;
			}
			words[i] = 0x5ec2e75ec2e75ec2u;
		}
		total += BLOCK;
	}
	printf("%ld bytes\n", total);
	return 0;
}
