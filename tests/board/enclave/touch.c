/* SPDX-License-Identifier: MIT */
/* touch MIB: writes that many MiB page by page, reads them back, says so; then goes on touching until the enclave is ended. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096ul

static uint64_t mark(uint64_t page)
{
	return page * 0x9e3779b97f4a7c15u + 1;
}

int main(int argc, char **argv)
{
	uint64_t pages = (argc > 1 ? strtoul(argv[1], NULL, 0) : 1) * 256;
	uint64_t more = 1ul << 20;
	volatile char *at = mmap(NULL, (pages + more) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (uint64_t i = 0; i < pages; i++) {
		*(volatile uint64_t *)(at + i * PAGE) = mark(i);
		*(volatile uint64_t *)(at + i * PAGE + PAGE - 8) = ~mark(i);
	}
	for (uint64_t i = 0; i < pages; i++)
		if (*(volatile uint64_t *)(at + i * PAGE) != mark(i) || *(volatile uint64_t *)(at + i * PAGE + PAGE - 8) != ~mark(i)) {
			printf("page %lu is not what was written\n", (unsigned long)i);
			return 1;
		}
	printf("%lu MiB\n", (unsigned long)(pages / 256));
	fflush(stdout);
	for (uint64_t i = pages; i < pages + more; i++)
		at[i * PAGE] = 1;
	puts("there was more");
	return 1;
}
