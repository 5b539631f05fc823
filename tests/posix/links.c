/* SPDX-License-Identifier: MIT */
/* Links: hard and symbolic. */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case.h"

CASE(hard, "linkat")
{
	struct stat a, b;

	case_write_file("a", "x", 1);
	EXPECT_EQ(link("a", "b"), 0);
	MUST(stat("a", &a) == 0 && stat("b", &b) == 0);
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(a.st_nlink, 2);
	EXPECT_EQ(unlink("a"), 0);
	MUST(stat("b", &b) == 0);
	EXPECT_EQ(b.st_nlink, 1);
}

CASE(hard_errors, "linkat")
{
	char path[256];

	case_write_file("a", "x", 1);
	case_write_file("b", "x", 1);
	EXPECT_EQ(mkdir("dir", 0700), 0);
	EXPECT_ERRNO(link("a", "b"), EEXIST);
	EXPECT_ERRNO(link("missing", "c"), ENOENT);
	EXPECT_ERRNO(link("dir", "c"), EPERM);
	EXPECT_ERRNO(link("a", "missing/c"), ENOENT);
	EXPECT_ERRNO(link("a/x", "c"), ENOTDIR);
	snprintf(path, sizeof(path), "%s/c", case_tmpfs());
	EXPECT_ERRNO(link("a", path), EXDEV);
	EXPECT_ERRNO(linkat(AT_FDCWD, "a", AT_FDCWD, "c", 0x4), EINVAL);
	EXPECT_EQ(access("c", F_OK), -1);
}

CASE(hard_to_link, "linkat")
{
	struct stat st;

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("file", "link"), 0);
	EXPECT_EQ(linkat(AT_FDCWD, "link", AT_FDCWD, "same", 0), 0);
	MUST(lstat("same", &st) == 0);
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_EQ(linkat(AT_FDCWD, "link", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW), 0);
	MUST(lstat("followed", &st) == 0);
	EXPECT(S_ISREG(st.st_mode));
}

CASE(hard_empty_path, "linkat")
{
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH), 0);
	EXPECT_EQ(access("again", F_OK), 0);
	EXPECT_ERRNO(linkat(fd, "", AT_FDCWD, "third", 0), ENOENT);
}

CASE(symbolic, "symlinkat readlinkat")
{
	char text[64] = "";
	struct stat st;

	EXPECT_EQ(symlink("some/where", "link"), 0);
	EXPECT_EQ(readlink("link", text, sizeof(text)), 10);
	EXPECT_STR(text, "some/where");
	MUST(lstat("link", &st) == 0);
	EXPECT_EQ(st.st_mode, S_IFLNK | 0777);
	EXPECT_EQ(st.st_size, 10);
	EXPECT_ERRNO(stat("link", &st), ENOENT);
}

CASE(symbolic_errors, "symlinkat")
{
	char text[5000];

	EXPECT_EQ(symlink("x", "link"), 0);
	EXPECT_ERRNO(symlink("x", "link"), EEXIST);
	EXPECT_ERRNO(symlink("", "new"), ENOENT);
	EXPECT_ERRNO(symlink("x", ""), ENOENT);
	EXPECT_ERRNO(symlink("x", "missing/new"), ENOENT);
	EXPECT_ERRNO(symlink((char *)8, "new"), EFAULT);
	memset(text, 'a', sizeof(text));
	text[4096] = 0;
	EXPECT_ERRNO(symlink(text, "new"), ENAMETOOLONG);
	text[4095] = 0;
	EXPECT_ERRNO(symlink(text, "new"), ENAMETOOLONG);
}

CASE(long_target, "symlinkat readlinkat")
{
	char text[PATH_MAX], back[PATH_MAX + 1] = "", path[256];

	memset(text, 'a', sizeof(text));
	text[1000] = 0;
	EXPECT_EQ(symlink(text, "link"), 0);
	EXPECT_EQ(readlink("link", back, sizeof(back)), 1000);
	EXPECT_STR(back, text);
	text[1000] = 'a';
	text[4095] = 0;
	snprintf(path, sizeof(path), "%s/link", case_tmpfs());
	EXPECT_EQ(symlink(text, path), 0);
	EXPECT_EQ(readlink(path, back, sizeof(back)), 4095);
	EXPECT_STR(back, text);
}

CASE(readlink_short, "readlinkat")
{
	char text[8] = "........";

	EXPECT_EQ(symlink("target", "link"), 0);
	EXPECT_EQ(readlink("link", text, 3), 3);
	EXPECT(memcmp(text, "tar.....", 8) == 0);
}

CASE(readlink_errors, "readlinkat")
{
	char text[8];

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("target", "link"), 0);
	EXPECT_ERRNO(readlink("file", text, 8), EINVAL);
	EXPECT_ERRNO(readlink("missing", text, 8), ENOENT);
	EXPECT_ERRNO(readlink("file/x", text, 8), ENOTDIR);
	EXPECT_ERRNO(readlinkat(AT_FDCWD, "link", (char *)-4096L, 8), EFAULT);
	EXPECT_ERRNO(readlinkat(99, "link", text, 8), EBADF);
}

CASE(many_links, "symlinkat")
{
	char old[16], new[16];

	case_write_file("l0", "x", 1);
	for (int i = 1; i <= 41; i++) {
		snprintf(old, sizeof(old), "l%d", i - 1);
		snprintf(new, sizeof(new), "l%d", i);
		MUST(symlink(old, new) == 0);
	}
	EXPECT_EQ(access("l40", F_OK), 0);
	EXPECT_ERRNO(access("l41", F_OK), ELOOP);
}
