/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_CALLTABLE_H
#define RINGMASTER_CALLTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "hostcall.h"

int call_translate(const struct rm_host_call *call, const uint8_t *base, size_t size, uint64_t arg[6]);
int call_is_sigaction(const struct rm_host_call *call);
int call_is_prlimit(const struct rm_host_call *call);
/* Of the calling thread, or of all: users, groups, capabilities. */
int call_changes_rights(const struct rm_host_call *call);
/* One buffer stands where Linux takes an array of them. */
int call_is_vector(const struct rm_host_call *call);
int call_is_interfaces(const struct rm_host_call *call);

#endif
