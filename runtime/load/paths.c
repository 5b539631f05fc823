/* SPDX-License-Identifier: MIT */
/*
 * The list of files of a manifest: which paths a program may name. What stands behind a name is Linux's affair: links and mounts are
 * followed there, and not seen here.
 *
 * Attacks considered: . and .. are resolved in the text before it is compared. A path relative to another descriptor than the current
 * folder is refused, since only Linux knows what that folder is called; so is fchdir(). The current folder at the start is Linux's word.
 */
#include "load/policy.h"

#include "lib/lock.h"
#include "lib/string.h"
#include "posix/posix.h"

static struct rm_lock lock;
static char folder[LX_PATH_MAX];	/* the current one, normal; empty: not known yet. Under lock */

static size_t length(const char *text)
{
	size_t size = 0;

	while (text[size] != 0)
		size++;
	return size;
}

/* Appends the parts of `path` to the normal path `to` (room for LX_PATH_MAX). false: too long. */
static bool join(char *to, const char *path)
{
	size_t size = length(to);

	while (*path != 0) {
		const char *part = path;
		size_t part_size;

		while (*path != 0 && *path != '/')
			path++;
		part_size = (size_t)(path - part);
		path += *path == '/';
		if (part_size == 0 || (part_size == 1 && part[0] == '.'))
			continue;
		if (part_size == 2 && part[0] == '.' && part[1] == '.') {
			while (size > 0 && to[--size] != '/')
				;
			to[size] = 0;
			continue;
		}
		if (size + 1 + part_size >= LX_PATH_MAX)
			return false;
		to[size++] = '/';
		memcpy(to + size, part, part_size);
		size += part_size;
		to[size] = 0;
	}
	return true;
}

/* Asks Linux where we are, once. */
static bool know_folder(struct rm_thread *t)
{
	char text[LX_PATH_MAX];
	struct rm_hostcall h;
	long result, room;

	if (folder[0] != 0)
		return true;
	result = rm_hostcall_begin(&h, t, LX_getcwd);
	if (result)
		return false;
	room = rm_hostcall_room(&h, 0, sizeof(text));
	h.message.arg[1] = sizeof(text);
	result = rm_hostcall_do(&h, RM_RULE_COUNT, sizeof(text));
	if (result > 0)
		result = rm_hostcall_take(&h, room, text, sizeof(text));
	rm_hostcall_end(&h);
	text[sizeof(text) - 1] = 0;
	if (result != 0 || text[0] != '/')
		return false;
	folder[0] = 0;
	if (!join(folder, text))
		return false;
	if (folder[0] == 0)
		memcpy(folder, "/", 2);
	return true;
}

/* The path as a normal one. Under lock. */
static bool normalise(struct rm_thread *t, char *to, const char *path)
{
	to[0] = 0;
	if (*path != '/') {
		if (!know_folder(t))
			return false;
		if (!join(to, folder))
			return false;
	}
	if (!join(to, path))
		return false;
	if (to[0] == 0)
		memcpy(to, "/", 2);
	return true;
}

long rm_policy_path(struct rm_thread *t, const char *path, int fd, bool change)
{
	const struct rm_manifest *m = rm_policy.manifest;
	char normal[LX_PATH_MAX];
	bool known;

	if (!rm_policy.files || *path == 0)
		return 0;
	if (*path != '/' && fd != LX_AT_FDCWD) {
		rm_count(t, RM_COUNT_REFUSED);
		return -EACCES;
	}
	rm_lock(&lock);
	known = normalise(t, normal, path);
	rm_unlock(&lock);
	if (known && (rm_manifest_allows(m, RM_LIST_WRITE, normal) || (!change && rm_manifest_allows(m, RM_LIST_READ, normal))))
		return 0;
	rm_count(t, RM_COUNT_REFUSED);
	return -EACCES;
}

void rm_policy_moved(struct rm_thread *t, const char *path)
{
	char normal[LX_PATH_MAX];

	rm_lock(&lock);
	if (normalise(t, normal, path))
		memcpy(folder, normal, sizeof(folder));
	rm_unlock(&lock);
}
