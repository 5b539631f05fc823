/* SPDX-License-Identifier: MIT */
/* Recursion through most of an 8 MiB stack. */
#include "t.h"

__attribute__((noinline)) static unsigned recurse(long left, unsigned seed)
{
	volatile unsigned char frame[1024];

	for (size_t i = 0; i < sizeof(frame); i += 128)
		frame[i] = (unsigned char)(seed + i);
	unsigned below = left > (long)sizeof(frame) ? recurse(left - (long)sizeof(frame), seed * 33 + 7) : 1;
	for (size_t i = 0; i < sizeof(frame); i += 128)
		if (frame[i] != (unsigned char)(seed + i))
			T_FAIL("stack changed");
	return below * 31 + frame[512];
}

int main(void)
{
	printf("%u\n", recurse(t_number("STACK", 6 << 20), 1));
	return t_done();
}
