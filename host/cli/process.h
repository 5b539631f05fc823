/* SPDX-License-Identifier: MIT */
/* What Linux tells of a process. */
#ifndef RINGMASTER_CLI_PROCESS_H
#define RINGMASTER_CLI_PROCESS_H

#include <stdint.h>

/* CPU time of a process, in ticks of sysconf(_SC_CLK_TCK) and in seconds: of one that runs an enclave, the time inside included. -1: it
 * cannot be told. */
long process_ticks(uint32_t pid);
long process_seconds(uint32_t pid);

#endif
