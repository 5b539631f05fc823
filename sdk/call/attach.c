/* SPDX-License-Identifier: MIT */
/*
 * Finds the runtime's direct entry in an enclave: the auxiliary vector, which stands behind the environment, names it.
 * Runs before all other constructors; what the libc asked for until then went by svc.
 */
#include "svc.h"

extern char **environ;
extern __attribute__((visibility("hidden"))) unsigned long __ringmaster_entry;

__attribute__((constructor(101))) static void attach(void)
{
	char **end = environ;

	while (*end)
		end++;
	for (const unsigned long *aux = (const unsigned long *)(end + 1); aux[0]; aux += 2)
		if (aux[0] == RM_AT_ENTRY)
			__ringmaster_entry = aux[1];
}
