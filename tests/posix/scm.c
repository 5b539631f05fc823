/* SPDX-License-Identifier: MIT */
/* Control messages: descriptors and credentials that travel between processes. */
#include "sockets.h"

/* A message of one byte with room for, or with, descriptors. */
struct parcel {
	struct msghdr header;
	struct iovec data;
	char byte;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(64 * sizeof(int))];
	} control;
};

static struct msghdr *pack(struct parcel *p, const int *fds, int count)
{
	memset(p, 0, sizeof(*p));
	p->byte = 'p';
	p->data = (struct iovec){ &p->byte, 1 };
	p->header = (struct msghdr){ .msg_iov = &p->data, .msg_iovlen = 1, .msg_control = &p->control,
				     .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int)) };
	if (fds) {
		p->control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN((size_t)count * sizeof(int)),
						    .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&p->control.head), fds, (size_t)count * sizeof(int));
	}
	return &p->header;
}

/* The descriptors that came: how many, -1 if none did. */
static int unpack(struct parcel *p, int *fds)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(&p->header);

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
}

static void pair_of(int pair[2], int type)
{
	MUST(socketpair(AF_UNIX, type, 0, pair) == 0);
}

CASE(pipe_end, "sendmsg recvmsg")
{
	int pair[2], ends[2], got = -1;
	struct parcel p;
	char text[8] = "";

	pair_of(pair, SOCK_STREAM);
	MUST(pipe(ends) == 0);
	EXPECT_EQ(sendmsg(pair[0], pack(&p, &ends[1], 1), 0), 1);
	close(ends[1]);
	EXPECT_EQ(recvmsg(pair[1], pack(&p, NULL, 1), 0), 1);
	EXPECT_EQ(p.header.msg_flags, 0);
	EXPECT_EQ(p.header.msg_controllen, CMSG_SPACE(sizeof(int)));
	EXPECT_EQ(unpack(&p, &got), 1);
	EXPECT_EQ(got, ends[1]);
	EXPECT_EQ(fcntl(got, F_GETFD), 0);
	EXPECT_EQ(write(got, "piped", 5), 5);
	EXPECT_EQ(read(ends[0], text, 7), 5);
	EXPECT_STR(text, "piped");
	close(got);
	EXPECT_EQ(read(ends[0], text, 7), 0);
}

/* A file's position is shared by who sent and who got it. */
CASE(shared_position, "sendmsg recvmsg lseek")
{
	int pair[2], fd, got = -1;
	struct parcel p;
	char text[8] = "";

	pair_of(pair, SOCK_DGRAM);
	case_write_file("file", "0123456789", 10);
	fd = open("file", O_RDWR);
	EXPECT_EQ(read(fd, text, 3), 3);
	EXPECT_EQ(sendmsg(pair[0], pack(&p, &fd, 1), 0), 1);
	EXPECT_EQ(recvmsg(pair[1], pack(&p, NULL, 1), 0), 1);
	MUST(unpack(&p, &got) == 1 && got != fd);
	EXPECT_EQ(lseek(got, 0, SEEK_CUR), 3);
	EXPECT_EQ(read(got, text, 2), 2);
	EXPECT_STR(text, "342");
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
	EXPECT_EQ(write(fd, "x", 1), 1);
	EXPECT_EQ(lseek(got, 0, SEEK_CUR), 6);
}

CASE(several, "sendmsg recvmsg")
{
	int pair[2], sent[5], got[64], first;
	struct parcel p;
	char name[2] = "0", digit;

	pair_of(pair, SOCK_SEQPACKET);
	for (int i = 0; i < 5; i++) {
		name[0] = (char)('0' + i);
		case_write_file(name, name, 1);
		sent[i] = open(name, O_RDONLY);
		MUST(sent[i] >= 0);
	}
	EXPECT_EQ(sendmsg(pair[0], pack(&p, sent, 5), 0), 1);
	EXPECT_EQ(recvmsg(pair[1], pack(&p, NULL, 64), MSG_CMSG_CLOEXEC), 1);
	EXPECT_EQ(p.header.msg_flags & MSG_CTRUNC, 0);
	MUST(unpack(&p, got) == 5);
	first = got[0];
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(got[i], first + i);
		EXPECT_EQ(fcntl(got[i], F_GETFD), FD_CLOEXEC);
		EXPECT_EQ(pread(got[i], &digit, 1, 0), 1);
		EXPECT_EQ(digit, '0' + i);
	}
}

CASE(no_room, "sendmsg recvmsg")
{
	int pair[2], fd[2], got[64], next;
	struct parcel p;

	pair_of(pair, SOCK_STREAM);
	MUST(pipe(fd) == 0);
	next = dup(fd[0]);
	close(next);
	/* For one of two; for none; no control messages wanted at all. Nothing stays open. */
	EXPECT_EQ(sendmsg(pair[0], pack(&p, fd, 2), 0), 1);
	pack(&p, NULL, 1);
	p.header.msg_controllen = CMSG_LEN(sizeof(int));
	EXPECT_EQ(recvmsg(pair[1], &p.header, 0), 1);
	EXPECT_EQ(p.header.msg_flags, MSG_CTRUNC);
	EXPECT_EQ(unpack(&p, got), 1);
	EXPECT_EQ(got[0], next);
	close(got[0]);
	EXPECT_EQ(sendmsg(pair[0], pack(&p, fd, 2), 0), 1);
	pack(&p, NULL, 1);
	p.header.msg_controllen = CMSG_LEN(0);
	EXPECT_EQ(recvmsg(pair[1], &p.header, 0), 1);
	EXPECT_EQ(p.header.msg_flags, MSG_CTRUNC);
	EXPECT_EQ(sendmsg(pair[0], pack(&p, fd, 2), 0), 1);
	EXPECT_EQ(read(pair[1], &p.byte, 1), 1);
	EXPECT_EQ(dup(fd[0]), next);
}

CASE(send_errors, "sendmsg")
{
	int pair[2], wrong = 99, right = 0, two[2] = { 0, 99 };
	struct parcel p;

	pair_of(pair, SOCK_STREAM);
	EXPECT_ERRNO(sendmsg(pair[0], pack(&p, &wrong, 1), 0), EBADF);
	EXPECT_ERRNO(sendmsg(pair[0], pack(&p, two, 2), 0), EBADF);
	wrong = -1;
	EXPECT_ERRNO(sendmsg(pair[0], pack(&p, &wrong, 1), 0), EBADF);
	pack(&p, &right, 1);
	p.control.head.cmsg_len = 3;
	EXPECT_ERRNO(sendmsg(pair[0], &p.header, 0), EINVAL);
	p.control.head.cmsg_len = 300;
	EXPECT_ERRNO(sendmsg(pair[0], &p.header, 0), EINVAL);
	pack(&p, &right, 1);
	p.control.head.cmsg_type = 77;
	EXPECT_ERRNO(sendmsg(pair[0], &p.header, 0), EINVAL);
	/* Nothing of all this was sent. */
	EXPECT_ERRNO(recv(pair[1], &p.byte, 1, MSG_DONTWAIT), EAGAIN);
}

/* A socket that is sent is a socket there, and does not wait if it did not before. */
CASE(socket_itself, "sendmsg recvmsg")
{
	int pair[2], other[2], got = -1;
	struct parcel p;
	char text[8] = "";

	pair_of(pair, SOCK_STREAM);
	pair_of(other, SOCK_DGRAM);
	set_nonblock(other[0]);
	EXPECT_EQ(sendmsg(pair[0], pack(&p, &other[0], 1), 0), 1);
	EXPECT_EQ(recvmsg(pair[1], pack(&p, NULL, 1), 0), 1);
	MUST(unpack(&p, &got) == 1);
	EXPECT_ERRNO(recv(got, text, 8, 0), EAGAIN);
	EXPECT_EQ(send(other[1], "through", 7, 0), 7);
	EXPECT_EQ(recv(got, text, 3, MSG_TRUNC), 7);
	EXPECT_EQ(number_option(got, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
}

CASE(credentials, "setsockopt sendmsg recvmsg")
{
	union { struct cmsghdr head; char bytes[CMSG_SPACE(sizeof(struct ucred))]; } control;
	struct ucred who = { 0 };
	char byte = 'c';
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int pair[2];

	pair_of(pair, SOCK_DGRAM);
	EXPECT(set_number_option(pair[1], SOL_SOCKET, SO_PASSCRED, 1) == 0);
	EXPECT_EQ(send(pair[0], &byte, 1, 0), 1);
	EXPECT_EQ(recvmsg(pair[1], &message, 0), 1);
	EXPECT_EQ(message.msg_controllen, sizeof(control));
	EXPECT_EQ(control.head.cmsg_type, SCM_CREDENTIALS);
	memcpy(&who, CMSG_DATA(&control.head), sizeof(who));
	EXPECT_EQ(who.pid, getpid());
	EXPECT_EQ(who.uid, geteuid());
	/* Given with the message, right and wrong. */
	EXPECT_EQ(sendmsg(pair[0], &message, 0), 1);
	EXPECT_EQ(recvmsg(pair[1], &message, 0), 1);
	EXPECT_EQ(who.pid, getpid());
	control.head.cmsg_len = CMSG_LEN(4);
	EXPECT_ERRNO(sendmsg(pair[0], &message, 0), EINVAL);
}

CASE(peeked, "recvmsg")
{
	int pair[2], ends[2], got[2] = { -1, -1 };
	struct parcel p;

	pair_of(pair, SOCK_STREAM);
	MUST(pipe(ends) == 0);
	EXPECT_EQ(sendmsg(pair[0], pack(&p, ends, 1), 0), 1);
	EXPECT_EQ(recvmsg(pair[1], pack(&p, NULL, 1), MSG_PEEK), 1);
	EXPECT_EQ(unpack(&p, &got[0]), 1);
	EXPECT_EQ(recvmsg(pair[1], pack(&p, NULL, 1), 0), 1);
	EXPECT_EQ(unpack(&p, &got[1]), 1);
	EXPECT(got[0] != got[1] && got[0] > 0);
}

static int server(const char *name)
{
	int fd = unix_bound(SOCK_STREAM, name);

	MUST(listen(fd, 1) == 0);
	return fd;
}

/* Connects, gets a descriptor, writes into it; sends one of its own. */
HELPER(partner)
{
	const struct sockaddr_un at = named(arg);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), ends[2], got = -1;
	struct parcel p;

	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		return 1;
	if (recvmsg(fd, pack(&p, NULL, 1), 0) != 1 || unpack(&p, &got) != 1)
		return 2;
	if (write(got, "from there", 10) != 10 || pipe(ends) != 0)
		return 3;
	if (sendmsg(fd, pack(&p, &ends[0], 1), 0) != 1 || write(ends[1], "and back", 8) != 8)
		return 4;
	return 0;
}

static void exchange(long (*start)(const char *, const char *))
{
	int listener = server("meeting"), fd, file = open("shared", O_RDWR | O_CREAT, 0600), got = -1;
	char text[20] = "";
	struct parcel p;
	long helper;

	EXPECT_EQ(write(file, "start ", 6), 6);
	helper = start("partner", "meeting");
	fd = accept(listener, NULL, NULL);
	MUST(fd >= 0);
	EXPECT_EQ(sendmsg(fd, pack(&p, &file, 1), 0), 1);
	EXPECT_EQ(recvmsg(fd, pack(&p, NULL, 1), 0), 1);
	MUST(unpack(&p, &got) == 1);
	EXPECT_EQ(read(got, text, 8), 8);
	EXPECT_STR(text, "and back");
	EXPECT_EQ(case_wait(helper), 0);
	/* The other process moved the position that we share. */
	EXPECT_EQ(lseek(file, 0, SEEK_CUR), 16);
	EXPECT_EQ(pread(file, text, 16, 0), 16);
	EXPECT_STR(text, "start from there");
}

CASE(with_native, "sendmsg recvmsg")
{
	exchange(case_native);
}

CASE(with_same, "sendmsg recvmsg connect")
{
	exchange(case_same);
}
