/* SPDX-License-Identifier: MIT */
/* Names of files: unlink, rename, mknod. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "case.h"

static char content(const char *name)
{
	char byte = 0;

	case_read_file(name, &byte, 1);
	return byte;
}

CASE(unlink_open, "unlinkat")
{
	char byte;
	struct stat st;
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	EXPECT_EQ(unlink("file"), 0);
	EXPECT_ERRNO(unlink("file"), ENOENT);
	EXPECT_EQ(read(fd, &byte, 1), 1);
	EXPECT_EQ(fstat(fd, &st), 0);
	EXPECT_EQ(st.st_nlink, 0);
}

CASE(unlink_errors, "unlinkat")
{
	case_write_file("file", "x", 1);
	EXPECT_ERRNO(unlink("file/x"), ENOTDIR);
	EXPECT_ERRNO(unlink("file/"), ENOTDIR);
	EXPECT_ERRNO(unlink(""), ENOENT);
	EXPECT_ERRNO(unlink((char *)8), EFAULT);
	EXPECT_ERRNO(unlinkat(99, "file", 0), EBADF);
	EXPECT_ERRNO(unlinkat(AT_FDCWD, "file", AT_REMOVEDIR), ENOTDIR);
	EXPECT_EQ(content("file"), 'x');
}

CASE(rename_replaces, "renameat")
{
	case_write_file("a", "a", 1);
	case_write_file("b", "b", 1);
	EXPECT_EQ(rename("a", "b"), 0);
	EXPECT_EQ(content("b"), 'a');
	EXPECT_EQ(access("a", F_OK), -1);
	EXPECT_EQ(rename("b", "b"), 0);
	EXPECT_EQ(content("b"), 'a');
}

CASE(rename_errors, "renameat")
{
	case_write_file("file", "x", 1);
	EXPECT_EQ(mkdir("dir", 0700), 0);
	EXPECT_EQ(mkdir("full", 0700), 0);
	case_write_file("full/file", "x", 1);
	EXPECT_ERRNO(rename("missing", "new"), ENOENT);
	EXPECT_ERRNO(rename("file", "dir"), EISDIR);
	EXPECT_ERRNO(rename("dir", "file"), ENOTDIR);
	EXPECT_ERRNO(rename("dir", "full"), ENOTEMPTY);
	EXPECT_ERRNO(rename("dir", "dir/below"), EINVAL);
	EXPECT_ERRNO(rename("file", "file/below"), ENOTDIR);
	EXPECT_ERRNO(rename("file", "/proc/file"), EXDEV);
	EXPECT_ERRNO(rename(".", "x"), EBUSY);
	EXPECT_EQ(content("file"), 'x');
}

CASE(rename_directory, "renameat")
{
	EXPECT_EQ(mkdir("a", 0700), 0);
	case_write_file("a/file", "x", 1);
	EXPECT_EQ(mkdir("b", 0700), 0);
	EXPECT_EQ(rename("a", "b"), 0);
	EXPECT_EQ(content("b/file"), 'x');
}

CASE(rename_across, "renameat")
{
	char path[256];

	case_write_file("file", "x", 1);
	snprintf(path, sizeof(path), "%s/file", case_tmpfs());
	EXPECT_ERRNO(rename("file", path), EXDEV);
	EXPECT_EQ(content("file"), 'x');
}

CASE(rename_noreplace, "renameat2")
{
	case_write_file("a", "a", 1);
	case_write_file("b", "b", 1);
	EXPECT_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
	EXPECT_EQ(content("b"), 'b');
	EXPECT_EQ(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE), 0);
	EXPECT_EQ(content("c"), 'a');
}

CASE(rename_exchange, "renameat2")
{
	case_write_file("a", "a", 1);
	EXPECT_EQ(mkdir("b", 0700), 0);
	EXPECT_EQ(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE), 0);
	EXPECT_EQ(content("b"), 'a');
	EXPECT_EQ(rmdir("a"), 0);
	EXPECT_ERRNO(renameat2(AT_FDCWD, "b", AT_FDCWD, "missing", RENAME_EXCHANGE), ENOENT);
}

CASE(rename_bad_flags, "renameat2")
{
	case_write_file("a", "a", 1);
	EXPECT_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE | RENAME_EXCHANGE), EINVAL);
	EXPECT_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT | RENAME_EXCHANGE), EINVAL);
	EXPECT_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 64), EINVAL);
	EXPECT_ERRNO(renameat2(99, "a", AT_FDCWD, "b", 0), EBADF);
	EXPECT_EQ(content("a"), 'a');
}

CASE(rename_whiteout, "renameat2")
{
	struct stat st;

	case_write_file("a", "a", 1);
	EXPECT_EQ(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT), 0);
	EXPECT_EQ(content("b"), 'a');
	MUST(stat("a", &st) == 0);
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_rdev, 0);
}

CASE(rename_relative, "renameat")
{
	int a, b;

	EXPECT_EQ(mkdir("a", 0700), 0);
	EXPECT_EQ(mkdir("b", 0700), 0);
	case_write_file("a/x", "x", 1);
	a = open("a", O_PATH);
	b = open("b", O_RDONLY);
	EXPECT_EQ(renameat(a, "x", b, "y"), 0);
	EXPECT_EQ(content("b/y"), 'x');
	EXPECT_ERRNO(renameat(a, "x", b, "y"), ENOENT);
}

CASE(nodes, "mknodat")
{
	struct stat st;

	umask(022);
	EXPECT_EQ(mknod("null", S_IFCHR | 0666, makedev(1, 3)), 0);
	MUST(stat("null", &st) == 0);
	EXPECT_EQ(st.st_mode, S_IFCHR | 0644);
	EXPECT_EQ(st.st_rdev, makedev(1, 3));
	EXPECT_EQ(mknod("file", S_IFREG | 0600, 0), 0);
	EXPECT_EQ(mkfifo("fifo", 0600), 0);
	MUST(stat("fifo", &st) == 0);
	EXPECT(S_ISFIFO(st.st_mode));
	EXPECT_EQ(mknod("socket", S_IFSOCK | 0600, 0), 0);
}

CASE(node_errors, "mknodat")
{
	case_write_file("file", "x", 1);
	EXPECT_ERRNO(mknod("file", S_IFREG | 0600, 0), EEXIST);
	EXPECT_ERRNO(mkfifo("missing/fifo", 0600), ENOENT);
	EXPECT_ERRNO(mkfifo("file/fifo", 0600), ENOTDIR);
	EXPECT_ERRNO(mknod("dir", S_IFDIR | 0700, 0), EPERM);
	EXPECT_ERRNO(mknod("odd", S_IFLNK | 0700, 0), EINVAL);
}

HELPER(sticky)
{
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	if (unlink("closed/file") != -1 || errno != EACCES)
		return 2;
	if (unlink("sticky/file") != -1 || errno != EPERM)
		return 3;
	if (rename("sticky/file", "sticky/other") != -1 || errno != EPERM)
		return 4;
	if (mknod("sticky/null", S_IFCHR | 0666, makedev(1, 3)) != -1 || errno != EPERM)
		return 5;
	return mkdir("sticky/mine", 0700) == 0 && rmdir("sticky/mine") == 0 ? 0 : 6;
}

CASE(permission, "unlinkat renameat mknodat setuid")
{
	umask(0);
	EXPECT_EQ(mkdir("closed", 0755), 0);
	EXPECT_EQ(mkdir("sticky", 01777), 0);
	case_write_file("closed/file", "x", 1);
	case_write_file("sticky/file", "x", 1);
	EXPECT_EQ(chmod(".", 0755), 0);
	EXPECT_EQ(case_wait(case_same("sticky", "")), 0);
}
