/* SPDX-License-Identifier: MIT */
/*
 * ELF64 for AArch64: fixed-position programs and static position-independent ones.
 *
 * Attacks considered: the file comes from Linux, so every number in it may be anything. Sums are checked before they are made,
 * sizes are bounded by the addresses a program can have, page ranges must ascend and stay apart, a page is writable or
 * executable, never both. What the file contains is the business of whoever trusts it; that it cannot reach outside its own
 * addresses is ours.
 *
 * Two segments may meet in one page, as old linkers lay them out: the page then belongs to the later one, as with Linux, where
 * the later mapping replaces the earlier.
 */
#include "load/elf.h"

#include "abi/hostcall.h"
#include "lib/string.h"
#include "sys/linux.h"

#define PAGE		4096ul
#define EM_AARCH64	183u
#define ET_EXEC		2u
#define ET_DYN		3u
#define PT_LOAD		1u
#define PT_INTERP	3u
#define PF_X		1u
#define PF_W		2u
#define PF_R		4u
#define ALIGN_MAX	0x200000ul

struct phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct phdr) == RM_ELF_PHDR_SIZE, "ELF");

static uint16_t half(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t word(const uint8_t *at)
{
	return half(at) | (uint32_t)half(at + 2) << 16;
}

static uint64_t xword(const uint8_t *at)
{
	return word(at) | (uint64_t)word(at + 4) << 32;
}

static int refuse(struct rm_elf_error *error, int reason, uint64_t detail)
{
	error->reason = reason;
	error->detail = detail;
	return -1;
}

int rm_elf_header(const uint8_t *bytes, size_t size, struct rm_elf_header *header, struct rm_elf_error *error)
{
	if (size < 4 || memcmp(bytes, "\177ELF", 4) != 0)
		return refuse(error, RM_FAIL_NOT_ELF, 0);
	if (size < RM_ELF_HEADER_SIZE)
		return refuse(error, RM_FAIL_TRUNCATED, 0);
	if (bytes[4] != 2 || bytes[5] != 1 || half(bytes + 18) != EM_AARCH64)
		return refuse(error, RM_FAIL_ARCH, half(bytes + 18));
	header->type = half(bytes + 16);
	if (header->type != ET_EXEC && header->type != ET_DYN)
		return refuse(error, RM_FAIL_TYPE, header->type);
	if (bytes[6] != 1 || word(bytes + 20) != 1)
		return refuse(error, RM_FAIL_NOT_ELF, 1);
	header->entry = xword(bytes + 24);
	header->phoff = xword(bytes + 32);
	header->phnum = half(bytes + 56);
	if (half(bytes + 54) != RM_ELF_PHDR_SIZE || header->phnum == 0 || header->phnum > RM_ELF_PHDRS)
		return refuse(error, RM_FAIL_LAYOUT, __LINE__);
	if (header->phoff > INT64_MAX - RM_ELF_PHDRS * RM_ELF_PHDR_SIZE)
		return refuse(error, RM_FAIL_TRUNCATED, 0);
	return 0;
}

/* One PT_LOAD: appended to the plan. */
static int add_segment(const struct phdr *p, uint64_t high, struct rm_elf_plan *plan, struct rm_elf_error *error)
{
	struct rm_elf_segment *s = &plan->segment[plan->count];
	struct rm_elf_segment *before = plan->count ? s - 1 : NULL;

	if (p->memsz == 0)
		return 0;
	if (plan->count == RM_ELF_SEGMENTS || p->filesz > p->memsz || p->vaddr >= high || p->memsz > high - p->vaddr)
		return refuse(error, RM_FAIL_LAYOUT, __LINE__);
	if (p->offset > INT64_MAX || p->filesz > INT64_MAX - p->offset || (p->vaddr - p->offset) % PAGE != 0)
		return refuse(error, RM_FAIL_LAYOUT, __LINE__);
	if ((p->flags & PF_W) && (p->flags & PF_X))
		return refuse(error, RM_FAIL_LAYOUT, __LINE__);
	s->start = p->vaddr & ~(PAGE - 1);
	s->end = (p->vaddr + p->memsz + PAGE - 1) & ~(PAGE - 1);
	s->address = p->vaddr;
	s->offset = p->offset;
	s->file_size = p->filesz;
	s->prot = (p->flags & PF_R ? LX_PROT_READ : 0) | (p->flags & PF_W ? LX_PROT_WRITE : 0) |
		  (p->flags & PF_X ? LX_PROT_READ | LX_PROT_EXEC : 0);
	if (before) {
		if (s->start < before->start || before->end > s->start + PAGE)
			return refuse(error, RM_FAIL_LAYOUT, __LINE__);
		if (before->end == s->start + PAGE) {
			/* The bytes must not meet, only the page. */
			if (before->address + before->file_size > s->address || before->start == s->start)
				return refuse(error, RM_FAIL_LAYOUT, __LINE__);
			before->end = s->start;
		}
	}
	plan->count++;
	return 0;
}

/* Chooses the bias, so that every segment's address keeps its alignment. */
static int place(const struct rm_elf_header *header, uint64_t align, uint64_t low, uint64_t high, uint64_t pie,
		 struct rm_elf_plan *plan, struct rm_elf_error *error)
{
	if (header->type == ET_EXEC) {
		plan->bias = 0;
		if (plan->start < low)
			return refuse(error, RM_FAIL_LAYOUT, __LINE__);
		return 0;
	}
	plan->bias = ((pie + align - 1) & ~(align - 1)) - (plan->start & ~(align - 1));
	if (plan->start + plan->bias < low || plan->start + plan->bias >= high ||
	    plan->end - plan->start > high - plan->start - plan->bias)
		return refuse(error, RM_FAIL_LAYOUT, __LINE__);
	return 0;
}

static void find_phdrs(const struct rm_elf_header *header, struct rm_elf_plan *plan)
{
	const uint64_t size = (uint64_t)header->phnum * RM_ELF_PHDR_SIZE;

	for (unsigned i = 0; i < plan->count; i++) {
		const struct rm_elf_segment *s = &plan->segment[i];

		if (header->phoff >= s->offset && size <= s->file_size &&
		    header->phoff - s->offset <= s->file_size - size)
			plan->phdr = s->address + (header->phoff - s->offset) + plan->bias;
	}
}

/* The entry must be in a segment that can be executed. */
static int check_entry(const struct rm_elf_header *header, const struct rm_elf_plan *plan, struct rm_elf_error *error)
{
	for (unsigned i = 0; i < plan->count; i++) {
		const struct rm_elf_segment *s = &plan->segment[i];

		if ((s->prot & LX_PROT_EXEC) && header->entry >= s->start && header->entry < s->end)
			return 0;
	}
	return refuse(error, RM_FAIL_LAYOUT, __LINE__);
}

int rm_elf_plan(const struct rm_elf_header *header, const uint8_t *phdrs, uint64_t low, uint64_t high, uint64_t pie,
		struct rm_elf_plan *plan, struct rm_elf_error *error)
{
	uint64_t align = PAGE;

	memset(plan, 0, sizeof(*plan));
	for (uint32_t i = 0; i < header->phnum; i++) {
		const uint8_t *at = phdrs + i * RM_ELF_PHDR_SIZE;
		const struct phdr p = {
			.type = word(at), .flags = word(at + 4), .offset = xword(at + 8), .vaddr = xword(at + 16),
			.filesz = xword(at + 32), .memsz = xword(at + 40), .align = xword(at + 48),
		};

		if (p.type == PT_INTERP)
			return refuse(error, RM_FAIL_DYNAMIC, 0);
		if (p.type != PT_LOAD)
			continue;
		if (p.align > ALIGN_MAX || (p.align & (p.align - 1)) != 0)
			return refuse(error, RM_FAIL_LAYOUT, __LINE__);
		if (p.align > align)
			align = p.align;
		if (add_segment(&p, high, plan, error) != 0)
			return -1;
	}
	if (plan->count == 0)
		return refuse(error, RM_FAIL_LAYOUT, __LINE__);
	plan->start = plan->segment[0].start;
	plan->end = plan->segment[plan->count - 1].end;
	if (plan->end > high)
		return refuse(error, RM_FAIL_LAYOUT, __LINE__);
	if (place(header, align, low, high, pie, plan, error) != 0 || check_entry(header, plan, error) != 0)
		return -1;
	plan->entry = header->entry + plan->bias;
	plan->phnum = header->phnum;
	find_phdrs(header, plan);
	return 0;
}
