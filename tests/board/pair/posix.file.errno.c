/* SPDX-License-Identifier: MIT */
/* Calls that must fail, each with its own errno. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "t.h"

#define BAD ((void *)8)

static void check_descriptors(int reader, int writer)
{
	char byte = 'x';

	CHECK_ERRNO(read(-1, &byte, 1), EBADF);
	CHECK_ERRNO(read(500, &byte, 1), EBADF);
	CHECK_ERRNO(read(100000, &byte, 1), EBADF);
	CHECK_ERRNO(write(-1, &byte, 1), EBADF);
	CHECK_ERRNO(write(reader, &byte, 1), EBADF);
	CHECK_ERRNO(read(writer, &byte, 1), EBADF);
	CHECK_ERRNO(lseek(500, 0, SEEK_SET), EBADF);
	CHECK_ERRNO(fsync(500), EBADF);
	CHECK_ERRNO(ioctl(500, TIOCGWINSZ, &byte), EBADF);
	CHECK_ERRNO(isatty(reader) - 1, ENOTTY);
	CHECK(read(reader, &byte, 0) == 0 && write(writer, &byte, 0) == 0);
}

static void check_pointers(int reader, int writer)
{
	struct stat st;
	struct iovec bad = { BAD, 10 }, huge[2] = { { &st, 2 }, { &st, SIZE_MAX } };

	CHECK_ERRNO(open(BAD, O_RDONLY), EFAULT);
	CHECK_ERRNO(read(reader, BAD, 4), EFAULT);
	CHECK_ERRNO(write(writer, BAD, 4), EFAULT);
	CHECK_ERRNO(write(writer, NULL, 4), EFAULT);
	CHECK_ERRNO(pread(reader, BAD, 4, 0), EFAULT);
	CHECK_ERRNO(stat(BAD, &st), EFAULT);
	CHECK_ERRNO(readv(reader, &bad, 1), EFAULT);
	CHECK_ERRNO(writev(writer, &bad, 1), EFAULT);
	CHECK_ERRNO(writev(writer, BAD, 1), EFAULT);
	CHECK_ERRNO(readv(reader, huge, 2), EINVAL);
	CHECK_ERRNO(mkdir(BAD, 0755), EFAULT);
	CHECK_ERRNO(unlink(BAD), EFAULT);
	CHECK_ERRNO(rename("file", BAD), EFAULT);
}

static void check_names(void)
{
	static char name[300], path[5000];

	memset(name, 'n', sizeof(name) - 1);
	for (size_t i = 0; i + 1 < sizeof(path); i += 2)
		memcpy(path + i, "./", 2);
	path[sizeof(path) - 1] = 0;
	CHECK_ERRNO(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
	CHECK_ERRNO(mkdir(name, 0755), ENAMETOOLONG);
	CHECK_ERRNO(open(path, O_RDONLY), ENAMETOOLONG);
	path[4001] = 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0 && close(fd) == 0);
}

/* The last descriptor is the one below the limit. */
static void check_exhaustion(void)
{
	int last = -1, fd, count = 0;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0) {
		last = fd;
		count++;
	}
	CHECK(errno == EMFILE);
	CHECK(last == 1023);
	CHECK_ERRNO(dup(0), EMFILE);
	for (fd = last; fd > last - count; fd--)
		CHECK(close(fd) == 0);
}

int main(void)
{
	int writer = open("file", O_CREAT | O_WRONLY, 0644), reader = open("file", O_RDONLY);

	MUST(writer >= 0 && reader >= 0);
	CHECK(write(writer, "some text", 9) == 9);
	check_descriptors(reader, writer);
	check_pointers(reader, writer);
	check_names();
	check_exhaustion();
	CHECK_ERRNO(close(reader + 500), EBADF);
	CHECK(close(reader) == 0);
	CHECK_ERRNO(close(reader), EBADF);
	return t_done();
}
