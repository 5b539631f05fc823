/* SPDX-License-Identifier: MIT */
/* A TOML file as a tree, for C: toml11 reads it, toml.cc copies it. */
#ifndef RINGMASTER_MANIFEST_TOML_H
#define RINGMASTER_MANIFEST_TOML_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum toml_type { TOML_STRING, TOML_INTEGER, TOML_BOOLEAN, TOML_ARRAY, TOML_TABLE, TOML_OTHER };

struct toml_node {
	enum toml_type type;
	unsigned line;
	char *key;			/* in a table; else null */
	char *string;			/* of a string */
	size_t length;			/* of it: it may hold a NUL */
	int64_t integer;		/* of an integer, or a boolean */
	struct toml_node *children;	/* of an array or a table, `count` of them */
	size_t count;
};

/* The tree of `text`, or null: then *line and error say where and what. toml_free() takes null too. */
struct toml_node *toml_read(const char *text, size_t size, unsigned *line, char *error, size_t error_size);
void toml_free(struct toml_node *node);

#ifdef __cplusplus
}
#endif
#endif
