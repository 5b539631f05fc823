/* SPDX-License-Identifier: MIT */
/*
 * Text put together in memory of a fixed size; what does not fit is left out, and `full` tells. That memory may be the program's
 * (`user`), which can take it away at any moment: then `gone` tells. And numbers read out of text.
 */
#ifndef RUNTIME_LIB_TEXT_H
#define RUNTIME_LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rm_text {
	char *at;
	size_t size, used;
	bool full, user, gone;
};

void rm_text_char(struct rm_text *text, char c);
void rm_text_bytes(struct rm_text *text, const char *from, size_t size);
void rm_text_string(struct rm_text *text, const char *string);
/* In decimal; right-aligned in `width` columns. */
void rm_text_decimal(struct rm_text *text, uint64_t value, unsigned width);
/* In hexadecimal with at least `digits` digits. */
void rm_text_hex(struct rm_text *text, uint64_t value, unsigned digits);
/* A subset of printf(): %s, %c, %u, %d, %lu, %ld, %lx, with a width for %lu (%8lu) and digits for %lx (%016lx). */
void rm_text_format(struct rm_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The decimal number that begins at *at, which moves behind it; 0 if there is none. Never reads at or beyond `end`. */
uint64_t rm_text_number(const char **at, const char *end);

#endif
