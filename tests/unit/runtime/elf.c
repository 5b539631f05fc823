/* SPDX-License-Identifier: MIT */
/* ELF headers and plans: what is accepted, and that each thing that must not be is refused for its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <elf.h>

#include "abi/hostcall.h"
#include "abi/svc.h"
#include "load/elf.h"
#include "load/load.h"
#include "sys/linux.h"

#define LOW	RM_USER_MIN
#define HIGH	0x7d00000000ul
#define PIE	RM_USER_PIE

static Elf64_Ehdr ehdr;
static Elf64_Phdr phdrs[4];
static struct rm_elf_header header;
static struct rm_elf_plan plan;
static struct rm_elf_error error;

/* A text segment at 0x400000 and a data segment with bss behind it. */
static int fresh(void **state)
{
	(void)state;
	ehdr = (Elf64_Ehdr){ .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC,
			     .e_machine = EM_AARCH64, .e_version = 1, .e_entry = 0x400200, .e_phoff = 64,
			     .e_ehsize = 64, .e_phentsize = 56, .e_phnum = 4 };
	memset(phdrs, 0, sizeof(phdrs));
	phdrs[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x400000, .p_filesz = 0x1234,
				 .p_memsz = 0x1234, .p_align = 0x10000 };
	phdrs[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = 0x2010, .p_vaddr = 0x412010,
				 .p_filesz = 0x100, .p_memsz = 0x5000, .p_align = 0x10000 };
	phdrs[2].p_type = PT_GNU_STACK;
	phdrs[3].p_type = PT_NOTE;
	return 0;
}

static int head(void)
{
	return rm_elf_header((const uint8_t *)&ehdr, sizeof(ehdr), &header, &error);
}

static int make(void)
{
	if (head() != 0)
		return -1;
	return rm_elf_plan(&header, (const uint8_t *)phdrs, LOW, HIGH, PIE, &plan, &error);
}

static void refused(int reason)
{
	assert_int_equal(make(), -1);
	assert_int_equal(error.reason, reason);
}

static void test_fixed(void **state)
{
	(void)state;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.count, 2);
	assert_int_equal(plan.bias, 0);
	assert_int_equal(plan.entry, 0x400200);
	assert_int_equal(plan.phdr, 0x400040);
	assert_int_equal(plan.segment[0].end, 0x402000);
	assert_int_equal(plan.segment[0].prot, LX_PROT_READ | LX_PROT_EXEC);
	assert_int_equal(plan.segment[1].start, 0x412000);
	assert_int_equal(plan.segment[1].end, 0x418000);
	assert_int_equal(plan.end, 0x418000);
}

static void test_pie(void **state)
{
	(void)state;
	ehdr.e_type = ET_DYN;
	ehdr.e_entry = 0x200;
	phdrs[0].p_vaddr = 0;
	phdrs[1].p_vaddr = 0x12010;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.bias, PIE);
	assert_int_equal(plan.entry, PIE + 0x200);
	/* A random page is rounded up to the alignment that the segments ask for. */
	assert_int_equal(rm_elf_plan(&header, (const uint8_t *)phdrs, LOW, HIGH, PIE + 0x3000, &plan, &error), 0);
	assert_int_equal(plan.bias, PIE + 0x10000);
}

static void test_header(void **state)
{
	(void)state;
	assert_int_equal(rm_elf_header((const uint8_t *)"#!/bin/sh\n", 10, &header, &error), -1);
	assert_int_equal(error.reason, RM_FAIL_NOT_ELF);
	assert_int_equal(rm_elf_header((const uint8_t *)"", 0, &header, &error), -1);
	assert_int_equal(error.reason, RM_FAIL_NOT_ELF);
	assert_int_equal(rm_elf_header((const uint8_t *)&ehdr, 63, &header, &error), -1);
	assert_int_equal(error.reason, RM_FAIL_TRUNCATED);
	ehdr.e_machine = EM_X86_64;
	refused(RM_FAIL_ARCH);
	assert_int_equal(error.detail, EM_X86_64);
	fresh(NULL);
	ehdr.e_type = ET_REL;
	refused(RM_FAIL_TYPE);
	fresh(NULL);
	ehdr.e_phnum = 65;
	refused(RM_FAIL_LAYOUT);
	ehdr.e_phnum = 0;
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	ehdr.e_phoff = ~0ul - 5;
	refused(RM_FAIL_TRUNCATED);
	fresh(NULL);
	ehdr.e_ident[6] = 2;
	refused(RM_FAIL_NOT_ELF);
	assert_int_equal(error.detail, 1);
	fresh(NULL);
	ehdr.e_version = 2;
	refused(RM_FAIL_NOT_ELF);
	fresh(NULL);
	phdrs[2].p_type = PT_INTERP;
	refused(RM_FAIL_DYNAMIC);
}

static void test_layout(void **state)
{
	(void)state;
	phdrs[1].p_vaddr = 0x401010;	/* overlaps */
	refused(RM_FAIL_LAYOUT);
	phdrs[1].p_vaddr = 0x300010;	/* descends */
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	phdrs[1].p_memsz = ~0ul;
	refused(RM_FAIL_LAYOUT);
	phdrs[1].p_memsz = 0x50;	/* less than the file has */
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	phdrs[1].p_vaddr = HIGH + 0x10;
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	phdrs[0].p_vaddr = 0;		/* a fixed program in the first pages */
	ehdr.e_entry = 0x200;
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	phdrs[1].p_flags = PF_R | PF_W | PF_X;
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	phdrs[1].p_offset = 0x2011;	/* does not match the address */
	refused(RM_FAIL_LAYOUT);
	phdrs[1].p_offset = ~0ul - 0xfef;
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	phdrs[1].p_align = 0x3000;
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	ehdr.e_entry = 0x412010;	/* not executable */
	refused(RM_FAIL_LAYOUT);
	fresh(NULL);
	phdrs[0].p_type = phdrs[1].p_type = PT_NULL;
	refused(RM_FAIL_LAYOUT);
	/* The last page is not all the program's. */
	fresh(NULL);
	assert_int_equal(head(), 0);
	assert_int_equal(rm_elf_plan(&header, (const uint8_t *)phdrs, LOW, 0x417010, PIE, &plan, &error), -1);
	assert_int_equal(error.reason, RM_FAIL_LAYOUT);
	assert_int_equal(rm_elf_plan(&header, (const uint8_t *)phdrs, LOW, 0x418000, PIE, &plan, &error), 0);
	/* Larger than what is left where a program without a place of its own goes. */
	ehdr.e_type = ET_DYN;
	assert_int_equal(head(), 0);
	assert_int_equal(rm_elf_plan(&header, (const uint8_t *)phdrs, LOW, PIE + 0x10000, PIE, &plan, &error), -1);
	assert_int_equal(error.reason, RM_FAIL_LAYOUT);
	/* A segment of nothing is none. */
	fresh(NULL);
	phdrs[2] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_vaddr = ~0ul };
	assert_int_equal(make(), 0);
	assert_int_equal(plan.count, 2);
}

static void test_shared_page(void **state)
{
	(void)state;
	phdrs[1].p_vaddr = 0x401800;
	phdrs[1].p_offset = 0x1800;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.segment[0].end, 0x401000);
	assert_int_equal(plan.segment[1].start, 0x401000);
	phdrs[1].p_vaddr = 0x401200;	/* the bytes meet */
	phdrs[1].p_offset = 0x1200;
	refused(RM_FAIL_LAYOUT);
}

static void test_stack(void **state)
{
	static _Alignas(16) uint64_t words[512];
	char strings[] = "prog\0arg\0A=1\0B=2";
	struct rm_stack what = { .strings = (uint64_t)strings, .strings_size = sizeof(strings), .argc = 2, .envc = 2,
				 .call = 42, .entry = 0x400200 };
	const uint64_t top = (uint64_t)(words + 512), bottom = (uint64_t)words;
	const uint64_t *sp = (const uint64_t *)rm_stack_build(&what, top, bottom);
	bool found = false;

	(void)state;
	assert_non_null(sp);
	assert_int_equal((uint64_t)sp % 16, 0);
	assert_int_equal(sp[0], 2);
	assert_string_equal((const char *)sp[2], "arg");
	assert_int_equal(sp[3], 0);
	assert_string_equal((const char *)sp[5], "B=2");
	assert_int_equal(sp[6], 0);
	for (const uint64_t *aux = sp + 7; aux[0]; aux += 2)
		found |= aux[0] == RM_AT_ENTRY && aux[1] == 42;
	assert_true(found);
	/* Room to the byte but for the alignment: 1 + 2 + 1 + 2 + 1 words and the auxiliary vector. */
	assert_int_equal(what.aux_size % 16, 0);
	assert_int_equal(rm_stack_build(&what, top, top - 7 * 8 - what.aux_size), 0);
	assert_int_not_equal(rm_stack_build(&what, top, top - 8 * 8 - what.aux_size), 0);
	/* Fewer strings than claimed. */
	what.argc = 5;
	assert_int_equal(rm_stack_build(&what, top, bottom), 0);
	what.argc = 2;
	what.envc = 3;
	assert_int_equal(rm_stack_build(&what, top, bottom), 0);
	/* Vectors that do not fit, also by overflow. */
	what.argc = 1000;
	assert_int_equal(rm_stack_build(&what, top, bottom), 0);
	what.argc = what.envc = ~0u;
	assert_int_equal(rm_stack_build(&what, top, bottom), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fixed, fresh),  cmocka_unit_test_setup(test_pie, fresh),
		cmocka_unit_test_setup(test_header, fresh), cmocka_unit_test_setup(test_layout, fresh),
		cmocka_unit_test_setup(test_shared_page, fresh), cmocka_unit_test(test_stack),
	};

	return cmocka_run_group_tests_name("runtime.elf", tests, NULL, NULL);
}
