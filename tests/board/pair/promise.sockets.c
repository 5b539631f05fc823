/* SPDX-License-Identifier: MIT */
/* Promises on sockets and pipes: accept before connect in one thread, data both ways, what fails. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include "promise.h"

static char data[100000], got[100000];

static int listener(struct sockaddr_in *name)
{
	socklen_t size = sizeof(*name);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	*name = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	MUST(bind(fd, (void *)name, sizeof(*name)) == 0 && listen(fd, 5) == 0 && getsockname(fd, (void *)name, &size) == 0);
	return fd;
}

/* Enough for both directions to be full in between: only as promises can one thread do this. */
static void stream(int a, int b)
{
	ringmaster_promise out = ringmaster_send(a, data, sizeof(data), 0, NULL), in;
	size_t total = 0;

	while (total < sizeof(data)) {
		long n;

		MUST((in = ringmaster_recv(b, got + total, sizeof(got) - total, 0, NULL)));
		n = ringmaster_await(in);
		MUST(n > 0);
		total += (size_t)n;
	}
	printf("sent %ld, same %d\n", ringmaster_await(out), memcmp(data, got, sizeof(data)));
	out = ringmaster_send(b, data, 50000, 0, NULL);
	printf("received whole %ld\n", ringmaster_await(ringmaster_recv(a, got, 50000, MSG_WAITALL, NULL)));
	printf("sent %ld\n", ringmaster_await(out));
}

static void tcp(void)
{
	struct sockaddr_in name, peer = { 0 }, self;
	socklen_t size = sizeof(peer), self_size = sizeof(self);
	const int l = listener(&name);
	int c = socket(AF_INET, SOCK_STREAM, 0), s;
	const volatile void *bytes;
	ringmaster_promise p = ringmaster_accept(l, (void *)&peer, &size, SOCK_CLOEXEC, NULL), q;

	CHECK(ringmaster_kept(p) == 0);
	tell("connect", ringmaster_connect(c, (void *)&name, sizeof(name), NULL));
	s = (int)ringmaster_await(p);
	MUST(s >= 0 && getsockname(c, (void *)&self, &self_size) == 0);
	printf("accept: name of %u bytes, port is right %d, close-on-exec %d\n", size, peer.sin_port == self.sin_port, fcntl(s, F_GETFD));
	stream(c, s);

	p = ringmaster_poll(s, POLLIN, NULL);
	CHECK(ringmaster_kept(p) == 0);
	q = ringmaster_borrow_recv(s, 1000, 0, NULL);
	tell("send", ringmaster_send(c, "hello", 5, 0, NULL));
	printf("poll: %lx\n", ringmaster_await(p));
	printf("borrowed: %ld\n", ringmaster_view(q, &bytes));
	MUST(ringmaster_copy(got, q, 0, 5) == 0);
	printf("%.5s\n", got);
	CHECK(ringmaster_give_back(q) == 0);
	tell("as a file", ringmaster_write(c, "again", 5, -1, NULL));
	tell("as a file", ringmaster_read(s, got, 5, -1, NULL));

	/* O_NONBLOCK is for others. */
	fcntl(s, F_SETFL, O_NONBLOCK);
	tell("at once", ringmaster_recv(s, got, 5, MSG_DONTWAIT, NULL));
	p = ringmaster_recv(s, got, 5, 0, NULL);
	CHECK(ringmaster_start() == 0 && ringmaster_kept(p) == 0);
	close(c);
	tell("end", p);
	tell("again", ringmaster_recv(s, got, 5, 0, NULL));
	ringmaster_await(ringmaster_send(s, data, 5, 0, NULL));
	tell("broken", ringmaster_send(s, data, 5, 0, NULL));
	close(s);
	close(l);
	c = socket(AF_INET, SOCK_STREAM, 0);
	tell("nobody listens", ringmaster_connect(c, (void *)&name, sizeof(name), NULL));
	close(c);
}

static void errors(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	int p[2];

	MUST(pipe(p) == 0);
	tell("accept, no descriptor", ringmaster_accept(-1, NULL, NULL, 0, NULL));
	tell("accept, no socket", ringmaster_accept(p[0], NULL, NULL, 0, NULL));
	tell("connect, no descriptor", ringmaster_connect(-1, (void *)&name, sizeof(name), NULL));
	tell("connect, no socket", ringmaster_connect(p[0], (void *)&name, sizeof(name), NULL));
	tell("send, no socket", ringmaster_send(p[1], data, 1, 0, NULL));
	tell("recv, no socket", ringmaster_recv(p[0], got, 1, 0, NULL));
	tell("poll, no descriptor", ringmaster_poll(-1, POLLIN, NULL));
	tell("poll", ringmaster_poll(p[1], POLLIN | POLLOUT, NULL));
	close(p[0]);
	tell("poll, broken", ringmaster_poll(p[1], POLLOUT, NULL));
	close(p[1]);
	p[0] = socket(AF_INET, SOCK_STREAM, 0);
	tell("accept, not listening", ringmaster_accept(p[0], NULL, NULL, 0, NULL));
	tell("recv, not connected", ringmaster_recv(p[0], got, 1, 0, NULL));
	close(p[0]);
}

static void pipes(void)
{
	ringmaster_promise p;
	int fd[2];

	MUST(pipe(fd) == 0);
	p = ringmaster_read(fd[0], got, 100, -1, NULL);
	CHECK(ringmaster_start() == 0 && ringmaster_kept(p) == 0);
	MUST(write(fd[1], "through", 7) == 7);
	printf("pipe: %ld %.7s\n", ringmaster_await(p), got);
	close(fd[0]);
	close(fd[1]);
}

static void datagrams(void)
{
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
	tell("datagram", ringmaster_send(s[0], data, 1000, 0, NULL));
	tell("cut", ringmaster_recv(s[1], got, 10, 0, NULL));
	tell("datagram", ringmaster_send(s[0], data, 1000, 0, NULL));
	tell("cut, and told", ringmaster_recv(s[1], got, 10, MSG_TRUNC, NULL));
	close(s[0]);
	close(s[1]);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 1000);
	tcp();
	errors();
	pipes();
	datagrams();
	return t_done();
}
