/* SPDX-License-Identifier: MIT */
/* Sockets of AF_UNIX: streams, datagrams, sequenced packets; names in the file system, abstract ones, none. */
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "sockets.h"

#define PATH_AT offsetof(struct sockaddr_un, sun_path)

CASE(pair, "socketpair read write")
{
	char text[10] = "";
	int pair[2] = { -1, -1 };

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	MUST(pair[0] >= 3 && pair[1] == pair[0] + 1);
	EXPECT_EQ(fcntl(pair[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(write(pair[0], "hello", 5), 5);
	EXPECT_EQ(read(pair[1], text, 9), 5);
	EXPECT_STR(text, "hello");
	EXPECT_EQ(write(pair[1], "back", 4), 4);
	EXPECT_EQ(read(pair[0], text, 9), 4);
	close(pair[1]);
	EXPECT_EQ(read(pair[0], text, 9), 0);
	EXPECT_ERRNO(send(pair[0], text, 1, MSG_NOSIGNAL), EPIPE);
}

#define LARGE (3u << 20)

static void *write_large(void *arg)
{
	unsigned char *data = malloc(LARGE);

	for (size_t i = 0; i < LARGE; i++)
		data[i] = (unsigned char)(i * 17 + i / 1000);
	return (void *)write(*(int *)arg, data, LARGE);
}

CASE_LIMIT(large, "socketpair write read", 60)
{
	unsigned char *data = malloc(LARGE);
	size_t total = 0, wrong = 0;
	int pair[2];
	void *thread;
	long result;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	thread = case_thread(write_large, &pair[0]);
	while (total < LARGE && (result = read(pair[1], data + total, 50000)) > 0)
		total += (size_t)result;
	EXPECT_EQ(case_join(thread), LARGE);
	for (size_t i = 0; i < LARGE; i++)
		wrong += data[i] != (unsigned char)(i * 17 + i / 1000);
	EXPECT_EQ(wrong, 0);
}

CASE(pair_errors, "socketpair")
{
	int pair[2];

	EXPECT_ERRNO(socketpair(AF_INET, SOCK_STREAM, 0, pair), EOPNOTSUPP);
	EXPECT_ERRNO(socketpair(1000, SOCK_STREAM, 0, pair), EAFNOSUPPORT);
	EXPECT_ERRNO(socketpair(AF_UNIX, 77, 0, pair), EINVAL);
	EXPECT_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 77, pair), EPROTONOSUPPORT);
	EXPECT_ERRNO(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 8), EFAULT);
	/* Nothing is left of those. */
	EXPECT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0 && pair[0] == 3 && pair[1] == 4);
	EXPECT_EQ(fcntl(pair[1], F_GETFL), O_RDWR | O_NONBLOCK);
}

CASE(path, "bind listen connect accept")
{
	const struct sockaddr_un at = named("socket");
	struct sockaddr_un name;
	socklen_t size = sizeof(name);
	struct stat status;
	int listener = unix_bound(SOCK_STREAM, "socket"), out = socket(AF_UNIX, SOCK_STREAM, 0), in;
	char byte = 0;

	EXPECT(stat("socket", &status) == 0 && S_ISSOCK(status.st_mode));
	MUST(listen(listener, 1) == 0);
	MUST(connect(out, (const struct sockaddr *)&at, sizeof(at)) == 0);
	in = accept(listener, (struct sockaddr *)&name, &size);
	MUST(in >= 0);
	EXPECT_EQ(size, sizeof(sa_family_t));
	EXPECT_EQ(name.sun_family, AF_UNIX);
	size = sizeof(name);
	EXPECT(getpeername(out, (struct sockaddr *)&name, &size) == 0);
	EXPECT_EQ(size, PATH_AT + sizeof("socket"));
	EXPECT_STR(name.sun_path, "socket");
	EXPECT_EQ(send(out, "!", 1, 0), 1);
	EXPECT_EQ(recv(in, &byte, 1, 0), 1);
	EXPECT_EQ(byte, '!');
}

CASE(path_errors, "bind connect")
{
	struct sockaddr_un at = named("taken");
	int taken = unix_bound(SOCK_STREAM, "taken"), fd = socket(AF_UNIX, SOCK_STREAM, 0);

	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&at, sizeof(at)), EADDRINUSE);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), ECONNREFUSED);
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&at, sizeof(at) + 1), EINVAL);
	at = named("other");
	EXPECT_ERRNO(bind(taken, (struct sockaddr *)&at, sizeof(at)), EINVAL);
	at = named("none");
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), ENOENT);
	at = named("none/below");
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&at, sizeof(at)), ENOENT);
	at = named("taken/below");
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&at, sizeof(at)), ENOTDIR);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, 1), EINVAL);
	case_write_file("file", "x", 1);
	at = named("file");
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), ECONNREFUSED);
	at = named("taken");
	close(fd);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), EPROTOTYPE);
}

/* A path of all bytes that there is room for has no end in it. */
CASE(longest_path, "bind getsockname")
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct { struct sockaddr_un at; char more[16]; } name;
	socklen_t size = sizeof(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memset(at.sun_path, 'p', sizeof(at.sun_path));
	EXPECT(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	memset(&name, 0xaa, sizeof(name));
	EXPECT(getsockname(fd, (struct sockaddr *)&name, &size) == 0);
	EXPECT_EQ(size, sizeof(at) + 1);
	EXPECT(memcmp(name.at.sun_path, at.sun_path, sizeof(at.sun_path)) == 0);
}

CASE(abstract, "bind connect getsockname sendto recvfrom")
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "\0ringmaster\0test" }, name = { 0 };
	const socklen_t length = PATH_AT + 16;
	socklen_t size = sizeof(name);
	int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
	char text[5] = "";

	EXPECT(bind(a, (struct sockaddr *)&at, length) == 0);
	EXPECT(getsockname(a, (struct sockaddr *)&name, &size) == 0);
	EXPECT_EQ(size, length);
	EXPECT(memcmp(&name, &at, length) == 0);
	EXPECT_ERRNO(bind(b, (struct sockaddr *)&at, length), EADDRINUSE);
	EXPECT_ERRNO(connect(b, (struct sockaddr *)&at, length - 1), ECONNREFUSED);
	EXPECT(connect(b, (struct sockaddr *)&at, length) == 0);
	EXPECT_EQ(send(b, "abs", 3, 0), 3);
	size = sizeof(name);
	EXPECT_EQ(recvfrom(a, text, 4, 0, (struct sockaddr *)&name, &size), 3);
	EXPECT_STR(text, "abs");
	EXPECT_EQ(size, 0);
}

CASE(autobind, "bind getsockname")
{
	struct sockaddr_un none = { .sun_family = AF_UNIX }, name = { 0 };
	socklen_t size = sizeof(name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	EXPECT(bind(fd, (struct sockaddr *)&none, sizeof(sa_family_t)) == 0);
	EXPECT(getsockname(fd, (struct sockaddr *)&name, &size) == 0);
	EXPECT_EQ(size, PATH_AT + 6);
	EXPECT_EQ(name.sun_path[0], 0);
}

CASE(datagrams, "sendto recvfrom")
{
	const struct sockaddr_un b_at = named("b");
	struct sockaddr_un from;
	socklen_t size = sizeof(from);
	int a = unix_bound(SOCK_DGRAM, "a"), b = unix_bound(SOCK_DGRAM, "b");
	char text[20] = "";

	EXPECT_EQ(sendto(a, "first", 5, 0, (const struct sockaddr *)&b_at, sizeof(b_at)), 5);
	EXPECT_EQ(sendto(a, "second", 6, 0, (const struct sockaddr *)&b_at, sizeof(b_at)), 6);
	EXPECT_EQ(recvfrom(b, text, 3, 0, (struct sockaddr *)&from, &size), 3);
	EXPECT_STR(text, "fir");
	EXPECT_EQ(size, PATH_AT + 2);
	EXPECT_STR(from.sun_path, "a");
	EXPECT_EQ(recv(b, text, 19, 0), 6);
	EXPECT_STR(text, "second");
	EXPECT_ERRNO(send(a, "x", 1, 0), ENOTCONN);
	EXPECT_ERRNO(recv(b, text, 1, MSG_DONTWAIT), EAGAIN);
	close(b);
	EXPECT_ERRNO(sendto(a, "x", 1, 0, (const struct sockaddr *)&b_at, sizeof(b_at)), ECONNREFUSED);
}

/* 200000 bytes in one piece; more than a socket's buffer is too much. */
CASE(large_datagram, "sendto recvfrom")
{
	static char data[400000], back[400000];
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 11 + i / 1000);
	EXPECT_EQ(send(pair[0], data, 200000, 0), 200000);
	EXPECT_EQ(recv(pair[1], back, sizeof(back), 0), 200000);
	EXPECT(memcmp(data, back, 200000) == 0);
	EXPECT_ERRNO(send(pair[0], data, sizeof(data), 0), EMSGSIZE);
}

CASE(full_queue, "sendto")
{
	int pair[2], sent = 0;

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	while (sent < 100000 && send(pair[0], "x", 1, MSG_DONTWAIT) == 1)
		sent++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(sent > 0 && sent < 100000);
	SAY("%d", sent);
	EXPECT_EQ(recv(pair[1], &sent, 1, 0), 1);
	EXPECT_EQ(send(pair[0], "x", 1, MSG_DONTWAIT), 1);
}

static int step;

static void *drain(void *arg)
{
	char byte;

	case_set(&step, 1);
	for (int i = 0; i < 50; i++)
		if (recv(*(int *)arg, &byte, 1, 0) != 1)
			return (void *)1;
	return NULL;
}

/* A sender waits for room, by name and connected. */
CASE(wait_for_room, "sendto recvfrom")
{
	const struct sockaddr_un at = named("sink");
	int sink = unix_bound(SOCK_DGRAM, "sink"), fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	void *thread;

	step = 0;
	thread = case_thread(drain, &sink);
	case_until(&step, 1);
	for (int i = 0; i < 25; i++)
		EXPECT_EQ(sendto(fd, "x", 1, 0, (const struct sockaddr *)&at, sizeof(at)), 1);
	EXPECT(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	for (int i = 0; i < 25; i++)
		EXPECT_EQ(send(fd, "x", 1, 0), 1);
	EXPECT_EQ(case_join(thread), 0);
}

CASE(packets, "sendto recvmsg")
{
	char text[20] = "";
	struct iovec in = { text, 4 };
	struct msghdr message = { .msg_iov = &in, .msg_iovlen = 1 };
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	EXPECT_EQ(send(pair[0], "abcdef", 6, MSG_EOR), 6);
	EXPECT_EQ(send(pair[0], "gh", 2, 0), 2);
	EXPECT_EQ(recvmsg(pair[1], &message, MSG_WAITALL), 4);
	EXPECT(message.msg_flags & MSG_TRUNC);
	EXPECT_EQ(recvmsg(pair[1], &message, MSG_WAITALL), 2);
	EXPECT(!(message.msg_flags & MSG_TRUNC));
	close(pair[0]);
	EXPECT_EQ(recv(pair[1], text, 4, 0), 0);
	EXPECT_ERRNO(send(pair[1], text, 4, MSG_NOSIGNAL), EPIPE);
}

CASE(packet_connection, "listen connect accept4")
{
	const struct sockaddr_un at = named("packets");
	int listener = unix_bound(SOCK_SEQPACKET, "packets"), out = socket(AF_UNIX, SOCK_SEQPACKET, 0), in;
	char text[10];

	MUST(listen(listener, 2) == 0);
	MUST(connect(out, (const struct sockaddr *)&at, sizeof(at)) == 0);
	in = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	MUST(in >= 0);
	EXPECT_ERRNO(recv(in, text, 10, 0), EAGAIN);
	EXPECT_EQ(send(out, "ab", 2, 0), 2);
	EXPECT_EQ(send(out, "cd", 2, 0), 2);
	EXPECT_EQ(recv(in, text, 10, 0), 2);
	EXPECT_EQ(recv(in, text, 10, 0), 2);
}

CASE(stream_errors, "sendto connect")
{
	const struct sockaddr_un at = named("somebody");
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	MUST(listen(unix_bound(SOCK_STREAM, "somebody"), 1) == 0);
	EXPECT_ERRNO(sendto(pair[0], "x", 1, 0, (const struct sockaddr *)&at, sizeof(at)), EISCONN);
	EXPECT_ERRNO(connect(pair[0], (const struct sockaddr *)&at, sizeof(at)), EISCONN);
	EXPECT_ERRNO(listen(pair[0], 1), EINVAL);
	EXPECT_ERRNO(accept(pair[0], NULL, NULL), EINVAL);
}

CASE(backlog_full, "connect listen")
{
	const struct sockaddr_un at = named("narrow");
	int listener = unix_bound(SOCK_STREAM, "narrow"), fd, taken = 0;

	MUST(listen(listener, 0) == 0);
	for (int i = 0; i < 10; i++) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
			taken++;
		else
			EXPECT_EQ(errno, EAGAIN);
	}
	EXPECT_EQ(taken, 1);
}

static void *sleep_in_read(void *arg)
{
	char byte;

	case_set(&step, 1);
	return (void *)read(*(int *)arg, &byte, 1);
}

static void *read_all(void *arg)
{
	char byte;
	long count = 0, result;

	case_set(&step, 1);
	while ((result = read(*(int *)arg, &byte, 1)) == 1)
		count++;
	return (void *)(result == 0 ? count : -1);
}

CASE(peer_closes, "read close")
{
	int pair[2];
	void *thread;

	step = 0;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	thread = case_thread(read_all, &pair[0]);
	case_until(&step, 1);
	EXPECT_EQ(send(pair[1], "abc", 3, 0), 3);
	EXPECT(close(pair[1]) == 0);
	EXPECT_EQ(case_join(thread), 3);
}

/* The descriptor goes, the socket stays until the sleeper has what it waits for. */
CASE(close_under_reader, "read close write")
{
	int pair[2], number;
	void *thread;

	step = 0;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	number = pair[0];
	thread = case_thread(sleep_in_read, &number);
	case_until(&step, 1);
	usleep(100000);
	EXPECT(close(pair[0]) == 0);
	EXPECT_EQ(write(pair[1], "x", 1), 1);
	EXPECT_EQ(case_join(thread), 1);
	EXPECT_ERRNO(send(pair[1], "y", 1, MSG_NOSIGNAL), EPIPE);
}

CASE(credentials_option, "getsockopt socketpair")
{
	struct ucred peer = { 0 };
	socklen_t size = sizeof(peer);
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0);
	EXPECT_EQ(size, sizeof(peer));
	EXPECT_EQ(peer.pid, getpid());
	EXPECT_EQ(peer.uid, geteuid());
}

HELPER(sender)
{
	const struct sockaddr_un at = named(arg);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[4];

	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || write(fd, "ping", 4) != 4)
		return 1;
	return recv(fd, text, 4, MSG_WAITALL) == 4 && memcmp(text, "pong", 4) == 0 ? 0 : 2;
}

static void serve(long (*start)(const char *, const char *))
{
	int listener = unix_bound(SOCK_STREAM, "server"), fd;
	char text[4];
	long helper;

	MUST(listen(listener, 1) == 0);
	helper = start("sender", "server");
	fd = accept(listener, NULL, NULL);
	MUST(fd >= 0);
	EXPECT_EQ(recv(fd, text, 4, MSG_WAITALL), 4);
	EXPECT_EQ(write(fd, "pong", 4), 4);
	EXPECT_EQ(case_wait(helper), 0);
}

CASE(native_client, "accept recvfrom write")
{
	serve(case_native);
}

CASE(same_client, "accept recvfrom write connect")
{
	serve(case_same);
}
