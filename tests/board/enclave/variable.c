/* SPDX-License-Identifier: MIT */
/* variable NAME: the value of a variable. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	const char *value = argc > 1 ? getenv(argv[1]) : NULL;

	if (!value)
		return 1;
	return puts(value) < 0;
}
