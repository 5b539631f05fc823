/* SPDX-License-Identifier: MIT */
/* Descriptors and what fcntl does to them; dup, close_range, memfd. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY	1027
#endif
#ifndef F_GET_RW_HINT
#define F_GET_RW_HINT	1035
#define F_SET_RW_HINT	1036
#endif

static int make(void)
{
	case_write_file("file", "0123456789", 10);
	return open("file", O_RDWR);
}

CASE(dupfd, "fcntl")
{
	int fd = make(), copy = fcntl(fd, F_DUPFD, 100);

	EXPECT_EQ(copy, 100);
	EXPECT_EQ(fcntl(copy, F_GETFD), 0);
	EXPECT_EQ(fcntl(fd, F_DUPFD, 100), 101);
	EXPECT_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 100), 102);
	EXPECT_EQ(fcntl(102, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(lseek(fd, 3, SEEK_SET), 3);
	EXPECT_EQ(lseek(copy, 0, SEEK_CUR), 3);
	EXPECT_ERRNO(fcntl(99, F_DUPFD, 0), EBADF);
	EXPECT_ERRNO(fcntl(fd, F_DUPFD, -1), EINVAL);
	EXPECT_ERRNO(fcntl(fd, F_DUPFD, 1 << 30), EINVAL);
}

CASE(dup_calls, "dup dup3")
{
	int fd = make(), copy = dup(fd);

	EXPECT_EQ(copy, fd + 1);
	EXPECT_EQ(dup2(fd, 50), 50);
	EXPECT_EQ(dup2(fd, fd), fd);
	EXPECT_EQ(dup3(fd, 51, O_CLOEXEC), 51);
	EXPECT_EQ(fcntl(51, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(50, F_GETFD), 0);
	EXPECT_ERRNO(dup(99), EBADF);
	EXPECT_ERRNO(dup2(99, 3), EBADF);
	EXPECT_ERRNO(dup2(99, 99), EBADF);
	EXPECT_ERRNO(dup2(fd, -1), EBADF);
	EXPECT_ERRNO(dup2(fd, 1 << 30), EBADF);
	EXPECT_ERRNO(syscall(SYS_dup3, fd, fd, 0), EINVAL);
	EXPECT_ERRNO(dup3(fd, 52, O_APPEND), EINVAL);
}

CASE(cloexec, "fcntl")
{
	int fd = make();

	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_EQ(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(dup(fd), F_GETFD), 0);
	EXPECT_EQ(fcntl(fd, F_SETFD, 0), 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_EQ(fcntl(open("file", O_RDONLY | O_CLOEXEC), F_GETFD), FD_CLOEXEC);
	EXPECT_ERRNO(fcntl(99, F_GETFD), EBADF);
	EXPECT_ERRNO(fcntl(99, F_SETFD, 0), EBADF);
}

CASE(flags, "fcntl")
{
	int fd = make();

	SAY("%#o", fcntl(fd, F_GETFL));
	SAY("%#o", fcntl(open("file", O_WRONLY | O_APPEND | O_SYNC | O_CLOEXEC), F_GETFL));
	SAY("%#o", fcntl(open("file", O_RDONLY | O_DSYNC | O_NONBLOCK | O_NOATIME), F_GETFL));
	SAY("%#o", fcntl(open(".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW), F_GETFL));
	SAY("%#o", fcntl(open("new", O_RDWR | O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY, 0600), F_GETFL));
	SAY("%#o", fcntl(open(".", O_PATH), F_GETFL));
	EXPECT_EQ(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_CREAT | O_WRONLY), 0);
	EXPECT_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT), O_RDWR | O_APPEND | O_NONBLOCK);
	EXPECT_EQ(fcntl(dup(fd), F_GETFL), fcntl(fd, F_GETFL));
	EXPECT_ERRNO(fcntl(99, F_GETFL), EBADF);
}

CASE(set_append, "fcntl")
{
	char data[16] = "";
	int fd = make();

	EXPECT_EQ(lseek(fd, 2, SEEK_SET), 2);
	EXPECT_EQ(fcntl(fd, F_SETFL, O_APPEND), 0);
	EXPECT_EQ(write(fd, "x", 1), 1);
	EXPECT_EQ(fcntl(fd, F_SETFL, 0), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(fd, "y", 1), 1);
	EXPECT_EQ(case_read_file("file", data, 15), 11);
	EXPECT_STR(data, "y123456789x");
}

CASE(unknown, "fcntl")
{
	int fd = make(), path = open("file", O_PATH);

	EXPECT_ERRNO(fcntl(fd, 9999), EINVAL);
	EXPECT_ERRNO(fcntl(99, 9999), EBADF);
	EXPECT_ERRNO(fcntl(path, F_SETFL, 0), EBADF);
	EXPECT_EQ(fcntl(path, F_SETFD, FD_CLOEXEC), 0);
	EXPECT_EQ(fcntl(path, F_GETFD), FD_CLOEXEC);
}

CASE(owner, "fcntl")
{
	struct f_owner_ex owner = { F_OWNER_PID, getpid() };
	int fd = make();

	EXPECT_EQ(fcntl(fd, F_GETOWN), 0);
	EXPECT_EQ(fcntl(fd, F_SETOWN, getpid()), 0);
	EXPECT_EQ(fcntl(fd, F_GETOWN), getpid());
	EXPECT_EQ(fcntl(fd, F_SETOWN, -getpgrp()), 0);
	EXPECT_EQ(fcntl(fd, F_GETOWN), -getpgrp());
	EXPECT_EQ(fcntl(fd, F_SETOWN_EX, &owner), 0);
	owner.pid = 0;
	EXPECT_EQ(fcntl(fd, F_GETOWN_EX, &owner), 0);
	EXPECT_EQ(owner.pid, getpid());
	owner.type = 99;
	EXPECT_ERRNO(fcntl(fd, F_SETOWN_EX, &owner), EINVAL);
	EXPECT_ERRNO(fcntl(fd, F_SETOWN, 0x3fffffff), ESRCH);
}

CASE(signal_number, "fcntl")
{
	int fd = make();

	EXPECT_EQ(fcntl(fd, F_GETSIG), 0);
	EXPECT_EQ(fcntl(fd, F_SETSIG, SIGUSR1), 0);
	EXPECT_EQ(fcntl(fd, F_GETSIG), SIGUSR1);
	EXPECT_ERRNO(fcntl(fd, F_SETSIG, 999), EINVAL);
}

CASE(lease, "fcntl")
{
	int fd = make(), ro;

	EXPECT_EQ(fcntl(fd, F_GETLEASE), F_UNLCK);
	EXPECT_ERRNO(fcntl(fd, F_SETLEASE, F_RDLCK), EAGAIN);
	EXPECT_ERRNO(fcntl(fd, F_SETLEASE, 99), EINVAL);
	close(fd);
	ro = open("file", O_RDONLY);
	EXPECT_EQ(fcntl(ro, F_SETLEASE, F_RDLCK), 0);
	EXPECT_EQ(fcntl(ro, F_GETLEASE), F_RDLCK);
	EXPECT_EQ(fcntl(ro, F_SETLEASE, F_UNLCK), 0);
}

CASE(write_hint, "fcntl")
{
	uint64_t hint = 3;
	int fd = make();

	EXPECT_EQ(fcntl(fd, F_SET_RW_HINT, &hint), 0);
	hint = 0;
	EXPECT_EQ(fcntl(fd, F_GET_RW_HINT, &hint), 0);
	EXPECT_EQ(hint, 3);
	hint = 99;
	EXPECT_ERRNO(fcntl(fd, F_SET_RW_HINT, &hint), EINVAL);
	EXPECT_ERRNO(fcntl(fd, F_GET_RW_HINT, 8), EFAULT);
}

CASE(pipe_size, "fcntl")
{
	int pipes[2];

	MUST(pipe(pipes) == 0);
	EXPECT_EQ(fcntl(pipes[0], F_GETPIPE_SZ), 65536);
	EXPECT_EQ(fcntl(pipes[0], F_SETPIPE_SZ, 5000), 8192);
	EXPECT_EQ(fcntl(pipes[1], F_GETPIPE_SZ), 8192);
	EXPECT_ERRNO(fcntl(make(), F_GETPIPE_SZ), EBADF);
}

CASE(same_description, "fcntl")
{
	int fd = make();

	EXPECT_EQ(fcntl(fd, F_DUPFD_QUERY, dup(fd)), 1);
	EXPECT_EQ(fcntl(fd, F_DUPFD_QUERY, open("file", O_RDONLY)), 0);
	EXPECT_ERRNO(fcntl(fd, F_DUPFD_QUERY, 99), EBADF);
}

CASE(seals, "memfd_create fcntl")
{
	char byte;
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING | MFD_CLOEXEC), plain = memfd_create("plain", 0);

	MUST(fd > 2);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK), 0);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_SHRINK);
	EXPECT_ERRNO(write(fd, "d", 1), EPERM);
	EXPECT_ERRNO(ftruncate(fd, 1), EPERM);
	EXPECT_EQ(pread(fd, &byte, 1, 2), 1);
	EXPECT_EQ(byte, 'c');
	EXPECT_ERRNO(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	EXPECT_ERRNO(fcntl(make(), F_GET_SEALS), EINVAL);
}

CASE(memfd_errors, "memfd_create")
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[250] = 0;
	EXPECT_ERRNO(memfd_create(name, 0), EINVAL);
	name[249] = 0;
	EXPECT(memfd_create(name, 0) > 2);
	EXPECT_ERRNO(memfd_create("x", 0x8000), EINVAL);
	EXPECT_ERRNO(memfd_create((char *)8, 0), EFAULT);
}

CASE(close_range, "close_range")
{
	int fd = make();

	for (int i = 10; i < 20; i++)
		MUST(dup2(fd, i) == i);
	EXPECT_EQ(syscall(SYS_close_range, 12, 14, 0), 0);
	EXPECT_EQ(fcntl(11, F_GETFD), 0);
	EXPECT_ERRNO(fcntl(12, F_GETFD), EBADF);
	EXPECT_ERRNO(fcntl(14, F_GETFD), EBADF);
	EXPECT_EQ(fcntl(15, F_GETFD), 0);
	EXPECT_EQ(syscall(SYS_close_range, 15, 16, 4), 0);	/* CLOSE_RANGE_CLOEXEC */
	EXPECT_EQ(fcntl(16, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(syscall(SYS_close_range, 17, ~0u, 0), 0);
	EXPECT_ERRNO(fcntl(19, F_GETFD), EBADF);
	EXPECT_ERRNO(syscall(SYS_close_range, 20, 10, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_close_range, 10, 20, 0x80), EINVAL);
}

CASE(close, "close")
{
	int fd = make(), copy = dup(fd);
	char byte;

	EXPECT_EQ(close(fd), 0);
	EXPECT_ERRNO(close(fd), EBADF);
	EXPECT_ERRNO(close(-1), EBADF);
	EXPECT_ERRNO(close(1 << 30), EBADF);
	EXPECT_EQ(read(copy, &byte, 1), 1);
	EXPECT_EQ(byte, '0');
}

CASE(handles, "name_to_handle_at")
{
	struct { unsigned bytes; int type; char data[128]; } handle = { .bytes = 128 };
	int id;

	case_write_file("file", "x", 1);
	EXPECT_ERRNO(syscall(SYS_name_to_handle_at, AT_FDCWD, "/proc/self/status", &handle, &id, 0), EOPNOTSUPP);
}
