/* SPDX-License-Identifier: MIT */
/* eventfd: counter and semaphore, its limits, blocking and not, duplicates. */
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "case.h"

#define MOST	0xfffffffffffffffeull

static uint64_t take(int fd)
{
	uint64_t value = 0;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static long give(int fd, uint64_t value)
{
	return write(fd, &value, sizeof(value));
}

static int revents(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	EXPECT(poll(&p, 1, 0) >= 0);
	return p.revents;
}

CASE(counter, "eventfd2")
{
	const int fd = eventfd(3, 0);

	MUST(fd >= 0);
	EXPECT_EQ(take(fd), 3);
	EXPECT_EQ(give(fd, 5), 8);
	EXPECT_EQ(give(fd, 0x100000000), 8);
	EXPECT_EQ(take(fd), 0x100000005);
}

CASE(semaphore, "eventfd2")
{
	const int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);

	MUST(fd >= 0);
	EXPECT_EQ(take(fd), 1);
	EXPECT_EQ(take(fd), 1);
	EXPECT_ERRNO(read(fd, &(uint64_t){ 0 }, 8), EAGAIN);
	EXPECT_EQ(give(fd, 1), 8);
	EXPECT_EQ(take(fd), 1);
}

CASE(sizes, "eventfd2")
{
	const int fd = eventfd(1, EFD_NONBLOCK);
	uint64_t room[4] = { 0 };

	MUST(fd >= 0);
	EXPECT_ERRNO(read(fd, room, 7), EINVAL);
	EXPECT_ERRNO(write(fd, room, 7), EINVAL);
	EXPECT_EQ(read(fd, room, sizeof(room)), 8);
	EXPECT_EQ(room[0], 1);
	EXPECT_ERRNO(write(fd, room, sizeof(room)), EINVAL);
	EXPECT_ERRNO(write(fd, (void *)8, 8), EFAULT);
	EXPECT_ERRNO(pread(fd, room, 8, 0), ESPIPE);
}

CASE(overflow, "eventfd2")
{
	const int fd = eventfd(0, EFD_NONBLOCK);

	MUST(fd >= 0);
	EXPECT_ERRNO(give(fd, ~0ull), EINVAL);
	EXPECT_EQ(revents(fd), POLLOUT);
	EXPECT_EQ(give(fd, MOST - 1), 8);
	EXPECT_EQ(revents(fd), POLLIN | POLLOUT);
	EXPECT_EQ(give(fd, 1), 8);
	EXPECT_EQ(revents(fd), POLLIN);
	EXPECT_ERRNO(give(fd, 1), EAGAIN);
	EXPECT(take(fd) == MOST);
	EXPECT_EQ(revents(fd), POLLOUT);
}

CASE(flags, "eventfd2 fcntl")
{
	int fd;

	EXPECT_ERRNO(eventfd(0, 0x10), EINVAL);
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	EXPECT_ERRNO(read(fd, &(uint64_t){ 0 }, 8), EAGAIN);
	fd = eventfd(0, 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	EXPECT_ERRNO(read(fd, &(uint64_t){ 0 }, 8), EAGAIN);
}

CASE(duplicate, "eventfd2 dup")
{
	const int fd = eventfd(0, 0), copy = dup(fd);

	MUST(fd >= 0 && copy >= 0);
	EXPECT_EQ(give(copy, 9), 8);
	EXPECT_EQ(close(copy), 0);
	EXPECT_EQ(take(fd), 9);
	EXPECT_EQ(close(fd), 0);
	EXPECT_ERRNO(read(fd, &(uint64_t){ 0 }, 8), EBADF);
}

static int pair[2];

static void *echo(void *arg)
{
	uint64_t sum = 0;

	for (int i = 0; i < 50; i++) {
		sum += take(pair[0]);
		give(pair[1], 1);
	}
	return arg ? (void *)sum : NULL;
}

CASE(between_threads, "eventfd2")
{
	void *thread;

	MUST((pair[0] = eventfd(0, 0)) >= 0 && (pair[1] = eventfd(0, 0)) >= 0);
	thread = case_thread(echo, (void *)1);
	for (int i = 1; i <= 50; i++) {
		EXPECT_EQ(give(pair[0], (uint64_t)i), 8);
		EXPECT_EQ(take(pair[1]), 1);
	}
	EXPECT_EQ((long)case_join(thread), 50 * 51 / 2);
}

static void *fill(void *arg)
{
	return (void *)give((int)(long)arg, 5);
}

CASE(full_waits, "eventfd2")
{
	const int fd = eventfd(0, 0);
	void *thread;

	MUST(fd >= 0);
	EXPECT_EQ(give(fd, MOST - 2), 8);
	thread = case_thread(fill, (void *)(long)fd);
	EXPECT_EQ(revents(fd) & POLLIN, POLLIN);
	EXPECT(take(fd) == MOST - 2);
	EXPECT_EQ((long)case_join(thread), 8);
	EXPECT_EQ(take(fd), 5);
}
