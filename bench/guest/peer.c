/* SPDX-License-Identifier: MIT */
/*
 * The other end of bench/cases/sockets.c: an ordinary Linux program, the same for both sides.
 *   peer        in the guest: listens on loopback, one child a connection
 *   peer PORT   on the host, started by QEMU for a connection, which is its standard input: what that port does
 */
#include "peer.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[65536];

static int listen_at(unsigned short port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int one = 1;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 16) != 0)
		err(1, "port %u", port);
	return fd;
}

static void serve(int fd, int port)
{
	const int one = 1;
	ssize_t n;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	do {
		n = port == PEER_SOURCE ? (ssize_t)sizeof(buffer) : read(fd, buffer, sizeof(buffer));
		if (n > 0 && port != PEER_SINK)
			n = write(fd, buffer, (size_t)n);
	} while (n > 0);
}

static int serve_all(void)
{
	static const int ports[] = { PEER_ECHO, PEER_SOURCE, PEER_SINK };
	struct pollfd listening[3];

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 3; i++)
		listening[i] = (struct pollfd){ .fd = listen_at((unsigned short)ports[i]), .events = POLLIN };
	while (poll(listening, 3, -1) > 0) {
		for (int i = 0; i < 3; i++) {
			const int fd = listening[i].revents ? accept(listening[i].fd, NULL, NULL) : -1;

			if (fd >= 0 && fork() == 0) {
				prctl(PR_SET_PDEATHSIG, SIGTERM);
				serve(fd, ports[i]);
				return 0;
			}
			if (fd >= 0)
				close(fd);
		}
	}
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return serve_all();
	serve(0, atoi(argv[1]));	/* until QEMU closes it */
	return 0;
}
