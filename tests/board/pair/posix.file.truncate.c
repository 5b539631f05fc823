/* SPDX-License-Identifier: MIT */
/* ftruncate makes files shorter and longer; offsets stay. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

int main(void)
{
	struct stat st;
	char bytes[16] = { 1 };
	int fd = open("file", O_CREAT | O_RDWR, 0644), reader = open("file", O_RDONLY);

	MUST(fd >= 0 && reader >= 0);
	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(ftruncate(fd, 4) == 0);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 4);
	CHECK(lseek(fd, 0, SEEK_CUR) == 10);
	CHECK(read(fd, bytes, 16) == 0);
	CHECK(write(fd, "X", 1) == 1);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 11);
	CHECK(pread(fd, bytes, 16, 0) == 11 && memcmp(bytes, "0123\0\0\0\0\0\0X", 11) == 0);
	CHECK(ftruncate(fd, 1 << 20) == 0);
	CHECK(lseek(reader, 0, SEEK_END) == 1 << 20);
	CHECK_ERRNO(ftruncate(fd, -1), EINVAL);
	CHECK_ERRNO(ftruncate(reader, 0), EINVAL);
	CHECK_ERRNO(ftruncate(77, 0), EBADF);
	return t_done();
}
