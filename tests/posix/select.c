/* SPDX-License-Identifier: MIT */
/* select and pselect: sets, limits, times. */
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static fd_set one(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return set;
}

static struct timeval soon(long ms)
{
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

CASE(three_sets, "pselect6")
{
	struct timeval now = soon(0);
	fd_set in, out, except;
	int p[2];

	MUST(pipe(p) == 0 && write(p[1], "a", 1) == 1);
	in = one(p[0]);
	FD_SET(p[1], &in);
	out = one(p[1]);
	FD_SET(p[0], &out);
	except = in;
	EXPECT_EQ(select(p[1] + 1, &in, &out, &except, &now), 2);
	EXPECT(FD_ISSET(p[0], &in) && !FD_ISSET(p[1], &in));
	EXPECT(FD_ISSET(p[1], &out) && !FD_ISSET(p[0], &out));
	EXPECT(!FD_ISSET(p[0], &except) && !FD_ISSET(p[1], &except));
}

CASE(counted_twice, "pselect6")
{
	const int fd = eventfd(1, 0);
	fd_set in = one(fd), out = one(fd);

	EXPECT_EQ(select(fd + 1, &in, &out, NULL, NULL), 2);
	EXPECT(FD_ISSET(fd, &in) && FD_ISSET(fd, &out));
}

CASE(files, "pselect6")
{
	const int fd = open("file", O_RDWR | O_CREAT, 0600);
	fd_set in = one(fd), out = one(fd), except = one(fd);

	EXPECT_EQ(select(fd + 1, &in, &out, &except, NULL), 2);
	EXPECT(!FD_ISSET(fd, &except));
}

/* End of file is readable, a broken pipe writable; a hang-up is no exception. */
CASE(ends, "pselect6")
{
	struct timeval brief = soon(60);
	fd_set in, out, except;
	int p[2], q[2];
	int64_t start;

	MUST(pipe(p) == 0 && pipe(q) == 0);
	close(p[1]);
	close(q[0]);
	in = one(p[0]);
	EXPECT_EQ(select(p[0] + 1, &in, NULL, NULL, NULL), 1);
	out = one(q[1]);
	EXPECT_EQ(select(q[1] + 1, NULL, &out, NULL, NULL), 1);
	start = case_ms();
	except = one(p[0]);
	EXPECT_EQ(select(p[0] + 1, NULL, NULL, &except, &brief), 0);
	EXPECT(case_ms() - start >= 59);
	EXPECT(!FD_ISSET(p[0], &except));
}

CASE(above_limit, "pselect6")
{
	struct timeval now = soon(0);
	const int fd = eventfd(1, 0);

	MUST(fd >= 0);
	fd_set in = one(fd);

	/* Bits from nfds on are not looked at. */
	FD_SET(fd + 1, &in);
	EXPECT_EQ(select(fd + 1, &in, NULL, NULL, &now), 1);
	in = one(fd);
	EXPECT_EQ(select(fd, &in, NULL, NULL, &now), 0);
	EXPECT_EQ(select(0, NULL, NULL, NULL, &now), 0);
}

CASE(errors, "pselect6")
{
	struct timeval now = soon(0);
	fd_set in = one(40);
	struct timespec wrong = { 0, -1 };
	uint64_t bad_mask[2] = { 8, 8 }, bad_size[2] = { (uint64_t)&in, 4 };

	EXPECT_ERRNO(select(41, &in, NULL, NULL, &now), EBADF);
	EXPECT(FD_ISSET(40, &in));
	EXPECT_ERRNO(select(-1, &in, NULL, NULL, &now), EINVAL);
	EXPECT_ERRNO(select(1, (void *)8, NULL, NULL, &now), EFAULT);
	EXPECT_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &wrong, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, 8, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, NULL, 8), EFAULT);
	wrong.tv_nsec = 0;
	EXPECT_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &wrong, bad_mask), EFAULT);
	EXPECT_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &wrong, bad_size), EINVAL);
}

CASE(sleeps, "pselect6")
{
	struct timeval brief = soon(90);
	const int64_t start = case_ms();

	EXPECT_EQ(select(0, NULL, NULL, NULL, &brief), 0);
	EXPECT(case_ms() - start >= 89);
}

CASE(time_left, "pselect6")
{
	const int fd = eventfd(1, 0);
	struct timespec left = { 100, 0 };
	fd_set in = one(fd);

	EXPECT_EQ(syscall(SYS_pselect6, fd + 1, &in, NULL, NULL, &left, NULL), 1);
	EXPECT(left.tv_sec == 99 && left.tv_nsec > 0);
	left = (struct timespec){ 0, 20000000 };
	in = one(fd);
	EXPECT_EQ(syscall(SYS_pselect6, fd + 1, NULL, NULL, &in, &left, NULL), 0);
	EXPECT(left.tv_sec == 0 && left.tv_nsec == 0);
	EXPECT(!FD_ISSET(fd, &in));
}
