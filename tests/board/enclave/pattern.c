/* SPDX-License-Identifier: MIT */
/* pattern BYTES [SEED]: that many repeatable bytes on stdout. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static uint64_t block[8192];
	long left = argc > 1 ? atol(argv[1]) : 0;
	uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;

	while (left > 0) {
		size_t size = left < (long)sizeof(block) ? (size_t)left : sizeof(block);

		for (size_t i = 0; i < 8192; i++)
			block[i] = state = state * 6364136223846793005u + 1442695040888963407u;
		for (size_t done = 0; done < size; ) {
			ssize_t n = write(1, (char *)block + done, size - done);

			if (n < 0)
				return 1;
			done += (size_t)n;
		}
		left -= (long)size;
	}
	return 0;
}
