/* SPDX-License-Identifier: MIT */
/* crash null|write|jump|abort|trap|undefined|stack|readonly|execute|align: ends by a fault of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int constant = 5;

__attribute__((noinline)) static int recurse(volatile int *p)
{
	volatile int frame[256];

	frame[0] = *p + 1;
	return *p < 0 ? 0 : recurse(frame) + frame[0];
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "null";
	volatile int zero = 0;

	puts("before");
	fflush(stdout);
	if (!strcmp(how, "null"))
		zero = *(volatile int *)(long)zero;
	if (!strcmp(how, "write"))
		*(volatile int *)0x123456789000 = 1;
	if (!strcmp(how, "jump"))
		((void (*)(void))(long)zero)();
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "trap"))
		__builtin_trap();
	if (!strcmp(how, "undefined"))
		__asm__ volatile(".inst 0");
	if (!strcmp(how, "stack"))
		return recurse(&zero);
	if (!strcmp(how, "readonly"))
		*(volatile int *)&constant = 1;
	if (!strcmp(how, "execute")) {
		static unsigned code[] = { 0xd65f03c0 };	/* ret, in data */

		((void (*)(void))code)();
	}
	if (!strcmp(how, "align")) {
		static _Alignas(16) char bytes[32];
		unsigned long value;

		__asm__ volatile("ldxr %0, [%1]" : "=r"(value) : "r"(bytes + 1) : "memory");
	}
	puts("still here");
	return 0;
}
