/* SPDX-License-Identifier: MIT */
/* lines: /dev/secure/gpio0. Lines 2 to 7 only: on the board `virt` the others are for power. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../lib/t.h"

static int fd;

static int order(const char *text)
{
	return (int)write(fd, text, strlen(text));
}

static int levels(const char *expected)
{
	char text[16];

	return read(fd, text, sizeof(text)) == 9 && text[8] == '\n' && memcmp(text + 2, expected, 6) == 0;
}

static int event(int ms)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };

	return poll(&in, 1, ms);
}

static void *later(void *text)
{
	const struct timespec moment = { .tv_nsec = 50000000 };

	nanosleep(&moment, NULL);
	order(text);
	return NULL;
}

int main(void)
{
	pthread_t other;
	char c;

	fd = open("/dev/secure/gpio0", O_RDWR);
	CHECK(fd >= 0);
	CHECK(levels("000000"));
	CHECK(order("4=1\n7=1\n") == 8 && levels("001001"));
	CHECK(order("7=0\n5=1") == 7 && levels("001100"));
	CHECK_ERRNO(order("4=0\n8=1\n"), EINVAL);
	CHECK_ERRNO(order("4=up"), EINVAL);
	CHECK_ERRNO(order("4"), EINVAL);
	CHECK(levels("001100"));		/* all of it or none */
	CHECK_ERRNO(read(fd, &c, 1), EINVAL);
	CHECK(isatty(fd) == 0);
	/* An event that is there; one that comes while we wait: the line's interrupt. */
	CHECK(event(0) == 0);
	CHECK(order("5=high\n") == 7 && event(1000) == 1);
	CHECK(order("5=quiet\n") == 8 && event(0) == 0);
	CHECK(order("6=high\n") == 7 && event(20) == 0);
	if (pthread_create(&other, NULL, later, "6=1\n") != 0)
		abort();
	CHECK(event(-1) == 1 && levels("001110"));
	pthread_join(other, NULL);
	CHECK(order("4=0\n5=0\n6=0\n6=quiet\n") == 20 && order("4=in\n5=in\n6=in\n7=in\n") == 20 && levels("000000"));
	return t_done();
}
