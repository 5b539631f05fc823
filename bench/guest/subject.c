/* SPDX-License-Identifier: MIT */
/*
 * What idle.c, crowd.c and resident.c look at, built for both sides:
 *   memory MIB     has so much memory in use
 *   socket PORT    waits for bytes from 127.0.0.1, one after the other; a line with its CPU time (ns) since the one before for each
 *   count SECONDS  computes for so long after a line has come, and tells how far it got
 * Each says "ready" when it is, and ends with its standard input, `socket` with its connection.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void memory(unsigned long mib)
{
	char *bytes = malloc(mib << 20);

	if (bytes == NULL)
		errx(1, "no memory");
	for (size_t i = 0; i < mib << 20; i += 4096)
		*(volatile char *)(bytes + i) = 1;
	ready();
	getchar();
}

static void wait_at_socket(unsigned long port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t start;
	char byte;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		err(1, "port %lu", port);
	ready();
	for (start = now(CLOCK_PROCESS_CPUTIME_ID); recv(fd, &byte, 1, 0) == 1; start = now(CLOCK_PROCESS_CPUTIME_ID)) {
		printf("%llu\n", (unsigned long long)(now(CLOCK_PROCESS_CPUTIME_ID) - start));
		fflush(stdout);
	}
}

/* Some microseconds of it at a time. */
static void compute(void)
{
	static volatile uint32_t kept;
	uint32_t x = kept;

	for (int i = 0; i < 10000; i++)
		x = x * 1664525 + (x >> 7);
	kept = x;
}

static void count(unsigned long seconds)
{
	unsigned long done = 0;
	uint64_t end;

	ready();
	getchar();
	end = now(CLOCK_MONOTONIC) + seconds * 1000000000;
	for (; now(CLOCK_MONOTONIC) < end; done++)
		compute();
	printf("%lu\n", done);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "memory") == 0)
		memory(strtoul(argv[2], NULL, 10));
	else if (strcmp(argv[1], "socket") == 0)
		wait_at_socket(strtoul(argv[2], NULL, 10));
	else if (strcmp(argv[1], "count") == 0)
		count(strtoul(argv[2], NULL, 10));
	else
		return 2;
	return 0;
}
