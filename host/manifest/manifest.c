/* SPDX-License-Identifier: MIT */
/*
 * From a TOML file to a manifest. What is not understood is refused, with its line and what to write instead: a key that does nothing
 * would promise something.
 */
#include "manifest/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../runtime/load/manifest.h"
#include "../cli/size.h"
#include "manifest/work.h"
#include "svc.h"

#define TEXT_MAX	(1u << 20)
int manifest_refuse(struct work *w, unsigned line, const char *format, ...)
{
	va_list args;
	int used = snprintf(w->error, w->error_size, "line %u: ", line);

	va_start(args, format);
	vsnprintf(w->error + used, w->error_size - (size_t)used, format, args);
	va_end(args);
	return -1;
}

int manifest_string(struct work *w, const struct toml_node *node, const char *what, enum rm_manifest_list list)
{
	struct list *to = &w->lists[list];

	if (node->type != TOML_STRING)
		return manifest_refuse(w, node->line, "%s must be strings; write them in quotes", what);
	if (strlen(node->string) != node->length)
		return manifest_refuse(w, node->line, "%s must not hold the character 0", what);
	if (to->count == STRINGS_MAX)
		return manifest_refuse(w, node->line, "%s: more than %u; write fewer", what, STRINGS_MAX);
	to->strings[to->count++] = node->string;
	return 0;
}

int manifest_made(struct work *w, const struct toml_node *node, const char *what, enum rm_manifest_list list, const char *first,
		  const char *between, const char *second)
{
	struct list *to = &w->lists[list];

	if (w->made_count == STRINGS_MAX || asprintf(&w->made[w->made_count], "%s%s%s", first, between, second) < 0)
		return manifest_refuse(w, node->line, "%s: too many", what);
	to->strings[to->count - 1] = w->made[w->made_count++];
	return 0;
}

static int take_boolean(struct work *w, const struct toml_node *node, uint32_t flag)
{
	if (node->type != TOML_BOOLEAN)
		return manifest_refuse(w, node->line, "%s must be true or false", node->key);
	if (node->integer)
		w->head.flags |= flag;
	return 0;
}

static int key_memory(struct work *w, const struct toml_node *node)
{
	if (node->type == TOML_STRING && size_parse(node->string, &w->head.memory) == 0 && w->head.memory > 0 && w->head.memory <= INT64_MAX)
		return 0;
	if (node->type == TOML_INTEGER && node->integer > 0) {
		w->head.memory = (uint64_t)node->integer;
		return 0;
	}
	return manifest_refuse(w, node->line, "memory must be a size above 0; write \"512K\", \"64M\", \"1G\" or a number of bytes");
}

static int key_threads(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_INTEGER || node->integer < 1 || node->integer > (int64_t)RM_THREAD_MAX)
		return manifest_refuse(w, node->line, "threads must be a number from 1 to %u", RM_THREAD_MAX);
	w->head.threads = (uint32_t)node->integer;
	return 0;
}

static int key_debug(struct work *w, const struct toml_node *node)
{
	return take_boolean(w, node, RM_MANIFEST_DEBUG);
}

static int key_arguments(struct work *w, const struct toml_node *node)
{
	struct list *list = &w->lists[RM_LIST_ARGUMENTS];

	if (node->type != TOML_ARRAY)
		return manifest_refuse(w, node->line, "arguments must be a list; write arguments = [\"first\", \"second\"]");
	w->head.flags |= RM_MANIFEST_ARGUMENTS;
	list->strings[list->count++] = w->name;
	for (size_t i = 0; i < node->count; i++)
		if (manifest_string(w, &node->children[i], "arguments", RM_LIST_ARGUMENTS) != 0)
			return -1;
	return 0;
}

static int take_pass(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_ARRAY)
		return manifest_refuse(w, node->line, "environment.pass must be a list of names; write pass = [\"HOME\", \"LANG\"]");
	for (size_t i = 0; i < node->count; i++) {
		const struct toml_node *name = &node->children[i];

		if (manifest_string(w, name, "names in environment.pass", RM_LIST_PASS) != 0)
			return -1;
		if (*name->string == '\0' || strchr(name->string, '=') != NULL)
			return manifest_refuse(w, name->line, "'%s' in environment.pass is not a variable's name; set values in environment.set",
				      name->string);
	}
	return 0;
}

static int take_set(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_TABLE)
		return manifest_refuse(w, node->line, "environment.set must be a table; write set = { LANG = \"C\" }");
	for (size_t i = 0; i < node->count; i++) {
		const struct toml_node *value = &node->children[i];

		if (*value->key == '\0' || strchr(value->key, '=') != NULL)
			return manifest_refuse(w, value->line, "'%s' in environment.set is not a variable's name", value->key);
		if (manifest_string(w, value, "values in environment.set", RM_LIST_SET) != 0 ||
		    manifest_made(w, value, "environment.set", RM_LIST_SET, value->key, "=", value->string) != 0)
			return -1;
	}
	return 0;
}

static int key_environment(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_TABLE)
		return manifest_refuse(w, node->line, "environment must be a table; write [environment] and below it pass = [...], set = {...}");
	w->head.flags |= RM_MANIFEST_ENVIRONMENT;
	for (size_t i = 0; i < node->count; i++) {
		const struct toml_node *child = &node->children[i];
		int result;

		if (strcmp(child->key, "pass") == 0)
			result = take_pass(w, child);
		else if (strcmp(child->key, "set") == 0)
			result = take_set(w, child);
		else
			result = manifest_refuse(w, child->line, "environment.%s is unknown; there are pass and set", child->key);
		if (result != 0)
			return -1;
	}
	return 0;
}

/* A signal's name, with or without SIG, or its number; 0: no such one. */
static int64_t signal_number(const struct toml_node *node)
{
	const char *name = node->string;

	if (node->type == TOML_INTEGER)
		return node->integer >= 1 && node->integer <= 64 ? node->integer : 0;
	if (node->type != TOML_STRING)
		return 0;
	name += strncmp(name, "SIG", 3) == 0 ? 3 : 0;
	for (int i = 1; i < 32; i++)
		if (strcmp(name, sigabbrev_np(i)) == 0)
			return i;
	return 0;
}

static int key_signals(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_ARRAY)
		return manifest_refuse(w, node->line, "signals must be a list; write signals = [\"TERM\", \"HUP\"], or [] for none");
	w->head.flags |= RM_MANIFEST_SIGNALS;
	for (size_t i = 0; i < node->count; i++) {
		int64_t number = signal_number(&node->children[i]);

		if (number == 0)
			return manifest_refuse(w, node->children[i].line, "signals: there is no such signal; write names like \"TERM\", or numbers "
					       "from 1 to 64");
		if (number == SIGKILL || number == SIGSTOP)
			return manifest_refuse(w, node->children[i].line, "signals: no program can have KILL or STOP; leave it out");
		w->head.signals |= 1ul << (number - 1);
	}
	return 0;
}

static int key_deadline(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_INTEGER || node->integer < 1 || node->integer > (int64_t)RM_MANIFEST_DEADLINE_MAX)
		return manifest_refuse(w, node->line, "deadline must be a number of milliseconds from 1 to %u", RM_MANIFEST_DEADLINE_MAX);
	w->head.deadline = (uint32_t)node->integer;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct work *w, const struct toml_node *node);
} keys[] = {
	{ "memory", key_memory }, { "threads", key_threads }, { "debug", key_debug },
	{ "arguments", key_arguments }, { "environment", key_environment }, { "files", manifest_key_files },
	{ "spawn", manifest_key_spawn }, { "signals", key_signals }, { "deadline", key_deadline },
	{ "core", manifest_key_core }, { "devices", manifest_key_devices }, { "attach", manifest_key_attach }, { "reservation", manifest_key_reservation },
};

static int take_key(struct work *w, const struct toml_node *node)
{
	char known[192] = "";

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, node->key) == 0)
			return keys[i].take(w, node);
		strcat(strcat(known, *known ? " " : ""), keys[i].name);
	}
	return manifest_refuse(w, node->line, "'%s' is unknown; there are %s", node->key, known);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By name, as if the = were the end: A=1 stands before AB=1. */
static int by_name(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t nx = strcspn(x, "="), ny = strcspn(y, "=");
	int order = memcmp(x, y, nx < ny ? nx : ny);

	return order != 0 ? order : (nx > ny) - (nx < ny);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(rm_manifest_path(*(const char *const *)a), rm_manifest_path(*(const char *const *)b));
}

/* How each list is sorted. */
static int (*const orders[RM_LIST_COUNT])(const void *, const void *) = {
	[RM_LIST_PASS] = by_text, [RM_LIST_SET] = by_name, [RM_LIST_READ] = by_path, [RM_LIST_WRITE] = by_text, [RM_LIST_SPAWN] = by_path,
};

/* Sorts the lists and writes all. */
static int write_out(struct work *w, struct manifest *manifest)
{
	manifest->size = sizeof(w->head);
	for (unsigned l = 0; l < RM_LIST_COUNT; l++) {
		struct list *list = &w->lists[l];

		if (orders[l] != NULL)
			qsort(list->strings, list->count, sizeof(list->strings[0]), orders[l]);
		w->head.count[l] = list->count;
		for (unsigned i = 0; i < list->count; i++) {
			size_t size = strlen(list->strings[i]) + 1;

			if (orders[l] != NULL && i > 0 && orders[l](&list->strings[i - 1], &list->strings[i]) == 0)
				return manifest_refuse(w, 1, "'%s' is listed twice; write it once",
					      orders[l] == by_path ? rm_manifest_path(list->strings[i]) : list->strings[i]);
			if (size > sizeof(manifest->bytes) - manifest->size)
				return manifest_refuse(w, 1, "all strings together are longer than %u bytes; write fewer", RM_MANIFEST_MAX);
			memcpy(manifest->bytes + manifest->size, list->strings[i], size);
			manifest->size += size;
		}
	}
	w->head.size = (uint32_t)manifest->size;
	memcpy(manifest->bytes, &w->head, sizeof(w->head));
	return 0;
}

static int compile(struct work *w, const struct toml_node *root, struct manifest *manifest)
{
	for (size_t i = 0; i < root->count; i++)
		if (take_key(w, &root->children[i]) != 0)
			return -1;
	if (manifest_resident(w) != 0 || write_out(w, manifest) != 0)
		return -1;
	/* The same check as in the enclave: what passes here passes there. */
	return rm_manifest_check(manifest->bytes, manifest->size) == 0 ? 0 : manifest_refuse(w, 1, "cannot be: this is a fault of ringmaster");
}

static void start(struct rm_manifest *head)
{
	*head = (struct rm_manifest){ .magic = RM_MANIFEST_MAGIC, .version = RM_MANIFEST_VERSION, .threads = RM_THREAD_MAX };
}

int manifest_compile(const char *text, size_t size, const char *name, struct manifest *manifest, char *error, size_t error_size)
{
	struct work *w = calloc(1, sizeof(*w));
	struct toml_node *root;
	char message[200];
	unsigned line;
	int result = -1;

	if (w == NULL)
		return -1;
	start(&w->head);
	w->name = name;
	w->error = error;
	w->error_size = error_size;
	root = toml_read(text, size, &line, message, sizeof(message));
	if (root == NULL)
		manifest_refuse(w, line, "%s", message);
	else
		result = compile(w, root, manifest);
	toml_free(root);
	for (unsigned i = 0; i < w->made_count; i++)
		free(w->made[i]);
	free(w);
	return result;
}

int manifest_read(const char *path, const char *name, struct manifest *manifest, char *error, size_t error_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), used;
	char *text;
	ssize_t size;

	if (fd < 0) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		return -errno;
	}
	text = malloc(TEXT_MAX);
	size = text != NULL ? read(fd, text, TEXT_MAX) : -1;
	close(fd);
	used = snprintf(error, error_size, "%s: ", path);
	if (size < 0 || size == TEXT_MAX) {
		free(text);
		snprintf(error + used, error_size - (size_t)used, "%s", size < 0 ? "cannot be read" : "is larger than 1 MiB; that is no manifest");
		return -EIO;
	}
	used = manifest_compile(text, (size_t)size, name, manifest, error + used, error_size - (size_t)used);
	free(text);
	return used == 0 ? 0 : -EINVAL;
}

/* A manifest without strings. */
static void put(struct manifest *manifest, struct rm_manifest *head)
{
	head->size = sizeof(*head);
	manifest->size = sizeof(*head);
	memcpy(manifest->bytes, head, sizeof(*head));
}

void manifest_default(struct manifest *manifest, bool debug)
{
	struct rm_manifest head;

	start(&head);
	head.flags = debug ? RM_MANIFEST_DEBUG : 0;
	put(manifest, &head);
}

void manifest_shutdown(struct manifest *manifest, const uint64_t nonce[2])
{
	struct rm_manifest head;

	start(&head);
	head.flags = RM_MANIFEST_SHUTDOWN;
	head.threads = 1;
	memcpy(head.nonce, nonce, sizeof(head.nonce));
	put(manifest, &head);
}
