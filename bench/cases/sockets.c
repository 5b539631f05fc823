/* SPDX-License-Identifier: MIT */
/* TCP over loopback, with bench/guest/peer.c as the other end; pipes to oneself. */
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
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int one = 1;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		bench_fail("port %d: %s", c->flags, strerror(errno));
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
		check(send(fd, buffer, 1, 0), 1);
		check(recv(fd, buffer, 1, 0), 1);
	}
}

static void receive(const struct bench_case *c, unsigned long operations)
{
	while (operations--)
		check(recv(fd, buffer, c->bytes, MSG_WAITALL), c->bytes);
}

static void transmit(const struct bench_case *c, unsigned long operations)
{
	while (operations--)
		check(send(fd, buffer, c->bytes, 0), c->bytes);
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

static const struct bench_case cases[] = {
	{ "tcp.round_trip", 0, connect_to, round_trip, disconnect, NULL, PEER_ECHO },
	{ "tcp.receive", sizeof(buffer), connect_to, receive, disconnect, NULL, PEER_SOURCE },
	{ "tcp.send", sizeof(buffer), connect_to, transmit, disconnect, NULL, PEER_SINK },
	{ "pipe.4k", 4096, begin_pipe, pipe_trip, end_pipe, NULL, 0 },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
