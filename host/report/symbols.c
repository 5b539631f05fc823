/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: the file may be any bytes: offsets that overflow, tables that overlap or lead out of it, names without an end.
 * Everything is copied out of it with its bounds checked, and nothing of it is believed but a name that ends in its table.
 */
#include "symbols.h"

#include <elf.h>
#include <string.h>

static int copy(void *to, const uint8_t *file, size_t size, uint64_t offset, size_t count)
{
	if (offset > size || count > size - offset)
		return -1;
	memcpy(to, file + offset, count);
	return 0;
}

static int section(const uint8_t *file, size_t size, const Elf64_Ehdr *head, uint64_t index, Elf64_Shdr *to)
{
	if (index >= head->e_shnum || head->e_shoff > size)
		return -1;
	return copy(to, file, size, head->e_shoff + index * sizeof(*to), sizeof(*to));
}

static const char *name_at(const uint8_t *file, size_t size, const Elf64_Shdr *strings, uint64_t offset)
{
	if (strings->sh_offset > size || strings->sh_size > size - strings->sh_offset || offset >= strings->sh_size)
		return NULL;
	if (memchr(file + strings->sh_offset + offset, 0, strings->sh_size - offset) == NULL)
		return NULL;
	return (const char *)file + strings->sh_offset + offset;
}

/* Of two functions that could hold it, the one that begins later. */
static int better(const Elf64_Sym *s, uint64_t address, uint64_t best)
{
	if (ELF64_ST_TYPE(s->st_info) != STT_FUNC || s->st_shndx == SHN_UNDEF || s->st_value > address || s->st_value < best)
		return 0;
	return address - s->st_value < (s->st_size != 0 ? s->st_size : 4);
}

static int search(const uint8_t *file, size_t size, const Elf64_Shdr *table, const Elf64_Shdr *strings, uint64_t address,
		  struct symbol *symbol)
{
	uint64_t best = 0;
	int found = -1;
	Elf64_Sym s;

	if (table->sh_offset > size || table->sh_size > size - table->sh_offset)
		return -1;
	for (uint64_t at = 0; at + sizeof(s) <= table->sh_size; at += sizeof(s)) {
		const char *name;

		if (copy(&s, file, size, table->sh_offset + at, sizeof(s)) != 0)
			return -1;
		if (!better(&s, address, best))
			continue;
		name = name_at(file, size, strings, s.st_name);
		if (name == NULL || *name == '\0')
			continue;
		best = s.st_value;
		*symbol = (struct symbol){ .name = name, .offset = address - s.st_value };
		found = 0;
	}
	return found;
}

int symbol_find(const uint8_t *file, size_t size, uint64_t address, struct symbol *symbol)
{
	Elf64_Shdr table, strings;
	Elf64_Ehdr head;

	if (copy(&head, file, size, 0, sizeof(head)) != 0 || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB)
		return -1;
	for (uint64_t i = 0; section(file, size, &head, i, &table) == 0; i++) {
		if (table.sh_type != SHT_SYMTAB || section(file, size, &head, table.sh_link, &strings) != 0)
			continue;
		if (search(file, size, &table, &strings, address, symbol) == 0)
			return 0;
	}
	return -1;
}
