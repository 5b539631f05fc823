/* SPDX-License-Identifier: MIT */
#include "lib/print.h"
#include "drivers/pl011.h"
#include "lib/types.h"

#define LOG_SIZE	8192	/* a power of two */
#define DRAIN_MAX	64

static char ring[LOG_SIZE];
static unsigned int head, tail;	/* written, sent; free-running */

static void put(char c)
{
	if (head - tail == LOG_SIZE)
		tail++;
	ring[head++ % LOG_SIZE] = c;
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_number(uint64_t value, unsigned int base, int width, char pad)
{
	char digits[24];
	int n = 0;

	do
		digits[n++] = "0123456789abcdef"[value % base];
	while ((value /= base) != 0);
	for (int i = n; i < width; i++)
		put(pad);
	while (n)
		put(digits[--n]);
}

static void put_signed(int64_t value, int width, char pad)
{
	if (value < 0)
		put('-');
	put_number(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, width, pad);
}

/* One conversion; returns the character after it. */
static const char *convert(const char *f, va_list *args)
{
	char pad = ' ';
	int width = 0;
	bool wide = false;

	if (*f == '0')
		pad = *f++;
	while (*f >= '0' && *f <= '9')
		width = width * 10 + (*f++ - '0');
	for (; *f == 'l'; f++)
		wide = true;
	switch (*f) {
	case 's': put_string(va_arg(*args, const char *)); break;
	case 'c': put((char)va_arg(*args, int)); break;
	case 'd': put_signed(wide ? va_arg(*args, int64_t) : va_arg(*args, int), width, pad); break;
	case 'u': put_number(wide ? va_arg(*args, uint64_t) : va_arg(*args, unsigned int), 10, width, pad); break;
	case 'x': put_number(wide ? va_arg(*args, uint64_t) : va_arg(*args, unsigned int), 16, width, pad); break;
	case 'p': put_string("0x"); put_number(va_arg(*args, uintptr_t), 16, 0, pad); break;
	case '\0': return f;
	default: put(*f); break;
	}
	return f + 1;
}

void print_args(const char *format, va_list args)
{
	va_list copy;

	va_copy(copy, args);
	while (*format)
		if (*format != '%')
			put(*format++);
		else
			format = convert(format + 1, &copy);
	va_end(copy);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_args(format, args);
	va_end(args);
}

void console_drain(void)
{
	for (int n = 0; n < DRAIN_MAX && tail != head && uart_ready(); n++)
		uart_put(ring[tail++ % LOG_SIZE]);
}

void console_flush(void)
{
	while (tail != head)
		if (uart_ready())
			uart_put(ring[tail++ % LOG_SIZE]);
}
