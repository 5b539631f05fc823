/* SPDX-License-Identifier: MIT */
/*
 * What tells an enclave program from others: a note in its ELF file, by which the proxy knows it. And what becomes of one that a shell started by
 * its name, below an enclave: that shell has a variable in its environment (abi/spawn.h), and the program starts itself again as an enclave,
 * before any code of its own has run.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spawn.h"
#include "svc.h"

extern char **environ;

__attribute__((section(".note.ringmaster"), aligned(4), used)) static const struct {
	unsigned name_size, size, type;
	char name[12];
} note = { sizeof(RM_NOTE_NAME), 0, RM_NOTE_ENCLAVE, RM_NOTE_NAME };

/* The arguments stand below the environment, behind their number. */
static char **arguments(void)
{
	char **end = environ - 1;
	long count = 0;

	while ((long)end[-1 - count] != count)
		count++;
	return end - count;
}

static _Noreturn void start_again(const char *ringmaster, char **argv)
{
	size_t count = 0;

	while (argv[count])
		count++;

	char *words[count + 7], **to = words;
	static char path[4096] = "/proc/self/exe";
	char target[sizeof(path)];
	const ssize_t size = readlink(path, target, sizeof(target) - 1);

	if (size > 0) {
		memcpy(path, target, (size_t)size);
		path[size] = 0;
	}
	*to++ = "ringmaster";
	*to++ = "run";
	if (count > 0) {
		*to++ = "--argv0";
		*to++ = argv[0];
	}
	*to++ = "--";
	*to++ = path;
	for (size_t i = 1; i < count; i++)
		*to++ = argv[i];
	*to = NULL;
	execve(ringmaster, words, environ);
	static const char message[] = RM_SPAWN_VARIABLE " names a program that cannot be started\n";
	(void)!write(2, message, sizeof(message) - 1);
	_exit(126);
}

/* Before attach.c looks for the runtime, which is not there then. */
__attribute__((constructor(101))) static void be_an_enclave(void)
{
	const char *ringmaster = getenv(RM_SPAWN_VARIABLE);
	char **end = environ;

	if (!ringmaster)
		return;
	while (*end)
		end++;
	for (const unsigned long *aux = (const unsigned long *)(end + 1); aux[0]; aux += 2)
		if (aux[0] == RM_AT_ENTRY)
			return;
	start_again(ringmaster, arguments());
}
