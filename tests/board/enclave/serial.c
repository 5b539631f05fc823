/* SPDX-License-Identifier: MIT */
/*
 * serial: calls on /dev/secure/uart0 do what they do on a serial line of Linux's, as far as they are there at all.
 * serial PATH: what open() says of it, and a line of what can be read there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../lib/t.h"

#define DEVICE	"/dev/secure/uart0"

static pthread_t reader;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void flags(int fd)
{
	char c;
	int copy = dup(fd), on = 1, off = 0;

	CHECK(fcntl(fd, F_GETFL) == O_RDWR);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(copy, F_GETFL) == (O_RDWR | O_NONBLOCK));
	CHECK_ERRNO(read(fd, &c, 1), EAGAIN);
	CHECK(ioctl(fd, FIONBIO, &off) == 0 && fcntl(fd, F_GETFL) == O_RDWR);
	CHECK(ioctl(fd, FIONBIO, &on) == 0);
	CHECK(read(fd, &c, 0) == 0 && write(fd, &c, 0) == 0);
	CHECK_ERRNO(lseek(fd, 0, SEEK_CUR), ESPIPE);
	CHECK_ERRNO(pread(fd, &c, 1, 0), ESPIPE);
	CHECK_ERRNO(pwrite(fd, &c, 1, 0), ESPIPE);
	CHECK(close(copy) == 0 && fcntl(fd, F_GETFD) == 0);
	copy = open(DEVICE, O_RDONLY | O_CLOEXEC);
	CHECK(copy >= 0 && fcntl(copy, F_GETFD) == FD_CLOEXEC);
	CHECK_ERRNO(write(copy, &c, 1), EBADF);
	close(copy);
	copy = open(DEVICE, O_WRONLY);
	CHECK_ERRNO(read(copy, &c, 1), EBADF);
	close(copy);
	CHECK_ERRNO(open(DEVICE, O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK_ERRNO(open(DEVICE, O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERRNO(open("/dev/secure/gpio0", O_RDWR), ENOENT);
	CHECK_ERRNO(open("/dev/secure/uart00", O_RDWR), ENOENT);
	CHECK_ERRNO(open("/dev//secure/uart1", O_RDWR), ENOENT);
}

static void told(int fd)
{
	struct termios line;
	struct stat info;

	CHECK(isatty(fd));
	CHECK(tcgetattr(fd, &line) == 0 && (line.c_lflag & (ICANON | ECHO | ISIG)) == 0 && (line.c_cflag & CSIZE) == CS8);
	cfsetspeed(&line, B9600);
	line.c_lflag |= ICANON;
	CHECK(tcsetattr(fd, TCSANOW, &line) == 0 && tcsetattr(fd, TCSADRAIN, &line) == 0);
	CHECK(tcgetattr(fd, &line) == 0 && cfgetospeed(&line) == B9600 && !(line.c_lflag & ICANON));
	CHECK(tcdrain(fd) == 0 && tcflush(fd, TCIFLUSH) == 0);
	CHECK_ERRNO(ioctl(fd, TIOCGSID, &line), ENOTTY);
	CHECK(fstat(fd, &info) == 0 && S_ISCHR(info.st_mode));
	CHECK(stat(DEVICE, &info) == 0 && S_ISCHR(info.st_mode));
}

static void waits(int fd)
{
	struct pollfd in = { .fd = fd, .events = POLLIN }, both = { .fd = fd, .events = POLLIN | POLLOUT };
	struct pollfd with_linux[2] = { in, { .fd = 0, .events = POLLIN } };
	struct timeval time = { .tv_usec = 30000 };
	struct epoll_event event = { .events = EPOLLIN };
	const double start = now();
	fd_set set;

	CHECK(poll(&in, 1, 0) == 0 && in.revents == 0);
	CHECK(poll(&in, 1, 50) == 0 && now() - start >= 0.05);
	CHECK(poll(&both, 1, 1000) == 1 && both.revents == POLLOUT && now() - start < 1);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	CHECK(select(fd + 1, &set, NULL, NULL, &time) == 0 && !FD_ISSET(fd, &set));
	FD_SET(fd, &set);
	CHECK(select(fd + 1, NULL, &set, NULL, NULL) == 1 && FD_ISSET(fd, &set));
	CHECK_ERRNO(poll(with_linux, 2, 0), EOPNOTSUPP);
	const int epoll = epoll_create1(0);

	CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), EPERM);
	close(epoll);
}

static void handler(int signal)
{
	(void)signal;
}

static void *disturb(void *argument)
{
	const struct timespec moment = { .tv_nsec = 50000000 };

	(void)argument;
	nanosleep(&moment, NULL);
	pthread_kill(reader, SIGUSR1);
	return NULL;
}

/* A read without end is ended by a signal. */
static void interrupted(int fd)
{
	const struct sigaction action = { .sa_handler = handler };
	pthread_t other;
	char c;

	sigaction(SIGUSR1, &action, NULL);
	reader = pthread_self();
	CHECK(fcntl(fd, F_SETFL, 0) == 0);
	if (pthread_create(&other, NULL, disturb, NULL) != 0)
		abort();
	CHECK_ERRNO(read(fd, &c, 1), EINTR);
	pthread_join(other, NULL);
}

static void output(int fd)
{
	struct iovec vector[3] = { { "ser", 3 }, { "", 0 }, { "ial line\n", 9 } };
	static char large[1000];

	CHECK(writev(fd, vector, 3) == 12);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\n';
	CHECK(write(fd, large, sizeof(large)) == sizeof(large));
	CHECK_ERRNO(write(fd, (char *)8, 1), EFAULT);
}

static int open_only(const char *path)
{
	char text[64];
	const int fd = open(path, O_RDONLY);
	const ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	printf("%s%.*s\n", fd < 0 ? strerror(errno) : "open: ", (int)(n > 0 ? n : 0), text);
	return fd >= 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return open_only(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	const int fd = open(DEVICE, O_RDWR);

	CHECK(fd >= 0);
	if (fd < 0)
		return 1;
	flags(fd);
	told(fd);
	waits(fd);
	interrupted(fd);
	output(fd);
	CHECK(close(fd) == 0);
	return t_done();
}
