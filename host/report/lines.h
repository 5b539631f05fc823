/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_REPORT_LINES_H
#define RINGMASTER_REPORT_LINES_H

#include <stddef.h>
#include <stdint.h>

/* "file:line" of an address of an ELF file; -1: nobody knows. */
int line_find(const char *file, uint64_t address, char *text, size_t text_size);

#endif
