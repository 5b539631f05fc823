/* SPDX-License-Identifier: MIT */
/* Dies three calls deep: faulty fault|abort|thread. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noinline, noipa)) static void innermost(const char *how)
{
	if (strcmp(how, "abort") == 0)
		abort();
	*(volatile int *)(uintptr_t)strtoul("1234", NULL, 0) = 1;
	__asm__ volatile("");
}

__attribute__((noinline, noipa)) static void middle(const char *how)
{
	innermost(how);
	__asm__ volatile("");
}

__attribute__((noinline, noipa)) static void *outermost(void *how)
{
	middle(how);
	__asm__ volatile("");
	return NULL;
}

int main(int argc, char **argv)
{
	char *how = argc > 1 ? argv[1] : "fault";
	pthread_t thread;

	if (strcmp(how, "thread") != 0) {
		outermost(how);
		return 1;
	}
	pthread_create(&thread, NULL, outermost, how);
	pthread_join(thread, NULL);
	return 1;
}
