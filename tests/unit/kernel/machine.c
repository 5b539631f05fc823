/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/panic.h"
#include "lib/types.h"
#include "mm/frame.h"

unsigned long test_kernel_offset;
jmp_buf machine_panic;
int machine_expect_panic;

static char *memory;

void machine_reset(void)
{
	free(memory);
	memory = aligned_alloc(PAGE_SIZE, MACHINE_PAGES * PAGE_SIZE);
	memset(memory, 0xa5, MACHINE_PAGES * PAGE_SIZE);
	test_kernel_offset = (unsigned long)memory - MACHINE_BASE;
	frames_init(MACHINE_BASE, MACHINE_BASE + MACHINE_PAGES * PAGE_SIZE);
}

_Noreturn void panic(const char *format, ...)
{
	va_list args;

	if (machine_expect_panic)
		longjmp(machine_panic, 1);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
