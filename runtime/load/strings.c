/* SPDX-License-Identifier: MIT */
/*
 * Which of the host's arguments and variables a program gets.
 *
 * Attacks considered: the strings are private already; their number is counted against their bytes. With a list of arguments or variables
 * nothing of the host's but what the manifest names reaches the program: not argv[0], not LD_PRELOAD, not a second PATH behind the first.
 */
#include "load/load.h"

#include "lib/string.h"
#include "load/manifest.h"

struct output {
	char *at;		/* NULL: only count */
	uint64_t size;
};

static void put(struct output *out, const char *text)
{
	const uint64_t size = (uint64_t)(rm_manifest_next(text) - text);

	if (out->at)
		memcpy(out->at + out->size, text, size);
	out->size += size;
}

/* The host's string behind `at`, or NULL if there is none before `end`. */
static const char *following(const char *at, const char *end)
{
	const char *nul = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;

	return nul ? nul + 1 : NULL;
}

static bool wanted(const struct rm_manifest *m, const char *variable, const char *first)
{
	if (!(m->flags & RM_MANIFEST_ENVIRONMENT))
		return true;
	if (!rm_manifest_names(m, RM_LIST_PASS, variable) || rm_manifest_names(m, RM_LIST_SET, variable))
		return false;
	/* Only the first of several of one name. */
	for (const char *earlier = first; earlier != variable; earlier = rm_manifest_next(earlier)) {
		size_t i = 0;

		while (earlier[i] == variable[i] && earlier[i] != 0 && earlier[i] != '=')
			i++;
		if (earlier[i] == variable[i])
			return false;
	}
	return true;
}

static uint32_t put_list(const struct rm_manifest *m, enum rm_manifest_list list, struct output *out)
{
	const char *string = rm_manifest_strings(m, list);

	for (uint32_t i = 0; i < m->count[list]; i++, string = rm_manifest_next(string))
		put(out, string);
	return m->count[list];
}

/* All strings into *out, counted in *chosen. -1: the host's are not argc + envc strings. */
static int put_all(const struct rm_manifest *m, const struct rm_stack *host, struct output *out, struct rm_stack *chosen)
{
	const char *at = (const char *)host->strings, *end = at + host->strings_size, *variables;

	chosen->argc = m->flags & RM_MANIFEST_ARGUMENTS ? put_list(m, RM_LIST_ARGUMENTS, out) : host->argc;
	for (uint32_t i = 0; i < host->argc; i++) {
		const char *next = following(at, end);

		if (!next)
			return -1;
		if (!(m->flags & RM_MANIFEST_ARGUMENTS))
			put(out, at);
		at = next;
	}
	chosen->envc = 0;
	variables = at;
	for (uint32_t i = 0; i < host->envc; i++) {
		const char *next = following(at, end);

		if (!next)
			return -1;
		if (wanted(m, at, variables)) {
			put(out, at);
			chosen->envc++;
		}
		at = next;
	}
	chosen->envc += put_list(m, RM_LIST_SET, out);
	chosen->exec_name = chosen->strings + out->size;
	put(out, m->flags & RM_MANIFEST_ARGUMENTS ? rm_manifest_strings(m, RM_LIST_ARGUMENTS) : (const char *)host->exec_name);
	return 0;
}

int rm_strings_choose(const struct rm_manifest *m, struct rm_stack *stack, uint64_t bottom)
{
	struct rm_stack chosen = *stack;
	struct output out = { 0 };

	if (put_all(m, stack, &out, &chosen) != 0 || out.size > stack->strings - bottom - 16)
		return -1;
	chosen.strings = (stack->strings - out.size) & ~15ul;
	chosen.strings_size = out.size;
	out = (struct output){ .at = (char *)chosen.strings };
	put_all(m, stack, &out, &chosen);	/* private memory: as before */
	memset((void *)stack->strings, 0, stack->strings_size);
	*stack = chosen;
	return 0;
}
