/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn() where the manifest lists programs: the request that goes to the proxy names a path of the list, absolute, and nothing is
 * searched for any more.
 *
 * Attacks considered: the request is copied once, then checked and taken apart. What Linux starts by that name is its affair: a hash is
 * compared with what Linux shows under it, which keeps out what others put there, but no Linux that lies.
 */
#include "posix/spawn.h"

#include "lib/string.h"
#include "load/policy.h"
#include "posix/checked.h"
#include "ring/access.h"

/* Strings of a request: the next one, or NULL at its end (which is a NUL). */
static const char *following(const char *string, const char *end)
{
	const char *nul = string < end ? memchr(string, 0, (size_t)(end - string)) : NULL;

	return nul && nul + 1 < end ? nul + 1 : NULL;
}

/* The files that it opens for the new process: as if the program opened them. *moves: it has another current folder. */
static long check_actions(struct rm_thread *t, const struct rm_spawn *head, bool *moves)
{
	const struct rm_spawn_action *action = (const struct rm_spawn_action *)(head + 1);
	struct rm_grant grant;

	*moves = false;
	for (uint32_t i = 0; i < head->actions; i++, action++) {
		char path[LX_PATH_MAX];
		const char *text = (const char *)head + action->path;

		*moves |= action->kind == RM_SPAWN_CHDIR || action->kind == RM_SPAWN_FCHDIR;
		if (action->path >= head->strings)
			return -EINVAL;
		if (action->kind != RM_SPAWN_OPEN || !rm_policy.files)
			continue;
		if (strlen(text) >= sizeof(path))
			return -ENAMETOOLONG;
		memcpy(path, text, strlen(text) + 1);
		/* Where a relative path would begin, other actions may have changed. */
		if (path[0] != '/' || rm_policy_path(t, path, LX_AT_FDCWD, action->flags & (LX_O_ACCMODE | LX_O_CREAT | LX_O_TRUNC) ?
						     RM_ACCESS_CHANGE : RM_ACCESS_LOOK, &grant) != 0 || strcmp(path, text) != 0)
			return rm_policy_refuse(t);
	}
	return 0;
}

/* The path of the list that a name means which is looked for in `folders`, as posix_spawnp() does. */
static long search(struct rm_thread *t, const char *name, const char *folders, char *path, struct rm_grant *grant)
{
	while (*folders != 0) {
		size_t size = 0;

		while (folders[size] != 0 && folders[size] != ':')
			size++;
		if (folders[0] == '/' && size + 1 + strlen(name) < LX_PATH_MAX) {
			memcpy(path, folders, size);
			path[size] = '/';
			memcpy(path + size + 1, name, strlen(name) + 1);
			if (rm_policy_program(t, path, grant) == 0)
				return 0;
		}
		folders += size + (folders[size] == ':');
	}
	return rm_policy_refuse(t);
}

/* The program that is meant, absolute, in `path`. */
static long choose(struct rm_thread *t, const char *name, const char *folders, bool moves, char *path, struct rm_grant *grant)
{
	if (strlen(name) >= LX_PATH_MAX)
		return -ENAMETOOLONG;
	if (folders && !memchr(name, '/', strlen(name)))
		return search(t, name, folders, path, grant);
	if (name[0] != '/' && moves)
		return rm_policy_refuse(t);
	memcpy(path, name, strlen(name) + 1);
	return rm_policy_program(t, path, grant) == 0 ? 0 : rm_policy_refuse(t);
}

/* Writes the request anew with `path` instead of what stands in front of `rest`. The actions' own paths stand before. */
static void put_together(const struct rm_spawn *head, const char *rest, const char *end, const char *path, struct rm_permitted *out)
{
	struct rm_spawn *to = out->request;
	char *strings = (char *)to + head->strings;

	memcpy(to, head, head->strings);
	to->flags &= ~RM_SPAWN_SEARCH;
	memcpy(strings, path, strlen(path) + 1);
	memcpy(strings + strlen(path) + 1, rest, (size_t)(end - rest));
	out->size = head->strings + strlen(path) + 1 + (size_t)(end - rest);
}

static long permit(struct rm_thread *t, const struct rm_spawn *head, size_t size, struct rm_permitted *out)
{
	const char *name = (const char *)head + head->strings, *end = (const char *)head + size, *folders = NULL, *rest;
	char path[LX_PATH_MAX];
	struct rm_grant grant;
	bool moves;
	long result;

	if (head->strings < sizeof(*head) || head->strings >= size || end[-1] != 0 ||
	    head->actions > (head->strings - sizeof(*head)) / sizeof(struct rm_spawn_action))
		return -EINVAL;
	result = check_actions(t, head, &moves);
	if (result)
		return result;
	if (head->flags & RM_SPAWN_SEARCH) {
		folders = following(name, end);
		if (!folders)
			return -EINVAL;
	}
	rest = following(folders ? folders : name, end);
	result = choose(t, name, folders, moves, path, &grant);
	if (result == 0 && grant.hash)
		result = rm_checked_program(t, path, grant.hash);
	if (result)
		return result;
	put_together(head, rest ? rest : end, end, path, out);
	return out->size > RM_SPAWN_MAX ? -E2BIG : 0;
}

long rm_spawn_permit(struct rm_thread *t, unsigned long request, size_t size, struct rm_permitted *permitted)
{
	const size_t room = (size + LX_PATH_MAX + 15) & ~15ul;
	long at;

	*permitted = (struct rm_permitted){ .memory_size = 2 * room };
	at = rm_svc(LX_mmap, 0, permitted->memory_size, LX_PROT_READ | LX_PROT_WRITE, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS, (unsigned long)-1, 0);
	if (at < 0)
		return -ENOMEM;
	permitted->memory = (unsigned long)at;
	permitted->request = (void *)(at + (long)room);
	if (rm_get_user((void *)at, request, size) != 0)
		return -EFAULT;
	return permit(t, (const struct rm_spawn *)at, size, permitted);
}

void rm_spawn_permitted(struct rm_permitted *permitted)
{
	if (permitted->memory)
		rm_svc2(LX_munmap, permitted->memory, permitted->memory_size);
}
