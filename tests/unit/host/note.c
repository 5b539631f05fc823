/* SPDX-License-Identifier: MIT */
/* The note of enclave programs, in files that are as they should be, and in others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "note.h"
#include "spawn.h"

struct file {
	Elf64_Ehdr head;
	Elf64_Phdr segment;
	Elf64_Nhdr other;
	char other_name[4];
	Elf64_Nhdr note;
	char name[12];
};

static struct file good(void)
{
	struct file file = {
		.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64 }, .e_machine = EM_AARCH64, .e_phoff = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1 },
		.segment = { .p_type = PT_NOTE, .p_offset = offsetof(struct file, other),
			     .p_filesz = sizeof(struct file) - offsetof(struct file, other) },
		.other = { 4, 0, 3 },
		.other_name = "GNU",
		.note = { sizeof(RM_NOTE_NAME), 0, RM_NOTE_ENCLAVE },
		.name = RM_NOTE_NAME,
	};

	return file;
}

static enum note look(const void *data, size_t size)
{
	int fd = memfd_create("note", 0);
	enum note result;

	assert_int_equal(write(fd, data, size), size);
	result = note_of_file(fd);
	close(fd);
	return result;
}

static void found(void **state)
{
	struct file file = good();

	(void)state;
	assert_int_equal(look(&file, sizeof(file)), NOTE_ENCLAVE);
	assert_int_equal(note_of_program("/no/such/file"), NOTE_NONE);
	assert_int_equal(note_of_program("/proc/self/exe"), NOTE_NONE);
}

static void others(void **state)
{
	struct file file = good();

	(void)state;
	file.note.n_type = 2;
	assert_int_equal(look(&file, sizeof(file)), NOTE_NONE);
	file = good();
	file.name[3] = 'x';
	assert_int_equal(look(&file, sizeof(file)), NOTE_NONE);
	file = good();
	file.head.e_machine = EM_X86_64;
	assert_int_equal(look(&file, sizeof(file)), NOTE_NONE);
}

/* Each byte in turn is 0xff; each length: never a read outside (sanitizers), and cut off files have no note. */
static void rubbish(void **state)
{
	struct file file;

	(void)state;
	for (size_t i = 0; i < sizeof(file); i++) {
		file = good();
		assert_int_equal(look(&file, i), NOTE_NONE);
		((unsigned char *)&file)[i] = 0xff;
		look(&file, sizeof(file));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(found), cmocka_unit_test(others), cmocka_unit_test(rubbish) };

	return cmocka_run_group_tests_name("host.note", tests, NULL, NULL);
}
