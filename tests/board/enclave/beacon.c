/* SPDX-License-Identifier: MIT */
/*
 * beacon PERIOD_US [COUNT]: a rhythm on a serial line in the Secure world, for who watches it from outside of the board. On
 * /dev/secure/uart0 it writes
 *
 *	beacon NUMBER NANOSECONDS	numbers from 0, a line each period; the monotonic clock when it was written
 *	echo TEXT			for each line that it reads
 *	beacon end NUMBER		after COUNT lines
 *
 * and needs Linux for nothing but its start and its end. Without COUNT it has none.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE	128

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void say(int fd, const char *text, int size)
{
	if (write(fd, text, size) != size)
		exit(3);
}

/* Takes what has come, and sends lines back; how many. */
static int echo(int fd)
{
	static char line[LINE];
	static int used;
	char text[LINE + 8], c;
	int lines = 0;

	while (read(fd, &c, 1) == 1) {
		if (c != '\n' && used < LINE)
			line[used++] = c;
		if (c != '\n')
			continue;
		say(fd, text, snprintf(text, sizeof(text), "echo %.*s\n", used, line));
		used = 0;
		lines++;
	}
	return lines;
}

/* What comes until then is answered at once. */
static int until(int fd, long long moment)
{
	int lines = 0;

	for (long long left; (left = moment - now()) > 0;) {
		struct timespec wait = { left / 1000000000, left % 1000000000 };
		struct pollfd in = { .fd = fd, .events = POLLIN };

		if (ppoll(&in, 1, &wait, NULL) == 1)
			lines += echo(fd);
	}
	return lines;
}

int main(int argc, char **argv)
{
	const long long period = argc > 1 ? atoll(argv[1]) * 1000 : 10000000;
	const long count = argc > 2 ? atol(argv[2]) : -1;
	const int fd = open("/dev/secure/uart0", O_RDWR | O_NONBLOCK);
	char text[64];
	int echoes = 0;

	if (fd < 0) {
		perror("beacon: /dev/secure/uart0");
		return 2;
	}
	printf("beacon: every %lld us\n", period / 1000);
	fflush(stdout);
	long long next = now() + period;

	for (long i = 0; count < 0 || i < count; i++, next += period) {
		echoes += until(fd, next);
		say(fd, text, snprintf(text, sizeof(text), "beacon %ld %lld\n", i, now()));
	}
	say(fd, text, snprintf(text, sizeof(text), "beacon end %ld\n", count));
	printf("beacon: %ld lines, %d echoes\n", count, echoes);
	return 0;
}
