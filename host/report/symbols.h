/* SPDX-License-Identifier: MIT */
/* Names of addresses, from the symbol table of an ELF file. */
#ifndef RINGMASTER_REPORT_SYMBOLS_H
#define RINGMASTER_REPORT_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbol {
	const char *name;	/* into the file's bytes, NUL-terminated there */
	uint64_t offset;	/* of the address in the function */
};

/* The function that holds an address of the file: 0, or -1 if no symbol does, or the file is not in order. */
int symbol_find(const uint8_t *file, size_t size, uint64_t address, struct symbol *symbol);

#endif
