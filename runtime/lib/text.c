/* SPDX-License-Identifier: MIT */
/* Text in memory of a fixed size. */
#include "lib/text.h"

#include "lib/string.h"
#include "ring/access.h"

#include <stdarg.h>

void rm_text_bytes(struct rm_text *text, const char *from, size_t size)
{
	const size_t room = text->size - text->used;

	if (size > room) {
		text->full = true;
		size = room;
	}
	if (!text->user)
		memcpy(text->at + text->used, from, size);
	else if (!text->gone)
		text->gone = rm_copy(text->at + text->used, from, size) != 0;
	text->used += size;
}

void rm_text_char(struct rm_text *text, char c)
{
	rm_text_bytes(text, &c, 1);
}

void rm_text_string(struct rm_text *text, const char *string)
{
	rm_text_bytes(text, string, strlen(string));
}

static void number(struct rm_text *text, uint64_t value, unsigned base, unsigned width, char fill)
{
	char digits[64];
	unsigned n = sizeof(digits);

	do {
		digits[--n] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	while (sizeof(digits) - n < width && n > 0)
		digits[--n] = fill;
	rm_text_bytes(text, digits + n, sizeof(digits) - n);
}

void rm_text_decimal(struct rm_text *text, uint64_t value, unsigned width)
{
	number(text, value, 10, width, ' ');
}

void rm_text_hex(struct rm_text *text, uint64_t value, unsigned digits)
{
	number(text, value, 16, digits, '0');
}

static void signed_decimal(struct rm_text *text, int64_t value)
{
	if (value < 0)
		rm_text_char(text, '-');
	number(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 0, ' ');
}

static const char *one(struct rm_text *text, const char *f, va_list *list)
{
	unsigned width = 0;
	bool wide = false;

	for (; *f >= '0' && *f <= '9'; f++)
		width = width * 10 + (unsigned)(*f - '0');
	if (*f == 'l') {
		wide = true;
		f++;
	}
	switch (*f) {
	case 's':
		rm_text_string(text, va_arg(*list, const char *));
		break;
	case 'c':
		rm_text_char(text, (char)va_arg(*list, int));
		break;
	case 'u':
		rm_text_decimal(text, wide ? va_arg(*list, unsigned long) : va_arg(*list, unsigned), width);
		break;
	case 'd':
		signed_decimal(text, wide ? va_arg(*list, long) : va_arg(*list, int));
		break;
	case 'x':
		rm_text_hex(text, wide ? va_arg(*list, unsigned long) : va_arg(*list, unsigned), width);
		break;
	default:
		rm_text_char(text, *f);
		break;
	}
	return f + 1;
}

void rm_text_format(struct rm_text *text, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	while (*format != 0) {
		if (*format == '%')
			format = one(text, format + 1, &list);
		else
			rm_text_char(text, *format++);
	}
	va_end(list);
}

uint64_t rm_text_number(const char **at, const char *end)
{
	uint64_t value = 0;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at)
		value = value * 10 + (uint64_t)(**at - '0');
	return value;
}
