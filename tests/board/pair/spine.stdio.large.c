/* SPDX-License-Identifier: MIT */
/* 2 MiB of lines on standard output, much more than fits a pipe or an arena. */
#include "t.h"

int main(void)
{
	uint64_t state = 1;

	for (int i = 0; i < 50000; i++)
		printf("%7d %016llx %016llx\n", i, (unsigned long long)t_random(&state), (unsigned long long)t_random(&state));
	CHECK(fflush(stdout) == 0);
	return t_done();
}
