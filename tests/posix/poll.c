/* SPDX-License-Identifier: MIT */
/* poll and ppoll: what is reported for what, limits, times. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static int revents(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events, .revents = -1 };
	const int result = poll(&p, 1, 0);

	EXPECT_EQ(result, p.revents != 0);
	return p.revents;
}

CASE(pipe_states, "ppoll")
{
	int p[2], q[2];

	MUST(pipe(p) == 0 && pipe2(q, O_NONBLOCK) == 0);
	EXPECT_EQ(revents(p[0], POLLIN), 0);
	EXPECT_EQ(revents(p[1], POLLOUT), POLLOUT);
	EXPECT_EQ(write(p[1], "a", 1), 1);
	EXPECT_EQ(revents(p[0], POLLIN | POLLRDNORM | POLLPRI | POLLOUT), POLLIN | POLLRDNORM);
	EXPECT_EQ(revents(p[0], 0), 0);
	EXPECT_EQ(close(p[1]), 0);
	EXPECT_EQ(revents(p[0], POLLIN), POLLIN | POLLHUP);
	EXPECT_EQ(revents(p[0], 0), POLLHUP);
	while (write(q[1], (char[4096]){ 0 }, 4096) > 0)
		;
	EXPECT_EQ(revents(q[1], POLLOUT), 0);
	EXPECT_EQ(close(q[0]), 0);
	EXPECT_EQ(revents(q[1], POLLOUT), POLLERR);
}

CASE(files, "ppoll")
{
	const int fd = open("file", O_RDWR | O_CREAT, 0600), dir = open(".", O_RDONLY);

	MUST(fd >= 0 && dir >= 0);
	EXPECT_EQ(revents(fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
	EXPECT_EQ(revents(fd, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI | POLLRDBAND),
		  POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	EXPECT_EQ(revents(dir, POLLIN), POLLIN);
	EXPECT_EQ(revents(fd, POLLPRI), 0);
}

CASE(invalid, "ppoll")
{
	struct pollfd p[3] = { { .fd = 777, .events = POLLIN }, { .fd = -5, .events = POLLIN, .revents = 9 }, { .fd = 778 } };

	EXPECT_EQ(poll(p, 3, -1), 2);
	EXPECT_EQ(p[0].revents, POLLNVAL);
	EXPECT_EQ(p[1].revents, 0);
	EXPECT_EQ(p[2].revents, POLLNVAL);
	EXPECT_EQ(p[1].fd, -5);
	EXPECT_EQ(p[0].events, POLLIN);
	p[0].fd = ~p[0].fd;
	p[2].fd = -1;
	EXPECT_EQ(poll(p, 3, 30), 0);
	EXPECT_EQ(p[0].revents, 0);
}

CASE(sockets, "ppoll")
{
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	EXPECT_EQ(revents(s[0], POLLIN | POLLOUT), POLLOUT);
	EXPECT_EQ(shutdown(s[1], SHUT_WR), 0);
	EXPECT_EQ(revents(s[0], POLLIN | POLLRDHUP), POLLIN | POLLRDHUP);
	EXPECT_EQ(revents(s[0], POLLOUT), POLLOUT);
	EXPECT_EQ(close(s[1]), 0);
	EXPECT_EQ(revents(s[0], POLLRDHUP), POLLRDHUP | POLLHUP);
}

CASE(same_twice, "ppoll")
{
	const int fd = eventfd(1, 0);
	struct pollfd p[3] = { { .fd = fd, .events = POLLIN }, { .fd = fd, .events = POLLOUT }, { .fd = fd } };

	EXPECT_EQ(poll(p, 3, 0), 2);
	EXPECT_EQ(p[0].revents, POLLIN);
	EXPECT_EQ(p[1].revents, POLLOUT);
	EXPECT_EQ(p[2].revents, 0);
}

CASE(limits, "ppoll")
{
	static struct pollfd p[1024];
	const int fd = eventfd(1, 0);

	for (int i = 0; i < 1024; i++)
		p[i] = (struct pollfd){ .fd = i % 100 ? -1 : fd, .events = POLLIN };
	EXPECT_EQ(poll(p, 1024, -1), 11);
	EXPECT_EQ(p[0].revents, POLLIN);
	EXPECT_EQ(p[1].revents, 0);
	EXPECT_EQ(p[1000].revents, POLLIN);
	EXPECT_ERRNO(poll(p, 0x7fffffff, 0), EINVAL);
	EXPECT_ERRNO(poll((void *)8, 1, 0), EFAULT);
	EXPECT_EQ(poll((void *)8, 0, 0), 0);
}

CASE(time_is_up, "ppoll")
{
	int p[2];
	int64_t start = case_ms();

	MUST(pipe(p) == 0);
	EXPECT_EQ(poll(&(struct pollfd){ .fd = p[0], .events = POLLIN }, 1, 100), 0);
	EXPECT(case_ms() - start >= 99);
	start = case_ms();
	EXPECT_EQ(poll(NULL, 0, 80), 0);
	EXPECT(case_ms() - start >= 79);
}

/* The system call, unlike libc's function, gives back what is left. */
CASE(time_left, "ppoll")
{
	const int fd = eventfd(1, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec left = { 100, 5 };

	EXPECT_EQ(syscall(SYS_ppoll, &p, 1, &left, NULL, 8), 1);
	EXPECT(left.tv_sec < 100 && left.tv_sec > 50);
	left = (struct timespec){ 0, 30000000 };
	p.events = POLLPRI;
	EXPECT_EQ(syscall(SYS_ppoll, &p, 1, &left, NULL, 8), 0);
	EXPECT_EQ(left.tv_sec, 0);
	EXPECT_EQ(left.tv_nsec, 0);
}

CASE(arguments, "ppoll")
{
	struct pollfd p = { .fd = -1 };
	struct timespec wrong = { 0, 1000000000 }, now = { 0, 0 };

	EXPECT_ERRNO(syscall(SYS_ppoll, &p, 1, &wrong, NULL, 8), EINVAL);
	wrong = (struct timespec){ -1, 0 };
	EXPECT_ERRNO(syscall(SYS_ppoll, &p, 1, &wrong, NULL, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ppoll, &p, 1, 8, NULL, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_ppoll, &p, 1, &now, &now, 7), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ppoll, &p, 1, &now, 8, 8), EFAULT);
	EXPECT_EQ(syscall(SYS_ppoll, &p, 1, &now, NULL, 7), 0);
}

static int polled, up;

static void *write_later(void *arg)
{
	case_until(&up, 1);
	usleep(60000);
	return (void *)write((int)(long)arg, "x", 1);
}

CASE(woken, "ppoll")
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int a[2], b[2];
	void *thread;

	up = polled = 0;
	MUST(pipe(a) == 0 && pipe(b) == 0);
	p[0].fd = a[0];
	p[1].fd = b[0];
	thread = case_thread(write_later, (void *)(long)b[1]);
	case_set(&up, 1);
	EXPECT_EQ(poll(p, 2, -1), 1);
	EXPECT_EQ(p[0].revents, 0);
	EXPECT_EQ(p[1].revents, POLLIN);
	EXPECT_EQ((long)case_join(thread), 1);
}
