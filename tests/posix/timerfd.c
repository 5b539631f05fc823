/* SPDX-License-Identifier: MIT */
/* timerfd: once and again, relative and absolute, what is left, readiness. */
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

#define MS	1000000l

static int arm(int fd, int flags, struct timespec value, long interval_ms)
{
	const struct itimerspec new = { { interval_ms / 1000, interval_ms % 1000 * MS }, value };

	return timerfd_settime(fd, flags, &new, NULL);
}

static struct timespec ms(long count)
{
	return (struct timespec){ count / 1000, count % 1000 * MS };
}

static uint64_t take(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, 8) == 8 ? count : 0;
}

static int timer(int clock, int flags)
{
	const int fd = timerfd_create(clock, flags);

	MUST(fd >= 0);
	return fd;
}

static int ready(int fd, int timeout)
{
	return poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, timeout);
}

CASE(create, "timerfd_create")
{
	int fd;

	EXPECT_ERRNO(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
	EXPECT_ERRNO(timerfd_create(77, 0), EINVAL);
	EXPECT_ERRNO(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	EXPECT_ERRNO(timerfd_create(CLOCK_MONOTONIC_RAW, 0), EINVAL);
	fd = timer(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
}

CASE(once, "timerfd_create timerfd_settime")
{
	const int fd = timer(CLOCK_MONOTONIC, 0);
	const int64_t start = case_ms();

	EXPECT_EQ(arm(fd, 0, ms(100), 0), 0);
	EXPECT_EQ(take(fd), 1);
	EXPECT(case_ms() - start >= 99);
	EXPECT_EQ(ready(fd, 30), 0);
}

CASE(again, "timerfd_create timerfd_settime")
{
	const int fd = timer(CLOCK_MONOTONIC, 0);
	const int64_t start = case_ms();
	uint64_t sum = 0;

	EXPECT_EQ(arm(fd, 0, ms(20), 30), 0);
	while (sum < 5) {
		const uint64_t count = take(fd);

		MUST(count > 0);
		sum += count;
	}
	EXPECT(case_ms() - start >= 20 + 4 * 30 - 1);
	EXPECT((int64_t)sum <= (case_ms() - start - 20) / 30 + 1);
}

CASE(missed, "timerfd_create timerfd_settime")
{
	const int fd = timer(CLOCK_MONOTONIC, TFD_NONBLOCK);
	uint64_t count;

	EXPECT_EQ(arm(fd, 0, ms(10), 10), 0);
	usleep(105000);
	count = take(fd);
	EXPECT(count >= 10);
	EXPECT(count < 1000);
}

CASE(absolute, "timerfd_create timerfd_settime")
{
	const int clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME };
	struct timespec then, now;

	for (int i = 0; i < 2; i++) {
		const int fd = timer(clocks[i], 0);

		case_deadline(&then, clocks[i], 100);
		EXPECT_EQ(arm(fd, TFD_TIMER_ABSTIME, then, 0), 0);
		EXPECT_EQ(take(fd), 1);
		clock_gettime(clocks[i], &now);
		/* The enclave's wall clock was set once and may be a little off the host's, by which this one is timed. */
		EXPECT((now.tv_sec - then.tv_sec) * 1000 + (now.tv_nsec - then.tv_nsec) / MS >= (i ? -50 : 0));
		case_deadline(&then, clocks[i], -1000);
		EXPECT_EQ(arm(fd, TFD_TIMER_ABSTIME, then, 0), 0);
		EXPECT_EQ(take(fd), 1);
	}
}

CASE(absolute_past_counts, "timerfd_create timerfd_settime")
{
	const int fd = timer(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct timespec then;
	uint64_t count;

	case_deadline(&then, CLOCK_MONOTONIC, -1000);
	EXPECT_EQ(arm(fd, TFD_TIMER_ABSTIME, then, 100), 0);
	EXPECT_EQ(ready(fd, 1000), 1);
	count = take(fd);
	EXPECT(count >= 10 && count < 200);
}

CASE(disarm, "timerfd_create timerfd_settime timerfd_gettime")
{
	const int fd = timer(CLOCK_MONOTONIC, TFD_NONBLOCK);
	const struct itimerspec off = { { 0, 0 }, { 0, 0 } };
	struct itimerspec old, now;

	EXPECT_EQ(arm(fd, 0, ms(100000), 5000), 0);
	EXPECT_EQ(timerfd_settime(fd, 0, &off, &old), 0);
	EXPECT(old.it_value.tv_sec >= 90 && old.it_value.tv_sec < 100);
	EXPECT_EQ(old.it_interval.tv_sec, 5);
	EXPECT_EQ(timerfd_gettime(fd, &now), 0);
	EXPECT_EQ(now.it_value.tv_sec + now.it_value.tv_nsec, 0);
	EXPECT_ERRNO(read(fd, &old, 8), EAGAIN);
	/* What was due and not read is forgotten. */
	EXPECT_EQ(arm(fd, 0, ms(1), 0), 0);
	EXPECT_EQ(ready(fd, 5000), 1);
	EXPECT_EQ(timerfd_settime(fd, 0, &off, NULL), 0);
	EXPECT_EQ(ready(fd, 0), 0);
}

CASE(what_is_left, "timerfd_create timerfd_settime timerfd_gettime")
{
	const int fd = timer(CLOCK_MONOTONIC, 0);
	struct itimerspec now = { { 1, 1 }, { 1, 1 } };

	EXPECT_EQ(timerfd_gettime(fd, &now), 0);
	EXPECT_EQ(now.it_value.tv_sec + now.it_value.tv_nsec + now.it_interval.tv_sec + now.it_interval.tv_nsec, 0);
	EXPECT_EQ(arm(fd, 0, ms(50000), 3000), 0);
	EXPECT_EQ(timerfd_gettime(fd, &now), 0);
	EXPECT(now.it_value.tv_sec <= 50 && now.it_value.tv_sec >= 40);
	EXPECT_EQ(now.it_interval.tv_sec, 3);
	EXPECT_EQ(arm(fd, 0, ms(1), 0), 0);
	EXPECT_EQ(ready(fd, 5000), 1);
	EXPECT_EQ(timerfd_gettime(fd, &now), 0);
	EXPECT_EQ(now.it_value.tv_sec + now.it_value.tv_nsec, 0);
	EXPECT_EQ(take(fd), 1);
}

CASE(arguments, "timerfd_create timerfd_settime timerfd_gettime")
{
	const int fd = timer(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec new = { { 0, 0 }, { 0, 1000000000 } };
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_ERRNO(timerfd_settime(fd, 0, &new, NULL), EINVAL);
	new = (struct itimerspec){ { -1, 0 }, { 1, 0 } };
	EXPECT_ERRNO(timerfd_settime(fd, 0, &new, NULL), EINVAL);
	new = (struct itimerspec){ { 0, 0 }, { 100, 0 } };
	EXPECT_ERRNO(timerfd_settime(fd, 8, &new, NULL), EINVAL);
	EXPECT_ERRNO(timerfd_settime(p[0], 0, &new, NULL), EINVAL);
	EXPECT_ERRNO(timerfd_settime(999, 0, &new, NULL), EBADF);
	EXPECT_ERRNO(timerfd_settime(fd, 0, (void *)8, NULL), EFAULT);
	EXPECT_ERRNO(timerfd_gettime(p[0], &new), EINVAL);
	EXPECT_ERRNO(timerfd_gettime(999, &new), EBADF);
	EXPECT_ERRNO(timerfd_gettime(fd, (void *)8), EFAULT);
	EXPECT_ERRNO(read(fd, &new, 7), EINVAL);
	EXPECT_ERRNO(read(fd, &new, 8), EAGAIN);
	EXPECT_ERRNO(write(fd, &new, 8), EINVAL);
	EXPECT_ERRNO(pread(fd, &new, 8, 0), ESPIPE);
}

CASE(watched, "timerfd_create timerfd_settime")
{
	const int fd = timer(CLOCK_MONOTONIC, TFD_NONBLOCK), set = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 5 };
	const int64_t start = case_ms();

	EXPECT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), 0);
	EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
	EXPECT_EQ(arm(fd, 0, ms(80), 0), 0);
	EXPECT_EQ(epoll_wait(set, &event, 1, 10000), 1);
	EXPECT(case_ms() - start >= 79);
	EXPECT_EQ(take(fd), 1);
	EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
}

static int shared_timer, up;

static void *reader(void *arg)
{
	case_set(&up, 1);
	return arg ? (void *)take(shared_timer) : NULL;
}

/* A reader that waits for one setting gets the next. */
CASE(set_while_read, "timerfd_create timerfd_settime")
{
	void *thread;

	up = 0;
	shared_timer = timer(CLOCK_MONOTONIC, 0);
	EXPECT_EQ(arm(shared_timer, 0, ms(100000), 0), 0);
	thread = case_thread(reader, (void *)1);
	case_until(&up, 1);
	usleep(40000);
	EXPECT_EQ(arm(shared_timer, 0, ms(40), 0), 0);
	EXPECT_EQ((long)case_join(thread), 1);
}
