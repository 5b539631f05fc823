/* SPDX-License-Identifier: MIT */
/* dup, dup2, dup3 and F_DUPFD share one offset; separate opens do not. */
#include <fcntl.h>
#include <unistd.h>

#include "t.h"

int main(void)
{
	char bytes[4] = { 0 };
	int a = open("file", O_CREAT | O_RDWR, 0644);

	MUST(a >= 0);
	CHECK(write(a, "abcdefghij", 10) == 10);
	int b = dup(a), c = dup2(a, 50), other = open("file", O_RDONLY);
	printf("%d %d %d %d\n", a, b, c, other);
	CHECK(lseek(b, 1, SEEK_SET) == 1);
	CHECK(read(c, bytes, 2) == 2 && bytes[0] == 'b');
	CHECK(lseek(a, 0, SEEK_CUR) == 3);
	CHECK(lseek(other, 0, SEEK_CUR) == 0);
	CHECK(close(a) == 0);
	CHECK(read(b, bytes, 1) == 1 && bytes[0] == 'd');
	CHECK_ERRNO(read(a, bytes, 1), EBADF);

	CHECK(dup2(b, b) == b);
	CHECK_ERRNO(dup2(a, 60), EBADF);
	CHECK_ERRNO(dup3(b, b, 0), EINVAL);
	CHECK(dup3(b, other, O_CLOEXEC) == other);
	CHECK(fcntl(other, F_GETFD) == FD_CLOEXEC && fcntl(b, F_GETFD) == 0);
	CHECK(fcntl(other, F_SETFD, 0) == 0 && fcntl(other, F_GETFD) == 0);
	int high = fcntl(b, F_DUPFD, 100), cloexec = fcntl(b, F_DUPFD_CLOEXEC, 100);
	printf("%d %d\n", high, cloexec);
	CHECK(read(other, bytes, 1) == 1 && bytes[0] == 'e');
	CHECK(read(high, bytes, 1) == 1 && bytes[0] == 'f');
	CHECK((fcntl(high, F_GETFL) & O_ACCMODE) == O_RDWR);
	CHECK_ERRNO(dup(999), EBADF);
	CHECK_ERRNO(fcntl(999, F_GETFD), EBADF);
	CHECK_ERRNO(close(999), EBADF);
	CHECK_ERRNO(close(-1), EBADF);

	fflush(stdout);
	int saved = dup(1), file = open("redirected", O_CREAT | O_WRONLY, 0644);
	CHECK(dup2(file, 1) == 1);
	printf("into the file\n");
	fflush(stdout);
	CHECK(dup2(saved, 1) == 1);
	puts("to stdout again");
	return t_done();
}
