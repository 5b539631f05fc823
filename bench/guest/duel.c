/* SPDX-License-Identifier: MIT */
/*
 * duel [-p PAIRS] [-t NANOSECONDS] [-o OPTION]... [-s SUFFIX] [-i PATTERN]... [-x PATTERN]... PROGRAM PATTERN...
 * duel [-p PAIRS] -c NAME NATIVE-COMMAND ENCLAVE-COMMAND
 *
 * The first form runs the cases of PROGRAM.native and of PROGRAM.enclave (under `ringmaster run OPTION...`) in turns: both programs live all the
 * time, one works while the other waits for a line. Their names match one of those after -i, if there are any, and none of those after
 * -x; with SUFFIX, under which they are reported, one of the others. The second form times two shell commands, each pair anew.
 * A line for each pair on standard output, in the form
 *   CASE BYTES PAIR NATIVE-NS NATIVE-OPERATIONS ENCLAVE-NS ENCLAVE-OPERATIONS VOLUNTARY-EXITS
 * or, where a case fails, "CASE failed TEXT", after which the next case has its turn. Programs that look at something else than
 * time (idle.c, crowd.c, resident.c) print, for each time they looked,
 *   CASE fact UNIT NATIVE ENCLAVE
 */
#include <err.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "side.h"

#define CASES_MAX	128
#define FILTERS_MAX	16
#define LONG_MS		1000	/* cases whose samples take longer have fewer */
#define LONG_PAIRS	5

struct player {
	struct side side;
	unsigned long operations;
	unsigned long long time;
};

struct bench_name {
	char name[128];		/* as the programs know it */
	char shown[256];	/* with the suffix */
	unsigned bytes, least_ms;
};

static char *included[FILTERS_MAX + 1], *excluded[FILTERS_MAX + 1];

static int list(struct side *side, struct bench_name *names, const char *suffix)
{
	char line[256];
	int n = 0;

	side_say(side, "list\n");
	for (side_hear(side, line, sizeof(line)); line[0] != '\n'; side_hear(side, line, sizeof(line))) {
		if (n == CASES_MAX || sscanf(line, "%127s %u %u", names[n].name, &names[n].bytes, &names[n].least_ms) != 3)
			errx(1, "a list that cannot be: %s", line);
		if (snprintf(names[n].shown, sizeof(names[n].shown), "%s%s", names[n].name, suffix) >= (int)sizeof(names[n].shown))
			errx(1, "a name that is too long: %s", line);
		n++;
	}
	return n;
}

/* One sample; false after a message about a case that failed. */
static bool run(struct player *player, const struct bench_name *name, unsigned long long at_least)
{
	char line[512];

	if (player->operations)
		side_say(&player->side, "run %s %lu\n", name->name, player->operations);
	else
		side_say(&player->side, "run %s 0 %llu\n", name->name, at_least);
	side_hear(&player->side, line, sizeof(line));
	if (sscanf(line, "%llu %lu", &player->time, &player->operations) >= 1)
		return true;
	printf("%s failed (%s) %s", name->shown, player->side.kind, line);
	fflush(stdout);
	return false;
}

static void print_pair(const char *name, unsigned bytes, int pair, const struct player *native, const struct player *enclave, uint64_t exits)
{
	printf("%s %u %d %llu %lu %llu %lu %llu\n", name, bytes, pair, native->time, native->operations, enclave->time,
	       enclave->operations, (unsigned long long)exits);
	fflush(stdout);
}

static uint64_t exits_of(const struct player *player)
{
	return side_counters(&player->side).stats[RM_STAT_EXITS_VOLUNTARY];
}

static void duel(struct player *native, struct player *enclave, const struct bench_name *name, int pairs, unsigned long long at_least)
{
	if (name->least_ms > LONG_MS && pairs > LONG_PAIRS)
		pairs = LONG_PAIRS;
	native->operations = enclave->operations = 0;
	if (!run(native, name, at_least) || !run(enclave, name, at_least))
		return;
	for (int pair = 0; pair < pairs; pair++) {
		struct player *first = pair & 1 ? native : enclave, *second = pair & 1 ? enclave : native;
		const uint64_t exits = exits_of(enclave);

		if (!run(first, name, 0) || !run(second, name, 0))
			return;
		print_pair(name->shown, name->bytes, pair, native, enclave, exits_of(enclave) - exits);
	}
}

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000 + (unsigned long long)t.tv_nsec;
}

/* False after a message about a command that failed. */
static bool time_command(struct player *player, const char *name, const char *command)
{
	const unsigned long long start = now();
	const int status = system(command);

	player->time = now() - start;
	player->operations = 1;
	if (status == 0)
		return true;
	printf("%s failed status %d of: %s\n", name, status, command);
	fflush(stdout);
	return false;
}

/* The first of each is not counted: it brings files into memory. */
static void duel_commands(const char *name, const char *native_command, const char *enclave_command, int pairs)
{
	struct player native = { 0 }, enclave = { 0 };

	for (int pair = -1; pair < pairs; pair++) {
		if ((pair & 1) && !time_command(&native, name, native_command))
			return;
		if (!time_command(&enclave, name, enclave_command))
			return;
		if (!(pair & 1) && !time_command(&native, name, native_command))
			return;
		if (pair >= 0)
			print_pair(name, 0, pair, &native, &enclave, 0);
	}
}

static bool matches(const char *name, char **patterns)
{
	bool any = false;

	for (; *patterns; patterns++)
		any = any || fnmatch(*patterns, name, 0) == 0;
	return any;
}

static bool selected(const struct bench_name *name, char **patterns)
{
	return matches(name->shown, patterns) && (!included[0] || matches(name->name, included)) && !matches(name->name, excluded);
}

static void duel_programs(char *program, char **patterns, const char *suffix, int pairs, unsigned long long at_least)
{
	static struct bench_name names[CASES_MAX];
	static char *none[] = { NULL };
	struct player native = { 0 }, enclave = { 0 };
	int count;

	side_start(&native.side, program, "native", none);
	side_start(&enclave.side, program, "enclave", none);
	count = list(&native.side, names, suffix);
	if (list(&enclave.side, names, suffix) != count)
		errx(1, "the two programs differ");
	for (int i = 0; i < count; i++) {
		if (selected(&names[i], patterns))
			duel(&native, &enclave, &names[i], pairs, at_least);
	}
	side_finish(&native.side);
	side_finish(&enclave.side);
}

int main(int argc, char **argv)
{
	unsigned long long at_least = 20000000;
	int pairs = 15, option, included_count = 0, excluded_count = 0;
	const char *suffix = "";
	bool commands = false;

	while ((option = getopt(argc, argv, "p:t:o:s:i:x:c")) >= 0) {
		if (option == 'p')
			pairs = atoi(optarg);
		else if (option == 'c')
			commands = true;
		else if (option == 't')
			at_least = strtoull(optarg, NULL, 10);
		else if (option == 'o')
			side_option(optarg);
		else if (option == 's')
			suffix = optarg;
		else if (option == 'i' && included_count < FILTERS_MAX)
			included[included_count++] = optarg;
		else if (option == 'x' && excluded_count < FILTERS_MAX)
			excluded[excluded_count++] = optarg;
		else
			return 2;
	}
	if (commands && argc - optind == 3) {
		duel_commands(argv[optind], argv[optind + 1], argv[optind + 2], pairs);
		return 0;
	}
	if (commands || argc - optind < 2)
		return 2;
	duel_programs(argv[optind], argv + optind + 1, suffix, pairs, at_least);
	return 0;
}
