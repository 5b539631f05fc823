/* SPDX-License-Identifier: MIT */
/* rename and unlink: replacing, across folders, while open. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

static void make(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
}

int main(void)
{
	char bytes[16] = { 0 };
	struct stat st;

	make("a", "one");
	make("b", "two");
	CHECK(rename("a", "b") == 0);
	CHECK_ERRNO(stat("a", &st), ENOENT);
	int fd = open("b", O_RDONLY);
	CHECK(read(fd, bytes, 16) == 3 && strcmp(bytes, "one") == 0);
	CHECK(mkdir("d", 0755) == 0 && rename("b", "d/c") == 0);
	CHECK(unlink("d/c") == 0);
	CHECK(fstat(fd, &st) == 0 && st.st_nlink == 0 && pread(fd, bytes, 16, 0) == 3);
	CHECK(rename("d", "e") == 0 && stat("e", &st) == 0);
	make("e/x", "x");
	make("f", "f");
	CHECK(renameat(AT_FDCWD, "f", open("e", O_RDONLY | O_DIRECTORY), "moved") == 0);
	CHECK(stat("e/moved", &st) == 0);

	CHECK(mkdir("full", 0755) == 0);
	CHECK_ERRNO(rename("full", "e"), ENOTEMPTY);
	CHECK_ERRNO(rename("e/x", "full"), EISDIR);
	CHECK_ERRNO(rename("full", "e/x"), ENOTDIR);
	CHECK_ERRNO(rename("missing", "y"), ENOENT);
	CHECK_ERRNO(rename("e", "e/inside"), EINVAL);
	CHECK_ERRNO(unlink("missing"), ENOENT);
	CHECK_ERRNO(unlink("e"), EISDIR);
	CHECK_ERRNO(rmdir("e"), ENOTEMPTY);
	CHECK_ERRNO(rmdir("e/x"), ENOTDIR);
	CHECK_ERRNO(mkdir("e", 0755), EEXIST);
	CHECK_ERRNO(mkdir("no/way", 0755), ENOENT);
	CHECK(rmdir("full") == 0);
	CHECK(remove("e/x") == 0 && remove("e/moved") == 0 && remove("e") == 0);
	return t_done();
}
