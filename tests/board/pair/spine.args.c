/* SPDX-License-Identifier: MIT */
/* Arguments and environment arrive as they were given. */
#include <sys/auxv.h>
#include <unistd.h>

#include "t.h"

extern char **environ;

int main(int argc, char **argv)
{
	printf("%d arguments\n", argc);
	for (int i = 0; i < argc; i++)
		printf("argv[%d] = [%s]\n", i, argv[i]);
	CHECK(argv[argc] == NULL);
	for (char **e = environ; *e; e++)
		printf("environ: [%s]\n", *e);
	CHECK(getenv("GREETING") && !getenv("NO_SUCH_VARIABLE"));
	setenv("GREETING", "changed", 1);
	unsetenv("HOME");
	printf("%s %d\n", getenv("GREETING"), getenv("HOME") == NULL);
	printf("page size %ld, AT_PAGESZ %lu, AT_SECURE %lu\n", sysconf(_SC_PAGESIZE), getauxval(AT_PAGESZ), getauxval(AT_SECURE));
	CHECK(getauxval(AT_RANDOM) && getauxval(AT_PHDR) && getauxval(AT_ENTRY));
	CHECK(getauxval(AT_HWCAP) & 3);
	return t_done();
}
