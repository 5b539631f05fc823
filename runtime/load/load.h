/* SPDX-License-Identifier: MIT */
/*
 * Brings a program into the enclave's memory.
 */
#ifndef RUNTIME_LOAD_LOAD_H
#define RUNTIME_LOAD_LOAD_H

#include "load/elf.h"
#include "ring/thread.h"

/*
 * Reads the program behind a descriptor of the proxy, maps its segments below `high`, and tells what stands where. 0, or -1
 * with *error saying why (then part of the program may be mapped: the enclave has to end).
 */
int rm_load(struct rm_thread *t, int host_fd, uint64_t high, struct rm_elf_plan *plan, struct rm_elf_error *error);

/* What the first instruction of a program finds on its stack, besides the strings. */
struct rm_stack {
	uint64_t strings;	/* where the strings stand (on the stack), NUL-terminated, argc + envc of them */
	uint64_t strings_size;
	uint32_t argc, envc;
	uint64_t exec_name;	/* address of AT_EXECFN's string */
	uint64_t random;	/* address of 16 random bytes */
	uint64_t entry, phdr, phnum, call;
	uint64_t vdso;		/* address of its image, 0: none */
	uint32_t uid, euid, gid, egid;
	uint64_t features;	/* AT_HWCAP */
	/* Filled in by rm_stack_build(): ends of the strings of argv and envp; the auxiliary vector. */
	uint64_t args_end, environ_end, aux, aux_size;
};

/*
 * Replaces the strings by those that a manifest wants (below the old ones, which are wiped, not below `bottom`): 0, or -1 if they are not
 * argc + envc strings or there is no room.
 */
struct rm_manifest;
int rm_strings_choose(const struct rm_manifest *manifest, struct rm_stack *stack, uint64_t bottom);

/*
 * Writes argc, argv, envp and the auxiliary vector below `top` (16-aligned, in mapped private memory) and returns the stack
 * pointer; 0 if the strings are not argc + envc strings or the vectors would reach below `bottom`.
 */
uint64_t rm_stack_build(struct rm_stack *what, uint64_t top, uint64_t bottom);

#endif
