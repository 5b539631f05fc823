/* SPDX-License-Identifier: MIT */
/* Names of addresses: of a file made here, and of this program itself. */
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../host/report/symbols.h"

static struct {
	Elf64_Ehdr head;
	Elf64_Shdr sections[3];
	Elf64_Sym symbols[4];
	char names[16];
} file;

static void make(void)
{
	memset(&file, 0, sizeof(file));
	memcpy(file.head.e_ident, "\177ELF\2\1\1", 7);
	file.head.e_shoff = offsetof(__typeof__(file), sections);
	file.head.e_shnum = 3;
	file.sections[1] = (Elf64_Shdr){ .sh_type = SHT_SYMTAB, .sh_offset = offsetof(__typeof__(file), symbols),
					 .sh_size = sizeof(file.symbols), .sh_link = 2 };
	file.sections[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_offset = offsetof(__typeof__(file), names), .sh_size = sizeof(file.names) };
	file.symbols[1] = (Elf64_Sym){ .st_name = 1, .st_info = STT_FUNC, .st_shndx = 1, .st_value = 0x100, .st_size = 0x20 };
	file.symbols[2] = (Elf64_Sym){ .st_name = 5, .st_info = STT_FUNC, .st_shndx = 1, .st_value = 0x200 };
	file.symbols[3] = (Elf64_Sym){ .st_name = 5, .st_info = STT_OBJECT, .st_shndx = 1, .st_value = 0x300, .st_size = 8 };
	memcpy(file.names, "\0one\0two", 9);
}

static int find(uint64_t address, struct symbol *symbol)
{
	return symbol_find((const uint8_t *)&file, sizeof(file), address, symbol);
}

static void test_found(void **state)
{
	struct symbol symbol;

	(void)state;
	make();
	assert_int_equal(find(0x11c, &symbol), 0);
	assert_string_equal(symbol.name, "one");
	assert_int_equal(symbol.offset, 0x1c);
	assert_int_equal(find(0x200, &symbol), 0);
	assert_string_equal(symbol.name, "two");
	assert_int_equal(find(0xff, &symbol), -1);
	assert_int_equal(find(0x120, &symbol), -1);
	assert_int_equal(find(0x300, &symbol), -1);
}

static void test_refused(void **state)
{
	struct symbol symbol;

	(void)state;
	for (size_t size = 0; size < sizeof(file); size++) {
		make();
		symbol_find((const uint8_t *)&file, size, 0x110, &symbol);
	}
	make();
	file.head.e_ident[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(find(0x110, &symbol), -1);
	make();
	file.head.e_shoff = ~0ul;
	assert_int_equal(find(0x110, &symbol), -1);
	make();
	file.sections[1].sh_size = ~0ul;
	assert_int_equal(find(0x110, &symbol), -1);
	make();
	file.sections[1].sh_link = 7;
	assert_int_equal(find(0x110, &symbol), -1);
	make();
	file.symbols[1].st_name = 16;
	assert_int_equal(find(0x110, &symbol), -1);
	make();
	memset(file.names, 'x', sizeof(file.names));
	assert_int_equal(find(0x110, &symbol), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_found), cmocka_unit_test(test_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
