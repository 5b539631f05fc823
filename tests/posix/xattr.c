/* SPDX-License-Identifier: MIT */
/* Extended attributes. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "case.h"

CASE(set_get, "setxattr getxattr")
{
	char value[16] = "";

	case_write_file("file", "x", 1);
	EXPECT_EQ(setxattr("file", "user.name", "value", 5, 0), 0);
	EXPECT_EQ(getxattr("file", "user.name", value, sizeof(value)), 5);
	EXPECT_STR(value, "value");
	EXPECT_EQ(getxattr("file", "user.name", NULL, 0), 5);
	EXPECT_EQ(setxattr("file", "user.name", "", 0, 0), 0);
	EXPECT_EQ(getxattr("file", "user.name", value, sizeof(value)), 0);
}

CASE(create_replace, "setxattr")
{
	char value[4] = "";

	case_write_file("file", "x", 1);
	EXPECT_ERRNO(setxattr("file", "user.a", "1", 1, XATTR_REPLACE), ENODATA);
	EXPECT_EQ(setxattr("file", "user.a", "1", 1, XATTR_CREATE), 0);
	EXPECT_ERRNO(setxattr("file", "user.a", "2", 1, XATTR_CREATE), EEXIST);
	EXPECT_EQ(setxattr("file", "user.a", "3", 1, XATTR_REPLACE), 0);
	EXPECT_EQ(getxattr("file", "user.a", value, 4), 1);
	EXPECT_STR(value, "3");
}

CASE(get_errors, "getxattr")
{
	char value[4];

	case_write_file("file", "x", 1);
	EXPECT_EQ(setxattr("file", "user.a", "12345678", 8, 0), 0);
	EXPECT_ERRNO(getxattr("file", "user.a", value, 4), ERANGE);
	EXPECT_ERRNO(getxattr("file", "user.b", value, 4), ENODATA);
	EXPECT_ERRNO(getxattr("missing", "user.a", value, 4), ENOENT);
	EXPECT_ERRNO(getxattr("file", "odd.a", value, 4), EOPNOTSUPP);
	EXPECT_ERRNO(getxattr("file", "", value, 4), ERANGE);
	EXPECT_ERRNO(getxattr("file", (char *)8, value, 4), EFAULT);
	EXPECT_ERRNO(getxattr("file", "user.a", (char *)8, 8), EFAULT);
}

CASE(set_errors, "setxattr")
{
	static char big[70000];
	char name[300];

	case_write_file("file", "x", 1);
	memset(name, 'n', sizeof(name));
	memcpy(name, "user.", 5);
	name[256] = 0;
	EXPECT_ERRNO(setxattr("file", name, "1", 1, 0), ERANGE);
	name[255] = 0;
	EXPECT_EQ(setxattr("file", name, "1", 1, 0), 0);
	EXPECT_ERRNO(setxattr("file", "user.a", big, 65537, 0), E2BIG);
	EXPECT_ERRNO(setxattr("file", "user.a", "1", 1, 8), EINVAL);
	EXPECT_ERRNO(setxattr("file", "user.a", (char *)8, 1, 0), EFAULT);
	EXPECT_ERRNO(setxattr("file", "odd.a", "1", 1, 0), EOPNOTSUPP);
	EXPECT_ERRNO(setxattr("missing", "user.a", "1", 1, 0), ENOENT);
	EXPECT_ERRNO(setxattr("/dev/null", "user.a", "1", 1, 0), EPERM);
}

CASE(descriptor, "fsetxattr fgetxattr fremovexattr")
{
	char value[8] = "";
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(fsetxattr(fd, "user.a", "abc", 3, 0), 0);
	EXPECT_EQ(fgetxattr(fd, "user.a", value, 8), 3);
	EXPECT_STR(value, "abc");
	EXPECT_EQ(fremovexattr(fd, "user.a"), 0);
	EXPECT_ERRNO(fgetxattr(fd, "user.a", value, 8), ENODATA);
	EXPECT_ERRNO(fsetxattr(99, "user.a", "1", 1, 0), EBADF);
	EXPECT_ERRNO(fgetxattr(open("file", O_PATH), "user.a", value, 8), EBADF);
}

CASE(list, "listxattr")
{
	char names[64] = "";
	int a, b;

	case_write_file("file", "x", 1);
	EXPECT_EQ(listxattr("file", names, sizeof(names)), 0);
	EXPECT_EQ(setxattr("file", "user.first", "1", 1, 0), 0);
	EXPECT_EQ(setxattr("file", "user.second", "2", 1, 0), 0);
	EXPECT_EQ(listxattr("file", NULL, 0), 23);
	EXPECT_EQ(listxattr("file", names, sizeof(names)), 23);
	a = strcmp(names, "user.first") == 0 && strcmp(names + 11, "user.second") == 0;
	b = strcmp(names, "user.second") == 0 && strcmp(names + 12, "user.first") == 0;
	EXPECT(a || b);
	EXPECT_ERRNO(listxattr("file", names, 10), ERANGE);
	EXPECT_ERRNO(listxattr("missing", names, 10), ENOENT);
}

CASE(list_descriptor, "flistxattr")
{
	char names[64] = "";
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(setxattr("file", "user.only", "1", 1, 0), 0);
	EXPECT_EQ(flistxattr(fd, names, sizeof(names)), 10);
	EXPECT_STR(names, "user.only");
	EXPECT_ERRNO(flistxattr(99, names, sizeof(names)), EBADF);
	EXPECT_ERRNO(flistxattr(fd, (char *)8, 64), EFAULT);
}

CASE(remove, "removexattr")
{
	char value[4];

	case_write_file("file", "x", 1);
	EXPECT_EQ(setxattr("file", "user.a", "1", 1, 0), 0);
	EXPECT_EQ(removexattr("file", "user.a"), 0);
	EXPECT_ERRNO(removexattr("file", "user.a"), ENODATA);
	EXPECT_ERRNO(getxattr("file", "user.a", value, 4), ENODATA);
	EXPECT_ERRNO(removexattr("missing", "user.a"), ENOENT);
}

CASE(of_links, "lsetxattr lgetxattr llistxattr lremovexattr")
{
	char value[8] = "", names[64] = "";

	case_write_file("file", "x", 1);
	EXPECT_EQ(symlink("file", "link"), 0);
	EXPECT_ERRNO(lsetxattr("link", "user.a", "1", 1, 0), EPERM);
	EXPECT_EQ(lsetxattr("link", "trusted.a", "12", 2, 0), 0);
	EXPECT_EQ(lgetxattr("link", "trusted.a", value, 8), 2);
	EXPECT_EQ(llistxattr("link", names, sizeof(names)), 10);
	EXPECT_STR(names, "trusted.a");
	EXPECT_ERRNO(getxattr("link", "trusted.a", value, 8), ENODATA);
	EXPECT_EQ(lremovexattr("link", "trusted.a"), 0);
	EXPECT_ERRNO(lgetxattr("link", "trusted.a", value, 8), ENODATA);
}

CASE(large, "setxattr getxattr")
{
	static char value[3000], back[3000];

	case_write_file("file", "x", 1);
	for (unsigned i = 0; i < sizeof(value); i++)
		value[i] = (char)(i * 7);
	EXPECT_EQ(setxattr("file", "user.large", value, 900, 0), 0);
	EXPECT_EQ(getxattr("file", "user.large", back, 3000), 900);
	EXPECT(memcmp(value, back, 900) == 0);
}

HELPER(stranger)
{
	char value[4];

	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	if (setxattr("file", "user.a", "1", 1, 0) != -1 || errno != EACCES)
		return 2;
	if (getxattr("file", "trusted.a", value, 4) != -1 || errno != ENODATA)
		return 3;
	return getxattr("file", "user.b", value, 4) == 1 ? 0 : 4;
}

CASE(permission, "setxattr getxattr setuid")
{
	case_write_file("file", "x", 1);
	EXPECT_EQ(chmod("file", 0644), 0);
	EXPECT_EQ(chmod(".", 0755), 0);
	EXPECT_EQ(setxattr("file", "user.b", "1", 1, 0), 0);
	EXPECT_EQ(setxattr("file", "trusted.a", "1", 1, 0), 0);
	EXPECT_EQ(case_wait(case_same("stranger", "")), 0);
}
