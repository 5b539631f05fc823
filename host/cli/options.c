/* SPDX-License-Identifier: MIT */
/* Options of `ringmaster run`. What stands behind the program's name belongs to the program. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ioctl.h"
#include "size.h"

enum { OPTION_MEMORY = 256, OPTION_STATS, OPTION_POLL, OPTION_HOST_CALLS, OPTION_MANIFEST, OPTION_NAME, OPTION_ARGV0, OPTION_NO_HOST_PROGRAMS,
       OPTION_GDB, OPTION_CORE, OPTION_WINDOWS, OPTION_VERBOSE, OPTION_HELP };

static const struct option long_options[] = {
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "stats", no_argument, NULL, OPTION_STATS },
	{ "poll", optional_argument, NULL, OPTION_POLL },
	{ "host-calls", required_argument, NULL, OPTION_HOST_CALLS },
	{ "manifest", required_argument, NULL, OPTION_MANIFEST },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "argv0", required_argument, NULL, OPTION_ARGV0 },
	{ "no-host-programs", no_argument, NULL, OPTION_NO_HOST_PROGRAMS },
	{ "core", required_argument, NULL, OPTION_CORE },
	{ "gdb", optional_argument, NULL, OPTION_GDB },
	{ "windows", required_argument, NULL, OPTION_WINDOWS },
	{ "verbose", no_argument, NULL, OPTION_VERBOSE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static int parse_memory(const char *text, struct run_options *options, char *error, size_t error_size)
{
	int ret = size_parse(text, &options->memory);

	if (ret == -EINVAL)
		snprintf(error, error_size, "--memory: '%s' is not a size; write it as 512K, 64M or 1G", text);
	else if (ret != 0)
		snprintf(error, error_size, "--memory: '%s' is too large a number", text);
	else if (options->memory == 0)
		snprintf(error, error_size, "--memory: an enclave cannot live in 0 bytes");
	else
		return 0;
	return -1;
}

static int parse_poll(const char *text, struct run_options *options, char *error, size_t error_size)
{
	char *end;
	unsigned long cpu;

	options->poll = POLL_AUTO;
	if (text == NULL || strcmp(text, "auto") == 0)
		return 0;
	errno = 0;
	cpu = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || cpu > 4095) {
		snprintf(error, error_size, "--poll: '%s' is not a CPU number, nor 'auto'", text);
		return -1;
	}
	options->poll = POLL_CPU;
	options->poll_cpu = (unsigned)cpu;
	return 0;
}

static int parse_host_calls(const char *text, struct run_options *options, char *error, size_t error_size)
{
	static const char *const words[] = {
		[HOST_CALLS_AUTO] = "auto", [HOST_CALLS_EXIT] = "exit", [HOST_CALLS_SYNC] = "sync",
	};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			options->host_calls = (enum host_calls)i;
			return 0;
		}
	}
	snprintf(error, error_size, "--host-calls: '%s' is none of 'auto', 'exit', 'sync'", text);
	return -1;
}

static int parse_windows(const char *text, struct run_options *options, char *error, size_t error_size)
{
	options->no_windows = strcmp(text, "off") == 0;
	if (options->no_windows || strcmp(text, "on") == 0)
		return 0;
	snprintf(error, error_size, "--windows: '%s' is neither 'on' nor 'off'", text);
	return -1;
}

static int parse_gdb(const char *text, struct run_options *options, char *error, size_t error_size)
{
	char *end;
	unsigned long port;

	options->gdb = true;
	options->gdb_path = NULL;
	options->gdb_port = 0;
	if (text == NULL)
		return 0;
	if (strchr(text, '/') != NULL) {
		options->gdb_path = text;
		return 0;
	}
	errno = 0;
	port = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || port > 65535) {
		snprintf(error, error_size, "--gdb: '%s' is not a port, nor a path with a '/'", text);
		return -1;
	}
	options->gdb_port = (unsigned)port;
	return 0;
}

static int parse_name(const char *text, struct run_options *options, char *error, size_t error_size)
{
	if (*text == '\0' || strlen(text) >= RM_NAME_SIZE) {
		snprintf(error, error_size, "--name: a name has 1 to %d bytes", RM_NAME_SIZE - 1);
		return -1;
	}
	options->name = text;
	return 0;
}

/* The long option as the user wrote it, without a value; for short ones getopt says which. */
static void complain(char **argv, const char *what, char *error, size_t error_size)
{
	const char *word = argv[optind - 1];

	if (optopt != 0 && optopt < 256)
		snprintf(error, error_size, "option '-%c' %s", optopt, what);
	else
		snprintf(error, error_size, "option '%.*s' %s", (int)strcspn(word, "="), word, what);
}

static int parse_one(int c, char **argv, struct run_options *options, char *error, size_t error_size)
{
	switch (c) {
	case OPTION_MEMORY:
		return parse_memory(optarg, options, error, error_size);
	case OPTION_POLL:
		return parse_poll(optarg, options, error, error_size);
	case OPTION_HOST_CALLS:
		return parse_host_calls(optarg, options, error, error_size);
	case OPTION_NAME:
		return parse_name(optarg, options, error, error_size);
	case OPTION_CORE:
		options->core = optarg;
		return 0;
	case OPTION_GDB:
		return parse_gdb(optarg, options, error, error_size);
	case OPTION_WINDOWS:
		return parse_windows(optarg, options, error, error_size);
	case OPTION_ARGV0:
		options->argv0 = optarg;
		return 0;
	case OPTION_NO_HOST_PROGRAMS:
		options->no_host_programs = true;
		return 0;
	case OPTION_MANIFEST:
		options->manifest = optarg;
		return 0;
	case OPTION_STATS:
		options->stats = true;
		return 0;
	case 'v':
	case OPTION_VERBOSE:
		options->verbose = true;
		return 0;
	case 'h':
	case OPTION_HELP:
		options->help = true;
		return 0;
	case ':':
		complain(argv, "needs a value", error, error_size);
		return -1;
	default:
		complain(argv, optopt >= 256 ? "takes no value" : "is unknown", error, error_size);
		return -1;
	}
}

/* argv[0] is "run". 0, or -1 with a message (without the program's name) in error. */
int run_options_parse(int argc, char **argv, struct run_options *options, char *error, size_t error_size)
{
	int c;

	memset(options, 0, sizeof(*options));
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:vh", long_options, NULL)) != -1) {
		if (parse_one(c, argv, options, error, error_size) != 0)
			return -1;
	}
	options->program = argv + optind;
	if (options->help)
		return 0;
	if (options->host_calls == HOST_CALLS_SYNC && options->poll != POLL_OFF) {
		snprintf(error, error_size, "--host-calls=sync and --poll exclude each other; leave one out");
		return -1;
	}
	if (optind == argc || **options->program == '\0') {
		snprintf(error, error_size, "no program given");
		return -1;
	}
	return 0;
}
