/* SPDX-License-Identifier: MIT */
/* What the files of the command line know of each other, grouped by file. */
#ifndef RINGMASTER_CLI_H
#define RINGMASTER_CLI_H

#include <stdint.h>

/* Exit statuses of our own, as shells and other launchers have them. */
enum {
	STATUS_ERROR = 125,	/* ringmaster itself failed */
	STATUS_CANNOT_RUN = 126,	/* the program is there, and cannot be run */
	STATUS_NOT_FOUND = 127,	/* there is no such program */
};

/* main.c, run.c, info.c, ps.c, kill.c, help.c: a subcommand gets its arguments from its name on. */
int cli_run(int argc, char **argv);
int cli_trace(int argc, char **argv);
int cli_logs(int argc, char **argv);
int cli_pack(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_keygen(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_ps(int argc, char **argv);
int cli_top(int argc, char **argv);
int cli_kill(int argc, char **argv);
int cli_attach(int argc, char **argv);
int cli_shutdown(int argc, char **argv);
int cli_help(int argc, char **argv);
void cli_no_arguments(int argc, char **argv);

struct tracing;
int run_traced(int argc, char **argv, const struct tracing *tracing);

/* help.c: prints the help of a subcommand (null: of all) on stdout. -1: there is none. */
int cli_help_print(const char *command);

#define RINGMASTER_VERSION "0.1"

#endif
