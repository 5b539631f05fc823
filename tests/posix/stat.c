/* SPDX-License-Identifier: MIT */
/* What is told about files: stat, statx, statfs. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "case.h"

static int raw_statx(int fd, const char *path, int flags, unsigned mask, struct statx *out)
{
	memset(out, 0, sizeof(*out));
	return (int)syscall(SYS_statx, fd, path, flags, mask, out);
}

CASE(fields, "newfstatat")
{
	struct stat st;

	umask(022);
	case_write_file("file", "0123456789", 10);
	EXPECT_EQ(chmod("file", 04751), 0);
	MUST(stat("file", &st) == 0);
	EXPECT_EQ(st.st_mode, S_IFREG | 04751);
	EXPECT_EQ(st.st_size, 10);
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT_EQ(st.st_uid, getuid());
	EXPECT_EQ(st.st_gid, getgid());
	SAY("blocks %ld of %ld", (long)st.st_blocks, (long)st.st_blksize);
}

CASE(by_descriptor, "fstat")
{
	struct stat a, b;
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	MUST(fstat(fd, &a) == 0 && stat("file", &b) == 0);
	EXPECT(memcmp(&a, &b, sizeof(a)) == 0);
	EXPECT_ERRNO(fstat(99, &a), EBADF);
	EXPECT_ERRNO(syscall(SYS_fstat, fd, 8), EFAULT);
	close(fd);
	EXPECT_ERRNO(fstat(fd, &a), EBADF);
}

CASE(errors, "newfstatat")
{
	char name[300];
	struct stat st;

	case_write_file("file", "x", 1);
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	EXPECT_ERRNO(stat("missing", &st), ENOENT);
	EXPECT_ERRNO(stat("file/x", &st), ENOTDIR);
	EXPECT_ERRNO(stat("", &st), ENOENT);
	EXPECT_ERRNO(stat(name, &st), ENAMETOOLONG);
	EXPECT_ERRNO(stat((char *)8, &st), EFAULT);
	EXPECT_ERRNO(fstatat(AT_FDCWD, "file", &st, 0x8000), EINVAL);
	EXPECT_ERRNO(fstatat(99, "file", &st, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_newfstatat, AT_FDCWD, "file", (void *)8, 0), EFAULT);
}

CASE(follows, "newfstatat")
{
	struct stat st;

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("file", "link"), 0);
	MUST(stat("link", &st) == 0);
	EXPECT(S_ISREG(st.st_mode));
	MUST(lstat("link", &st) == 0);
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_EQ(st.st_size, 4);
	MUST(fstatat(AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW) == 0);
	EXPECT(S_ISLNK(st.st_mode));
}

CASE(empty_path, "newfstatat")
{
	struct stat st;
	int fd;

	case_write_file("file", "abc", 3);
	fd = open("file", O_PATH);
	EXPECT_EQ(syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH), 0);
	EXPECT_EQ(st.st_size, 3);
	EXPECT_EQ(syscall(SYS_newfstatat, AT_FDCWD, "", &st, AT_EMPTY_PATH), 0);
	EXPECT(S_ISDIR(st.st_mode));
	st.st_size = 0;
	EXPECT_EQ(syscall(SYS_newfstatat, fd, NULL, &st, AT_EMPTY_PATH), 0);
	EXPECT_EQ(st.st_size, 3);
	EXPECT_ERRNO(syscall(SYS_newfstatat, fd, "", &st, 0), ENOENT);
}

CASE(kinds, "newfstatat")
{
	struct stat st;

	MUST(stat("/dev/null", &st) == 0);
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_rdev, makedev(1, 3));
	MUST(stat("/", &st) == 0);
	EXPECT(S_ISDIR(st.st_mode));
	EXPECT_EQ(mkfifo("fifo", 0600), 0);
	MUST(stat("fifo", &st) == 0);
	EXPECT_EQ(st.st_mode, S_IFIFO | 0600);
}

CASE(statx_basic, "statx")
{
	struct statx sx;
	struct stat st;

	case_write_file("file", "abcd", 4);
	MUST(raw_statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS | STATX_BTIME, &sx) == 0);
	MUST(stat("file", &st) == 0);
	EXPECT_EQ(sx.stx_mask & (STATX_BASIC_STATS | STATX_BTIME), STATX_BASIC_STATS | STATX_BTIME);
	EXPECT_EQ(sx.stx_size, 4);
	EXPECT_EQ(sx.stx_ino, st.st_ino);
	EXPECT_EQ(sx.stx_mode, st.st_mode);
	EXPECT_EQ(sx.stx_mtime.tv_nsec, st.st_mtim.tv_nsec);
	EXPECT(sx.stx_btime.tv_sec != 0);
}

CASE(statx_flags, "statx")
{
	struct statx sx;
	int fd;

	case_write_file("file", "abcd", 4);
	EXPECT_EQ(symlink("file", "link"), 0);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(raw_statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &sx), 0);
	EXPECT_EQ(sx.stx_size, 4);
	EXPECT_EQ(raw_statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_TYPE, &sx), 0);
	EXPECT_EQ(sx.stx_mode & S_IFMT, S_IFLNK);
	EXPECT_EQ(raw_statx(AT_FDCWD, "file", AT_STATX_FORCE_SYNC, 0, &sx), 0);
}

CASE(statx_errors, "statx")
{
	struct statx sx;

	case_write_file("file", "abcd", 4);
	EXPECT_ERRNO(raw_statx(AT_FDCWD, "file", 0, 0x80000000u, &sx), EINVAL);
	EXPECT_ERRNO(raw_statx(AT_FDCWD, "file", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, 0, &sx), EINVAL);
	EXPECT_ERRNO(raw_statx(AT_FDCWD, "missing", 0, 0, &sx), ENOENT);
	EXPECT_ERRNO(raw_statx(99, "file", 0, 0, &sx), EBADF);
	EXPECT_ERRNO(syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_SIZE, (void *)8), EFAULT);
}

CASE(file_system, "statfs fstatfs")
{
	struct statfs a, b;
	int fd = open(".", O_RDONLY);

	MUST(statfs(".", &a) == 0 && fstatfs(fd, &b) == 0);
	EXPECT_EQ(a.f_type, 0xef53);
	EXPECT_EQ(b.f_type, a.f_type);
	EXPECT_EQ(a.f_namelen, 255);
	EXPECT_EQ(a.f_blocks, b.f_blocks);
	MUST(statfs(case_tmpfs(), &a) == 0);
	EXPECT_EQ(a.f_type, 0x01021994);
	EXPECT_ERRNO(statfs("missing", &a), ENOENT);
	EXPECT_ERRNO(fstatfs(99, &a), EBADF);
	EXPECT_ERRNO(syscall(SYS_statfs, ".", 8), EFAULT);
}

CASE(inode_shared, "fstat")
{
	struct stat a = { 0 }, b = { 0 };
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	MUST(fstat(fd, &a) == 0);
	EXPECT_EQ(rename("file", "other"), 0);
	EXPECT_EQ(write(fd, "long content", 12), 12);
	MUST(fstat(fd, &b) == 0);
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(b.st_size, 12);
	MUST(stat("other", &a) == 0);
	EXPECT_EQ(a.st_ino, b.st_ino);
}
