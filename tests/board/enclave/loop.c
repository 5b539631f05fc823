/* SPDX-License-Identifier: MIT */
/* loop: says that it started, then computes for ever without a call. */
#include <stdio.h>

int main(void)
{
	volatile unsigned long n = 0;

	puts("looping");
	fflush(stdout);
	for (;;)
		n = n + 1;
}
