/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_SIZE_H
#define RINGMASTER_SIZE_H

#include <stddef.h>
#include <stdint.h>

int size_parse(const char *text, uint64_t *bytes);
const char *size_format(uint64_t bytes, char *buffer, size_t buffer_size);

#endif
