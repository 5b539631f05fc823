/* SPDX-License-Identifier: MIT */
/* Times of files. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "case.h"

static struct stat look(const char *name)
{
	struct stat st = { 0 };

	MUST(lstat(name, &st) == 0);
	return st;
}

CASE(exact, "utimensat")
{
	const struct timespec times[2] = { { 1000000000, 123456789 }, { 1234567890, 987654321 } };
	struct stat st;

	case_write_file("file", "x", 1);
	EXPECT_EQ(utimensat(AT_FDCWD, "file", times, 0), 0);
	st = look("file");
	EXPECT_EQ(st.st_atim.tv_sec, 1000000000);
	EXPECT_EQ(st.st_atim.tv_nsec, 123456789);
	EXPECT_EQ(st.st_mtim.tv_sec, 1234567890);
	EXPECT_EQ(st.st_mtim.tv_nsec, 987654321);
}

CASE(now_and_omit, "utimensat")
{
	struct timespec times[2] = { { 1000, 0 }, { 2000, 0 } };
	struct stat st;

	case_write_file("file", "x", 1);
	EXPECT_EQ(utimensat(AT_FDCWD, "file", times, 0), 0);
	times[0].tv_nsec = UTIME_OMIT;
	times[1].tv_nsec = UTIME_NOW;
	EXPECT_EQ(utimensat(AT_FDCWD, "file", times, 0), 0);
	st = look("file");
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT(st.st_mtim.tv_sec > 1000000000);
	times[1].tv_nsec = UTIME_OMIT;
	EXPECT_EQ(utimensat(AT_FDCWD, "file", times, 0), 0);
	EXPECT_EQ(look("file").st_atim.tv_sec, 1000);
}

CASE(by_descriptor, "utimensat")
{
	const struct timespec times[2] = { { 3000, 1 }, { 4000, 2 } };
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(futimens(fd, times), 0);
	EXPECT_EQ(look("file").st_mtim.tv_sec, 4000);
	EXPECT_ERRNO(futimens(99, times), EBADF);
	EXPECT_EQ(futimens(fd, NULL), 0);
	EXPECT(look("file").st_mtim.tv_sec > 4000);
}

CASE(of_link, "utimensat")
{
	const struct timespec times[2] = { { 5000, 0 }, { 6000, 0 } };

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("file", "link"), 0);
	EXPECT_EQ(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_EQ(look("link").st_mtim.tv_sec, 6000);
	EXPECT(look("file").st_mtim.tv_sec != 6000);
}

CASE(errors, "utimensat")
{
	struct timespec times[2] = { { 0, 1000000000 }, { 0, 0 } };

	case_write_file("file", "x", 1);
	EXPECT_ERRNO(utimensat(AT_FDCWD, "file", times, 0), EINVAL);
	times[0].tv_nsec = 0;
	EXPECT_ERRNO(utimensat(AT_FDCWD, "missing", times, 0), ENOENT);
	EXPECT_ERRNO(utimensat(AT_FDCWD, "file", times, 0x4000), EINVAL);
	EXPECT_ERRNO(utimensat(99, "file", times, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_utimensat, AT_FDCWD, "file", (void *)8, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_utimensat, AT_FDCWD, NULL, times, 0), EFAULT);
}

CASE(older_forms, "utimensat")
{
	const struct timeval tv[2] = { { 7000, 500000 }, { 8000, 250000 } };
	const struct utimbuf tb = { 9000, 9001 };

	case_write_file("file", "x", 1);
	EXPECT_EQ(utimes("file", tv), 0);
	EXPECT_EQ(look("file").st_mtim.tv_nsec, 250000000);
	EXPECT_EQ(utime("file", &tb), 0);
	EXPECT_EQ(look("file").st_atim.tv_sec, 9000);
	EXPECT_EQ(look("file").st_mtim.tv_sec, 9001);
}

CASE(negative, "utimensat")
{
	const struct timespec times[2] = { { -1000, 5 }, { -2000, 6 } };

	case_write_file("file", "x", 1);
	EXPECT_EQ(utimensat(AT_FDCWD, "file", times, 0), 0);
	EXPECT_EQ(look("file").st_atim.tv_sec, -1000);
	EXPECT_EQ(look("file").st_mtim.tv_nsec, 6);
}

CASE(write_changes, "write utimensat")
{
	const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
	struct stat st;
	int fd;

	case_write_file("file", "x", 1);
	EXPECT_EQ(utimensat(AT_FDCWD, "file", times, 0), 0);
	fd = open("file", O_WRONLY);
	EXPECT_EQ(look("file").st_mtim.tv_sec, 1000);
	EXPECT_EQ(write(fd, "y", 1), 1);
	st = look("file");
	EXPECT(st.st_mtim.tv_sec > 1000);
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT(st.st_ctim.tv_sec >= st.st_mtim.tv_sec);
}

HELPER(stranger)
{
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };

	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	if (utimensat(AT_FDCWD, "open", times, 0) != -1 || errno != EPERM)
		return 2;
	if (utimensat(AT_FDCWD, "closed", NULL, 0) != -1 || errno != EACCES)
		return 3;
	return utimensat(AT_FDCWD, "open", NULL, 0) == 0 ? 0 : 4;
}

CASE(permission, "utimensat setuid")
{
	case_write_file("open", "x", 1);
	case_write_file("closed", "x", 1);
	EXPECT_EQ(chmod("open", 0666), 0);
	EXPECT_EQ(chmod("closed", 0644), 0);
	EXPECT_EQ(chmod(".", 0755), 0);
	EXPECT_EQ(case_wait(case_same("stranger", "")), 0);
}
