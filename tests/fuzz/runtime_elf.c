/* SPDX-License-Identifier: MIT */
/* Any bytes as an ELF file: a plan that is made must be one that can be carried out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/hostcall.h"
#include "abi/svc.h"
#include "load/elf.h"
#include "sys/linux.h"

#define LOW	RM_USER_MIN
#define HIGH	(RM_USER_STACK_TOP - RM_USER_STACK_SIZE)

static void check(int condition)
{
	if (!condition)
		__builtin_trap();
}

static void check_plan(const struct rm_elf_plan *plan)
{
	uint64_t last = 0;

	check(plan->count > 0 && plan->count <= RM_ELF_SEGMENTS);
	for (unsigned i = 0; i < plan->count; i++) {
		const struct rm_elf_segment *s = &plan->segment[i];
		const uint64_t start = s->start + plan->bias, end = s->end + plan->bias;

		check(start % 4096 == 0 && end % 4096 == 0);
		check(start < end && start >= LOW && end <= HIGH && start >= last);
		check(s->address + plan->bias >= start && s->file_size <= HIGH);
		/* Bytes of the file end in this segment or in the page that the next one shares. */
		check(s->address + s->file_size <= s->end ||
		      (i + 1 < plan->count && s->address + s->file_size <= plan->segment[i + 1].address));
		check((s->prot & (LX_PROT_WRITE | LX_PROT_EXEC)) != (LX_PROT_WRITE | LX_PROT_EXEC));
		check(s->offset + s->file_size <= INT64_MAX);
		last = end;
	}
	check(plan->entry >= LOW && plan->entry < HIGH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rm_elf_header header;
	struct rm_elf_plan plan;
	struct rm_elf_error error = { 0 };
	uint8_t *phdrs;
	size_t need;

	if (rm_elf_header(data, size, &header, &error) != 0) {
		check(error.reason > 0 && error.reason < RM_FAIL_COUNT);
		return 0;
	}
	need = header.phnum * RM_ELF_PHDR_SIZE;
	phdrs = calloc(1, need);
	if (size > RM_ELF_HEADER_SIZE)
		memcpy(phdrs, data + RM_ELF_HEADER_SIZE,
		       size - RM_ELF_HEADER_SIZE < need ? size - RM_ELF_HEADER_SIZE : need);
	if (rm_elf_plan(&header, phdrs, LOW, HIGH, RM_USER_PIE, &plan, &error) == 0)
		check_plan(&plan);
	else
		check(error.reason > 0 && error.reason < RM_FAIL_COUNT);
	free(phdrs);
	return 0;
}
