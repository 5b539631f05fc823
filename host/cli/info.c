/* SPDX-License-Identifier: MIT */
/* ringmaster info: what this board has. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "device.h"
#include "message.h"
#include "size.h"
#include "smc.h"

static void print_size(const char *what, uint64_t bytes, const char *note)
{
	char text[32];

	printf("%-20s %s%s\n", what, size_format(bytes, text, sizeof(text)), note);
}

static void print_count(const char *what, uint64_t count)
{
	printf("%-20s %" PRIu64 "\n", what, count);
}

int cli_info(int argc, char **argv)
{
	struct rm_ioc_hello hello;
	struct rm_ioc_stats stats = { 0 };
	int fd;

	cli_no_arguments(argc, argv);
	fd = device_open(&hello);
	if (ioctl(fd, RM_IOC_STATS, &stats) != 0)
		die(STATUS_ERROR, "the secure kernel does not tell its counters: %s", strerror(errno));
	printf("%-20s " RINGMASTER_VERSION "\n", "ringmaster");
	printf("%-20s %u (module %u, secure kernel %u)\n", "interface", RM_ABI_VERSION, hello.abi_version,
	       hello.kernel_version);
	print_size("secure memory", hello.memory_total, "");
	print_size("  free", hello.memory_free, "");
	print_count("cores", stats.stats[RM_STAT_CORES]);
	print_count("enclaves", stats.stats[RM_STAT_ENCLAVES]);
	print_count("heartbeats", stats.stats[RM_STAT_HEARTBEATS]);
	printf("%-20s %.1f us\n", "  latest, at most", (double)stats.stats[RM_STAT_HEARTBEATS_LATE_MAX_NS] / 1000);
	printf("%-20s %.1f us at most\n", "interrupts masked", (double)stats.stats[RM_STAT_MASKED_MAX_NS] / 1000);
	print_count("resident enclaves", stats.stats[RM_STAT_RESIDENTS]);
	printf("%-20s %016llx%016llx\n", "nonce of orders", stats.stats[RM_STAT_NONCE_0], stats.stats[RM_STAT_NONCE_1]);
	return 0;
}
