/* SPDX-License-Identifier: MIT */
/*
 * `ringmaster run --gdb`: a socket that gdb connects to. The runtime in the enclave reads it and answers (abi/debug.h); here is only what
 * makes the connection, and what tells gdb of the end, since nobody in the enclave is left to do so.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../cli/cli.h"
#include "../cli/message.h"
#include "gdb.h"
#include "proxy.h"

#define GOODBYE_MS 1000	/* for gdb to read of the end */

static int listen_at(int domain, const void *address, socklen_t size)
{
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address, size) == 0 && listen(fd, 1) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Only its owner may connect. */
static int listen_path(struct proxy *proxy, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask = umask(0177);
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		die(STATUS_ERROR, "--gdb: a socket's path has at most %zu bytes", sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	fd = listen_at(AF_UNIX, &address, sizeof(address));
	umask(mask);
	snprintf(proxy->gdb_where, sizeof(proxy->gdb_where), "%s", path);
	return fd;
}

static int listen_port(struct proxy *proxy, unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t size = sizeof(address);
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = listen_at(AF_INET, &address, sizeof(address));
	if (fd >= 0)
		getsockname(fd, (struct sockaddr *)&address, &size);
	snprintf(proxy->gdb_where, sizeof(proxy->gdb_where), "127.0.0.1:%u", ntohs(address.sin_port));
	return fd;
}

void gdb_listen(struct proxy *proxy, const char *path, unsigned port)
{
	int fd = path != NULL ? listen_path(proxy, path) : listen_port(proxy, port);

	if (fd < 0)
		die(STATUS_ERROR, "--gdb: cannot wait for gdb at %s: %s", proxy->gdb_where, strerror(errno));
	proxy->gdb = descriptor_out_of_the_way(fd);
}

/* Bytes of gdb raise the signal of kicks. */
static int announce(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fcntl(fd, F_SETSIG, KICK_SIGNAL) != 0 || fcntl(fd, F_SETOWN, getpid()) != 0 || fcntl(fd, F_SETFL, O_ASYNC) != 0)
		return -errno;
	return 0;
}

void gdb_attach(struct proxy *proxy)
{
	struct rm_boot *boot = region_boot(&proxy->first);
	int fd;

	if (proxy->gdb < 0)
		return;
	warn("%s (enclave %u) waits for gdb: target remote %s", proxy->program, proxy->id, proxy->gdb_where);
	do {
		fd = accept4(proxy->gdb, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		die(STATUS_ERROR, "--gdb: %s", strerror(errno));
	close(proxy->gdb);
	if (proxy->gdb_where[0] == '/' || strchr(proxy->gdb_where, '/') != NULL)
		unlink(proxy->gdb_where);
	proxy->gdb = descriptor_out_of_the_way(fd);
	if (announce(proxy->gdb) != 0)
		die(STATUS_ERROR, "--gdb: %s", strerror(errno));
	boot->flags |= RM_BOOT_DEBUG;
	boot->debug_fd = (uint32_t)proxy->gdb;
}

static size_t end_packet(char *packet, size_t size, char kind, unsigned number)
{
	char text[8];
	uint8_t sum = 0;

	snprintf(text, sizeof(text), "%c%02x", kind, number & 0xff);
	for (const char *c = text; *c != '\0'; c++)
		sum = (uint8_t)(sum + (uint8_t)*c);
	return (size_t)snprintf(packet, size, "$%s#%02x", text, sum);
}

/* What gdb still has to say is read away, so that the connection does not break before it has read this. */
void gdb_end(const struct proxy *proxy, char kind, unsigned number)
{
	struct pollfd wait = { .fd = proxy->gdb, .events = POLLIN };
	char packet[16], rest[256];

	if (proxy->gdb < 0)
		return;
	if (send(proxy->gdb, packet, end_packet(packet, sizeof(packet), kind, number), MSG_NOSIGNAL) < 0)
		return;
	shutdown(proxy->gdb, SHUT_WR);
	while (poll(&wait, 1, GOODBYE_MS) > 0 && recv(proxy->gdb, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
}
