/* SPDX-License-Identifier: MIT */
/*
 * The loader: reads through the ring, or takes the verified copy of an image's program (policy.c), maps by the plan.
 *
 * Attacks considered: headers are read once into private memory and planned from there (elf.c), segments are read once into
 * the program's memory; the file may change in between, which can only change what the program is, not where it goes. A file
 * that ends early is refused. Memory is mapped writable, filled, and only then made executable and read-only.
 */
#include "load/load.h"

#include "lib/string.h"
#include "load/policy.h"
#include "posix/posix.h"

#include "abi/hostcall.h"

#define MAP_FLAGS	(LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED)

static int refuse(struct rm_elf_error *error, int reason, uint64_t detail)
{
	error->reason = reason;
	error->detail = detail;
	return -1;
}

/* Exactly `size` bytes, or a refusal. */
static int read_exactly(struct rm_thread *t, int host_fd, void *to, size_t size, uint64_t offset,
			struct rm_elf_error *error)
{
	size_t done = 0;

	if (rm_policy.program) {
		if (offset > rm_policy.program_size || size > rm_policy.program_size - offset)
			return refuse(error, RM_FAIL_TRUNCATED, rm_policy.program_size);
		memcpy(to, rm_policy.program + offset, size);
		return 0;
	}
	while (done < size) {
		const size_t piece = size - done > LX_RW_MAX ? LX_RW_MAX : size - done;
		const long result = rm_read_at(t, host_fd, (char *)to + done, piece, offset + done);

		if (result < 0)
			return refuse(error, RM_FAIL_READ, (uint64_t)-result);
		if (result == 0)
			return refuse(error, RM_FAIL_TRUNCATED, offset + done);
		done += (size_t)result;
	}
	return 0;
}

/* A random address for position-independent programs: 16 bits of pages. */
static uint64_t choose_pie(void)
{
	uint16_t random = 0;

	rm_svc3(LX_getrandom, (unsigned long)&random, sizeof(random), 0);
	return RM_USER_PIE + random * 4096ul;
}

static int plan_program(struct rm_thread *t, int host_fd, uint64_t high, struct rm_elf_plan *plan,
			struct rm_elf_error *error)
{
	uint8_t bytes[RM_ELF_PHDRS * RM_ELF_PHDR_SIZE];
	struct rm_elf_header header;
	long size = (long)(rm_policy.program_size < RM_ELF_HEADER_SIZE ? rm_policy.program_size : RM_ELF_HEADER_SIZE);

	if (rm_policy.program)
		memcpy(bytes, rm_policy.program, (size_t)size);
	else
		size = rm_read_at(t, host_fd, bytes, RM_ELF_HEADER_SIZE, 0);
	if (size < 0)
		return refuse(error, RM_FAIL_READ, (uint64_t)-size);
	if (rm_elf_header(bytes, (size_t)size, &header, error) != 0)
		return -1;
	if (read_exactly(t, host_fd, bytes, header.phnum * RM_ELF_PHDR_SIZE, header.phoff, error) != 0)
		return -1;
	return rm_elf_plan(&header, bytes, RM_USER_MIN, high, choose_pie(), plan, error);
}

static int map_segments(const struct rm_elf_plan *plan, struct rm_elf_error *error)
{
	for (unsigned i = 0; i < plan->count; i++) {
		const struct rm_elf_segment *s = &plan->segment[i];
		const uint64_t size = s->end - s->start;

		if (rm_svc(LX_mmap, s->start + plan->bias, size, LX_PROT_READ | LX_PROT_WRITE, MAP_FLAGS,
			   (unsigned long)-1, 0) < 0)
			return refuse(error, RM_FAIL_MEMORY, size);
	}
	return 0;
}

static int protect_segments(const struct rm_elf_plan *plan, struct rm_elf_error *error)
{
	for (unsigned i = 0; i < plan->count; i++) {
		const struct rm_elf_segment *s = &plan->segment[i];
		const uint64_t start = s->start + plan->bias, size = s->end - s->start;

		if (s->prot == (LX_PROT_READ | LX_PROT_WRITE))
			continue;
		if (rm_svc3(LX_mprotect, start, size, s->prot) != 0)
			return refuse(error, RM_FAIL_MEMORY, size);
		if (s->prot & LX_PROT_EXEC)
			rm_svc2(RM_SVC_FLUSH_CODE, start, size);
	}
	return 0;
}

int rm_load(struct rm_thread *t, int host_fd, uint64_t high, struct rm_elf_plan *plan, struct rm_elf_error *error)
{
	if (plan_program(t, host_fd, high, plan, error) != 0 || map_segments(plan, error) != 0)
		return -1;
	for (unsigned i = 0; i < plan->count; i++) {
		const struct rm_elf_segment *s = &plan->segment[i];

		if (read_exactly(t, host_fd, (void *)(s->address + plan->bias), s->file_size, s->offset, error) != 0)
			return -1;
	}
	return protect_segments(plan, error);
}
