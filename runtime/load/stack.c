/* SPDX-License-Identifier: MIT */
/*
 * The first stack of a program, as the AArch64 ABI and musl expect it.
 *
 * Attacks considered: the strings are already private; their number is counted against what the host claimed, so that no
 * pointer of argv or envp leads out of them.
 */
#include "load/load.h"

#include "abi/svc.h"
#include "sys/linux.h"

enum {
	AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7, AT_FLAGS = 8, AT_ENTRY = 9,
	AT_UID = 11, AT_EUID = 12, AT_GID = 13, AT_EGID = 14, AT_HWCAP = 16, AT_CLKTCK = 17, AT_SECURE = 23,
	AT_RANDOM = 25, AT_EXECFN = 31, AT_SYSINFO_EHDR = 33,
};

#define AUX_COUNT	20u

/* Points at the next string and returns where the one after it begins; 0 if there is no whole string. */
static uint64_t next_string(uint64_t at, uint64_t end)
{
	const char *p = (const char *)at;

	while ((uint64_t)p < end)
		if (*p++ == 0)
			return (uint64_t)p;
	return 0;
}

/* A NULL-terminated vector of `count` strings: the string after the last, or 0. */
static uint64_t put_vector(uint64_t *vector, uint32_t count, uint64_t at, uint64_t end)
{
	for (uint32_t i = 0; i < count; i++) {
		vector[i] = at;
		at = next_string(at, end);
		if (at == 0)
			return 0;
	}
	vector[count] = 0;
	return at;
}

static void put_aux(uint64_t *to, const struct rm_stack *what)
{
	const uint64_t aux[AUX_COUNT][2] = {
		{ AT_PHDR, what->phdr }, { AT_PHENT, 56 }, { AT_PHNUM, what->phnum }, { AT_PAGESZ, 4096 },
		{ AT_BASE, 0 }, { AT_FLAGS, 0 }, { AT_ENTRY, what->entry }, { AT_UID, what->uid },
		{ AT_EUID, what->euid }, { AT_GID, what->gid }, { AT_EGID, what->egid },
		{ AT_HWCAP, what->features }, { AT_CLKTCK, 100 }, { AT_SECURE, 0 }, { AT_RANDOM, what->random },
		{ AT_EXECFN, what->exec_name }, { RM_AT_ENTRY, what->call },
		{ what->vdso ? AT_SYSINFO_EHDR : AT_NULL, what->vdso }, { AT_NULL, 0 }, { AT_NULL, 0 },
	};

	for (unsigned i = 0; i < AUX_COUNT; i++) {
		to[2 * i] = aux[i][0];
		to[2 * i + 1] = aux[i][1];
	}
}

uint64_t rm_stack_build(struct rm_stack *what, uint64_t top, uint64_t bottom)
{
	const uint64_t words = 1 + (uint64_t)what->argc + 1 + what->envc + 1 + 2 * AUX_COUNT;
	const uint64_t end = what->strings + what->strings_size;
	uint64_t at, sp;
	uint64_t *word;

	if (words > (top - bottom) / 8)
		return 0;
	sp = (top - words * 8) & ~15ul;
	if (sp < bottom)
		return 0;
	word = (uint64_t *)sp;
	word[0] = what->argc;
	at = put_vector(word + 1, what->argc, what->strings, end);
	if (at == 0)
		return 0;
	what->args_end = at;
	at = put_vector(word + 1 + what->argc + 1, what->envc, at, end);
	if (at == 0)
		return 0;
	what->environ_end = at;
	what->aux = (uint64_t)(word + 1 + what->argc + 1 + what->envc + 1);
	what->aux_size = AUX_COUNT * 16;
	put_aux(word + 1 + what->argc + 1 + what->envc + 1, what);
	return sp;
}
