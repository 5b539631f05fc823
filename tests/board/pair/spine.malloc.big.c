/* SPDX-License-Identifier: MIT */
/* One large block (256 MiB where the board has the memory), every page touched; then freed, and once more. */
#include "t.h"

int main(void)
{
	size_t size = (size_t)t_number("BIG", 4 << 20);

	for (int round = 0; round < 2; round++) {
		unsigned char *block = malloc(size);
		uint64_t sum = 0;

		MUST(block);
		for (size_t i = 0; i < size; i += 4096)
			block[i] = (unsigned char)(i >> 12);
		for (size_t i = 0; i < size; i += 4096)
			sum = sum * 31 + block[i] + block[i + 4095];
		printf("round %d: %zu bytes, %016llx\n", round, size, (unsigned long long)sum);
		free(block);
	}
	return t_done();
}
