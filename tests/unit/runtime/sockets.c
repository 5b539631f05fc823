/* SPDX-License-Identifier: MIT */
/*
 * Sockets on the model: streams, datagrams, names, options, control messages. Then a host that lies about each, and the checks of what it
 * may say one by one.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "model/program.h"
#include "posix/socket.h"

#define LARGE 700000u

static void expect_text(const char *got, const char *expected, size_t size)
{
	if (!quiet)
		assert_memory_equal(got, expected, size);
}

static void test_stream(void **state)
{
	int32_t pair[2] = { -1, -1 };
	char text[16] = { 0 };
	const struct lx_iovec out[] = { { (uint64_t)"ab", 2 }, { 0, 0 }, { (uint64_t)"cde", 3 } };
	uint32_t size = 8;

	(void)state;
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_STREAM, 0, pair), 0);
	EXPECT(CALL3(write, pair[0], "hello", 5), 5);
	EXPECT(CALL3(read, pair[1], text, 16), 5);
	expect_text(text, "hello", 5);
	EXPECT(CALL3(read, pair[1], text, 0), 0);
	EXPECT(CALL3(writev, pair[1], out, 3), 5);
	EXPECT(CALL6(recvfrom, pair[0], text, 16, LX_MSG_PEEK, 0, 0), 5);
	expect_text(text, "abcde", 5);
	EXPECT(CALL6(recvfrom, pair[0], text, 5, LX_MSG_WAITALL | LX_MSG_PEEK, 0, 0), 5);
	EXPECT(CALL6(recvfrom, pair[0], text, 5, LX_MSG_WAITALL | LX_MSG_PEEK, text + 8, &size), 5);
	EXPECT(size, 0);
	EXPECT(CALL6(recvfrom, pair[0], text, 5, LX_MSG_WAITALL, 0, 0), 5);
	EXPECT(CALL6(recvfrom, pair[0], text, 5, LX_MSG_DONTWAIT, 0, 0), -EAGAIN);
	EXPECT(CALL4(pread64, pair[0], text, 5, 0), -ESPIPE);
	EXPECT(CALL6(sendto, pair[0], 8, 5, 0, 0, 0), -EFAULT);
	EXPECT(CALL2(shutdown, pair[0], SHUT_WR), 0);
	EXPECT(CALL3(read, pair[1], text, 16), 0);
	EXPECT(CALL6(sendto, pair[0], "x", 1, LX_MSG_NOSIGNAL, 0, 0), -EPIPE);
	EXPECT(CALL1(close, pair[0]), 0);
	EXPECT(CALL1(close, pair[1]), 0);
	EXPECT(CALL6(sendto, pair[1], "x", 1, 0, 0, 0), -EBADF);
	EXPECT(CALL6(socketpair, AF_UNIX, SOCK_STREAM, 0, 8, 0, 0), -EFAULT);
	EXPECT(CALL3(socket, AF_UNIX, 77, 0), -EINVAL);
}

/* More than the arena holds, with nobody who takes it: what fits goes, in order. */
static void test_large(void **state)
{
	int32_t pair[2] = { -1, -1 };
	uint8_t *data = malloc(LARGE), *back = calloc(1, LARGE);
	long sent, came, total = 0;

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		data[i] = (uint8_t)(i * 31 + i / 4096);
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	sent = CALL3(write, pair[0], data, LARGE);
	if (!quiet)
		assert_in_range(sent, 1000, LARGE - 1);
	EXPECT(CALL3(write, pair[0], data, LARGE), -EAGAIN);
	while (total < (long)LARGE && (came = CALL3(read, pair[1], back + total, LARGE - (size_t)total)) > 0)
		total += came;
	EXPECT(total, sent);
	if (!quiet)
		assert_memory_equal(data, back, sent);
	EXPECT(CALL3(read, pair[1], back, 1), -EAGAIN);
	EXPECT(CALL1(close, pair[0]), 0);
	EXPECT(CALL1(close, pair[1]), 0);
	free(data);
	free(back);
}

static void test_datagrams(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from;
	uint32_t size = sizeof(at);
	char text[16] = { 0 };
	const long fd = CALL3(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	EXPECT(CALL3(bind, fd, &at, sizeof(at)), 0);
	EXPECT(CALL3(getsockname, fd, &at, &size), 0);
	EXPECT(size, sizeof(at));
	EXPECT(CALL3(getpeername, fd, &at, &size), -ENOTCONN);
	EXPECT(CALL6(sendto, fd, "datagram", 8, 0, &at, sizeof(at)), 8);
	EXPECT(CALL6(recvfrom, fd, text, 4, LX_MSG_TRUNC, &from, &size), 8);
	expect_text(text, "data\0\0\0\0", 8);
	if (!quiet)
		assert_memory_equal(&from, &at, sizeof(at));
	EXPECT(CALL6(sendto, fd, "x", 1, 0, &at, 129), -EINVAL);
	EXPECT(CALL6(sendto, fd, "x", 1, 0, 8, 16), -EFAULT);
	EXPECT(CALL6(sendto, fd, text, LARGE, 0, &at, sizeof(at)), -EMSGSIZE);
	EXPECT(CALL3(connect, fd, &at, sizeof(at)), 0);
	EXPECT(CALL6(sendto, fd, "", 0, 0, 0, 0), 0);
	EXPECT(CALL6(recvfrom, fd, text, 4, 0, 0, 0), 0);
	EXPECT(CALL6(recvfrom, fd, text, 4, LX_MSG_DONTWAIT, 0, 0), -EAGAIN);
	EXPECT(CALL1(close, fd), 0);
}

static void test_connection(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, peer;
	uint32_t size = sizeof(at);
	const long listener = CALL3(socket, AF_INET, SOCK_STREAM, 0), out = CALL3(socket, AF_INET, SOCK_STREAM, 0);
	long in;

	(void)state;
	EXPECT(CALL3(bind, listener, &at, sizeof(at)), 0);
	EXPECT(CALL2(listen, listener, 1), 0);
	EXPECT(CALL3(getsockname, listener, &at, &size), 0);
	EXPECT(CALL3(connect, out, &at, sizeof(at)), 0);
	EXPECT(CALL4(accept4, listener, &peer, &size, 1), -EINVAL);
	in = CALL4(accept4, listener, &peer, &size, SOCK_CLOEXEC);
	EXPECT(in, 2);
	EXPECT(CALL3(fcntl, in, LX_F_GETFD, 0), 1);
	EXPECT(CALL3(write, in, "x", 1), 1);
	EXPECT(CALL3(read, out, &size, 4), 1);
	EXPECT(CALL3(accept, 99, 0, 0), -EBADF);
	EXPECT(CALL1(close, in), 0);
	EXPECT(CALL1(close, out), 0);
	EXPECT(CALL1(close, listener), 0);
}

static void test_options(void **state)
{
	const struct { int64_t sec, usec; } timeout = { 0, 2 };
	const long fd = CALL3(socket, AF_INET, SOCK_DGRAM, 0);
	int32_t value = 1;
	uint32_t size = sizeof(value);
	char byte;

	(void)state;
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &value, size, 0), 0);
	value = 0;
	EXPECT(CALL6(getsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &value, &size, 0), 0);
	EXPECT(value, 1);
	EXPECT(size, 4);
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, LX_SO_ATTACH_FILTER, &value, size, 0), -ENOPROTOOPT);
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, 8, size, 0), -EFAULT);
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &value, 5000, 0), -ENOBUFS);
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &value, -1, 0), -EINVAL);
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, LX_SO_RCVTIMEO, &timeout, 16, 0), 0);
	EXPECT(CALL3(read, fd, &byte, 1), -EAGAIN);
	EXPECT(CALL1(close, fd), 0);
}

struct parcel {
	struct lx_msghdr header;
	struct lx_iovec data;
	struct { struct lx_cmsghdr head; int32_t fd[2]; } control;
};

static struct lx_msghdr *pack(struct parcel *p, void *byte)
{
	*p = (struct parcel){ .header = { .iov_count = 1, .control_size = sizeof(p->control) }, .data = { (uint64_t)byte, 1 } };
	p->header.iov = (uint64_t)&p->data;
	p->header.control = (uint64_t)&p->control;
	return &p->header;
}

static void test_descriptors(void **state)
{
	int32_t pair[2] = { -1, -1 }, ends[2] = { -1, -1 }, end = -1;
	struct parcel p;
	char byte = 'x';

	(void)state;
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	EXPECT(CALL2(pipe2, ends, 0), 0);
	pack(&p, &byte);
	p.control.head = (struct lx_cmsghdr){ 24, LX_SOL_SOCKET, LX_SCM_RIGHTS };
	memcpy(p.control.fd, ends, 8);
	EXPECT(CALL3(sendmsg, pair[0], &p, 0), 1);
	p.control.fd[1] = 99;
	EXPECT(CALL3(sendmsg, pair[0], &p, 0), -EBADF);
	p.control.head.size = 25;
	EXPECT(CALL3(sendmsg, pair[0], &p, 0), -EINVAL);
	EXPECT(CALL3(recvmsg, pair[1], pack(&p, &byte), LX_MSG_CMSG_CLOEXEC), 1);
	EXPECT(p.header.control_size, 24);
	EXPECT(p.control.head.size, 24);
	memcpy(&end, &p.control.fd[1], sizeof(end));
	EXPECT(end, 5);
	if (!quiet)
		assert_int_equal(CALL3(fcntl, end, LX_F_GETFD, 0), 1);
	EXPECT(CALL3(write, end, "p", 1), 1);
	EXPECT(CALL3(read, ends[0], &byte, 1), 1);
	EXPECT(byte, 'p');
	for (int fd = 0; fd < 8; fd++)
		CALL1(close, fd);
}

static void test_many(void **state)
{
	int32_t pair[2] = { -1, -1 };
	char text[3][4] = { "abc", "def", "" };
	struct lx_iovec data[3] = { { (uint64_t)text[0], 1 }, { (uint64_t)text[1], 3 }, { (uint64_t)text[2], 4 } };
	struct { struct lx_msghdr header; uint32_t size, pad; } m[3] = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		m[i].header = (struct lx_msghdr){ .iov = (uint64_t)&data[i], .iov_count = 1 };
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	EXPECT(CALL4(sendmmsg, pair[0], m, 2, 0), 2);
	EXPECT(m[1].size, 3);
	EXPECT(CALL6(recvmmsg, pair[1], m, 3, LX_MSG_WAITFORONE, 0, 0), 2);
	EXPECT(m[0].size, 1);
	EXPECT(CALL6(recvmmsg, pair[1], m, 3, LX_MSG_DONTWAIT, 0, 0), -EAGAIN);
	data[0].base = 8;
	EXPECT(CALL4(sendmmsg, pair[0], m, 2, 0), -EFAULT);
	EXPECT(CALL1(close, pair[0]), 0);
	EXPECT(CALL1(close, pair[1]), 0);
}

/* Names, many messages with a timeout, and headers that are none. */
static void test_messages(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_storage from;
	struct lx_timespec timeout = { .nsec = 1000000000 };
	struct { struct lx_msghdr header; uint32_t size, pad; } m = { 0 };
	uint32_t size = sizeof(at);
	struct parcel p;
	char byte = 'x', small[2] = "";
	const long fd = CALL3(socket, AF_INET, SOCK_DGRAM, 0);

	(void)state;
	EXPECT(CALL3(bind, fd, &at, sizeof(at)), 0);
	EXPECT(CALL3(getsockname, fd, &at, &size), 0);
	size = 2;
	EXPECT(CALL3(getsockname, fd, small, &size), 0);
	EXPECT(size, sizeof(at));
	size = (uint32_t)-1;
	EXPECT(CALL3(getsockname, fd, &from, &size), -EINVAL);
	EXPECT(CALL3(getsockname, fd, &from, 8), -EFAULT);
	pack(&p, &byte)->control_size = 0;
	p.header.name = (uint64_t)&at;
	p.header.name_size = sizeof(at);
	EXPECT(CALL3(sendmsg, fd, &p, 0), 1);
	p.header.name = (uint64_t)&from;
	p.header.name_size = 1000;
	EXPECT(CALL3(recvmsg, fd, &p, LX_MSG_DONTWAIT), 1);
	EXPECT(p.header.name_size, sizeof(at));
	if (!quiet)
		assert_memory_equal(&from, &at, sizeof(at));
	p.header.name_size = (uint32_t)-1;
	EXPECT(CALL3(recvmsg, fd, &p, LX_MSG_DONTWAIT), -EINVAL);
	EXPECT(CALL3(sendmsg, fd, &p, LX_MSG_CMSG_COMPAT), -EINVAL);
	EXPECT(CALL3(sendmsg, fd, 8, 0), -EFAULT);
	p.header.name_size = 0;
	p.header.control_size = 1ul << 40;
	EXPECT(CALL3(sendmsg, fd, &p, 0), -ENOBUFS);
	p.header.iov_count = LX_IOV_MAX + 1;
	EXPECT(CALL3(sendmsg, fd, &p, 0), -EMSGSIZE);
	pack(&p, &byte)->control_size = 0;
	p.data.len = ~0ul;
	EXPECT(CALL3(sendmsg, fd, &p, 0), -EINVAL);
	/* A timeout is looked at between messages. */
	m.header = *pack(&p, &byte);
	m.header.control_size = 0;
	EXPECT(CALL6(recvmmsg, fd, &m, 1, 0, &timeout, 0), -EINVAL);
	EXPECT(CALL6(recvmmsg, fd, &m, 1, 0, 8, 0), -EFAULT);
	for (int64_t seconds = 1; seconds <= INT32_MAX; seconds += INT32_MAX - 1) {
		timeout = (struct lx_timespec){ .sec = seconds };
		EXPECT(CALL6(sendto, fd, "y", 1, 0, &at, sizeof(at)), 1);
		EXPECT(CALL6(recvmmsg, fd, &m, 1, LX_MSG_DONTWAIT, &timeout, 0), 1);
		EXPECT(byte, 'y');
		EXPECT(timeout.sec, seconds == 1 ? 0 : INT32_MAX);
	}
	EXPECT(CALL6(recvfrom, fd, &byte, 1, LX_MSG_OOB, 0, 0), -EAGAIN);
	EXPECT(CALL6(recvfrom, fd, &byte, 1, LX_MSG_ERRQUEUE, 0, 0), -EAGAIN);
	EXPECT(CALL1(close, fd), 0);
}

/* What would wait and must not, or not for long. */
static void test_timeouts(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct { int64_t sec, usec; } soon = { 0, 2000 }, never = { -1, 0 };
	const long listener = CALL3(socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	uint8_t *data = calloc(1, LARGE);
	int32_t pair[2] = { -1, -1 };
	uint32_t size = sizeof(at);
	struct parcel p;
	char text[4];

	(void)state;
	EXPECT(CALL3(bind, listener, &at, sizeof(at)), 0);
	EXPECT(CALL2(listen, listener, 1), 0);
	EXPECT(CALL4(accept4, listener, &at, &size, 0), -EAGAIN);
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_STREAM, 0, pair), 0);
	EXPECT(CALL6(setsockopt, pair[0], SOL_SOCKET, LX_SO_SNDTIMEO, &soon, 16, 0), 0);
	EXPECT(CALL6(setsockopt, pair[1], SOL_SOCKET, LX_SO_RCVTIMEO, &soon, 16, 0), 0);
	EXPECT(CALL6(setsockopt, pair[1], SOL_SOCKET, LX_SO_SNDTIMEO, &never, 16, 0), 0);
	EXPECT(CALL3(read, pair[1], text, 4), -EAGAIN);
	if (!quiet)
		assert_in_range(CALL3(write, pair[0], data, LARGE), 1000, LARGE - 1);
	else
		CALL3(write, pair[0], data, LARGE);
	/* A message with descriptors is tried again until then. */
	EXPECT(CALL1(close, pair[0]), 0);
	EXPECT(CALL1(close, pair[1]), 0);
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	EXPECT(CALL6(setsockopt, pair[0], SOL_SOCKET, LX_SO_SNDTIMEO, &soon, 16, 0), 0);
	for (int i = 0; i < 600; i++) {
		pack(&p, text);
		p.control.head = (struct lx_cmsghdr){ 20, LX_SOL_SOCKET, LX_SCM_RIGHTS };
		p.control.fd[0] = (int32_t)listener;
		p.header.control_size = 24;
		if (CALL3(sendmsg, pair[0], &p, 0) != 1)
			break;
	}
	EXPECT(CALL3(sendmsg, pair[0], &p, 0), -EAGAIN);
	EXPECT(CALL1(close, pair[0]), 0);
	EXPECT(CALL1(close, pair[1]), 0);
	EXPECT(CALL1(close, listener), 0);
	free(data);
}

/* Options with pointers in them, and sizes that are none. */
static void test_refused_options(void **state)
{
	const long fd = CALL3(socket, AF_INET, SOCK_STREAM, 0);
	uint32_t size = 4;
	int32_t value = 1;

	(void)state;
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, LX_SO_ZEROCOPY, &value, 4, 0), -EOPNOTSUPP);
	EXPECT(CALL6(getsockopt, fd, LX_SOL_TCP, LX_TCP_ZEROCOPY_RECEIVE, &value, &size, 0), -ENOPROTOOPT);
	EXPECT(CALL6(getsockopt, fd, LX_SOL_IP, 64, &value, &size, 0), -ENOPROTOOPT);
	EXPECT(CALL6(setsockopt, fd, LX_SOL_IPV6, 65, &value, 4, 0), -ENOPROTOOPT);
	EXPECT(CALL6(setsockopt, fd, LX_SOL_TCP, 1, &value, 4, 0), 0);
	size = (uint32_t)-1;
	EXPECT(CALL6(getsockopt, fd, LX_SOL_TCP, 1, &value, &size, 0), -EINVAL);
	size = 4;
	EXPECT(CALL6(getsockopt, fd, LX_SOL_TCP, 1, 8, &size, 0), -EFAULT);
	EXPECT(CALL6(getsockopt, fd, LX_SOL_TCP, 1, &value, 8, 0), -EFAULT);
	EXPECT(CALL6(getsockopt, fd, LX_SOL_TCP, 999, &value, &size, 0), -ENOPROTOOPT);
	EXPECT(CALL6(getsockopt, fd, LX_SOL_TCP, 1, &value, &size, 0), 0);
	EXPECT(value, 1);
	EXPECT(CALL1(close, fd), 0);
}

/* More descriptors than the program may have: those that fit, and a mark. */
static void test_descriptors_cut(void **state)
{
	int32_t pair[2] = { -1, -1 }, ends[2] = { -1, -1 };
	struct parcel p;
	char byte = 'x';

	(void)state;
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	EXPECT(CALL2(pipe2, ends, 0), 0);
	for (int room = 1; room >= 0; room--) {
		pack(&p, &byte);
		p.control.head = (struct lx_cmsghdr){ 24, LX_SOL_SOCKET, LX_SCM_RIGHTS };
		memcpy(p.control.fd, ends, 8);
		EXPECT(CALL3(sendmsg, pair[0], &p, 0), 1);
		rm_fd_limit(&rm_enclave.fds, 4 + (unsigned)room);
		EXPECT(CALL3(recvmsg, pair[1], pack(&p, &byte), 0), 1);
		EXPECT(p.header.control_size, room ? 20 : 0);
		EXPECT(p.header.flags & LX_MSG_CTRUNC, LX_MSG_CTRUNC);
		EXPECT(CALL1(close, 4), room ? 0 : -EBADF);
	}
	rm_fd_limit(&rm_enclave.fds, RM_FD_MAX);

	for (int fd = 0; fd < 8; fd++)
		CALL1(close, fd);
}

static void test_too_many(void **state)
{
	struct { struct lx_cmsghdr head; int32_t fd[RM_CONTROL_FDS + 1]; } control = { .head = { .size = sizeof(struct lx_cmsghdr) + 4 * (RM_CONTROL_FDS + 1),
											  .level = LX_SOL_SOCKET, .type = LX_SCM_RIGHTS } };
	int32_t pair[2] = { -1, -1 };
	struct parcel p;
	char byte = 'x';

	(void)state;
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	pack(&p, &byte)->control = (uint64_t)&control;
	p.header.control_size = control.head.size;
	EXPECT(CALL3(sendmsg, pair[0], &p, 0), -EINVAL);
	EXPECT(CALL6(recvfrom, pair[1], &byte, 1, LX_MSG_DONTWAIT, 0, 0), -EAGAIN);
	/* Others are Linux's affair; so is what has none of a kind that we know. */
	control.head = (struct lx_cmsghdr){ .size = 16, .level = 77, .type = LX_SCM_RIGHTS };
	p.header.control_size = 16;
	CALL3(sendmsg, pair[0], &p, 0);
	EXPECT(CALL1(close, pair[0]), 0);
	EXPECT(CALL1(close, pair[1]), 0);
}

/* A socket that came from elsewhere: what it is, and how long it waits, is Linux's word, once. */
static void test_foreign(void **state)
{
	const struct { int64_t sec, usec; } soon = { 0, 2000 };
	const long fd = CALL3(socket, AF_INET, SOCK_DGRAM, 0);
	int32_t pair[2] = { -1, -1 }, taken = -1, type = 0;
	uint32_t size = sizeof(type);
	struct rm_desc *desc;
	struct parcel p;
	char byte = 'x';

	(void)state;
	EXPECT(CALL4(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, LX_SO_RCVTIMEO, &soon, 16, 0), 0);
	EXPECT(CALL6(setsockopt, fd, SOL_SOCKET, LX_SO_SNDTIMEO, &soon, 16, 0), 0);
	pack(&p, &byte);
	p.control.head = (struct lx_cmsghdr){ 20, LX_SOL_SOCKET, LX_SCM_RIGHTS };
	p.control.fd[0] = (int32_t)fd;
	p.header.control_size = 24;
	EXPECT(CALL3(sendmsg, pair[0], &p, 0), 1);
	EXPECT(CALL3(recvmsg, pair[1], pack(&p, &byte), 0), 1);
	if (!quiet)
		memcpy(&taken, p.control.fd, sizeof(taken));
	EXPECT(CALL3(read, taken, &byte, 1), -EAGAIN);
	EXPECT(CALL6(getsockopt, taken, SOL_SOCKET, LX_SO_TYPE, &type, &size, 0), 0);
	EXPECT(type, SOCK_DGRAM);
	if (!quiet) {
		desc = rm_get((unsigned long)taken);
		assert_int_equal(desc->family, AF_INET);
		assert_int_equal(desc->type, SOCK_DGRAM);
		assert_in_range(desc->receive_timeout, 1, 20000000);
		assert_in_range(desc->send_timeout, 1, 20000000);
		rm_put(model.thread, desc);
	}
	for (int i = 0; i < 8; i++)
		CALL1(close, i);
}

/* What the last request was for is remembered: the answers have to fit. */
static void test_routes(void **state)
{
	struct { uint32_t size; uint16_t kind, flags; uint32_t sequence, port; uint8_t family[16]; } ask = { 20, 18, 0x301, 1, 0, { 0 } };
	const long fd = CALL3(socket, AF_NETLINK, SOCK_RAW, 0);
	uint8_t answer[16384];
	struct rm_desc *desc;

	(void)state;
	if (fd < 0)
		return;
	EXPECT(CALL6(sendto, fd, &ask, 20, 0, 0, 0), 20);
	desc = rm_get((unsigned long)fd);
	EXPECT(desc ? desc->request : 18, 18);
	if (desc)
		rm_put(model.thread, desc);
	EXPECT(CALL6(recvfrom, fd, answer, sizeof(answer), 0, 0, 0) > 0, 1);
	EXPECT(CALL6(sendto, fd, &ask, 8, 0, 0, 0) <= 8, 1);
	EXPECT(CALL1(close, fd), 0);
}

/* With a server: what it could not send at once follows, in order. */
static void test_served(void **state)
{
	uint8_t *data = make_pattern(LARGE), *back = calloc(1, LARGE);
	int32_t pair[2];
	long came, total = 0;
	int status;
	struct rm_desc *desc;
	pid_t reader;

	(void)state;
	assert_int_equal(CALL4(socketpair, AF_UNIX, SOCK_STREAM, 0, pair), 0);
	model_switchless();
	/* Until it watches. */
	for (int i = 0; i < 200 && model.server_calls == 0; i++) {
		assert_int_equal(CALL3(write, pair[0], data, 1), 1);
		assert_int_equal(CALL3(read, pair[1], back, 1), 1);
	}
	assert_true(model.server_calls > 0);
	desc = rm_get((unsigned long)pair[1]);
	reader = fork();
	if (reader == 0) {
		while (total < 4l * LARGE && (came = read(desc->host_fd, back, 1000)) > 0) {
			for (long i = 0; i < came; i++)
				if (back[i] != data[(total + i) % LARGE])
					_exit(1);
			total += came;
		}
		_exit(total == 4l * LARGE ? 0 : 2);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(CALL3(write, pair[0], data, LARGE), LARGE);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
	rm_put(model.thread, desc);
	assert_int_equal(CALL1(close, pair[0]), 0);
	assert_int_equal(CALL1(close, pair[1]), 0);
	free(data);
	free(back);
}

static void test_hostile(void **state)
{
	(void)state;
	program_every_hostile(test_messages);
	program_every_hostile(test_timeouts);
	program_every_hostile(test_refused_options);
	program_every_hostile(test_descriptors_cut);
	program_every_hostile(test_too_many);
	program_every_hostile(test_routes);
	program_every_hostile(test_foreign);
	program_every_hostile(test_stream);
	program_every_hostile(test_large);
	program_every_hostile(test_datagrams);
	program_every_hostile(test_connection);
	program_every_hostile(test_options);
	program_every_hostile(test_descriptors);
	program_every_hostile(test_many);
}

static long check_name(const void *bytes, uint32_t size, uint8_t family)
{
	struct rm_name name = { .size = 0 };

	memset(name.bytes, 'x', sizeof(name.bytes));
	memcpy(name.bytes, bytes, size < sizeof(name.bytes) ? size : 0);
	return rm_name_check(model.thread, &name, size, family);
}

static void test_names(void **state)
{
	(void)state;
	quiet = true;
	assert_int_equal(check_name("", 0, AF_UNIX), 0);
	assert_int_equal(check_name("\1\0", 2, AF_UNIX), 0);
	assert_int_equal(check_name("\1\0path", 7, AF_UNIX), 0);
	assert_int_equal(check_name("\1\0path", 6, AF_UNIX), -EIO);	/* no end */
	assert_int_equal(check_name("\1\0\0abstract", 11, AF_UNIX), 0);
	assert_int_equal(check_name("\1", 1, AF_UNIX), -EIO);
	assert_int_equal(check_name("\1", 129, AF_UNIX), -EIO);
	assert_int_equal(check_name("\1", 0xffffffff, AF_UNIX), -EIO);
	assert_int_equal(check_name("\2\0............................", 16, AF_UNIX), -EIO);	/* of another family */
	assert_int_equal(check_name("\2\0............................", 15, AF_INET), -EIO);
	assert_int_equal(check_name("\2\0............................", 16, AF_INET), 0);
	assert_int_equal(check_name("\12\0............................", 16, AF_INET6), -EIO);
	assert_int_equal(check_name("\377\0............................", 16, 0), -EIO);
	assert_int_equal(model.thread->count[RM_COUNT_CONTENT], 8);
}

static long check_control_of(uint8_t family, const void *bytes, size_t size)
{
	struct rm_control control = { .size = size };
	uint32_t flags = 0;
	long result;

	memcpy(control.bytes, bytes, size);
	result = rm_control_from_host(model.thread, family, &control, false, &flags);
	/* Whatever it was: every descriptor in it is one of ours now, or none is. */
	if (result == 0)
		rm_control_undo(model.thread, &control);
	for (int fd = 0; fd < 64; fd++)
		assert_int_equal(CALL3(fcntl, fd, LX_F_GETFD, 0), -EBADF);
	return result;
}

static long check_control(const void *bytes, size_t size)
{
	return check_control_of(AF_UNIX, bytes, size);
}

static void test_control(void **state)
{
	struct { struct lx_cmsghdr head; int32_t fd[4]; } m = { { 24, LX_SOL_SOCKET, LX_SCM_RIGHTS }, { 1000, 1001, 0, 0 } };

	(void)state;
	quiet = true;
	assert_int_equal(check_control(&m, 24), 0);
	assert_int_equal(check_control_of(AF_INET, &m, 24), -EIO);
	assert_int_equal(check_control(&m, 32), 0);	/* a rest that is no message */
	assert_int_equal(check_control(&m, 23), -EIO);
	m.head.size = 15;
	assert_int_equal(check_control(&m, 24), -EIO);
	m.head.size = 0;
	assert_int_equal(check_control(&m, 24), -EIO);
	m.head.size = ~0ul;
	assert_int_equal(check_control(&m, 24), -EIO);
	m.head.size = 24;
	m.fd[1] = -1;
	assert_int_equal(check_control(&m, 24), -EIO);
	m.fd[1] = INT32_MAX;
	assert_int_equal(check_control(&m, 24), -EIO);
	m.fd[1] = 1001;
	m.head.size = 18;
	assert_int_equal(check_control(&m, 24), 0);
}

struct netlink {
	uint32_t size;
	uint16_t kind, flags;
	uint32_t sequence, port;
	uint8_t fixed[16];
	uint16_t a_size, a_kind;
	uint8_t a[4];
};

static long check_netlink(const struct rm_desc *desc, const void *bytes, size_t size)
{
	const struct lx_iovec at = { (uint64_t)bytes, size };

	return rm_netlink_check(model.thread, desc, &at, size);
}

static void test_netlink(void **state)
{
	const struct rm_desc desc = { .family = LX_AF_NETLINK, .request = 18 }, bound = { .family = LX_AF_NETLINK, .bound = true };
	struct netlink m = { .size = 40, .kind = 16, .a_size = 8 };
	const struct netlink good = m;

	(void)state;
	quiet = true;
	assert_int_equal(sizeof(m), 40);
	assert_int_equal(check_netlink(&desc, &m, 40), 0);
	assert_int_equal(check_netlink(&desc, &m, 0), 0);
	assert_int_equal(check_netlink(&desc, &m, 39), -EIO);
	m.size = 39;
	assert_int_equal(check_netlink(&desc, &m, 40), -EIO);	/* the attribute leaves the message */
	m.size = 15;
	assert_int_equal(check_netlink(&desc, &m, 40), -EIO);
	m.size = 0;
	assert_int_equal(check_netlink(&desc, &m, 40), -EIO);
	m.size = 0xfffffffd;
	assert_int_equal(check_netlink(&desc, &m, 40), -EIO);
	m = good;
	m.a_size = 3;
	assert_int_equal(check_netlink(&desc, &m, 40), -EIO);
	m.a_size = 9;
	assert_int_equal(check_netlink(&desc, &m, 40), -EIO);
	m = good;
	m.kind = 24;
	assert_int_equal(check_netlink(&desc, &m, 40), -EIO);	/* a route, which nobody asked for */
	assert_int_equal(check_netlink(&bound, &m, 40), -EIO);	/* its attributes begin elsewhere */
	m.kind = 3;
	assert_int_equal(check_netlink(&desc, &m, 40), 0);
	m = good;
	m.kind = 60;						/* of a group that is not known: whatever it holds, who is bound waits for it */
	assert_int_equal(check_netlink(&bound, &m, 40), 0);
	assert_int_equal(check_netlink(&desc, (const void *)8, 40), -EFAULT);
	{
		const struct lx_iovec small = { (uint64_t)&m, 39 };

		assert_int_equal(rm_netlink_check(model.thread, &desc, &small, 40), -EOPNOTSUPP);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

static int loud(void **state)
{
	program_stop(state);
	quiet = false;
	return 0;
}

#define CHECKS(f) cmocka_unit_test_setup_teardown(f, program_start, loud)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stream), TEST(test_large), TEST(test_datagrams), TEST(test_connection), TEST(test_options),
		TEST(test_descriptors), TEST(test_many), TEST(test_messages), TEST(test_timeouts), TEST(test_refused_options), TEST(test_descriptors_cut),
		TEST(test_too_many), TEST(test_routes), TEST(test_foreign), TEST(test_served), POLLED(test_messages), POLLED(test_timeouts), POLLED(test_stream), POLLED(test_large), POLLED(test_datagrams),
		POLLED(test_connection), POLLED(test_options), POLLED(test_descriptors), POLLED(test_many),
		CHECKS(test_names), CHECKS(test_control), CHECKS(test_netlink), cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("runtime.sockets", tests, NULL, NULL);
}
