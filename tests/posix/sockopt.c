/* SPDX-License-Identifier: MIT */
/* Options and controls of sockets: values, lengths, timeouts, interfaces, names of hosts. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netdb.h>

#include "sockets.h"

CASE(numbers, "setsockopt getsockopt")
{
	int tcp = socket(AF_INET, SOCK_STREAM, 0);

	EXPECT_EQ(number_option(tcp, SOL_SOCKET, SO_REUSEADDR), 0);
	EXPECT(set_number_option(tcp, SOL_SOCKET, SO_REUSEADDR, 1) == 0);
	EXPECT_EQ(number_option(tcp, SOL_SOCKET, SO_REUSEADDR), 1);
	EXPECT(set_number_option(tcp, SOL_SOCKET, SO_KEEPALIVE, 1) == 0);
	EXPECT_EQ(number_option(tcp, SOL_SOCKET, SO_KEEPALIVE), 1);
	EXPECT(set_number_option(tcp, IPPROTO_TCP, TCP_NODELAY, 1) == 0);
	EXPECT_EQ(number_option(tcp, IPPROTO_TCP, TCP_NODELAY), 1);
	EXPECT(set_number_option(tcp, IPPROTO_TCP, TCP_KEEPIDLE, 77) == 0);
	EXPECT_EQ(number_option(tcp, IPPROTO_TCP, TCP_KEEPIDLE), 77);
	EXPECT(set_number_option(tcp, SOL_SOCKET, SO_SNDBUF, 20000) == 0);
	EXPECT_EQ(number_option(tcp, SOL_SOCKET, SO_SNDBUF), 40000);
	EXPECT(set_number_option(tcp, IPPROTO_IP, IP_TTL, 9) == 0);
	EXPECT_EQ(number_option(tcp, IPPROTO_IP, IP_TTL), 9);
}

CASE(facts, "getsockopt socket")
{
	int udp = socket(AF_INET6, SOCK_DGRAM, 0), unix_stream = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_in at;
	int listener = bound(SOCK_STREAM, &at);

	EXPECT_EQ(number_option(udp, SOL_SOCKET, SO_DOMAIN), AF_INET6);
	EXPECT_EQ(number_option(udp, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
	EXPECT_EQ(number_option(udp, SOL_SOCKET, SO_PROTOCOL), IPPROTO_UDP);
	EXPECT_EQ(number_option(unix_stream, SOL_SOCKET, SO_DOMAIN), AF_UNIX);
	EXPECT_EQ(number_option(listener, SOL_SOCKET, SO_ACCEPTCONN), 0);
	MUST(listen(listener, 1) == 0);
	EXPECT_EQ(number_option(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
}

CASE(structures, "setsockopt getsockopt")
{
	struct linger set = { .l_onoff = 1, .l_linger = 7 }, got = { 0 };
	struct tcp_info info;
	socklen_t size = sizeof(got);
	int pair[2];

	tcp_pair(pair);
	EXPECT(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &set, sizeof(set)) == 0);
	EXPECT(getsockopt(pair[0], SOL_SOCKET, SO_LINGER, &got, &size) == 0);
	EXPECT_EQ(size, sizeof(got));
	EXPECT_EQ(got.l_linger, 7);
	size = sizeof(info);
	memset(&info, 0xff, sizeof(info));
	EXPECT(getsockopt(pair[1], IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
	EXPECT_EQ(info.tcpi_state, TCP_ESTABLISHED);
}

CASE(lengths, "setsockopt getsockopt")
{
	struct { int value, guard; } got = { -1, 0x5a5a5a5a };
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = 2;

	EXPECT(set_number_option(tcp, SOL_SOCKET, SO_RCVLOWAT, 0x1234) == 0);
	got.value = 0;
	EXPECT(getsockopt(tcp, SOL_SOCKET, SO_RCVLOWAT, &got, &size) == 0);
	EXPECT_EQ(size, 2);
	EXPECT_EQ(got.value, 0x1234);
	size = 100;
	EXPECT(getsockopt(tcp, SOL_SOCKET, SO_RCVLOWAT, &got, &size) == 0);
	EXPECT_EQ(size, 4);
	EXPECT_EQ(got.guard, 0x5a5a5a5a);
	size = (socklen_t)-1;
	EXPECT_ERRNO(getsockopt(tcp, SOL_SOCKET, SO_RCVLOWAT, &got, &size), EINVAL);
	EXPECT_ERRNO(setsockopt(tcp, SOL_SOCKET, SO_RCVLOWAT, &got, 2), EINVAL);
	EXPECT_ERRNO(setsockopt(tcp, SOL_SOCKET, SO_RCVLOWAT, &got, (socklen_t)-1), EINVAL);
}

CASE(errors, "setsockopt getsockopt")
{
	int tcp = socket(AF_INET, SOCK_STREAM, 0), value = 1;
	socklen_t size = sizeof(value);

	EXPECT_ERRNO(setsockopt(99, SOL_SOCKET, SO_REUSEADDR, &value, size), EBADF);
	EXPECT_ERRNO(getsockopt(99, SOL_SOCKET, SO_REUSEADDR, &value, &size), EBADF);
	EXPECT_ERRNO(setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &value, size), ENOTSOCK);
	EXPECT_ERRNO(getsockopt(0, SOL_SOCKET, SO_REUSEADDR, &value, &size), ENOTSOCK);
	EXPECT_ERRNO(setsockopt(tcp, SOL_SOCKET, 9999, &value, size), ENOPROTOOPT);
	EXPECT_ERRNO(getsockopt(tcp, SOL_SOCKET, 9999, &value, &size), ENOPROTOOPT);
	EXPECT_ERRNO(getsockopt(tcp, 9999, 1, &value, &size), EOPNOTSUPP);
	EXPECT_ERRNO(setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, (void *)8, size), EFAULT);
	EXPECT_ERRNO(getsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, (void *)8, &size), EFAULT);
	EXPECT_ERRNO(getsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &value, (void *)8), EFAULT);
	EXPECT_ERRNO(setsockopt(tcp, SOL_SOCKET, SO_TYPE, &value, size), ENOPROTOOPT);
}

static void set_timeout(int fd, int option, long ms)
{
	const struct timeval value = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	EXPECT(setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) == 0);
}

CASE(receive_timeout, "setsockopt recvfrom read")
{
	struct timeval back = { 0 };
	socklen_t size = sizeof(back);
	char text[8];
	int64_t start;
	int pair[2];

	tcp_pair(pair);
	set_timeout(pair[0], SO_RCVTIMEO, 200);
	EXPECT(getsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &back, &size) == 0);
	EXPECT_EQ(back.tv_usec, 200000);
	start = case_ms();
	EXPECT_ERRNO(recv(pair[0], text, 8, 0), EAGAIN);
	EXPECT_ERRNO(read(pair[0], text, 8), EAGAIN);
	EXPECT(case_ms() - start >= 390);
	/* What has come counts, when the time is over. */
	EXPECT_EQ(send(pair[1], "abc", 3, 0), 3);
	EXPECT_EQ(recv(pair[0], text, 8, MSG_WAITALL), 3);
	/* Without it, the next one waits for all. */
	set_timeout(pair[0], SO_RCVTIMEO, 0);
	EXPECT_EQ(send(pair[1], "abcd", 4, 0), 4);
	EXPECT_EQ(recv(pair[0], text, 4, MSG_WAITALL), 4);
}

CASE(send_timeout, "setsockopt sendto")
{
	static char data[1 << 20];
	int pair[2];
	long total = 0, result;

	tcp_pair(pair);
	set_timeout(pair[0], SO_SNDTIMEO, 100);
	for (int i = 0; i < 100 && (result = send(pair[0], data, sizeof(data), 0)) > 0; i++)
		total += result;
	EXPECT(result == -1 && errno == EAGAIN);
	EXPECT(total > 0);
	for (long left = total; left > 0 && (result = recv(pair[1], data, sizeof(data), 0)) > 0;)
		total -= result, left -= result;
	EXPECT_EQ(total, 0);
}

CASE(accept_timeout, "setsockopt accept")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_STREAM, &at), out = socket(AF_INET, SOCK_STREAM, 0);
	int64_t start = case_ms();

	MUST(listen(fd, 1) == 0);
	set_timeout(fd, SO_RCVTIMEO, 100);
	EXPECT_ERRNO(accept(fd, NULL, NULL), EAGAIN);
	EXPECT(case_ms() - start >= 95);
	MUST(connect(out, (struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT(accept(fd, NULL, NULL) > out);
}

/* An address that nobody answers for: the listener's queue is full. */
CASE(connect_timeout, "setsockopt connect")
{
	struct sockaddr_in at;
	int fd = bound(SOCK_STREAM, &at), failed = 0;

	MUST(listen(fd, 0) == 0);
	for (int i = 0; i < 4 && !failed; i++) {
		int out = socket(AF_INET, SOCK_STREAM, 0);

		set_timeout(out, SO_SNDTIMEO, 200);
		if (connect(out, (struct sockaddr *)&at, sizeof(at)) == -1)
			failed = errno;
	}
	EXPECT_EQ(failed, EINPROGRESS);
}

CASE(wrong_timeout, "setsockopt")
{
	const struct timeval wrong = { .tv_usec = 1000000 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wrong, sizeof(wrong)), EDOM);
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wrong, 4), EINVAL);
}

CASE(v6only, "setsockopt bind getsockopt")
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 }, name;
	struct sockaddr_in four;
	socklen_t size = sizeof(name);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), sender = bound(SOCK_DGRAM, &four);
	char byte;

	EXPECT(set_number_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0) == 0);
	EXPECT_EQ(number_option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 0);
	EXPECT(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT(getsockname(fd, (struct sockaddr *)&name, &size) == 0);
	four.sin_port = name.sin6_port;
	EXPECT_EQ(sendto(sender, "4", 1, 0, (struct sockaddr *)&four, sizeof(four)), 1);
	size = sizeof(name);
	EXPECT_EQ(recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&name, &size), 1);
	EXPECT(IN6_IS_ADDR_V4MAPPED(&name.sin6_addr));
	EXPECT_ERRNO(set_number_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1), EINVAL);
}

CASE(device, "ioctl")
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), index;

	EXPECT(ioctl(fd, SIOCGIFINDEX, &request) == 0);
	index = request.ifr_ifindex;
	EXPECT(index > 0);
	EXPECT(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	EXPECT((request.ifr_flags & (IFF_UP | IFF_LOOPBACK)) == (IFF_UP | IFF_LOOPBACK));
	EXPECT(ioctl(fd, SIOCGIFADDR, &request) == 0);
	EXPECT_STR(inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr), "127.0.0.1");
	EXPECT(ioctl(fd, SIOCGIFNETMASK, &request) == 0);
	EXPECT_STR(inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr), "255.0.0.0");
	EXPECT(ioctl(fd, SIOCGIFMTU, &request) == 0);
	EXPECT_EQ(request.ifr_mtu, 65536);
	memset(&request, 0, sizeof(request));
	request.ifr_ifindex = index;
	EXPECT(ioctl(fd, SIOCGIFNAME, &request) == 0);
	EXPECT_STR(request.ifr_name, "lo");
	EXPECT_ERRNO(ioctl(0, SIOCGIFINDEX, &request), ENOTTY);
	EXPECT_ERRNO(ioctl(99, SIOCGIFINDEX, &request), EBADF);
	strcpy(request.ifr_name, "none");
	EXPECT_ERRNO(ioctl(fd, SIOCGIFINDEX, &request), ENODEV);
	EXPECT_ERRNO(ioctl(fd, SIOCGIFINDEX, 8), EFAULT);
}

CASE(devices, "ioctl")
{
	struct ifreq list[20];
	struct ifconf all = { .ifc_len = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), found = 0, needed;

	EXPECT(ioctl(fd, SIOCGIFCONF, &all) == 0);
	needed = all.ifc_len;
	EXPECT(needed > 0 && needed % (int)sizeof(list[0]) == 0);
	all = (struct ifconf){ .ifc_len = sizeof(list), .ifc_req = list };
	EXPECT(ioctl(fd, SIOCGIFCONF, &all) == 0);
	EXPECT_EQ(all.ifc_len, needed);
	for (int i = 0; i < all.ifc_len / (int)sizeof(list[0]); i++)
		found += strcmp(list[i].ifr_name, "lo") == 0;
	EXPECT_EQ(found, 1);
	all = (struct ifconf){ .ifc_len = sizeof(list[0]) + 3, .ifc_req = list };
	EXPECT(ioctl(fd, SIOCGIFCONF, &all) == 0);
	EXPECT_EQ(all.ifc_len, sizeof(list[0]));
	EXPECT_ERRNO(ioctl(fd, SIOCGIFCONF, 8), EFAULT);
}

CASE(interface_names, "socket sendto recvfrom ioctl")
{
	struct if_nameindex *all = if_nameindex();
	char name[IF_NAMESIZE];
	int found = 0;

	MUST(all != NULL);
	for (struct if_nameindex *i = all; i->if_index; i++) {
		found += strcmp(i->if_name, "lo") == 0;
		EXPECT_EQ(if_nametoindex(i->if_name), i->if_index);
		EXPECT_STR(if_indextoname(i->if_index, name), i->if_name);
	}
	if_freenameindex(all);
	EXPECT_EQ(found, 1);
	EXPECT_EQ(if_nametoindex("none"), 0);
	EXPECT_EQ(errno, ENODEV);
}

CASE(addresses, "socket sendto recvfrom")
{
	struct ifaddrs *all = NULL;
	int loopbacks = 0;

	MUST(getifaddrs(&all) == 0);
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr)
			continue;
		SAY("%s family %d flags %x", i->ifa_name, i->ifa_addr->sa_family, i->ifa_flags);
		loopbacks += i->ifa_addr->sa_family == AF_INET &&
			     ((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
	}
	freeifaddrs(all);
	EXPECT_EQ(loopbacks, 1);
}

/* A request that netlink refuses is answered by an error message. */
CASE(netlink_error, "bind sendto recvmsg getsockname")
{
	struct { unsigned size; unsigned short type, flags; unsigned sequence, port; char body[16]; } request = { 32, 18, 1, 5, 0, "" };
	struct { unsigned size; unsigned short type, flags; unsigned sequence, port; int error; char rest[200]; } answer = { 0 };
	struct { unsigned short family, pad; unsigned port, groups; } at = { .family = AF_NETLINK }, name;
	struct iovec in = { &answer, sizeof(answer) };
	struct msghdr message = { .msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &in, .msg_iovlen = 1 };
	socklen_t size = sizeof(name);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), index = 123456;

	MUST(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT(getsockname(fd, (struct sockaddr *)&name, &size) == 0);
	EXPECT_EQ(size, sizeof(name));
	EXPECT(name.port != 0);
	memcpy(request.body + 4, &index, 4);
	EXPECT_EQ(send(fd, &request, sizeof(request), 0), sizeof(request));
	EXPECT(recvmsg(fd, &message, 0) >= 36);
	EXPECT_EQ(answer.type, 2);
	EXPECT_EQ(answer.sequence, 5);
	EXPECT_EQ(answer.error, -ENODEV);
	EXPECT_EQ(name.port, 0);
	EXPECT_EQ(message.msg_namelen, sizeof(name));
}

/* One answer of a server of names: 10.1.2.3 for what was asked. */
HELPER(name_server)
{
	struct sockaddr_in at = loopback(53), from;
	socklen_t size;
	unsigned char packet[512];
	static const unsigned char answer[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 1, 2, 3 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	long length;

	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return 1;
	helper_say();
	for (int i = 0; i < atoi(arg); i++) {
		size = sizeof(from);
		length = recvfrom(fd, packet, sizeof(packet) - sizeof(answer), 0, (struct sockaddr *)&from, &size);
		if (length < 12)
			return 2;
		packet[2] |= 0x80;
		packet[3] = 0x80;
		packet[7] = 1;
		memcpy(packet + length, answer, sizeof(answer));
		sendto(fd, packet, (size_t)length + sizeof(answer), 0, (struct sockaddr *)&from, size);
	}
	return 0;
}

CASE(host_names, "socket bind connect sendto recvmsg")
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	long helper = case_native("name_server", "1");
	char text[INET_ADDRSTRLEN] = "", before[1000];
	const long size = access("/etc/resolv.conf", R_OK) == 0 ? case_read_file("/etc/resolv.conf", before, sizeof(before)) : -1;

	case_hear(helper);
	case_write_file("/etc/resolv.conf", "nameserver 127.0.0.1\n", 21);
	EXPECT_EQ(getaddrinfo("localhost", "80", &hints, &list), 0);
	if (list)
		EXPECT_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	list = NULL;
	EXPECT_EQ(getaddrinfo("machine.test", "443", &hints, &list), 0);
	if (size >= 0)
		case_write_file("/etc/resolv.conf", before, (size_t)size);
	else
		unlink("/etc/resolv.conf");
	MUST(list != NULL);
	inet_ntop(AF_INET, &((struct sockaddr_in *)list->ai_addr)->sin_addr, text, sizeof(text));
	EXPECT_STR(text, "10.1.2.3");
	EXPECT_EQ(ntohs(((struct sockaddr_in *)list->ai_addr)->sin_port), 443);
	freeaddrinfo(list);
	EXPECT_EQ(case_wait(helper), 0);
}
