/* SPDX-License-Identifier: MIT */
/* probe r|w|x ADDRESS: touches that address. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	unsigned long address = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	volatile unsigned char *p;

	__asm__ volatile("" : "=r"(p) : "0"(address));
	switch (argv[1][0]) {
	case 'r':
		printf("%u\n", *p);
		break;
	case 'w':
		*p = 1;
		break;
	default:
		((void (*)(void))p)();
	}
	puts("went through");
	return 0;
}
