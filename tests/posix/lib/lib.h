/* SPDX-License-Identifier: MIT */
/* Between the files of the harness that is linked into every area. */
#ifndef POSIX_LIB_H
#define POSIX_LIB_H

#include "case.h"

/* How far a run with stubs came; in memory that the runner shares, since no call may be left to tell it by. */
enum stub_state { STUB_LOADED, STUB_STARTED, STUB_OK, STUB_NOT_OK, STUB_SKIPPED };

/* Descriptor of that memory in a program that is started with --stub. */
#define STUB_FD	3

/* Exit status of a helper of which a check failed. */
#define HELPER_FAILED	98

/* A line for the runner, newline included. */
void report_line(const char *line);

/* From here on the calls in the list return 0 or fail with ENOSYS. A name that is none ends the program. */
void stub_install(const char *calls, bool nosys);

/* AREA --helper: runs one and returns its exit status. */
int helper_main(const char *name, const char *arg);

#endif
