/* SPDX-License-Identifier: MIT */
/*
 * crowd [-p TIMES] [-o OPTION]... COUNT PROGRAM: so many programs compute at once for the same five seconds, natively and as enclaves in turns. A row
 * each time: how far the slowest got, as a share of what the middle one did.
 */
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "side.h"

#define COUNT_MAX 64

static int by_value(const void *a, const void *b)
{
	const unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

static double slowest_share(const char *program, const char *kind, int count)
{
	struct side sides[COUNT_MAX];
	unsigned long done[COUNT_MAX];
	char line[64];

	for (int i = 0; i < count; i++) {
		side_start(&sides[i], program, kind, (char *[]){ "count", "5", NULL });
		side_hear(&sides[i], line, sizeof(line));
	}
	for (int i = 0; i < count; i++)
		side_say(&sides[i], "\n");
	for (int i = 0; i < count; i++) {
		side_hear(&sides[i], line, sizeof(line));
		done[i] = strtoul(line, NULL, 10);
	}
	for (int i = 0; i < count; i++)
		side_finish(&sides[i]);
	qsort(done, (size_t)count, sizeof(done[0]), by_value);
	return (double)done[0] / ((double)(done[count / 2] + done[(count - 1) / 2]) / 2);
}

int main(int argc, char **argv)
{
	int option, times = 1, count;
	char name[32];

	while ((option = getopt(argc, argv, "p:o:")) >= 0) {
		if (option == 'p')
			times = atoi(optarg);
		else if (option == 'o')
			side_option(optarg);
		else
			return 2;
	}
	if (argc - optind != 2 || (count = atoi(argv[optind])) < 1 || count > COUNT_MAX)
		return 2;
	snprintf(name, sizeof(name), "fair.%d", count);
	while (times--) {
		const double native = slowest_share(argv[optind + 1], "native", count);

		side_print_fact(name, "share", native, slowest_share(argv[optind + 1], "enclave", count));
	}
	return 0;
}
