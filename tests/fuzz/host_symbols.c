/* SPDX-License-Identifier: MIT */
/* Any bytes as an ELF file with symbols: a name that is found ends within the file. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/report/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbol symbol;
	uint64_t address = 0x400000;
	uint8_t *file = malloc(size + 1);

	memcpy(file, data, size);
	if (size >= EI_NIDENT)
		memcpy(file, "\177ELF\2\1", 6);
	if (size >= 8)
		memcpy(&address, data + size - 8, 8);
	if (symbol_find(file, size, address, &symbol) == 0) {
		const uint8_t *name = (const uint8_t *)symbol.name;

		if (name < file || name >= file + size || memchr(name, 0, (size_t)(file + size - name)) == NULL)
			__builtin_trap();
	}
	free(file);
	return 0;
}
