/* SPDX-License-Identifier: MIT */
/* upper: stdin to stdout in capitals; with -e also a line on stderr. */
#include <ctype.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	int c;

	(void)argv;
	while ((c = getchar()) != EOF)
		putchar(toupper(c));
	if (argc > 1)
		fprintf(stderr, "upper: done\n");
	return fflush(stdout) != 0;
}
