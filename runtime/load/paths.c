/* SPDX-License-Identifier: MIT */
/*
 * The list of files of a manifest: which paths a program may name. What stands behind a name is Linux's affair: links and mounts are
 * followed there, and not seen here.
 *
 * Attacks considered: the name that was checked is the one that Linux gets: absolute, without . and .., whatever a folder is called by
 * then. The names of folders that a path starts from are Linux's word, as is what it finds there.
 */
#include "load/policy.h"

#include "lib/string.h"
#include "lib/text.h"
#include "posix/posix.h"

/* Appends the parts of `path` to the normal path `to` (room for LX_PATH_MAX). false: too long. */
static bool join(char *to, const char *path)
{
	size_t size = strlen(to);

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
		/* Room for what finish() may append. */
		if (size + 1 + part_size + 2 >= LX_PATH_MAX)
			return false;
		to[size++] = '/';
		memcpy(to + size, part, part_size);
		size += part_size;
		to[size] = 0;
	}
	return true;
}

/* What Linux calls the folder behind a descriptor, or the current one: 0 or -errno. */
static long name_folder(struct rm_thread *t, int fd, char *name)
{
	char link[32];
	struct rm_text text = { .at = link, .size = sizeof(link) - 1 };
	struct rm_desc *desc = NULL;
	long result;

	if (fd == LX_AT_FDCWD) {
		rm_text_string(&text, "/proc/self/cwd");
	} else {
		desc = rm_get((unsigned long)fd);
		if (!desc)
			return -EBADF;
		rm_text_format(&text, "/proc/self/fd/%u", (unsigned)desc->host_fd);
	}
	link[text.used] = 0;
	result = rm_host_readlink(t, LX_AT_FDCWD, link, text.used + 1, name, LX_PATH_MAX - 1);
	if (desc)
		rm_put(t, desc);
	if (result < 0)
		return result;
	name[result] = 0;
	return name[0] == '/' ? 0 : -EACCES;
}

/* The end of a path means something to Linux that a normal one does not have: "x/" is a folder, "x/." cannot be removed. */
static void finish(char *normal, const char *path)
{
	const size_t size = strlen(path);
	size_t at = strlen(normal);
	const bool slash = size > 0 && path[size - 1] == '/';
	const bool dot = size > 0 && path[size - 1] == '.' && (size == 1 || path[size - 2] == '/' ||
							       (path[size - 2] == '.' && (size == 2 || path[size - 3] == '/')));

	if (at == 0 || slash || dot)
		normal[at++] = '/';
	if (dot)
		normal[at++] = '.';
	normal[at] = 0;
}

/* The path as a normal one, "" for the root: 0, -EACCES, or another -errno. */
static long normalise(struct rm_thread *t, const char *path, int fd, char *normal)
{
	char name[LX_PATH_MAX];
	long result = 0;

	normal[0] = 0;
	if (*path != '/') {
		result = name_folder(t, fd, name);
		if (result == 0 && !join(normal, name))
			result = -EACCES;
	}
	return result == 0 && !join(normal, path) ? -EACCES : result;
}

static bool on_list(enum rm_manifest_list list, const char *normal)
{
	return rm_manifest_allows(rm_policy.manifest, list, normal[0] ? normal : "/");
}

/* What the lists say of a normal path. False: nothing. */
static bool granted(const char *normal, enum rm_access access, struct rm_grant *grant)
{
	grant->hash = rm_manifest_hash(rm_policy.manifest, RM_LIST_READ, normal);
	grant->read_only = grant->hash || !on_list(RM_LIST_WRITE, normal);
	return !grant->read_only || (access == RM_ACCESS_LOOK && on_list(RM_LIST_READ, normal));
}

long rm_policy_path(struct rm_thread *t, char *path, int fd, enum rm_access access, struct rm_grant *grant)
{
	char normal[LX_PATH_MAX];
	long result;

	*grant = (struct rm_grant){ 0 };
	if (!rm_policy.files || *path == 0)
		return 0;
	result = normalise(t, path, fd, normal);
	if (result && result != -EACCES)
		return result;
	if (result || !granted(normal, access, grant))
		return rm_policy_refuse(t);
	finish(normal, path);
	memcpy(path, normal, strlen(normal) + 1);
	return 0;
}

long rm_policy_program(struct rm_thread *t, char *path, struct rm_grant *grant)
{
	char normal[LX_PATH_MAX];
	const long result = normalise(t, path, LX_AT_FDCWD, normal);

	if (result)
		return result;
	if (!on_list(RM_LIST_SPAWN, normal))
		return -EACCES;
	*grant = (struct rm_grant){ .read_only = true, .hash = rm_manifest_hash(rm_policy.manifest, RM_LIST_SPAWN, normal) };
	memcpy(path, normal, strlen(normal) + 1);
	return 0;
}
