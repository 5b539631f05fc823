/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_CPUS_H
#define RINGMASTER_CPUS_H

#include <sched.h>
#include <stddef.h>

#include "options.h"

int cpus_choose(const cpu_set_t *allowed, enum poll_choice choice, unsigned wanted, unsigned *cpu, char *error,
		size_t error_size);

#endif
