/* SPDX-License-Identifier: MIT */
/* Directories: making, removing, reading, walking in them. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

CASE(make_remove, "mkdirat unlinkat")
{
	struct stat st;

	umask(022);
	EXPECT_EQ(mkdir("dir", 0777), 0);
	MUST(stat("dir", &st) == 0);
	EXPECT_EQ(st.st_mode, S_IFDIR | 0755);
	EXPECT_EQ(st.st_nlink, 2);
	EXPECT_ERRNO(mkdir("dir", 0777), EEXIST);
	EXPECT_EQ(rmdir("dir"), 0);
	EXPECT_ERRNO(stat("dir", &st), ENOENT);
}

CASE(mkdir_errors, "mkdirat")
{
	char name[300];

	case_write_file("file", "x", 1);
	EXPECT_ERRNO(mkdir("file", 0700), EEXIST);
	EXPECT_ERRNO(mkdir("file/dir", 0700), ENOTDIR);
	EXPECT_ERRNO(mkdir("missing/dir", 0700), ENOENT);
	EXPECT_ERRNO(mkdir("", 0700), ENOENT);
	EXPECT_ERRNO(mkdir("/", 0700), EEXIST);
	EXPECT_ERRNO(mkdir((char *)8, 0700), EFAULT);
	EXPECT_ERRNO(mkdirat(77, "dir", 0700), EBADF);
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	EXPECT_ERRNO(mkdir(name, 0700), ENAMETOOLONG);
}

CASE(rmdir_errors, "unlinkat")
{
	EXPECT_EQ(mkdir("dir", 0700), 0);
	case_write_file("dir/file", "x", 1);
	EXPECT_ERRNO(rmdir("dir"), ENOTEMPTY);
	EXPECT_ERRNO(rmdir("dir/file"), ENOTDIR);
	EXPECT_ERRNO(rmdir("missing"), ENOENT);
	EXPECT_ERRNO(rmdir("."), EINVAL);
	EXPECT_ERRNO(rmdir("dir/.."), ENOTEMPTY);
	EXPECT_ERRNO(rmdir("/"), EBUSY);
	EXPECT_ERRNO(unlink("dir"), EISDIR);
	EXPECT_ERRNO(unlinkat(AT_FDCWD, "dir", 0x4000), EINVAL);
	EXPECT_EQ(access("dir/file", F_OK), 0);
}

/* Reads a directory to its end: bits of the names 0 .. count - 1 seen, -1 if one was seen twice or is foreign. */
static int read_all(DIR *dir, unsigned count, unsigned char *seen)
{
	struct dirent *e;
	int found = 0;

	memset(seen, 0, count);
	while ((e = readdir(dir)) != NULL) {
		unsigned n;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		n = (unsigned)atoi(e->d_name + 1);
		if (e->d_name[0] != 'f' || n >= count || seen[n])
			return -1;
		seen[n] = 1;
		found++;
	}
	return found;
}

static void make_many(const char *where, unsigned count)
{
	char name[PATH_MAX];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s/f%u", where, i);
		MUST(close(open(name, O_WRONLY | O_CREAT, 0600)) == 0);
	}
}

CASE(many_entries, "getdents64")
{
	static unsigned char seen[1500];
	DIR *dir = opendir(".");

	MUST(dir != NULL);
	make_many(".", 1500);
	EXPECT_EQ(read_all(dir, 1500, seen), 1500);
	EXPECT(readdir(dir) == NULL);
	rewinddir(dir);
	EXPECT_EQ(read_all(dir, 1500, seen), 1500);
	closedir(dir);
}

CASE(many_entries_tmpfs, "getdents64")
{
	static unsigned char seen[800];
	DIR *dir = opendir(case_tmpfs());

	MUST(dir != NULL);
	make_many(case_tmpfs(), 800);
	EXPECT_EQ(read_all(dir, 800, seen), 800);
	closedir(dir);
}

CASE(seek_tell, "getdents64 lseek")
{
	static unsigned char seen[400];
	struct dirent *e;
	char name[256];
	DIR *dir;
	long at;

	make_many(".", 400);
	dir = opendir(".");
	MUST(dir != NULL);
	for (int i = 0; i < 100; i++)
		MUST(readdir(dir) != NULL);
	at = telldir(dir);
	e = readdir(dir);
	MUST(e != NULL);
	strcpy(name, e->d_name);
	while (readdir(dir))
		;
	seekdir(dir, at);
	e = readdir(dir);
	MUST(e != NULL);
	EXPECT_STR(e->d_name, name);
	rewinddir(dir);
	EXPECT_EQ(read_all(dir, 400, seen), 400);
	closedir(dir);
}

CASE(remove_while_reading, "getdents64 unlinkat")
{
	struct dirent *e;
	int removed = 0;
	DIR *dir;

	make_many(".", 600);
	dir = opendir(".");
	MUST(dir != NULL);
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] == 'f')
			removed += unlink(e->d_name) == 0;
	EXPECT_EQ(removed, 600);
	rewinddir(dir);
	while ((e = readdir(dir)) != NULL)
		EXPECT(e->d_name[0] == '.');
	closedir(dir);
}

CASE(getdents_errors, "getdents64")
{
	char buffer[4096];
	int fd = open(".", O_RDONLY | O_DIRECTORY), file;

	case_write_file("file", "x", 1);
	file = open("file", O_RDONLY);
	EXPECT_ERRNO(syscall(SYS_getdents64, file, buffer, sizeof(buffer)), ENOTDIR);
	EXPECT_ERRNO(syscall(SYS_getdents64, 99, buffer, sizeof(buffer)), EBADF);
	EXPECT_ERRNO(syscall(SYS_getdents64, fd, buffer, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getdents64, fd, (void *)8, sizeof(buffer)), EFAULT);
	MUST(mkdir("gone", 0700) == 0);
	fd = open("gone", O_RDONLY);
	MUST(rmdir("gone") == 0);
	EXPECT_ERRNO(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)), ENOENT);
}

CASE(entry_types, "getdents64")
{
	struct dirent *e;
	DIR *dir;

	case_write_file("file", "x", 1);
	EXPECT_EQ(mkdir("dir", 0700), 0);
	EXPECT_EQ(symlink("file", "link"), 0);
	EXPECT_EQ(mkfifo("pipe", 0600), 0);
	dir = opendir(".");
	MUST(dir != NULL);
	int types = 0;
	while ((e = readdir(dir)) != NULL) {
		struct stat st;

		MUST(lstat(e->d_name, &st) == 0);
		EXPECT_EQ(e->d_type, (st.st_mode & S_IFMT) >> 12);
		EXPECT_EQ(e->d_ino, st.st_ino);
		types |= 1 << e->d_type;
	}
	EXPECT_EQ(types, 1 << DT_REG | 1 << DT_DIR | 1 << DT_LNK | 1 << DT_FIFO);
	closedir(dir);
}

CASE(change_and_where, "chdir getcwd")
{
	char before[PATH_MAX], now[PATH_MAX], wanted[PATH_MAX + 8];

	MUST(getcwd(before, sizeof(before)) != NULL);
	EXPECT_EQ(mkdir("sub", 0700), 0);
	EXPECT_EQ(chdir("sub"), 0);
	EXPECT_EQ(access("../sub", F_OK), 0);
	MUST(getcwd(now, sizeof(now)) != NULL);
	snprintf(wanted, sizeof(wanted), "%s/sub", before);
	EXPECT_STR(now, wanted);
	EXPECT_EQ(chdir(".."), 0);
	EXPECT_STR(getcwd(now, sizeof(now)), before);
}

CASE(chdir_errors, "chdir")
{
	case_write_file("file", "x", 1);
	EXPECT_ERRNO(chdir("file"), ENOTDIR);
	EXPECT_ERRNO(chdir("missing"), ENOENT);
	EXPECT_ERRNO(chdir(""), ENOENT);
	EXPECT_ERRNO(chdir((char *)8), EFAULT);
}

CASE(fchdir, "fchdir")
{
	int here = open(".", O_RDONLY | O_DIRECTORY), sub, file;

	case_write_file("file", "x", 1);
	EXPECT_EQ(mkdir("sub", 0700), 0);
	sub = open("sub", O_PATH);
	file = open("file", O_RDONLY);
	EXPECT_EQ(fchdir(sub), 0);
	EXPECT_EQ(access("../file", F_OK), 0);
	EXPECT_EQ(access("file", F_OK), -1);
	EXPECT_EQ(fchdir(here), 0);
	EXPECT_EQ(access("file", F_OK), 0);
	EXPECT_ERRNO(fchdir(file), ENOTDIR);
	EXPECT_ERRNO(fchdir(99), EBADF);
}

CASE(getcwd_errors, "getcwd")
{
	char small[4], path[PATH_MAX];
	int back = open(".", O_RDONLY);

	EXPECT_ERRNO(syscall(SYS_getcwd, small, 2), ERANGE);
	EXPECT_ERRNO(syscall(SYS_getcwd, (char *)8, 4096), EFAULT);
	MUST(mkdir("gone", 0700) == 0 && chdir("gone") == 0 && rmdir("../gone") == 0);
	EXPECT_ERRNO(syscall(SYS_getcwd, path, sizeof(path)), ENOENT);
	MUST(fchdir(back) == 0);
}

HELPER(jail)
{
	char path[PATH_MAX];
	struct stat st;

	if (chroot("jail") != 0 || chdir("/") != 0)
		return 1;
	if (stat("/inside", &st) != 0 || stat("/etc", &st) != -1)
		return 2;
	if (getcwd(path, sizeof(path)) == NULL || strcmp(path, "/") != 0)
		return 3;
	return chroot("missing") == -1 && errno == ENOENT ? 0 : 4;
}

CASE(chroot, "chroot")
{
	EXPECT_EQ(mkdir("jail", 0700), 0);
	case_write_file("jail/inside", "x", 1);
	EXPECT_EQ(case_wait(case_same("jail", "")), 0);
}

CASE(deep, "mkdirat chdir")
{
	char path[PATH_MAX];
	int back = open(".", O_RDONLY);
	size_t length;

	for (int i = 0; i < 60; i++)
		MUST(mkdir("a-directory-with-a-longer-name", 0700) == 0 && chdir("a-directory-with-a-longer-name") == 0);
	MUST(getcwd(path, sizeof(path)) != NULL);
	length = strlen(path);
	EXPECT(length > 60 * 30);
	EXPECT_STR(path + length - 4, "name");
	for (int i = 0; i < 60; i++)
		MUST(chdir("..") == 0 && rmdir("a-directory-with-a-longer-name") == 0);
	EXPECT_EQ(fchdir(back), 0);
}
