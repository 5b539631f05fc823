/* SPDX-License-Identifier: MIT */
/*
 * duel [-p PAIRS] [-t NANOSECONDS] [-o OPTION]... PROGRAM PATTERN...
 * duel [-p PAIRS] -c NAME NATIVE-COMMAND ENCLAVE-COMMAND
 *
 * The first form runs the cases of PROGRAM.native and of PROGRAM.enclave (under `ringmaster run OPTION...`) that match a pattern, in turns: both programs
 * live all the time, one works while the other waits for a line. The second form times two shell commands, each pair anew.
 * A line for each pair on standard output, in the form
 *   CASE BYTES PAIR NATIVE-NS NATIVE-OPERATIONS ENCLAVE-NS ENCLAVE-OPERATIONS VOLUNTARY-EXITS
 * or, where a case fails, "CASE failed TEXT", after which the next case has its turn.
 */
#include <err.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ioctl.h"
#include "smc.h"

#define CASES_MAX 128

struct side {
	pid_t pid;
	FILE *to, *from;
	unsigned long operations;
	unsigned long long time;
};

struct bench_name {
	char name[128];
	unsigned bytes;
};

static char *options[16];
static int option_count;
static int device = -1;

static void start(struct side *side, const char *program, const char *kind)
{
	char path[4096];
	char *arguments[24] = { "ringmaster", "run" };
	int to[2], from[2], n = 2;

	snprintf(path, sizeof(path), "%s.%s", program, kind);
	for (int i = 0; i < option_count; i++)
		arguments[n++] = options[i];
	arguments[n] = path;
	if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
		err(1, "pipe");
	side->pid = fork();
	if (side->pid < 0)
		err(1, "fork");
	if (side->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(to[0], 0);
		dup2(from[1], 1);
		if (strcmp(kind, "enclave") == 0)
			execvp("ringmaster", arguments);
		else
			execl(path, path, (char *)NULL);
		err(127, "%s", path);
	}
	close(to[0]);
	close(from[1]);
	side->to = fdopen(to[1], "w");
	side->from = fdopen(from[0], "r");
}

static void finish(struct side *side, const char *what)
{
	int status;

	fclose(side->to);
	if (waitpid(side->pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "the %s program ended badly", what);
	fclose(side->from);
}

static void read_line(struct side *side, char *line, int size)
{
	if (fgets(line, size, side->from) == NULL)
		errx(1, "a program ended");
}

static int list(struct side *side, struct bench_name *names)
{
	char line[256];
	int n = 0;

	fputs("list\n", side->to);
	fflush(side->to);
	for (read_line(side, line, sizeof(line)); line[0] != '\n'; read_line(side, line, sizeof(line))) {
		if (n == CASES_MAX || sscanf(line, "%127s %u", names[n].name, &names[n].bytes) != 2)
			errx(1, "a list that cannot be: %s", line);
		n++;
	}
	return n;
}

/* One sample; false after a message about a case that failed. */
static bool run(struct side *side, const char *name, unsigned long long at_least)
{
	char line[512];

	if (side->operations)
		fprintf(side->to, "run %s %lu\n", name, side->operations);
	else
		fprintf(side->to, "run %s 0 %llu\n", name, at_least);
	fflush(side->to);
	read_line(side, line, sizeof(line));
	if (sscanf(line, "%llu %lu", &side->time, &side->operations) >= 1)
		return true;
	printf("%s failed %s", name, line);
	fflush(stdout);
	return false;
}

/* Exits that the enclave of a process asked for, so far. */
static uint64_t exits_of(pid_t pid)
{
	struct rm_ioc_list entry = { 0 };

	while (ioctl(device, RM_IOC_LIST, &entry) == 0) {
		if ((pid_t)entry.pid == pid)
			return entry.stats[RM_STAT_EXITS_VOLUNTARY];
	}
	errx(1, "process %d has no enclave", (int)pid);
}

static void print_pair(const char *name, unsigned bytes, int pair, const struct side *native, const struct side *enclave, uint64_t exits)
{
	printf("%s %u %d %llu %lu %llu %lu %llu\n", name, bytes, pair, native->time, native->operations, enclave->time,
	       enclave->operations, (unsigned long long)exits);
	fflush(stdout);
}

static void duel(struct side *native, struct side *enclave, const struct bench_name *name, int pairs, unsigned long long at_least)
{
	native->operations = enclave->operations = 0;
	if (!run(native, name->name, at_least) || !run(enclave, name->name, at_least))
		return;
	for (int pair = 0; pair < pairs; pair++) {
		struct side *first = pair & 1 ? native : enclave, *second = pair & 1 ? enclave : native;
		const uint64_t exits = exits_of(enclave->pid);

		if (!run(first, name->name, 0) || !run(second, name->name, 0))
			return;
		print_pair(name->name, name->bytes, pair, native, enclave, exits_of(enclave->pid) - exits);
	}
}

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000 + (unsigned long long)t.tv_nsec;
}

static void time_command(struct side *side, const char *command)
{
	const unsigned long long start = now();
	const int status = system(command);

	side->time = now() - start;
	side->operations = 1;
	if (status != 0)
		errx(1, "status %d of: %s", status, command);
}

/* The first of each is not counted: it brings files into memory. */
static void duel_commands(const char *name, const char *native_command, const char *enclave_command, int pairs)
{
	struct side native, enclave;

	for (int pair = -1; pair < pairs; pair++) {
		if (pair & 1)
			time_command(&native, native_command);
		time_command(&enclave, enclave_command);
		if (!(pair & 1))
			time_command(&native, native_command);
		if (pair >= 0)
			print_pair(name, 0, pair, &native, &enclave, 0);
	}
}

static bool selected(const char *name, char **patterns)
{
	bool any = false;

	for (; *patterns; patterns++)
		any = any || fnmatch(*patterns, name, 0) == 0;
	return any;
}

int main(int argc, char **argv)
{
	static struct bench_name names[CASES_MAX];
	struct side native = { 0 }, enclave = { 0 };
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION };
	unsigned long long at_least = 20000000;
	int pairs = 15, option, count;
	bool commands = false;

	while ((option = getopt(argc, argv, "p:t:o:c")) >= 0) {
		if (option == 'p')
			pairs = atoi(optarg);
		else if (option == 'c')
			commands = true;
		else if (option == 't')
			at_least = strtoull(optarg, NULL, 10);
		else if (option == 'o' && option_count < 16)
			options[option_count++] = optarg;
		else
			return 2;
	}
	if (commands && argc - optind == 3) {
		duel_commands(argv[optind], argv[optind + 1], argv[optind + 2], pairs);
		return 0;
	}
	if (commands || argc - optind < 2)
		return 2;
	device = open("/dev/ringmaster", O_RDWR | O_CLOEXEC);
	if (device < 0 || ioctl(device, RM_IOC_HELLO, &hello) != 0)
		err(1, "/dev/ringmaster");
	signal(SIGPIPE, SIG_IGN);
	start(&native, argv[optind], "native");
	start(&enclave, argv[optind], "enclave");
	count = list(&native, names);
	if (list(&enclave, names) != count)
		errx(1, "the two programs differ");
	for (int i = 0; i < count; i++) {
		if (selected(names[i].name, argv + optind + 1))
			duel(&native, &enclave, &names[i], pairs, at_least);
	}
	finish(&native, "native");
	finish(&enclave, "enclave");
	return 0;
}
