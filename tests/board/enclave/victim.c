/* SPDX-License-Identifier: MIT */
/*
 * victim: the first byte on stdin is its secret. It fills two pages with it, tells where they stand, and answers each further
 * line with `intact` or `changed` after it looked at every byte. Natively the physical addresses are 0.
 */
#include <ringmaster.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE 8192

int main(void)
{
	char line[64];
	/* A fixed place, so that two victims have the same virtual address. */
	unsigned char *secret = mmap((void *)0x2000000000, SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (secret == MAP_FAILED)
		return 1;
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	unsigned char mark = (unsigned char)line[0];
	memset(secret, mark, SIZE);
	printf("address %p %#lx %#lx\n", (void *)secret, ringmaster_page_address(secret),
		ringmaster_page_address(secret + 4096));
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		int same = 1;

		for (int i = 0; i < SIZE; i++)
			same &= secret[i] == mark;
		puts(same ? "intact" : "changed");
		fflush(stdout);
	}
	return 0;
}
