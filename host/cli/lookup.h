/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_LOOKUP_H
#define RINGMASTER_LOOKUP_H

#include <stddef.h>

int lookup_program(const char *name, const char *search, char *path, size_t path_size);

#endif
