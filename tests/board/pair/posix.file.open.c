/* SPDX-License-Identifier: MIT */
/* open and openat: flags, modes, umask, lowest free descriptor. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

static void print_mode(const char *path)
{
	struct stat st;

	MUST(stat(path, &st) == 0);
	printf("%s %o %ld\n", path, (unsigned)st.st_mode, (long)st.st_size);
}

int main(void)
{
	umask(022);
	int a = open("a", O_CREAT | O_WRONLY, 0666);
	int b = open("b", O_CREAT | O_RDWR | O_EXCL, 0751);
	printf("descriptors %d %d\n", a, b);
	print_mode("a");
	print_mode("b");
	CHECK(write(a, "twelve bytes", 12) == 12);
	CHECK(close(a) == 0);
	CHECK(open("a", O_RDONLY) == a);
	CHECK_ERRNO(open("a", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST);
	CHECK_ERRNO(open("missing", O_RDONLY), ENOENT);
	CHECK_ERRNO(open("", O_RDONLY), ENOENT);
	CHECK_ERRNO(open("a/b", O_RDONLY), ENOTDIR);
	CHECK_ERRNO(open(".", O_WRONLY), EISDIR);
	CHECK_ERRNO(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
	int truncated = open("a", O_WRONLY | O_TRUNC);
	print_mode("a");
	umask(077);
	CHECK(close(open("c", O_CREAT | O_WRONLY, 0666)) == 0);
	print_mode("c");
	CHECK(umask(0) == 077);

	CHECK(mkdir("dir", 0755) == 0);
	int dir = open("dir", O_RDONLY | O_DIRECTORY);
	MUST(dir >= 0);
	int inside = openat(dir, "file", O_CREAT | O_WRONLY, 0600);
	CHECK(inside >= 0 && write(inside, "x", 1) == 1);
	print_mode("dir/file");
	CHECK_ERRNO(openat(dir, "none", O_RDONLY), ENOENT);
	CHECK_ERRNO(openat(truncated, "file", O_RDONLY), ENOTDIR);
	CHECK_ERRNO(openat(999, "file", O_RDONLY), EBADF);
	CHECK(faccessat(dir, "file", R_OK, 0) == 0);
	CHECK(access("missing", F_OK) == -1 && errno == ENOENT);

	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY);
	char bytes[64] = "not zero";
	CHECK(write(null, bytes, 64) == 64 && read(null, bytes, 64) == 0);
	CHECK(read(zero, bytes, 64) == 64 && bytes[0] == 0 && bytes[63] == 0);
	return t_done();
}
