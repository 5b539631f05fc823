/* SPDX-License-Identifier: MIT */
/* Sizes as people write and read them: 512M, 1.5 GiB. Powers of 1024. */
#include "size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char suffixes[] = "KMGT";

/* What may follow the digits: nothing, or K, M, G, T alone or with B or iB. Returns the shift, or -1. */
static int suffix_shift(const char *text)
{
	const char *found;

	if (*text == '\0')
		return 0;
	found = strchr(suffixes, *text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);
	if (found == NULL)
		return -1;
	if (text[1] != '\0' && strcmp(text + 1, "B") != 0 && strcmp(text + 1, "iB") != 0)
		return -1;
	return 10 * (int)(found - suffixes + 1);
}

/* 0; -EINVAL: not a size; -ERANGE: more than 64 bits hold. */
int size_parse(const char *text, uint64_t *bytes)
{
	uint64_t value = 0;
	int shift;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return -ERANGE;
	}
	shift = suffix_shift(text);
	if (shift < 0)
		return -EINVAL;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes = value << shift;
	return 0;
}

/* "508.8 MiB", "4 KiB", "17 bytes": in the largest unit of which there is at least one, cut to one decimal. */
const char *size_format(uint64_t bytes, char *buffer, size_t buffer_size)
{
	unsigned unit = 0;
	uint64_t tenths;

	while (unit < sizeof(suffixes) - 1 && bytes >> (10 * (unit + 1)) != 0)
		unit++;
	if (unit == 0) {
		snprintf(buffer, buffer_size, "%" PRIu64 " bytes", bytes);
		return buffer;
	}
	tenths = ((bytes >> (10 * (unit - 1))) % 1024) * 10 / 1024;
	if (tenths == 0)
		snprintf(buffer, buffer_size, "%" PRIu64 " %ciB", bytes >> (10 * unit), suffixes[unit - 1]);
	else
		snprintf(buffer, buffer_size, "%" PRIu64 ".%" PRIu64 " %ciB", bytes >> (10 * unit), tenths,
			 suffixes[unit - 1]);
	return buffer;
}
