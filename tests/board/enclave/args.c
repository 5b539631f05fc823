/* SPDX-License-Identifier: MIT */
/* args WORDS...: their number, then each in brackets. */
#include <stdio.h>

int main(int argc, char **argv)
{
	printf("%d", argc);
	for (int i = 0; i < argc; i++)
		printf(" [%s]", argv[i]);
	return putchar('\n') < 0;
}
