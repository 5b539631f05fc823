/* SPDX-License-Identifier: MIT */
/* openat and openat2: flags, modes, what is made and what is refused. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static int openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static unsigned mode_of(const char *path)
{
	struct stat st = { 0 };

	return stat(path, &st) == 0 ? st.st_mode : 0;
}

CASE(create_exclusive, "openat")
{
	int fd = open("new", O_RDWR | O_CREAT | O_EXCL, 0640);

	MUST(fd > 2);
	EXPECT_EQ(mode_of("new"), S_IFREG | 0640);
	EXPECT_ERRNO(open("new", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
	EXPECT_EQ(symlink("nowhere", "dangling"), 0);
	EXPECT_ERRNO(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
	EXPECT_EQ(access("nowhere", F_OK), -1);
}

CASE(umask_applies, "openat umask")
{
	EXPECT_EQ(umask(027), 022);
	MUST(open("masked", O_WRONLY | O_CREAT, 0777) > 2);
	EXPECT_EQ(mode_of("masked"), S_IFREG | 0750);
	EXPECT_EQ(umask(0), 027);
	MUST(open("free", O_WRONLY | O_CREAT, 06777) > 2);
	EXPECT_EQ(mode_of("free"), S_IFREG | 06777);
}

CASE(missing, "openat")
{
	EXPECT_ERRNO(open("missing", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("missing/file", O_RDWR | O_CREAT, 0600), ENOENT);
	EXPECT_EQ(access("missing", F_OK), -1);
}

CASE(not_a_directory, "openat")
{
	case_write_file("file", "x", 1);
	EXPECT_ERRNO(open("file/below", O_RDONLY), ENOTDIR);
	EXPECT_ERRNO(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
	EXPECT_ERRNO(open("file/", O_RDONLY), ENOTDIR);
}

CASE(is_a_directory, "openat")
{
	EXPECT_EQ(mkdir("dir", 0700), 0);
	EXPECT_ERRNO(open("dir", O_WRONLY), EISDIR);
	EXPECT_ERRNO(open("dir", O_RDWR), EISDIR);
	EXPECT_ERRNO(open("dir", O_RDONLY | O_CREAT, 0600), EISDIR);
	EXPECT(open("dir", O_RDONLY) > 2);
	EXPECT(open("dir/", O_RDONLY | O_DIRECTORY) > 2);
}

CASE(link_loops, "openat")
{
	EXPECT_EQ(symlink("b", "a"), 0);
	EXPECT_EQ(symlink("a", "b"), 0);
	EXPECT_ERRNO(open("a", O_RDONLY), ELOOP);
	EXPECT_ERRNO(open("a/x", O_RDONLY), ELOOP);
	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("file", "link"), 0);
	EXPECT_ERRNO(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
	EXPECT(open("link", O_RDONLY) > 2);
}

CASE(long_names, "openat")
{
	char name[5000];

	memset(name, 'n', sizeof(name));
	name[256] = 0;
	EXPECT_ERRNO(open(name, O_RDWR | O_CREAT, 0600), ENAMETOOLONG);
	name[255] = 0;
	EXPECT(open(name, O_RDWR | O_CREAT, 0600) > 2);
	for (int i = 0; i < 4096; i++)
		name[i] = i % 2 ? '/' : '.';
	name[4096] = 0;
	EXPECT_ERRNO(open(name, O_RDONLY), ENAMETOOLONG);
	name[4095] = 0;
	EXPECT(open(name, O_RDONLY) > 2);
}

CASE(bad_pointers, "openat")
{
	EXPECT_ERRNO(open((const char *)8, O_RDONLY), EFAULT);
	EXPECT_ERRNO(open((const char *)-1L, O_RDONLY), EFAULT);
	EXPECT_ERRNO(openat(AT_FDCWD, NULL, O_RDONLY), EFAULT);
}

CASE(relative_to_descriptor, "openat")
{
	int dir, fd;

	EXPECT_EQ(mkdir("dir", 0700), 0);
	case_write_file("dir/file", "inside", 6);
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	MUST(dir > 2);
	fd = openat(dir, "file", O_RDONLY);
	EXPECT(fd > dir);
	EXPECT_ERRNO(openat(99, "file", O_RDONLY), EBADF);
	EXPECT_ERRNO(openat(fd, "file", O_RDONLY), ENOTDIR);
	EXPECT(openat(99, "/", O_RDONLY) > fd);
}

CASE(truncates, "openat")
{
	char data[8];

	case_write_file("file", "content", 7);
	EXPECT(open("file", O_WRONLY) > 2);
	EXPECT_EQ(case_read_file("file", data, 8), 7);
	EXPECT(open("file", O_WRONLY | O_TRUNC) > 2);
	EXPECT_EQ(case_read_file("file", data, 8), 0);
}

CASE(append, "openat")
{
	char data[16] = "";
	int fd, other;

	case_write_file("file", "abc", 3);
	fd = open("file", O_RDWR | O_APPEND);
	other = open("file", O_WRONLY | O_APPEND);
	MUST(fd > 2 && other > 2);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(fd, "de", 2), 2);
	EXPECT_EQ(write(other, "f", 1), 1);
	EXPECT_EQ(pwrite(fd, "g", 1, 0), 1);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
	EXPECT_EQ(case_read_file("file", data, 15), 7);
	EXPECT_STR(data, "abcdefg");
}

CASE(path_only, "openat")
{
	char byte;
	int fd, dir;

	case_write_file("file", "x", 1);
	fd = open("file", O_PATH);
	dir = open(".", O_PATH | O_DIRECTORY);
	MUST(fd > 2 && dir > 2);
	EXPECT_ERRNO(read(fd, &byte, 1), EBADF);
	EXPECT_ERRNO(write(fd, &byte, 1), EBADF);
	EXPECT_ERRNO(lseek(fd, 0, SEEK_SET), EBADF);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_PATH, O_PATH);
	EXPECT(openat(dir, "file", O_RDONLY) > 2);
}

CASE(path_only_link, "openat readlinkat")
{
	char text[16] = "";
	struct stat st;
	int fd;

	EXPECT_EQ(symlink("target", "link"), 0);
	fd = open("link", O_PATH | O_NOFOLLOW);
	MUST(fd > 2);
	EXPECT_EQ(fstat(fd, &st), 0);
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_EQ(readlinkat(fd, "", text, sizeof(text)), 6);
	EXPECT_STR(text, "target");
}

CASE(unnamed, "openat linkat")
{
	char data[8] = "", path[40];
	int fd = open(".", O_TMPFILE | O_RDWR, 0640);
	struct stat st;

	MUST(fd > 2);
	EXPECT_EQ(write(fd, "tmp", 3), 3);
	EXPECT_EQ(fstat(fd, &st), 0);
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(st.st_mode, S_IFREG | 0640);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), 0);
	EXPECT_EQ(case_read_file("named", data, 7), 3);
	EXPECT_STR(data, "tmp");
	EXPECT_ERRNO(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
	EXPECT_ERRNO(open("named", O_TMPFILE | O_RDWR, 0600), ENOTDIR);
}

CASE(unnamed_exclusive, "openat linkat")
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
	char path[40];

	MUST(fd > 2);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_ERRNO(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), ENOENT);
}

CASE(direct, "openat")
{
	static char block[8192] __attribute__((aligned(4096)));
	char data[4];
	int fd = open("file", O_RDWR | O_CREAT | O_DIRECT, 0600);

	MUST(fd > 2);
	memset(block, 'd', sizeof(block));
	EXPECT_EQ(write(fd, block, 8192), 8192);
	EXPECT_EQ(pread(fd, block, 4096, 4096), 4096);
	EXPECT_EQ(lseek(fd, 4096, SEEK_SET), 4096);
	EXPECT_EQ(read(fd, block, 8192), 4096);
	EXPECT_ERRNO(pwrite(fd, block, 100, 0), EINVAL);
	EXPECT_ERRNO(pread(fd, block, 4096, 100), EINVAL);
	EXPECT_EQ(case_read_file("file", data, 4), 8192);
	EXPECT_EQ(data[3], 'd');
}

CASE(lowest_number, "openat")
{
	int a = open(".", O_RDONLY), b = open(".", O_RDONLY), c;

	MUST(a > 2 && b == a + 1);
	EXPECT_EQ(close(a), 0);
	c = open("/dev/null", O_RDONLY);
	EXPECT_EQ(c, a);
	EXPECT_ERRNO(open("missing", O_RDONLY), ENOENT);
	EXPECT_EQ(open("/dev/null", O_RDONLY), b + 1);
}

CASE(write_only_read_only, "openat")
{
	char byte = 'x';
	int r, w;

	case_write_file("file", "x", 1);
	r = open("file", O_RDONLY);
	w = open("file", O_WRONLY);
	MUST(r > 2 && w > 2);
	EXPECT_ERRNO(write(r, &byte, 1), EBADF);
	EXPECT_ERRNO(read(w, &byte, 1), EBADF);
	EXPECT_ERRNO(pread(w, &byte, 1, 0), EBADF);
	EXPECT_EQ(read(r, &byte, 1), 1);
}

CASE(fifo_nonblock, "openat mknodat")
{
	int fd;

	EXPECT_EQ(mkfifo("fifo", 0600), 0);
	EXPECT_ERRNO(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	MUST(fd > 2);
	EXPECT(open("fifo", O_WRONLY | O_NONBLOCK) > 2);
}

CASE(openat2_plain, "openat2")
{
	int fd = openat2(AT_FDCWD, "new", O_RDWR | O_CREAT | O_CLOEXEC, 0604, 0);

	MUST(fd > 2);
	EXPECT_EQ(mode_of("new"), S_IFREG | 0604);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(openat2(AT_FDCWD, "new", O_RDONLY, 0, 0), F_GETFD), 0);
}

CASE(openat2_resolve, "openat2")
{
	int dir;

	EXPECT_EQ(mkdir("dir", 0700), 0);
	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("../file", "dir/out"), 0);
	EXPECT_EQ(symlink("/etc", "dir/root"), 0);
	dir = open("dir", O_PATH);
	MUST(dir > 2);
	EXPECT(openat2(dir, "out", O_RDONLY, 0, 0) > 2);
	EXPECT_ERRNO(openat2(dir, "out", O_RDONLY, 0, RESOLVE_NO_SYMLINKS), ELOOP);
	EXPECT_ERRNO(openat2(dir, "out", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(openat2(dir, "/etc", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(openat2(dir, "root", O_RDONLY, 0, RESOLVE_IN_ROOT), ENOENT);
	EXPECT_ERRNO(openat2(dir, "/etc", O_RDONLY, 0, RESOLVE_IN_ROOT), ENOENT);
	case_write_file("dir/inside", "x", 1);
	EXPECT(openat2(dir, "/inside", O_RDONLY, 0, RESOLVE_IN_ROOT) > 2);
	EXPECT_ERRNO(openat2(AT_FDCWD, "/proc/version", O_RDONLY, 0, RESOLVE_NO_XDEV), EXDEV);
}

CASE(openat2_errors, "openat2")
{
	struct { struct open_how how; uint64_t more; } big = { .how = { .flags = O_RDONLY } };

	case_write_file("file", "x", 1);
	EXPECT_ERRNO(openat2(AT_FDCWD, "file", 1ull << 40, 0, 0), EINVAL);
	EXPECT_ERRNO(openat2(AT_FDCWD, "file", O_RDONLY, 0600, 0), EINVAL);
	EXPECT_ERRNO(openat2(AT_FDCWD, "file", O_RDONLY, 0, 1ull << 40), EINVAL);
	EXPECT_ERRNO(openat2(AT_FDCWD, "file", O_CREAT | O_RDWR, 0200000, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", &big, 16), EINVAL);
	EXPECT_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", (void *)8, sizeof(big.how)), EFAULT);
	EXPECT(syscall(SYS_openat2, AT_FDCWD, "file", &big, sizeof(big)) > 2);
	big.more = 1;
	EXPECT_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", &big, sizeof(big)), E2BIG);
}

CASE(read_only_file_system, "openat")
{
	EXPECT_ERRNO(open("/proc/new", O_RDWR | O_CREAT, 0600), ENOENT);
	EXPECT_ERRNO(open("/sys/new", O_RDWR | O_CREAT, 0600), EACCES);
}

HELPER(nobody)
{
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	if (open("secret", O_RDONLY) != -1 || errno != EACCES)
		return 2;
	if (open("closed/file", O_RDONLY) != -1 || errno != EACCES)
		return 3;
	if (open("mine", O_RDWR | O_CREAT, 0600) != -1 || errno != EACCES)
		return 4;
	if (open("public", O_WRONLY) != -1 || errno != EACCES)
		return 5;
	if (open("public", O_RDONLY | O_NOATIME) != -1 || errno != EPERM)
		return 6;
	return open("public", O_RDONLY) > 2 ? 0 : 7;
}

CASE(permission, "openat setuid")
{
	case_write_file("secret", "x", 1);
	case_write_file("public", "x", 1);
	EXPECT_EQ(chmod("secret", 0600), 0);
	EXPECT_EQ(chmod("public", 0644), 0);
	EXPECT_EQ(chmod(".", 0755), 0);
	EXPECT_EQ(mkdir("closed", 0700), 0);
	case_write_file("closed/file", "x", 1);
	EXPECT_EQ(case_wait(case_same("nobody", "")), 0);
}
