/* SPDX-License-Identifier: MIT */
/* Memory and string functions of a freestanding kernel: plain loops, by words where both sides are aligned. */
#include <stdint.h>
#include "lib/string.h"

static int words_aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & 7) == 0;
}

/* 32 bytes as two pairs of registers. */
static void memcpy_block(unsigned char *to, const unsigned char *from)
{
	const uint64_t *f = (const uint64_t *)from;
	uint64_t a = f[0], b = f[1], c = f[2], d = f[3];
	uint64_t *t = (uint64_t *)to;

	t[0] = a;
	t[1] = b;
	t[2] = c;
	t[3] = d;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if (words_aligned(t, f)) {
		for (; size >= 32; size -= 32, t += 32, f += 32)
			memcpy_block(t, f);
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

	if ((uintptr_t)t - (uintptr_t)f >= size)
		return memcpy(to, from, size);
	while (size--)
		t[size] = f[size];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	unsigned char *t = to;
	uint64_t word = (unsigned char)byte * 0x0101010101010101ul;

	for (; size && ((uintptr_t)t & 7); size--)
		*t++ = (unsigned char)byte;
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

void *memchr(const void *s, int byte, size_t size)
{
	const unsigned char *p = s;

	for (; size; size--, p++)
		if (*p == (unsigned char)byte)
			return (void *)(uintptr_t)p;
	return NULL;
}

size_t strnlen(const char *s, size_t limit)
{
	size_t n = 0;

	while (n < limit && s[n])
		n++;
	return n;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size; size--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)(uintptr_t)last;
}
