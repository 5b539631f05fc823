/* SPDX-License-Identifier: MIT */
/* Paths in a manifest: files that a program may name, programs that it may start, and what their content has to be. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../../runtime/load/manifest.h"
#include "manifest/work.h"

/* 64 hexadecimal digits, made small. */
static int take_hash(struct work *w, const struct toml_node *node, char digits[2 * RM_HASH_SIZE + 1])
{
	size_t i = 0;

	if (node->type == TOML_STRING && node->length == 2 * RM_HASH_SIZE)
		for (; i < 2 * RM_HASH_SIZE && isxdigit((unsigned char)node->string[i]); i++)
			digits[i] = (char)tolower((unsigned char)node->string[i]);
	if (i != 2 * RM_HASH_SIZE)
		return manifest_refuse(w, node->line, "sha256 must be %u hexadecimal digits; 'sha256sum FILE' prints them", 2 * RM_HASH_SIZE);
	digits[i] = '\0';
	return 0;
}

/* A path, with a hash in front of it if there is one. */
static int take_path(struct work *w, const struct toml_node *path, const struct toml_node *hash, const char *what,
		     enum rm_manifest_list list)
{
	char digits[2 * RM_HASH_SIZE + 1];

	if (manifest_string(w, path, what, list) != 0)
		return -1;
	if (!rm_path_is_normal(path->string))
		return manifest_refuse(w, path->line, "%s: '%s' must be absolute, without '.', '..' and '//'; with a '/' at the end it means all "
				       "below", what, path->string);
	if (hash == NULL)
		return 0;
	if (path->string[path->length - 1] == '/')
		return manifest_refuse(w, hash->line, "%s: '%s' is a folder, which has no sha256; name the file", what, path->string);
	return take_hash(w, hash, digits) == 0 ? manifest_made(w, path, what, list, digits, "", path->string) : -1;
}

static int take_file(struct work *w, const struct toml_node *node)
{
	const struct toml_node *path = NULL, *access = NULL, *hash = NULL;

	if (node->type != TOML_TABLE)
		return manifest_refuse(w, node->line, "files must be tables; write [[files]] with path = \"/...\" and access = \"read\" or "
				       "\"write\"");
	for (size_t i = 0; i < node->count; i++) {
		const struct toml_node *child = &node->children[i];

		if (strcmp(child->key, "path") == 0)
			path = child;
		else if (strcmp(child->key, "access") == 0)
			access = child;
		else if (strcmp(child->key, "sha256") == 0)
			hash = child;
		else
			return manifest_refuse(w, child->line, "files.%s is unknown; there are path, access and sha256", child->key);
	}
	if (path == NULL)
		return manifest_refuse(w, node->line, "files: path is missing; write path = \"/etc/app.conf\", or \"/var/lib/app/\" for all "
				       "below");
	if (access != NULL && (access->type != TOML_STRING ||
			       (strcmp(access->string, "read") != 0 && strcmp(access->string, "write") != 0)))
		return manifest_refuse(w, access->line, "files.access must be \"read\" or \"write\"");
	if (access != NULL && *access->string == 'w' && hash != NULL)
		return manifest_refuse(w, hash->line, "files: what may be written has no sha256; take access = \"write\" away, or sha256");
	return take_path(w, path, hash, "files.path", access != NULL && *access->string == 'w' ? RM_LIST_WRITE : RM_LIST_READ);
}

int manifest_key_files(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_ARRAY)
		return manifest_refuse(w, node->line, "files must be a list of tables; write [[files]] for each");
	w->head.flags |= RM_MANIFEST_FILES;
	for (size_t i = 0; i < node->count; i++)
		if (take_file(w, &node->children[i]) != 0)
			return -1;
	return 0;
}

/* A string, or a table with path and sha256. */
static int take_program(struct work *w, const struct toml_node *node)
{
	const struct toml_node *path = NULL, *hash = NULL;

	if (node->type != TOML_TABLE)
		return take_path(w, node, NULL, "paths in spawn", RM_LIST_SPAWN);
	for (size_t i = 0; i < node->count; i++) {
		const struct toml_node *child = &node->children[i];

		if (strcmp(child->key, "path") == 0)
			path = child;
		else if (strcmp(child->key, "sha256") == 0)
			hash = child;
		else
			return manifest_refuse(w, child->line, "spawn.%s is unknown; there are path and sha256", child->key);
	}
	if (path == NULL)
		return manifest_refuse(w, node->line, "spawn: path is missing; write { path = \"/bin/sh\", sha256 = \"...\" }");
	return take_path(w, path, hash, "spawn.path", RM_LIST_SPAWN);
}

int manifest_key_spawn(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_ARRAY)
		return manifest_refuse(w, node->line, "spawn must be a list of paths; write spawn = [\"/bin/sh\"], or [] for none");
	w->head.flags |= RM_MANIFEST_SPAWN;
	for (size_t i = 0; i < node->count; i++)
		if (take_program(w, &node->children[i]) != 0)
			return -1;
	return 0;
}
