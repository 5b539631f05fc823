/* SPDX-License-Identifier: MIT */
/* For the areas about memory: mappings, and whether a page may be read or written, asked without a fault. */
#ifndef POSIX_MEMORY_H
#define POSIX_MEMORY_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* Pages of anonymous memory. */
CASE_UNUSED static unsigned char *pages(size_t count)
{
	unsigned char *p = mmap(NULL, count * PAGE, RW, ANON, -1, 0);

	MUST(p != MAP_FAILED && p != NULL);
	return p;
}

/* The calls themselves: libc's functions round addresses or check on their own. */
CASE_UNUSED static long raw_mmap(void *at, size_t size, int prot, int flags, int fd, long offset)
{
	return syscall(SYS_mmap, at, size, prot, flags, fd, offset);
}

CASE_UNUSED static long raw_mprotect(const void *at, size_t size, int prot)
{
	return syscall(SYS_mprotect, at, size, prot);
}

CASE_UNUSED static int probe_file(void)
{
	int fd = open("probe", O_RDWR | O_CREAT, 0600);

	MUST(fd >= 0 && pwrite(fd, "x", 1, 0) == 1);
	return fd;
}

/* Can the byte be read? */
CASE_UNUSED static bool readable(const void *p)
{
	int fd = probe_file();
	bool can = pwrite(fd, p, 1, 0) == 1;

	close(fd);
	return can;
}

/* Can it be written? It changes nothing. */
CASE_UNUSED static bool writable(void *p)
{
	int fd = probe_file();
	bool can = readable(p) && pwrite(fd, p, 1, 0) == 1 && pread(fd, p, 1, 0) == 1;

	close(fd);
	return can;
}

#endif
