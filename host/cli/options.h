/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_OPTIONS_H
#define RINGMASTER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum poll_choice { POLL_OFF, POLL_AUTO, POLL_CPU };

struct run_options {
	uint64_t memory;	/* bytes; 0: no limit but the board's */
	bool stats;
	bool verbose;
	bool help;
	enum poll_choice poll;
	unsigned poll_cpu;	/* POLL_CPU */
	enum host_calls { HOST_CALLS_AUTO, HOST_CALLS_EXIT, HOST_CALLS_SYNC } host_calls;
	const char *core;	/* file to write if a signal ends the program; null: none */
	bool gdb;
	const char *gdb_path;	/* of the socket; null: a port */
	unsigned gdb_port;	/* 0: any */
	bool no_host_programs;
	bool no_windows;	/* of files */
	const char *manifest;	/* its file; null: none given */
	const char *name;	/* null: the program's */
	const char *argv0;	/* null: the program as named */
	char **program;		/* program and its arguments, null-terminated as argv is */
};

int run_options_parse(int argc, char **argv, struct run_options *options, char *error, size_t error_size);

#endif
