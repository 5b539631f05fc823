/* SPDX-License-Identifier: MIT */
/* What stat tells, by name, by descriptor, of directories, devices, links. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "t.h"

static void print(const char *name, const struct stat *st)
{
	printf("%s: mode %o size %ld links %u block size %ld blocks %ld device %u:%u owner %u:%u\n", name, st->st_mode,
		S_ISDIR(st->st_mode) ? 0l : (long)st->st_size, (unsigned)st->st_nlink, (long)st->st_blksize, (long)st->st_blocks,
		major(st->st_rdev), minor(st->st_rdev), st->st_uid, st->st_gid);
}

int main(void)
{
	struct stat by_name, by_fd;
	int fd = open("file", O_CREAT | O_RDWR, 0640);

	umask(0);
	MUST(fd >= 0);
	CHECK(write(fd, "content", 7) == 7);
	CHECK(stat("file", &by_name) == 0 && fstat(fd, &by_fd) == 0);
	print("file", &by_name);
	CHECK(by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev && by_fd.st_size == 7);
	CHECK(labs((long)(by_name.st_mtime - time(NULL))) < 10);
	CHECK(mkdir("dir", 0750) == 0 && stat("dir", &by_name) == 0);
	print("dir", &by_name);
	CHECK(stat("/dev/null", &by_name) == 0);
	print("/dev/null", &by_name);
	CHECK(fstatat(AT_FDCWD, "file", &by_name, AT_SYMLINK_NOFOLLOW) == 0 && by_name.st_ino == by_fd.st_ino);
	CHECK(fstat(0, &by_name) == 0);
	CHECK_ERRNO(stat("missing", &by_name), ENOENT);
	CHECK_ERRNO(stat("file/x", &by_name), ENOTDIR);
	CHECK_ERRNO(fstat(99, &by_name), EBADF);
	return t_done();
}
