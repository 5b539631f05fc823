/* SPDX-License-Identifier: MIT */
/*
 * Memory functions for private data: small and plain, since bulk data goes through rm_copy(). The word loops are what the
 * compiler calls for structures; it must not turn them back into calls of themselves (-fno-tree-loop-distribute-patterns).
 */
#include "lib/string.h"

#include <stdint.h>

struct block {
	uint64_t word[4];
} __attribute__((may_alias));

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((((uintptr_t)t | (uintptr_t)f) & 7) == 0) {
		for (; size >= 32; size -= 32, t += 32, f += 32)
			*(struct block *)t = *(const struct block *)f;
		for (; size >= 8; size -= 8, t += 8, f += 8)
			*(uint64_t *)t = *(const uint64_t *)f;
	}
	while (size--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if (t + size <= f || t >= f + size)
		return memcpy(to, from, size);
	if (t < f)
		for (size_t i = 0; i < size; i++)
			t[i] = f[i];
	else
		while (size--)
			t[size] = f[size];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	unsigned char *t = to;
	const uint64_t word = 0x0101010101010101ul * (unsigned char)byte;

	while (size && ((uintptr_t)t & 7)) {
		*t++ = (unsigned char)byte;
		size--;
	}
	for (; size >= 32; size -= 32, t += 32)
		*(struct block *)t = (struct block){ { word, word, word, word } };
	for (; size >= 8; size -= 8, t += 8)
		*(uint64_t *)t = word;
	while (size--)
		*t++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;

	for (; size; size--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *at, int byte, size_t size)
{
	const unsigned char *p = at;

	for (; size; size--, p++)
		if (*p == (unsigned char)byte)
			return (void *)(uintptr_t)p;
	return NULL;
}

size_t strlen(const char *string)
{
	const char *end = string;

	while (*end != 0)
		end++;
	return (size_t)(end - string);
}

int strcmp(const char *a, const char *b)
{
	while (*a != 0 && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}
