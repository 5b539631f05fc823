/* SPDX-License-Identifier: MIT */
/*
 * resident [-o OPTION]... NAME MIB PROGRAM: memory of a program that uses so much. Rows: what Linux has resident of the process, an enclave's secure
 * memory added; and of that, Linux's (with what it shares with the enclave) and secure memory.
 */
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "side.h"

#define FRAME_KIB 4

static double resident_kib(pid_t pid)
{
	unsigned long kib = 0;
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	if (file == NULL)
		err(1, "%s", path);
	while (kib == 0 && fgets(line, sizeof(line), file))
		(void)sscanf(line, "VmRSS: %lu kB", &kib);
	fclose(file);
	if (kib == 0)
		errx(1, "%s does not say it", path);
	return (double)kib;
}

static void look(const char *program, const char *kind, char *mib, double *host, double *secure)
{
	struct side side;
	char line[64];

	side_start(&side, program, kind, (char *[]){ "memory", mib, NULL });
	side_hear(&side, line, sizeof(line));
	*host = resident_kib(side.pid);
	*secure = (double)side_counters(&side).stats[RM_STAT_FRAMES] * FRAME_KIB;
	side_finish(&side);
}

int main(int argc, char **argv)
{
	double native, host, secure;
	char name[128];
	int option;

	while ((option = getopt(argc, argv, "o:")) >= 0) {
		if (option != 'o')
			return 2;
		side_option(optarg);
	}
	if (argc - optind != 3)
		return 2;
	look(argv[optind + 2], "native", argv[optind + 1], &native, &secure);
	look(argv[optind + 2], "enclave", argv[optind + 1], &host, &secure);
	side_print_fact(argv[optind], "KiB", native, host + secure);
	snprintf(name, sizeof(name), "%s.linux", argv[optind]);
	side_print_fact(name, "KiB", native, host);
	snprintf(name, sizeof(name), "%s.secure", argv[optind]);
	side_print_fact(name, "KiB", 0, secure);
	return 0;
}
