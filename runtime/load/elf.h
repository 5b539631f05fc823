/* SPDX-License-Identifier: MIT */
/*
 * What an ELF file asks for, as a plan that can be carried out without a further check. Pure: bytes in, plan out.
 */
#ifndef RUNTIME_LOAD_ELF_H
#define RUNTIME_LOAD_ELF_H

#include <stddef.h>
#include <stdint.h>

#define RM_ELF_HEADER_SIZE	64u
#define RM_ELF_PHDR_SIZE	56u
#define RM_ELF_PHDRS		64u	/* program headers a program may have */
#define RM_ELF_SEGMENTS		16u	/* of them, segments to load */

/* From the file's header. */
struct rm_elf_header {
	uint64_t entry, phoff;
	uint32_t phnum;
	uint16_t type;		/* ET_EXEC or ET_DYN */
};

struct rm_elf_segment {
	uint64_t start, end;	/* whole pages to map, addresses before the bias; do not overlap, ascending */
	uint64_t address;	/* first byte from the file */
	uint64_t offset, file_size;
	uint32_t prot;		/* LX_PROT_*, never writable and executable at once */
};

struct rm_elf_plan {
	struct rm_elf_segment segment[RM_ELF_SEGMENTS];
	unsigned count;
	uint64_t start, end;	/* of all segments, before the bias, whole pages */
	uint64_t bias;		/* to be added to every address; 0 for ET_EXEC */
	uint64_t entry;		/* with the bias */
	uint64_t phdr;		/* with the bias; 0: not in memory */
	uint32_t phnum;
};

/* A refusal: reason is an enum rm_failure. */
struct rm_elf_error {
	int reason;
	uint64_t detail;
};

/* Checks the file's first `size` bytes: 0, or -1 with *error. */
int rm_elf_header(const uint8_t *bytes, size_t size, struct rm_elf_header *header, struct rm_elf_error *error);

/*
 * Makes the plan from header->phnum program headers. [low, high) are the addresses a program may have; a position-independent
 * one is put at pie or up to one alignment above. 0, or -1 with *error.
 */
int rm_elf_plan(const struct rm_elf_header *header, const uint8_t *phdrs, uint64_t low, uint64_t high, uint64_t pie,
		struct rm_elf_plan *plan, struct rm_elf_error *error);

#endif
