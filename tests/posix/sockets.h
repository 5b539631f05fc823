/* SPDX-License-Identifier: MIT */
/* What the areas tcp, udp, unix, sockopt and scm share. All traffic stays on this machine; ports are Linux's choice. */
#ifndef POSIX_SOCKETS_H
#define POSIX_SOCKETS_H

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "case.h"

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
}

/* A socket bound to a port of Linux's choice; *at becomes its name. */
CASE_UNUSED static int bound(int type, struct sockaddr_in *at)
{
	socklen_t size = sizeof(*at);
	int fd = socket(AF_INET, type, 0);

	*at = loopback(0);
	MUST(fd >= 0 && bind(fd, (struct sockaddr *)at, size) == 0);
	MUST(getsockname(fd, (struct sockaddr *)at, &size) == 0 && size == sizeof(*at) && at->sin_port != 0);
	return fd;
}

/* A connection over TCP: ours and theirs. */
CASE_UNUSED static void tcp_pair(int pair[2])
{
	struct sockaddr_in at;
	int listener = bound(SOCK_STREAM, &at);

	MUST(listen(listener, 1) == 0);
	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	MUST(pair[0] >= 0 && connect(pair[0], (struct sockaddr *)&at, sizeof(at)) == 0);
	pair[1] = accept(listener, NULL, NULL);
	MUST(pair[1] >= 0);
	close(listener);
}

CASE_UNUSED static struct sockaddr_un named(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strncpy(at.sun_path, name, sizeof(at.sun_path) - 1);
	return at;
}

CASE_UNUSED static int unix_bound(int type, const char *name)
{
	const struct sockaddr_un at = named(name);
	int fd = socket(AF_UNIX, type, 0);

	MUST(fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	return fd;
}

/* Waits for events, 5 seconds at most: those that came. */
CASE_UNUSED static int wait_for(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = (short)events };

	return poll(&p, 1, 5000) == 1 ? p.revents : 0;
}

CASE_UNUSED static int pending_error(int fd)
{
	int error = -1;
	socklen_t size = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : -1;
}

CASE_UNUSED static void set_nonblock(int fd)
{
	MUST(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

CASE_UNUSED static int number_option(int fd, int level, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	return getsockopt(fd, level, option, &value, &size) == 0 && size == sizeof(value) ? value : -1;
}

CASE_UNUSED static int set_number_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

#endif
