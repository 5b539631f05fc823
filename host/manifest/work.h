/* SPDX-License-Identifier: MIT */
/* What the files that compile a manifest share. */
#ifndef RINGMASTER_MANIFEST_WORK_H
#define RINGMASTER_MANIFEST_WORK_H

#include "manifest/manifest.h"
#include "manifest/toml.h"

#define STRINGS_MAX	4096u

struct list {
	const char *strings[STRINGS_MAX];	/* into the tree, but for those of environment.set */
	unsigned count;
};

struct work {
	struct rm_manifest head;
	const char *name;
	struct list lists[RM_LIST_COUNT];
	char *made[STRINGS_MAX];	/* strings to be freed */
	unsigned made_count;
	unsigned resident_line, reservation_line[RM_RESERVATIONS_MAX];	/* of a key of resident enclaves; 0: there is none */
	bool has_core;
	char *error;
	size_t error_size;
};

/* Says why not, with the line: -1. */
int manifest_refuse(struct work *w, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts a string on a list: 0 or -1. `what` it is, for the message. */
int manifest_string(struct work *w, const struct toml_node *node, const char *what, enum rm_manifest_list list);
/* What was put there last is made of three instead. */
int manifest_made(struct work *w, const struct toml_node *node, const char *what, enum rm_manifest_list list, const char *first,
		  const char *between, const char *second);

/* paths.c: the keys `files` and `spawn`: 0 or -1. */
int manifest_key_files(struct work *w, const struct toml_node *node);
int manifest_key_spawn(struct work *w, const struct toml_node *node);

/* resident.c: keys of resident enclaves; and what they are together, at the end. */
int manifest_key_core(struct work *w, const struct toml_node *node);
int manifest_key_devices(struct work *w, const struct toml_node *node);
int manifest_key_attach(struct work *w, const struct toml_node *node);
int manifest_key_reservation(struct work *w, const struct toml_node *node);
int manifest_resident(struct work *w);

#endif
