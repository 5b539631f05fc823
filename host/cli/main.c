/* SPDX-License-Identifier: MIT */
/* ringmaster: the command line. Each subcommand has a file of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "message.h"
#include "smc.h"

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
#ifdef RINGMASTER_OFFLINE	/* for the machine that programs are built on (host.mk): what needs no secure kernel */
	{ "pack", cli_pack }, { "inspect", cli_inspect }, { "keygen", cli_keygen },
#else
	{ "run", cli_run }, { "trace", cli_trace }, { "logs", cli_logs }, { "pack", cli_pack }, { "inspect", cli_inspect },
	{ "keygen", cli_keygen }, { "info", cli_info }, { "ps", cli_ps }, { "top", cli_top },
	{ "kill", cli_kill }, { "attach", cli_attach }, { "shutdown", cli_shutdown },
#endif
	{ "help", cli_help },
};

static int is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int version(void)
{
	printf("ringmaster " RINGMASTER_VERSION " (interface %u)\n", RM_ABI_VERSION);
	return 0;
}

/* For commands that take none. */
void cli_no_arguments(int argc, char **argv)
{
	if (argc > 1)
		die(STATUS_ERROR, "%s: takes no arguments; see 'ringmaster %s --help'", argv[0], argv[0]);
}

static int dispatch(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, argv[0]) != 0)
			continue;
		if (argc == 2 && is_help(argv[1]) && cli_help_print(argv[0]) == 0)
			return 0;
		return commands[i].main(argc, argv);
	}
	die(STATUS_ERROR, "there is no command '%s'; 'ringmaster help' lists them", argv[0]);
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 2)
		die(STATUS_ERROR, "no command given; 'ringmaster help' lists them");
	if (is_help(argv[1]))
		status = cli_help_print(NULL);
	else if (strcmp(argv[1], "--version") == 0)
		status = version();
	else
		status = dispatch(argc - 1, argv + 1);
	if (fflush(stdout) != 0 || ferror(stdout))
		die(STATUS_ERROR, "cannot write the output");
	return status;
}
