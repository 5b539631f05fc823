/* SPDX-License-Identifier: MIT */
/*
 * gadget NONCE: a program that jumps to an svc of its own runtime, with registers of its choice, and so makes calls that are the runtime's alone. Prints what
 * a harmless one, the wish to be resident, and an order to shut down with the kernel's nonce gave.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../../abi/resident.h"
#include "../../../abi/svc.h"

#define SVC	0xd4000001u
#define RET	0xd65f03c0u

/* The first `svc #0; ret` of the runtime's text. */
static const uint32_t *find(void)
{
	const struct rm_runtime_image *image = (const struct rm_runtime_image *)RM_RUNTIME_BASE;
	const uint32_t *at = (const uint32_t *)RM_RUNTIME_BASE, *end = at + image->text_size / 4 - 1;

	while (at < end && (at[0] != SVC || at[1] != RET))
		at++;
	return at < end ? at : NULL;
}

static long call(const uint32_t *gadget, long number, const void *a, const void *b)
{
	register long x8 __asm__("x8") = number;
	register const void *x0 __asm__("x0") = a;
	register const void *x1 __asm__("x1") = b;

	__asm__ volatile("blr %[gadget]" : "+r"(x0) : [gadget] "r"(gadget), "r"(x8), "r"(x1) : "memory", "x30", "x2", "x3", "x4", "x5");
	return (long)x0;
}

int main(int argc, char **argv)
{
	const struct rm_resident wanted = { .core = RM_CORE_ANY, .count = 1, .deadline = 100, .reservation = { { 50, 10000, 1000 } } };
	unsigned long nonce[2] = { 0 };
	struct rm_region region;
	const uint32_t *gadget = find();

	if (gadget == NULL || argc != 2 || sscanf(argv[1], "%16lx%16lx", &nonce[0], &nonce[1]) != 2)
		return 1;
	printf("regions %ld\n", call(gadget, RM_SVC_REGIONS, 0, &region));
	printf("resident %ld\n", call(gadget, RM_SVC_RESIDENT, &wanted, NULL));
	printf("shutdown %ld\n", call(gadget, RM_SVC_SHUTDOWN, (const void *)nonce[0], (const void *)nonce[1]));
	return 0;
}
