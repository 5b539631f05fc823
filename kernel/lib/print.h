/* SPDX-License-Identifier: MIT */
/*
 * The secure console's log. print() formats into a ring in memory, which is bounded work; console_drain() moves a few bytes
 * from there to the UART at each exit from the kernel, so that no message holds interrupts masked for a slow line's time.
 * When the ring is full the oldest bytes are lost and counted.
 */
#ifndef KERNEL_LIB_PRINT_H
#define KERNEL_LIB_PRINT_H

#include <stdarg.h>

/* %s %c %d %u %x %lu %lx %ld %p %%, width and zero padding for numbers. Kernel lock held, or boot. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_args(const char *format, va_list args);

void console_drain(void);	/* at most 64 bytes, never waits for the line */
void console_flush(void);	/* everything, waiting: boot and panic only */

#endif
