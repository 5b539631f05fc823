/* SPDX-License-Identifier: MIT */
/*
 * The few memory and string functions the runtime and its compiler need. Only for private memory: what Linux or a program
 * owns is reached through ring/access.h.
 */
#ifndef RUNTIME_LIB_STRING_H
#define RUNTIME_LIB_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *at, int byte, size_t size);
size_t strlen(const char *string);
int strcmp(const char *a, const char *b);

#endif
