/* SPDX-License-Identifier: MIT */
/* TCP over the loopback interface: connections come, carry streams, end in each way. */
#include <sys/wait.h>

#include "sockets.h"

CASE(socket_errors, "socket")
{
	EXPECT_ERRNO(socket(1000, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERRNO(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, 77, 0), EINVAL);
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM | 0x100000, 0), EINVAL);
	EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 77), EPROTONOSUPPORT);
}

CASE(socket_flags, "socket fcntl")
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), plain = socket(AF_INET, SOCK_STREAM, 0);

	MUST(fd >= 3 && plain > fd);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	EXPECT_EQ(fcntl(plain, F_GETFD), 0);
	EXPECT_EQ(fcntl(plain, F_GETFL), O_RDWR);
	EXPECT_EQ(number_option(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
}

CASE(lowest_descriptor, "socket")
{
	int a = socket(AF_INET, SOCK_STREAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);

	MUST(a >= 3 && b == a + 1);
	close(a);
	EXPECT_EQ(socket(AF_INET6, SOCK_STREAM, 0), a);
}

CASE(bind_errors, "bind")
{
	struct sockaddr_in at, other;
	int taken = bound(SOCK_STREAM, &at), fd = socket(AF_INET, SOCK_STREAM, 0);

	EXPECT(listen(taken, 1) == 0);
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&at, sizeof(at)), EADDRINUSE);
	other = at;
	other.sin_addr.s_addr = htonl(0xc0000201);
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&other, sizeof(other)), EADDRNOTAVAIL);
	other = at;
	other.sin_family = AF_UNIX;
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&other, sizeof(other)), EAFNOSUPPORT);
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&at, 3), EINVAL);
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)&at, 129), EINVAL);
	EXPECT_ERRNO(bind(fd, (struct sockaddr *)8, sizeof(at)), EFAULT);
	EXPECT_ERRNO(bind(taken, (struct sockaddr *)&at, sizeof(at)), EINVAL);
	EXPECT_ERRNO(bind(99, (struct sockaddr *)&at, sizeof(at)), EBADF);
	EXPECT_ERRNO(bind(0, (struct sockaddr *)&at, sizeof(at)), ENOTSOCK);
}

CASE(listen_errors, "listen")
{
	int udp = socket(AF_INET, SOCK_DGRAM, 0), pair[2];

	tcp_pair(pair);
	EXPECT_ERRNO(listen(udp, 1), EOPNOTSUPP);
	EXPECT_ERRNO(listen(pair[0], 1), EINVAL);
	EXPECT_ERRNO(listen(99, 1), EBADF);
	EXPECT_ERRNO(listen(0, 1), ENOTSOCK);
}

CASE(accept_errors, "accept accept4")
{
	struct sockaddr_in at;
	socklen_t size = sizeof(at);
	int fd = bound(SOCK_STREAM, &at), udp = socket(AF_INET, SOCK_DGRAM, 0);

	EXPECT_ERRNO(accept(fd, NULL, NULL), EINVAL);
	EXPECT_ERRNO(accept(udp, NULL, NULL), EOPNOTSUPP);
	EXPECT_ERRNO(accept(99, NULL, NULL), EBADF);
	EXPECT_ERRNO(accept(0, NULL, NULL), ENOTSOCK);
	MUST(listen(fd, 1) == 0);
	EXPECT_ERRNO(accept4(fd, NULL, NULL, 1), EINVAL);
	set_nonblock(fd);
	EXPECT_ERRNO(accept4(fd, NULL, NULL, SOCK_CLOEXEC), EAGAIN);
	EXPECT_ERRNO(accept(fd, (struct sockaddr *)&at, &size), EAGAIN);
}

CASE(accept_names, "accept4 getpeername getsockname")
{
	struct sockaddr_in at, peer, other;
	socklen_t size = sizeof(peer);
	int listener = bound(SOCK_STREAM, &at), out, in;

	MUST(listen(listener, 3) == 0);
	out = socket(AF_INET, SOCK_STREAM, 0);
	MUST(connect(out, (struct sockaddr *)&at, sizeof(at)) == 0);
	in = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
	MUST(in >= 0);
	EXPECT_EQ(size, sizeof(peer));
	EXPECT_EQ(fcntl(in, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(in, F_GETFL), O_RDWR | O_NONBLOCK);
	size = sizeof(other);
	EXPECT(getsockname(out, (struct sockaddr *)&other, &size) == 0);
	EXPECT(memcmp(&peer, &other, sizeof(peer)) == 0);
	size = sizeof(other);
	EXPECT(getpeername(out, (struct sockaddr *)&other, &size) == 0);
	EXPECT(memcmp(&at, &other, sizeof(at)) == 0);
	/* A name that is cut tells how long it is. */
	memset(&other, 0xaa, sizeof(other));
	size = 4;
	EXPECT(getpeername(in, (struct sockaddr *)&other, &size) == 0);
	EXPECT_EQ(size, sizeof(other));
	EXPECT(memcmp(&other, &peer, 4) == 0 && other.sin_addr.s_addr == 0xaaaaaaaa);
	size = (socklen_t)-1;
	EXPECT_ERRNO(getpeername(in, (struct sockaddr *)&other, &size), EINVAL);
	EXPECT_ERRNO(getpeername(listener, (struct sockaddr *)&other, &size), ENOTCONN);
	size = sizeof(other);
	EXPECT_ERRNO(getsockname(in, (struct sockaddr *)8, &size), EFAULT);
	EXPECT_ERRNO(getsockname(0, (struct sockaddr *)&other, &size), ENOTSOCK);
	EXPECT_ERRNO(getpeername(99, (struct sockaddr *)&other, &size), EBADF);
}

CASE(connect_refused, "connect")
{
	struct sockaddr_in at;
	int closed = bound(SOCK_STREAM, &at), fd = socket(AF_INET, SOCK_STREAM, 0);

	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), ECONNREFUSED);
	/* The same socket, again: refused once more, and taken when somebody listens. */
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), ECONNREFUSED);
	MUST(listen(closed, 1) == 0);
	EXPECT(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), EISCONN);
}

CASE(connect_errors, "connect")
{
	struct sockaddr_in at = loopback(1);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	EXPECT_ERRNO(connect(99, (struct sockaddr *)&at, sizeof(at)), EBADF);
	EXPECT_ERRNO(connect(0, (struct sockaddr *)&at, sizeof(at)), ENOTSOCK);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)8, sizeof(at)), EFAULT);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, 3), EINVAL);
	at.sin_family = 77;
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), EAFNOSUPPORT);
}

CASE(connect_nonblock, "connect getsockopt")
{
	struct sockaddr_in at;
	int listener = bound(SOCK_STREAM, &at), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	MUST(listen(listener, 1) == 0);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), EINPROGRESS);
	EXPECT_EQ(wait_for(fd, POLLOUT), POLLOUT);
	EXPECT_EQ(pending_error(fd), 0);
	EXPECT(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), EISCONN);
}

CASE(connect_nonblock_refused, "connect getsockopt")
{
	struct sockaddr_in at;
	int closed = bound(SOCK_STREAM, &at), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	EXPECT_ERRNO(connect(fd, (struct sockaddr *)&at, sizeof(at)), EINPROGRESS);
	EXPECT(wait_for(fd, POLLOUT) & POLLERR);
	EXPECT_EQ(pending_error(fd), ECONNREFUSED);
	EXPECT_EQ(pending_error(fd), 0);
	close(closed);
}

CASE(not_connected, "sendto recvfrom shutdown")
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte = 0;

	EXPECT_ERRNO(recv(fd, &byte, 1, 0), ENOTCONN);
	EXPECT_ERRNO(send(fd, &byte, 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_ERRNO(shutdown(fd, SHUT_WR), ENOTCONN);
	EXPECT_ERRNO(shutdown(99, SHUT_WR), EBADF);
	EXPECT_ERRNO(shutdown(0, SHUT_WR), ENOTSOCK);
	EXPECT_ERRNO(send(99, &byte, 1, 0), EBADF);
	EXPECT_ERRNO(send(0, &byte, 1, 0), ENOTSOCK);
	EXPECT_ERRNO(recv(99, &byte, 1, 0), EBADF);
	EXPECT_ERRNO(recv(0, &byte, 1, 0), ENOTSOCK);
}

CASE(bad_pointers, "sendto recvfrom")
{
	int pair[2];
	char byte = 'x';

	tcp_pair(pair);
	EXPECT_ERRNO(send(pair[0], (void *)8, 10, 0), EFAULT);
	EXPECT_EQ(send(pair[0], &byte, 1, 0), 1);
	EXPECT_EQ(wait_for(pair[1], POLLIN), POLLIN);
	EXPECT_ERRNO(recv(pair[1], (void *)8, 10, 0), EFAULT);
}

CASE(read_write, "read write readv writev")
{
	char text[20] = "";
	struct iovec out[2] = { { "ab", 2 }, { "cdef", 4 } }, in[2] = { { text, 3 }, { text + 10, 9 } };
	int pair[2];

	tcp_pair(pair);
	EXPECT_EQ(write(pair[0], "hello", 5), 5);
	EXPECT_EQ(read(pair[1], text, 3), 3);
	EXPECT_EQ(read(pair[1], text + 3, 10), 2);
	EXPECT_STR(text, "hello");
	EXPECT_EQ(writev(pair[1], out, 2), 6);
	memset(text, 0, sizeof(text));
	EXPECT_EQ(wait_for(pair[0], POLLIN), POLLIN);
	EXPECT_EQ(readv(pair[0], in, 2), 6);
	EXPECT_STR(text, "abc");
	EXPECT_STR(text + 10, "def");
	EXPECT_EQ(read(pair[0], text, 0), 0);
	EXPECT_ERRNO(pread(pair[0], text, 1, 0), ESPIPE);
	EXPECT_ERRNO(lseek(pair[0], 0, SEEK_CUR), ESPIPE);
}

CASE(nonblock, "recvfrom sendto fcntl")
{
	static char data[65536];
	int pair[2];
	long total = 0, result;

	tcp_pair(pair);
	set_nonblock(pair[0]);
	EXPECT_ERRNO(recv(pair[0], data, 1, 0), EAGAIN);
	EXPECT_ERRNO(read(pair[0], data, 1), EAGAIN);
	while ((result = send(pair[0], data, sizeof(data), 0)) > 0)
		total += result;
	EXPECT(result == -1 && errno == EAGAIN);
	EXPECT(total > (long)sizeof(data));
	EXPECT_ERRNO(send(pair[0], data, sizeof(data), 0), EAGAIN);
	while (total > 0 && (result = recv(pair[1], data, sizeof(data), 0)) > 0)
		total -= result;
	EXPECT_EQ(total, 0);
	EXPECT_EQ(wait_for(pair[0], POLLOUT), POLLOUT);
	EXPECT_EQ(send(pair[0], "x", 1, 0), 1);
}

CASE(dontwait, "recvfrom ioctl")
{
	int pair[2], on = 1, off = 0;
	char byte;

	tcp_pair(pair);
	EXPECT_ERRNO(recv(pair[0], &byte, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(fcntl(pair[0], F_GETFL), O_RDWR);
	EXPECT(ioctl(pair[0], FIONBIO, &on) == 0);
	EXPECT_EQ(fcntl(pair[0], F_GETFL), O_RDWR | O_NONBLOCK);
	EXPECT_ERRNO(recv(pair[0], &byte, 1, 0), EAGAIN);
	EXPECT(ioctl(pair[0], FIONBIO, &off) == 0);
	EXPECT_EQ(send(pair[1], "y", 1, 0), 1);
	EXPECT_EQ(recv(pair[0], &byte, 1, 0), 1);
}

CASE(peek, "recvfrom ioctl")
{
	char text[10] = "";
	int pair[2], waiting = -1;

	tcp_pair(pair);
	EXPECT_EQ(send(pair[0], "abcdef", 6, 0), 6);
	EXPECT_EQ(recv(pair[1], text, 3, MSG_PEEK), 3);
	EXPECT_STR(text, "abc");
	EXPECT(ioctl(pair[1], FIONREAD, &waiting) == 0);
	EXPECT_EQ(waiting, 6);
	EXPECT_EQ(recv(pair[1], text, 9, 0), 6);
	EXPECT_STR(text, "abcdef");
	EXPECT(ioctl(pair[1], FIONREAD, &waiting) == 0);
	EXPECT_EQ(waiting, 0);
}

static int late_pair[2], late_go;

static void *send_late(void *arg)
{
	case_until(&late_go, 1);
	send(late_pair[0], "cd", 2, 0);
	case_until(&late_go, 2);
	send(late_pair[0], "efghij", 6, 0);
	return arg;
}

CASE(waitall, "recvfrom")
{
	char text[12] = "";
	void *thread;

	late_go = 0;
	tcp_pair(late_pair);
	thread = case_thread(send_late, NULL);
	EXPECT_EQ(send(late_pair[0], "ab", 2, 0), 2);
	EXPECT_EQ(wait_for(late_pair[1], POLLIN), POLLIN);
	EXPECT_EQ(recv(late_pair[1], text, 8, MSG_DONTWAIT | MSG_WAITALL), 2);
	EXPECT_STR(text, "ab");
	case_set(&late_go, 1);
	EXPECT_EQ(wait_for(late_pair[1], POLLIN), POLLIN);
	case_set(&late_go, 2);
	EXPECT_EQ(recv(late_pair[1], text, 8, MSG_WAITALL | MSG_PEEK), 8);
	EXPECT_STR(text, "cdefghij");
	memset(text, 0, 8);
	EXPECT_EQ(recv(late_pair[1], text, 8, MSG_WAITALL), 8);
	EXPECT_STR(text, "cdefghij");
	case_join(thread);
	EXPECT_EQ(send(late_pair[0], "kl", 2, 0), 2);
	EXPECT(shutdown(late_pair[0], SHUT_WR) == 0);
	EXPECT_EQ(recv(late_pair[1], text, 8, MSG_WAITALL), 2);
	EXPECT_EQ(recv(late_pair[1], text, 8, MSG_WAITALL), 0);
}

CASE(truncate, "recvfrom")
{
	char text[10] = "";
	int pair[2];

	tcp_pair(pair);
	EXPECT_EQ(send(pair[0], "abcdef", 6, 0), 6);
	EXPECT_EQ(wait_for(pair[1], POLLIN), POLLIN);
	/* Thrown away, and the buffer is left alone. */
	EXPECT_EQ(recv(pair[1], text, 4, MSG_TRUNC), 4);
	EXPECT_STR(text, "");
	EXPECT_EQ(recv(pair[1], text, 4, 0), 2);
	EXPECT_STR(text, "ef");
}

CASE(urgent, "sendto recvfrom ioctl")
{
	char text[10] = "";
	int pair[2], mark = -1;

	tcp_pair(pair);
	EXPECT_ERRNO(recv(pair[1], text, 1, MSG_OOB), EINVAL);
	EXPECT_EQ(send(pair[0], "ab", 2, 0), 2);
	EXPECT_EQ(send(pair[0], "!", 1, MSG_OOB), 1);
	EXPECT_EQ(send(pair[0], "cd", 2, 0), 2);
	EXPECT_EQ(wait_for(pair[1], POLLPRI), POLLPRI);
	EXPECT_EQ(recv(pair[1], text, 9, MSG_OOB), 1);
	EXPECT_STR(text, "!");
	EXPECT(ioctl(pair[1], SIOCATMARK, &mark) == 0);
	EXPECT_EQ(mark, 0);
	EXPECT_EQ(recv(pair[1], text, 9, 0), 2);
	EXPECT(ioctl(pair[1], SIOCATMARK, &mark) == 0);
	EXPECT_EQ(mark, 1);
	EXPECT_EQ(recv(pair[1], text, 9, 0), 2);
	EXPECT_STR(text, "cd");
}

CASE(half_close, "shutdown")
{
	char text[10] = "";
	int pair[2];

	tcp_pair(pair);
	EXPECT_EQ(send(pair[0], "last", 4, 0), 4);
	EXPECT(shutdown(pair[0], SHUT_WR) == 0);
	EXPECT_ERRNO(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(recv(pair[1], text, 9, MSG_WAITALL), 4);
	EXPECT_EQ(recv(pair[1], text, 9, 0), 0);
	EXPECT_EQ(wait_for(pair[1], POLLRDHUP) & POLLRDHUP, POLLRDHUP);
	EXPECT_EQ(send(pair[1], "answer", 6, 0), 6);
	EXPECT_EQ(recv(pair[0], text, 9, 0), 6);
	EXPECT_STR(text, "answer");
	EXPECT_ERRNO(shutdown(pair[0], 3), EINVAL);
	EXPECT(shutdown(pair[1], SHUT_RDWR) == 0);
	EXPECT_EQ(recv(pair[1], text, 9, 0), 0);
}

CASE(broken_pipe, "sendto shutdown rt_sigaction")
{
	int pair[2];

	tcp_pair(pair);
	EXPECT(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	EXPECT(shutdown(pair[0], SHUT_WR) == 0);
	EXPECT_ERRNO(send(pair[0], "x", 1, 0), EPIPE);
	EXPECT_ERRNO(write(pair[0], "x", 1), EPIPE);
}

HELPER(unheard)
{
	int pair[2];

	if (socketpair(AF_UNIX, strcmp(arg, "packets") ? SOCK_STREAM : SOCK_SEQPACKET, 0, pair) != 0)
		return 1;
	close(pair[1]);
	signal(SIGPIPE, SIG_DFL);
	return send(pair[0], "x", 1, strcmp(arg, "quiet") ? 0 : MSG_NOSIGNAL) == -1 && errno == EPIPE ? 17 : 2;
}

/* Who does not listen to SIGPIPE ends by it; packets raise none. */
CASE(broken_pipe_ends, "socketpair sendto close")
{
	int status = case_wait(case_same("unheard", "stream"));

	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
	EXPECT_EQ(case_wait(case_same("unheard", "quiet")), 17 << 8);
	EXPECT_EQ(case_wait(case_same("unheard", "packets")), 17 << 8);
}

CASE(reset, "setsockopt recvfrom")
{
	const struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	char byte;
	int pair[2];

	tcp_pair(pair);
	EXPECT(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0);
	close(pair[0]);
	EXPECT(wait_for(pair[1], POLLIN) & POLLHUP);
	EXPECT_ERRNO(recv(pair[1], &byte, 1, 0), ECONNRESET);
	EXPECT_EQ(recv(pair[1], &byte, 1, 0), 0);
	EXPECT_ERRNO(send(pair[1], &byte, 1, MSG_NOSIGNAL), EPIPE);
}

#define LARGE (5u << 20)

static void *send_large(void *arg)
{
	const int fd = *(int *)arg;
	unsigned char *data = malloc(LARGE);
	long sent;

	for (size_t i = 0; i < LARGE; i++)
		data[i] = (unsigned char)(i * 13 + i / 4096);
	sent = write(fd, data, LARGE);
	free(data);
	return (void *)sent;
}

/* A blocking write goes on until everything is sent, in order. */
CASE_LIMIT(large, "write read clone", 60)
{
	unsigned char *data = malloc(LARGE);
	size_t total = 0, wrong = 0;
	int pair[2];
	void *thread;
	long result;

	tcp_pair(pair);
	thread = case_thread(send_large, &pair[0]);
	while (total < LARGE && (result = read(pair[1], data + total, LARGE - total)) > 0)
		total += (size_t)result;
	EXPECT_EQ(case_join(thread), LARGE);
	EXPECT_EQ(total, LARGE);
	for (size_t i = 0; i < LARGE; i++)
		wrong += data[i] != (unsigned char)(i * 13 + i / 4096);
	EXPECT_EQ(wrong, 0);
	free(data);
}

/* More than any buffer holds, by one call on either side. */
CASE_LIMIT(large_waitall, "write recvfrom clone", 60)
{
	unsigned char *data = malloc(LARGE);
	size_t wrong = 0;
	int pair[2];
	void *thread;

	tcp_pair(pair);
	thread = case_thread(send_large, &pair[0]);
	EXPECT_EQ(recv(pair[1], data, LARGE, MSG_WAITALL), LARGE);
	EXPECT_EQ(case_join(thread), LARGE);
	for (size_t i = 0; i < LARGE; i++)
		wrong += data[i] != (unsigned char)(i * 13 + i / 4096);
	EXPECT_EQ(wrong, 0);
	free(data);
}

static void *sleep_in_recv(void *arg)
{
	char byte;

	case_set(&late_go, 1);
	return (void *)recv(*(int *)arg, &byte, 1, 0);
}

/* A reader asleep stops neither a writer nor a shutdown on the same socket. */
CASE(full_duplex, "recvfrom sendto shutdown")
{
	char byte;
	int pair[2];
	void *thread;

	late_go = 0;
	tcp_pair(pair);
	thread = case_thread(sleep_in_recv, &pair[0]);
	case_until(&late_go, 1);
	EXPECT_EQ(send(pair[0], "a", 1, 0), 1);
	EXPECT_EQ(recv(pair[1], &byte, 1, 0), 1);
	EXPECT(shutdown(pair[0], SHUT_RD) == 0);
	EXPECT_EQ(case_join(thread), 0);
}

static void *sleep_in_accept(void *arg)
{
	case_set(&late_go, 1);
	return accept(*(int *)arg, NULL, NULL) == -1 ? (void *)(long)errno : NULL;
}

CASE(shutdown_listener, "accept shutdown")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_STREAM, &at);
	void *thread;

	late_go = 0;
	MUST(listen(fd, 1) == 0);
	thread = case_thread(sleep_in_accept, &fd);
	case_until(&late_go, 1);
	EXPECT(shutdown(fd, SHUT_RD) == 0);
	EXPECT_EQ(case_join(thread), EINVAL);
}

CASE(dup_keeps_open, "dup close recvfrom")
{
	char byte;
	int pair[2], copy;

	tcp_pair(pair);
	copy = dup(pair[0]);
	MUST(copy >= 3);
	EXPECT(close(pair[0]) == 0);
	EXPECT_ERRNO(recv(pair[1], &byte, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(send(copy, "z", 1, 0), 1);
	EXPECT_EQ(recv(pair[1], &byte, 1, 0), 1);
	EXPECT(close(copy) == 0);
	EXPECT_EQ(recv(pair[1], &byte, 1, 0), 0);
	EXPECT_ERRNO(send(copy, "z", 1, 0), EBADF);
}

CASE(ipv6, "socket bind connect accept")
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT }, peer;
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET6, SOCK_STREAM, 0), out, in;
	char byte;

	MUST(listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listener, 1) == 0);
	MUST(getsockname(listener, (struct sockaddr *)&at, &size) == 0);
	EXPECT_EQ(size, sizeof(at));
	out = socket(AF_INET6, SOCK_STREAM, 0);
	MUST(connect(out, (struct sockaddr *)&at, sizeof(at)) == 0);
	size = sizeof(peer);
	in = accept(listener, (struct sockaddr *)&peer, &size);
	MUST(in >= 0);
	EXPECT_EQ(size, sizeof(peer));
	EXPECT_EQ(peer.sin6_family, AF_INET6);
	EXPECT(IN6_IS_ADDR_LOOPBACK(&peer.sin6_addr));
	EXPECT_EQ(send(in, "6", 1, 0), 1);
	EXPECT_EQ(recv(out, &byte, 1, 0), 1);
	EXPECT_EQ(byte, '6');
}

/* Another process serves, and closes when it has answered. */
HELPER(echo)
{
	struct sockaddr_in at;
	int listener = bound(SOCK_STREAM, &at), fd;
	char text[100];
	long size;

	case_write_file(arg, &at, sizeof(at));
	if (listen(listener, 1) != 0)
		return 1;
	helper_say();
	fd = accept(listener, NULL, NULL);
	while ((size = recv(fd, text, sizeof(text), 0)) > 0)
		if (send(fd, text, (size_t)size, 0) != size)
			return 2;
	return size == 0 ? 0 : 3;
}

static void talk(long helper)
{
	struct sockaddr_in at;
	char text[20] = "";
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	case_hear(helper);
	MUST(case_read_file("port", &at, sizeof(at)) == sizeof(at));
	MUST(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT_EQ(send(fd, "over there", 10, 0), 10);
	EXPECT_EQ(recv(fd, text, 10, MSG_WAITALL), 10);
	EXPECT_STR(text, "over there");
	EXPECT(shutdown(fd, SHUT_WR) == 0);
	EXPECT_EQ(recv(fd, text, 10, 0), 0);
	EXPECT_EQ(case_wait(helper), 0);
}

CASE(native_server, "connect sendto recvfrom")
{
	talk(case_native("echo", "port"));
}

CASE(same_server, "accept connect sendto recvfrom")
{
	talk(case_same("echo", "port"));
}
