/* SPDX-License-Identifier: MIT */
/* regions: 6000 regions of memory made, protected, moved and unmapped, for the longest time that the kernel needs for one step of it. */
#include <stdio.h>
#include <sys/mman.h>

#define PAGE 4096ul
#define COUNT 6000ul
#define BLOCK 900ul

int main(void)
{
	unsigned char *all = mmap(NULL, COUNT * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *block = mmap(NULL, BLOCK * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *moved;

	if (all == MAP_FAILED || block == MAP_FAILED)
		return 1;
	for (unsigned long i = 0; i < COUNT; i += 2)
		if (mprotect(all + i * PAGE, PAGE, PROT_READ) != 0)
			return 2;
	for (unsigned long i = 0; i < BLOCK; i++)
		block[i * PAGE] = (unsigned char)i;
	moved = mremap(block, BLOCK * PAGE, 2 * BLOCK * PAGE, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED || moved[7 * PAGE] != 7)
		return 3;
	if (mprotect(all, COUNT * PAGE, PROT_NONE) != 0 || mprotect(all, COUNT * PAGE, PROT_READ) != 0)
		return 4;
	for (unsigned long i = 1; i < COUNT; i += 3)
		if (munmap(all + i * PAGE, PAGE) != 0)
			return 5;
	if (munmap(all, COUNT * PAGE) != 0 || munmap(moved, 2 * BLOCK * PAGE) != 0)
		return 6;
	puts("done");
	return 0;
}
