/* SPDX-License-Identifier: MIT */
/* Links, permissions, times and the current folder. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

int main(void)
{
	char path[256] = { 0 };
	struct stat st;
	int fd = open("file", O_CREAT | O_RDWR, 0644);

	MUST(fd >= 0 && write(fd, "abc", 3) == 3);
	CHECK(symlink("file", "soft") == 0);
	CHECK(readlink("soft", path, sizeof(path)) == 4 && strcmp(path, "file") == 0);
	CHECK(lstat("soft", &st) == 0 && S_ISLNK(st.st_mode) && stat("soft", &st) == 0 && S_ISREG(st.st_mode));
	CHECK(link("file", "hard") == 0 && stat("file", &st) == 0 && st.st_nlink == 2);
	CHECK(symlink("loop", "loop") == 0);
	CHECK_ERRNO(open("loop", O_RDONLY), ELOOP);
	CHECK_ERRNO(open("soft", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK(chmod("file", 0600) == 0 && stat("file", &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(fchmod(fd, 0644) == 0 && access("file", R_OK | W_OK) == 0);
	struct timespec times[2] = { { 1000000000, 5 }, { 1100000000, 0 } };
	CHECK(futimens(fd, times) == 0 && stat("file", &st) == 0 && st.st_mtime == 1100000000);
	CHECK(mkdir("d", 0755) == 0 && chdir("d") == 0);
	CHECK(stat("../file", &st) == 0 && open("../soft", O_RDONLY) >= 0);
	CHECK(getcwd(path, sizeof(path)) && strcmp(path + strlen(path) - 2, "/d") == 0);
	CHECK_ERRNO(chdir("missing"), ENOENT);
	CHECK(chdir("..") == 0 && truncate("file", 1) == 0 && stat("hard", &st) == 0 && st.st_size == 1);
	return t_done();
}
