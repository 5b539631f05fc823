/* SPDX-License-Identifier: MIT */
/* Handlers run in reverse order, buffers are flushed, the status is the low eight bits. */
#include "t.h"

static void first(void)
{
	puts("registered first");
}

static void second(void)
{
	puts("registered second");
}

__attribute__((constructor)) static void begin(void)
{
	puts("constructor");
}

__attribute__((destructor)) static void end(void)
{
	puts("destructor");
}

int main(void)
{
	atexit(first);
	atexit(second);
	printf("no newline at the end of main");
	exit(t_failures ? 1 : 0x1200);
}
