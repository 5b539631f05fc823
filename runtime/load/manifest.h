/* SPDX-License-Identifier: MIT */
/* A manifest in binary form (abi/image.h). Pure: compiled into the launcher as well. */
#ifndef RUNTIME_LOAD_MANIFEST_H
#define RUNTIME_LOAD_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"

/* Whether `size` bytes are a manifest, whole and canonical: 0, or the line of the check that failed. */
int rm_manifest_check(const void *bytes, size_t size);

/* The first string of a list of a checked manifest (there may be none); the next one stands behind its NUL. */
const char *rm_manifest_strings(const struct rm_manifest *manifest, enum rm_manifest_list list);
const char *rm_manifest_next(const char *string);

/* A path that is absolute, without empty, . and .. parts; a / at the end is allowed. */
bool rm_path_is_normal(const char *path);

/* Does a list hold this variable's name (up to = or the end)? */
bool rm_manifest_names(const struct rm_manifest *manifest, enum rm_manifest_list list, const char *variable);
/* Does a list of paths hold this normal path, or a folder above it? */
bool rm_manifest_allows(const struct rm_manifest *manifest, enum rm_manifest_list list, const char *path);

/* The hexadecimal digits that a list of paths has for this very path, or NULL; and the path of one of its strings. */
const char *rm_manifest_hash(const struct rm_manifest *manifest, enum rm_manifest_list list, const char *path);
const char *rm_manifest_path(const char *string);

/* Checks an image's head against the size of its file, if that is known (else ~0): 0, or the line of the check that failed. */
int rm_image_check(const struct rm_image *image, uint64_t file_size);

#endif
