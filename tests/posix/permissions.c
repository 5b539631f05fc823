/* SPDX-License-Identifier: MIT */
/* Modes, owners, access. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static unsigned mode_of(const char *name)
{
	struct stat st = { 0 };

	MUST(lstat(name, &st) == 0);
	return st.st_mode & 07777;
}

CASE(chmod, "fchmodat")
{
	case_write_file("file", "x", 1);
	EXPECT_EQ(chmod("file", 0), 0);
	EXPECT_EQ(mode_of("file"), 0);
	EXPECT_EQ(chmod("file", 07777), 0);
	EXPECT_EQ(mode_of("file"), 07777);
	EXPECT_ERRNO(chmod("missing", 0600), ENOENT);
	EXPECT_ERRNO(chmod("file/x", 0600), ENOTDIR);
	EXPECT_ERRNO(chmod((char *)8, 0600), EFAULT);
	EXPECT_ERRNO(fchmodat(99, "file", 0600, 0), EBADF);
}

CASE(fchmod, "fchmod")
{
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(fchmod(fd, 0511), 0);
	EXPECT_EQ(mode_of("file"), 0511);
	EXPECT_ERRNO(syscall(SYS_fchmod, 99, 0600), EBADF);
	EXPECT_ERRNO(syscall(SYS_fchmod, open("file", O_PATH), 0600), EBADF);
}

CASE(fchmodat2, "fchmodat2")
{
	int fd;

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("file", "link"), 0);
	fd = open("file", O_PATH);
	EXPECT_EQ(syscall(SYS_fchmodat2, fd, "", 0640, AT_EMPTY_PATH), 0);
	EXPECT_EQ(mode_of("file"), 0640);
	EXPECT_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, "link", 0600, AT_SYMLINK_NOFOLLOW), EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, "file", 0600, 0x8000), EINVAL);
}

CASE(chown, "fchownat")
{
	struct stat st;

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("file", "link"), 0);
	EXPECT_EQ(chmod("file", 06755), 0);
	EXPECT_EQ(chown("file", 12, 34), 0);
	MUST(stat("file", &st) == 0);
	EXPECT_EQ(st.st_uid, 12);
	EXPECT_EQ(st.st_gid, 34);
	EXPECT_EQ(st.st_mode & 07777, 0755);
	EXPECT_EQ(chown("file", -1, 35), 0);
	EXPECT_EQ(lchown("link", 56, -1), 0);
	MUST(stat("file", &st) == 0);
	EXPECT_EQ(st.st_uid, 12);
	EXPECT_EQ(st.st_gid, 35);
	MUST(lstat("link", &st) == 0);
	EXPECT_EQ(st.st_uid, 56);
	EXPECT_ERRNO(chown("missing", 1, 1), ENOENT);
	EXPECT_ERRNO(fchownat(AT_FDCWD, "file", 1, 1, 0x8000), EINVAL);
}

CASE(fchown, "fchown")
{
	struct stat st;
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(fchown(fd, 77, 88), 0);
	MUST(fstat(fd, &st) == 0);
	EXPECT_EQ(st.st_uid, 77);
	EXPECT_EQ(st.st_gid, 88);
	EXPECT_ERRNO(syscall(SYS_fchown, 99, 1, 1), EBADF);
}

CASE(access, "faccessat")
{
	case_write_file("file", "x", 1);
	EXPECT_EQ(chmod("file", 0600), 0);
	EXPECT_EQ(access("file", F_OK), 0);
	EXPECT_EQ(access("file", R_OK | W_OK), 0);
	EXPECT_ERRNO(access("file", X_OK), EACCES);
	EXPECT_ERRNO(access("missing", F_OK), ENOENT);
	EXPECT_ERRNO(access("file/x", F_OK), ENOTDIR);
	EXPECT_ERRNO(access("file", 8), EINVAL);
}

CASE(access_flags, "faccessat2")
{
	int fd;

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("nowhere", "link"), 0);
	EXPECT_EQ(syscall(SYS_faccessat2, AT_FDCWD, "link", F_OK, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "link", F_OK, 0), ENOENT);
	fd = open("file", O_PATH);
	EXPECT_EQ(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH | AT_EACCESS), 0);
	EXPECT_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "file", F_OK, 0x8000), EINVAL);
}

HELPER(other_user)
{
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	if (chmod("file", 0600) != -1 || errno != EPERM)
		return 2;
	if (chown("file", 65534, 65534) != -1 || errno != EPERM)
		return 3;
	if (access("file", W_OK) != -1 || errno != EACCES)
		return 4;
	if (access("closed/file", F_OK) != -1 || errno != EACCES)
		return 5;
	if (truncate("file", 0) != -1 || errno != EACCES)
		return 6;
	return access("file", R_OK) == 0 ? 0 : 7;
}

CASE(other_user, "fchmodat fchownat faccessat setuid")
{
	case_write_file("file", "x", 1);
	EXPECT_EQ(chmod("file", 0644), 0);
	EXPECT_EQ(chmod(".", 0755), 0);
	EXPECT_EQ(mkdir("closed", 0700), 0);
	EXPECT_EQ(case_wait(case_same("other_user", "")), 0);
}

HELPER(effective)
{
	/* access() asks for the real user, open() for the effective one. */
	if (setresgid(0, 65534, 0) != 0 || setresuid(0, 65534, 0) != 0)
		return 1;
	if (access("file", R_OK | W_OK) != 0)
		return 2;
	if (faccessat(AT_FDCWD, "file", R_OK, AT_EACCESS) != -1 || errno != EACCES)
		return 3;
	if (open("file", O_RDONLY) != -1 || errno != EACCES)
		return 4;
	return seteuid(0) == 0 && open("file", O_RDONLY) > 2 ? 0 : 5;
}

CASE(effective_user, "faccessat faccessat2 setresuid")
{
	case_write_file("file", "x", 1);
	EXPECT_EQ(chmod("file", 0600), 0);
	EXPECT_EQ(chmod(".", 0755), 0);
	EXPECT_EQ(case_wait(case_same("effective", "")), 0);
}

CASE(mask, "umask")
{
	EXPECT_EQ(umask(0177), 022);
	EXPECT_EQ(mkdir("dir", 0777), 0);
	EXPECT_EQ(mode_of("dir"), 0600);
	EXPECT_EQ(umask(07777), 0177);
	EXPECT_EQ(umask(022), 0777);
}
