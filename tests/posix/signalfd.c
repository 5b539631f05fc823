/* SPDX-License-Identifier: MIT */
/* signalfd: signals read from a descriptor. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static sigset_t blocked(int one, int two)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, one);
	sigaddset(&set, two);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return set;
}

/* Never standard input, which a call that does nothing would seem to return. */
static int made(const sigset_t *set, int flags)
{
	int fd = signalfd(-1, set, flags);

	MUST(fd > 2);
	return fd;
}

CASE(read, "signalfd4 read")
{
	sigset_t set = blocked(SIGUSR1, SIGRTMIN);
	struct signalfd_siginfo info[4];
	int fd = made(&set, SFD_CLOEXEC);

	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 5 });
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(read(fd, info, sizeof(info)), 2 * sizeof(info[0]));
	EXPECT(info[0].ssi_signo == SIGUSR1 && info[0].ssi_code == SI_USER && info[0].ssi_pid == (uint32_t)getpid());
	EXPECT(info[1].ssi_signo == (uint32_t)SIGRTMIN && info[1].ssi_int == 5 && info[1].ssi_code == SI_QUEUE);
	EXPECT_ERRNO(read(fd, info, 100), EINVAL);
	EXPECT_ERRNO(write(fd, info, 128), EINVAL);
}

CASE(nonblocking, "signalfd4 read")
{
	sigset_t set = blocked(SIGUSR1, SIGUSR2);
	struct signalfd_siginfo info;
	int fd = made(&set, SFD_NONBLOCK);

	EXPECT_ERRNO(read(fd, &info, sizeof(info)), EAGAIN);
	raise(SIGUSR2);
	EXPECT_EQ(read(fd, &info, sizeof(info)), sizeof(info));
	EXPECT_EQ(info.ssi_signo, SIGUSR2);
	EXPECT_ERRNO(read(fd, &info, sizeof(info)), EAGAIN);
}

CASE(poll, "signalfd4 ppoll")
{
	sigset_t set = blocked(SIGUSR1, SIGUSR2), pending;
	struct signalfd_siginfo info;
	struct pollfd one = { .fd = made(&set, 0), .events = POLLIN };

	EXPECT_EQ(poll(&one, 1, 0), 0);
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(poll(&one, 1, 1000), 1);
	EXPECT_EQ(one.revents, POLLIN);
	EXPECT_EQ(read(one.fd, &info, sizeof(info)), sizeof(info));
	EXPECT_EQ(poll(&one, 1, 0), 0);
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(poll(&one, 1, 1000), 1);
	EXPECT(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
	signal(SIGUSR1, SIG_IGN);
}

static void *send_later(void *unused)
{
	usleep(30000);
	kill(getpid(), SIGUSR1);
	return unused;
}

CASE(epoll_waits, "signalfd4 epoll_pwait")
{
	sigset_t set = blocked(SIGUSR1, SIGUSR2);
	int fd = made(&set, SFD_NONBLOCK), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 7 };
	struct signalfd_siginfo info;
	void *thread;

	MUST(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	EXPECT_EQ(epoll_wait(epoll, &event, 1, 0), 0);
	thread = case_thread(send_later, NULL);
	EXPECT_EQ(epoll_wait(epoll, &event, 1, 10000), 1);
	EXPECT_EQ(read(fd, &info, sizeof(info)), sizeof(info));
	case_join(thread);
	EXPECT_EQ(epoll_wait(epoll, &event, 1, 0), 0);
}

CASE(blocking_read, "signalfd4 read")
{
	sigset_t set = blocked(SIGUSR1, SIGUSR2);
	int fd = made(&set, 0);
	struct signalfd_siginfo info = { 0 };
	void *thread = case_thread(send_later, NULL);

	EXPECT_EQ(read(fd, &info, sizeof(info)), sizeof(info));
	EXPECT_EQ(info.ssi_signo, SIGUSR1);
	case_join(thread);
}

CASE(changed, "signalfd4")
{
	sigset_t both = blocked(SIGUSR1, SIGUSR2), one;
	struct signalfd_siginfo info;
	int fd = made(&both, SFD_NONBLOCK);

	sigemptyset(&one);
	sigaddset(&one, SIGUSR2);
	EXPECT_EQ(signalfd(fd, &one, 0), fd);
	raise(SIGUSR1);
	EXPECT_ERRNO(read(fd, &info, sizeof(info)), EAGAIN);
	EXPECT_EQ(signalfd(fd, &both, 0), fd);
	EXPECT_EQ(read(fd, &info, sizeof(info)), sizeof(info));
	EXPECT_ERRNO(signalfd(0, &both, 0), EINVAL);
	EXPECT_ERRNO(signalfd(999, &both, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_signalfd4, -1, &both, 4, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_signalfd4, -1, &both, 8, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_signalfd4, -1, 8, 8, 0), EFAULT);
}
