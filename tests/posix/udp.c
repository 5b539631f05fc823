/* SPDX-License-Identifier: MIT */
/* UDP over the loopback interface: datagrams and their limits, names, many at once. */
#include "sockets.h"

static struct sockaddr *any(struct sockaddr_in *at)
{
	return (struct sockaddr *)at;
}

CASE(names, "sendto recvfrom")
{
	struct sockaddr_in a_at, b_at, from;
	socklen_t size = sizeof(from);
	int a = bound(SOCK_DGRAM, &a_at), b = bound(SOCK_DGRAM, &b_at);
	char text[10] = "";

	EXPECT_EQ(sendto(a, "hello", 5, 0, any(&b_at), sizeof(b_at)), 5);
	EXPECT_EQ(recvfrom(b, text, sizeof(text), 0, any(&from), &size), 5);
	EXPECT_STR(text, "hello");
	EXPECT_EQ(size, sizeof(from));
	EXPECT(memcmp(&from, &a_at, sizeof(from)) == 0);
	/* Room for a part of the name only. */
	EXPECT_EQ(sendto(a, "again", 5, 0, any(&b_at), sizeof(b_at)), 5);
	memset(&from, 0xaa, sizeof(from));
	size = 2;
	EXPECT_EQ(recvfrom(b, text, sizeof(text), 0, any(&from), &size), 5);
	EXPECT_EQ(size, sizeof(from));
	EXPECT_EQ(from.sin_family, AF_INET);
	EXPECT_EQ(from.sin_port, 0xaaaa);
}

CASE(boundaries, "sendto recvfrom")
{
	struct sockaddr_in a_at, b_at;
	int a = bound(SOCK_DGRAM, &a_at), b = bound(SOCK_DGRAM, &b_at);
	char text[10] = "";

	EXPECT(connect(a, any(&b_at), sizeof(b_at)) == 0);
	EXPECT_EQ(send(a, "first", 5, 0), 5);
	EXPECT_EQ(send(a, "", 0, 0), 0);
	EXPECT_EQ(send(a, "second", 6, 0), 6);
	EXPECT_EQ(recv(b, text, 3, 0), 3);
	EXPECT_STR(text, "fir");
	EXPECT_EQ(recv(b, text, 9, 0), 0);
	EXPECT_EQ(recv(b, text, 9, 0), 6);
	EXPECT_STR(text, "second");
	EXPECT_ERRNO(recv(b, text, 9, MSG_DONTWAIT), EAGAIN);
}

CASE(truncated, "recvfrom recvmsg")
{
	struct sockaddr_in a_at, b_at;
	int a = bound(SOCK_DGRAM, &a_at), b = bound(SOCK_DGRAM, &b_at);
	char text[10] = "";
	struct iovec buffer = { text, 4 };
	struct msghdr message = { .msg_iov = &buffer, .msg_iovlen = 1, .msg_flags = -1 };

	for (int i = 0; i < 3; i++)
		EXPECT_EQ(sendto(a, "longer", 6, 0, any(&b_at), sizeof(b_at)), 6);
	EXPECT_EQ(recv(b, text, 4, MSG_TRUNC | MSG_PEEK), 6);
	EXPECT_EQ(recv(b, text, 4, MSG_TRUNC), 6);
	EXPECT_STR(text, "long");
	EXPECT_EQ(recvmsg(b, &message, 0), 4);
	EXPECT_EQ(message.msg_flags, MSG_TRUNC);
	buffer.iov_len = 9;
	EXPECT_EQ(recvmsg(b, &message, 0), 6);
	EXPECT_EQ(message.msg_flags, 0);
}

CASE(errors, "sendto")
{
	static char data[70000];
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at);

	EXPECT_ERRNO(send(fd, "x", 1, 0), EDESTADDRREQ);
	EXPECT_ERRNO(sendto(fd, data, 65508, 0, any(&at), sizeof(at)), EMSGSIZE);
	EXPECT_ERRNO(sendto(fd, data, sizeof(data), 0, any(&at), sizeof(at)), EMSGSIZE);
	EXPECT_ERRNO(sendto(fd, "x", 1, 0, any(&at), 129), EINVAL);
	EXPECT_ERRNO(sendto(fd, "x", 1, 0, any(&at), 5), EINVAL);
	EXPECT_ERRNO(sendto(fd, "x", 1, 0, (struct sockaddr *)8, sizeof(at)), EFAULT);
	EXPECT_ERRNO(sendto(fd, "x", 1, MSG_OOB, any(&at), sizeof(at)), EOPNOTSUPP);
	at.sin_family = AF_UNIX;
	EXPECT_ERRNO(sendto(fd, "x", 1, 0, any(&at), sizeof(at)), EAFNOSUPPORT);
}

CASE(largest, "sendto recvfrom")
{
	static char data[65507], back[65507];
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at);

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 256);
	EXPECT_EQ(sendto(fd, data, sizeof(data), 0, any(&at), sizeof(at)), sizeof(data));
	EXPECT_EQ(recv(fd, back, sizeof(back), 0), sizeof(back));
	EXPECT(memcmp(data, back, sizeof(data)) == 0);
}

CASE(refused, "connect sendto recvfrom")
{
	struct sockaddr_in at;
	int closed = bound(SOCK_DGRAM, &at), fd = socket(AF_INET, SOCK_DGRAM, 0);
	char byte;

	close(closed);
	EXPECT(connect(fd, any(&at), sizeof(at)) == 0);
	EXPECT_EQ(send(fd, "x", 1, 0), 1);
	EXPECT(wait_for(fd, POLLIN) & POLLERR);
	EXPECT_ERRNO(recv(fd, &byte, 1, 0), ECONNREFUSED);
	EXPECT_ERRNO(recv(fd, &byte, 1, MSG_DONTWAIT), EAGAIN);
}

/* Errors with who sent what to whom, out of the error queue. */
CASE(error_queue, "setsockopt recvmsg sendto")
{
	struct sockaddr_in at, name = { 0 };
	int closed = bound(SOCK_DGRAM, &at), fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
	char text[20] = "", control[200];
	struct iovec in = { text, 19 };
	struct msghdr message = { .msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &in, .msg_iovlen = 1,
				  .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	close(closed);
	EXPECT(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) == 0);
	EXPECT_ERRNO(recvmsg(fd, &message, MSG_ERRQUEUE), EAGAIN);
	EXPECT_EQ(sendto(fd, "lost", 4, 0, any(&at), sizeof(at)), 4);
	EXPECT(wait_for(fd, 0) & POLLERR);
	message.msg_namelen = sizeof(name);
	message.msg_controllen = sizeof(control);
	EXPECT_EQ(recvmsg(fd, &message, MSG_ERRQUEUE), 4);
	EXPECT_STR(text, "lost");
	EXPECT_EQ(message.msg_flags, MSG_ERRQUEUE);
	EXPECT(memcmp(&name, &at, sizeof(at)) == 0);
	c = CMSG_FIRSTHDR(&message);
	MUST(c != NULL);
	EXPECT(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR);
	EXPECT_EQ(*(int *)CMSG_DATA(c), ECONNREFUSED);
}

CASE(timestamp, "setsockopt recvmsg")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at), on = 1;
	char text[8], control[100];
	struct iovec in = { text, 8 };
	struct msghdr message = { .msg_iov = &in, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct timeval when = { 0 };
	struct cmsghdr *c;

	EXPECT(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)) == 0);
	EXPECT_EQ(sendto(fd, "now", 3, 0, any(&at), sizeof(at)), 3);
	EXPECT_EQ(recvmsg(fd, &message, 0), 3);
	c = CMSG_FIRSTHDR(&message);
	MUST(c != NULL);
	EXPECT(c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP);
	memcpy(&when, CMSG_DATA(c), sizeof(when));
	EXPECT(when.tv_sec > 1000000 && when.tv_usec < 1000000);
}

CASE(connected, "connect sendto getpeername")
{
	struct sockaddr_in at, other_at, name;
	socklen_t size = sizeof(name);
	int to = bound(SOCK_DGRAM, &at), other = bound(SOCK_DGRAM, &other_at), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	char byte;

	EXPECT_ERRNO(getpeername(fd, any(&name), &size), ENOTCONN);
	EXPECT(connect(fd, any(&at), sizeof(at)) == 0);
	EXPECT(getpeername(fd, any(&name), &size) == 0 && name.sin_port == at.sin_port);
	EXPECT_EQ(send(fd, "1", 1, 0), 1);
	EXPECT_EQ(recv(to, &byte, 1, 0), 1);
	/* Only the peer is heard. */
	size = sizeof(name);
	EXPECT(getsockname(fd, any(&name), &size) == 0);
	EXPECT_EQ(sendto(other, "2", 1, 0, any(&name), sizeof(name)), 1);
	EXPECT_ERRNO(recv(fd, &byte, 1, MSG_DONTWAIT), EAGAIN);
	/* Another peer by name, then none. */
	EXPECT_EQ(sendto(fd, "3", 1, 0, any(&other_at), sizeof(other_at)), 1);
	EXPECT_EQ(recv(other, &byte, 1, 0), 1);
	EXPECT(connect(fd, &nobody, sizeof(nobody)) == 0);
	EXPECT_ERRNO(send(fd, "4", 1, 0), EDESTADDRREQ);
	EXPECT_ERRNO(getpeername(fd, any(&name), &size), ENOTCONN);
}

CASE(vectors, "sendmsg recvmsg")
{
	struct sockaddr_in at, from;
	int fd = bound(SOCK_DGRAM, &at);
	char text[20] = "";
	struct iovec out[3] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } }, in[2] = { { text, 1 }, { text + 5, 10 } };
	struct msghdr message = { .msg_name = &at, .msg_namelen = sizeof(at), .msg_iov = out, .msg_iovlen = 3 };

	EXPECT_EQ(sendmsg(fd, &message, 0), 5);
	message = (struct msghdr){ .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = in, .msg_iovlen = 2 };
	EXPECT_EQ(recvmsg(fd, &message, 0), 5);
	EXPECT_STR(text, "a");
	EXPECT_STR(text + 5, "bcde");
	EXPECT_EQ(message.msg_namelen, sizeof(from));
	EXPECT(memcmp(&from, &at, sizeof(at)) == 0);
	EXPECT_EQ(message.msg_controllen, 0);
}

CASE(message_errors, "sendmsg recvmsg")
{
	static struct iovec many[1025];
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at);
	struct iovec one = { "x", 1 };
	struct msghdr message = { .msg_iov = many, .msg_iovlen = 1025 };

	EXPECT_ERRNO(sendmsg(fd, &message, 0), EMSGSIZE);
	EXPECT_ERRNO(recvmsg(fd, &message, 0), EMSGSIZE);
	message = (struct msghdr){ .msg_iov = (void *)8, .msg_iovlen = 1 };
	EXPECT_ERRNO(sendmsg(fd, &message, 0), EFAULT);
	message = (struct msghdr){ .msg_name = &at, .msg_namelen = (socklen_t)-1, .msg_iov = &one, .msg_iovlen = 1 };
	EXPECT_ERRNO(sendmsg(fd, &message, 0), EINVAL);
	EXPECT_ERRNO(recvmsg(fd, &message, 0), EINVAL);
	EXPECT_ERRNO(sendmsg(99, &message, 0), EBADF);
	EXPECT_ERRNO(recvmsg(0, &message, 0), ENOTSOCK);
	message = (struct msghdr){ .msg_iov = &one, .msg_iovlen = 1 };
	EXPECT_ERRNO(sendmsg(fd, &message, 0), EDESTADDRREQ);
	EXPECT_ERRNO(recvmsg(fd, &message, MSG_DONTWAIT), EAGAIN);
}

CASE(many, "sendmmsg recvmmsg")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at);
	char text[4][8] = { "" };
	struct iovec out[3] = { { "one", 3 }, { "three", 5 }, { "fifteen", 7 } }, in[4];
	struct mmsghdr messages[4] = { 0 };

	for (int i = 0; i < 3; i++)
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &at, .msg_namelen = sizeof(at), .msg_iov = &out[i], .msg_iovlen = 1 };
	EXPECT_EQ(sendmmsg(fd, messages, 3, 0), 3);
	EXPECT_EQ(messages[2].msg_len, 7);
	for (int i = 0; i < 4; i++) {
		in[i] = (struct iovec){ text[i], 7 };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &in[i], .msg_iovlen = 1 };
		messages[i].msg_len = 99;
	}
	EXPECT_EQ(recvmmsg(fd, messages, 4, MSG_WAITFORONE, NULL), 3);
	EXPECT_EQ(messages[0].msg_len, 3);
	EXPECT_EQ(messages[1].msg_len, 5);
	EXPECT_EQ(messages[3].msg_len, 99);
	EXPECT_STR(text[0], "one");
	EXPECT_STR(text[2], "fifteen");
	EXPECT_ERRNO(recvmmsg(fd, messages, 4, MSG_DONTWAIT, NULL), EAGAIN);
	EXPECT_ERRNO(recvmmsg(99, messages, 4, 0, NULL), EBADF);
	EXPECT_ERRNO(sendmmsg(0, messages, 1, 0), ENOTSOCK);
}

CASE(many_partly, "sendmmsg recvmmsg")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at);
	struct timespec soon = { 0, 1 }, wrong = { 0, -1 };
	char text[8];
	struct iovec one = { "x", 1 }, in = { text, 8 };
	struct mmsghdr messages[2] = { 0 };

	messages[0].msg_hdr = (struct msghdr){ .msg_name = &at, .msg_namelen = sizeof(at), .msg_iov = &one, .msg_iovlen = 1 };
	messages[1].msg_hdr = (struct msghdr){ .msg_iov = &one, .msg_iovlen = 1 };
	/* The second has no address: the first counts. */
	EXPECT_EQ(sendmmsg(fd, messages, 2, 0), 1);
	EXPECT_ERRNO(sendmmsg(fd, messages + 1, 1, 0), EDESTADDRREQ);
	messages[0].msg_hdr = messages[1].msg_hdr = (struct msghdr){ .msg_iov = &in, .msg_iovlen = 1 };
	EXPECT_ERRNO(recvmmsg(fd, messages, 2, 0, &wrong), EINVAL);
	/* The time is over when the first has come. */
	EXPECT_EQ(recvmmsg(fd, messages, 2, 0, &soon), 1);
	EXPECT_EQ(messages[0].msg_len, 1);
}

CASE(packet_info, "setsockopt recvmsg")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at), on = 1;
	char text[8] = "", control[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(int))];
	struct iovec in = { text, 8 };
	struct msghdr message = { .msg_iov = &in, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	struct in_pktinfo info = { 0 };

	EXPECT(setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0);
	EXPECT(setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)) == 0);
	EXPECT_EQ(sendto(fd, "x", 1, 0, any(&at), sizeof(at)), 1);
	EXPECT_EQ(recvmsg(fd, &message, 0), 1);
	for (c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		SAY("level %d type %d length %d", c->cmsg_level, c->cmsg_type, (int)c->cmsg_len);
		if (c->cmsg_type == IP_PKTINFO)
			memcpy(&info, CMSG_DATA(c), sizeof(info));
	}
	EXPECT_EQ(info.ipi_addr.s_addr, at.sin_addr.s_addr);
	/* Sent from an address of choice. */
	in.iov_len = 1;
	message.msg_name = &at;
	message.msg_namelen = sizeof(at);
	message.msg_controllen = CMSG_SPACE(sizeof(info));
	c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	info = (struct in_pktinfo){ .ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK + 1) };
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	EXPECT_EQ(sendmsg(fd, &message, 0), 1);
	message.msg_namelen = sizeof(at);
	message.msg_controllen = sizeof(control);
	EXPECT_EQ(recvmsg(fd, &message, 0), 1);
	EXPECT_EQ(at.sin_addr.s_addr, htonl(INADDR_LOOPBACK + 1));
}

CASE(ipv6, "sendto recvfrom")
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT }, from;
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	char byte;

	MUST(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	EXPECT_EQ(sendto(fd, "x", 1, 0, (struct sockaddr *)&at, sizeof(at)), 1);
	EXPECT_EQ(recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&from, &size), 1);
	EXPECT_EQ(size, sizeof(from));
	EXPECT(memcmp(&at, &from, sizeof(at)) == 0);
}

CASE(waiting_bytes, "ioctl")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_DGRAM, &at), waiting = -1;
	char text[10];

	EXPECT(ioctl(fd, FIONREAD, &waiting) == 0);
	EXPECT_EQ(waiting, 0);
	EXPECT_EQ(sendto(fd, "12345", 5, 0, any(&at), sizeof(at)), 5);
	EXPECT_EQ(sendto(fd, "123", 3, 0, any(&at), sizeof(at)), 3);
	EXPECT(ioctl(fd, FIONREAD, &waiting) == 0);
	EXPECT_EQ(waiting, 5);
	EXPECT_EQ(read(fd, text, sizeof(text)), 5);
	EXPECT(ioctl(fd, FIONREAD, &waiting) == 0);
	EXPECT_EQ(waiting, 3);
	EXPECT_ERRNO(ioctl(fd, FIONREAD, 8), EFAULT);
	EXPECT_ERRNO(ioctl(99, FIONREAD, &waiting), EBADF);
}
