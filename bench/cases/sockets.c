/* SPDX-License-Identifier: MIT */
/* TCP with bench/guest/peer.c as the other end: over loopback, and (net.*) on the host, behind the virtual network card. Pipes to oneself. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "peer.h"

static char buffer[65536];
static int fd = -1, ends[2];

static void connect_to(const struct bench_case *c)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)c->flags),
				       .sin_addr.s_addr = inet_addr(c->path) };
	const int one = 1;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		bench_fail("%s, port %d: %s", c->path, c->flags, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void disconnect(const struct bench_case *c)
{
	(void)c;
	close(fd);
}

static void check(ssize_t result, ssize_t wanted)
{
	if (result != wanted)
		bench_fail("%zd bytes instead of %zd: %s", result, wanted, strerror(errno));
}

static void round_trip(const struct bench_case *c, unsigned long operations)
{
	(void)c;
	while (operations--) {
		check(send(fd, buffer, 1, MSG_NOSIGNAL), 1);
		check(recv(fd, buffer, 1, 0), 1);
	}
}

static void receive(const struct bench_case *c, unsigned long operations)
{
	while (operations--)
		check(recv(fd, buffer, c->bytes, MSG_WAITALL), c->bytes);
}

/* All of it has arrived at the end. */
static void transmit(const struct bench_case *c, unsigned long operations)
{
	while (operations--)
		check(send(fd, buffer, c->bytes, MSG_NOSIGNAL), c->bytes);
	shutdown(fd, SHUT_WR);
	check(recv(fd, buffer, 1, 0), 0);
}

static void begin_pipe(const struct bench_case *c)
{
	(void)c;
	if (pipe(ends) != 0)
		bench_fail("pipe: %s", strerror(errno));
}

static void end_pipe(const struct bench_case *c)
{
	(void)c;
	close(ends[0]);
	close(ends[1]);
}

static void pipe_trip(const struct bench_case *c, unsigned long operations)
{
	while (operations--) {
		check(write(ends[1], buffer, c->bytes), c->bytes);
		check(read(ends[0], buffer, c->bytes), c->bytes);
	}
}

#define NEAR_MS	100	/* a connection's first moments are not to count, nor those of its peer, */
#define FAR_MS	500	/* which QEMU starts for each */

#define CASES(name, address, least) \
	{ name ".round_trip", 0, connect_to, round_trip, disconnect, address, PEER_ECHO, least }, \
	{ name ".receive", sizeof(buffer), connect_to, receive, disconnect, address, PEER_SOURCE, least }, \
	{ name ".send", sizeof(buffer), connect_to, transmit, disconnect, address, PEER_SINK, least }

static const struct bench_case cases[] = {
	CASES("tcp", "127.0.0.1", NEAR_MS),
	CASES("net", PEER_OUTSIDE, FAR_MS),
	{ "pipe.4k", 4096, begin_pipe, pipe_trip, end_pipe, NULL, 0 },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
