/* SPDX-License-Identifier: MIT */
/* Positions: lseek, pread and pwrite, vectors at offsets. */
#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

CASE(set_current_end, "lseek")
{
	char byte;
	int fd;

	case_write_file("file", "0123456789", 10);
	fd = open("file", O_RDWR);
	EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
	EXPECT_EQ(read(fd, &byte, 1), 1);
	EXPECT_EQ(byte, '4');
	EXPECT_EQ(lseek(fd, 2, SEEK_CUR), 7);
	EXPECT_EQ(lseek(fd, -1, SEEK_END), 9);
	EXPECT_EQ(read(fd, &byte, 1), 1);
	EXPECT_EQ(byte, '9');
	EXPECT_EQ(lseek(fd, 100, SEEK_END), 110);
	EXPECT_EQ(read(fd, &byte, 1), 0);
}

CASE(errors, "lseek")
{
	int pipes[2], fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_ERRNO(lseek(fd, -2, SEEK_END), EINVAL);
	EXPECT_ERRNO(lseek(fd, 0, 99), EINVAL);
	EXPECT_ERRNO(lseek(fd, LONG_MAX, SEEK_SET), EINVAL);
	EXPECT_ERRNO(lseek(fd, LONG_MAX, SEEK_END), EINVAL);
	EXPECT_ERRNO(lseek(99, 0, SEEK_SET), EBADF);
	MUST(pipe(pipes) == 0);
	EXPECT_ERRNO(lseek(pipes[0], 0, SEEK_SET), ESPIPE);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
}

CASE(hole_written, "lseek")
{
	char data[8] = "........";
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	EXPECT_EQ(lseek(fd, 5, SEEK_SET), 5);
	EXPECT_EQ(write(fd, "x", 1), 1);
	EXPECT_EQ(case_read_file("file", data, 8), 6);
	EXPECT(memcmp(data, "\0\0\0\0\0x..", 8) == 0);
}

CASE(data_hole, "lseek")
{
	static char block[4096] = "x";
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	EXPECT_EQ(pwrite(fd, block, 4096, 65536), 4096);
	EXPECT_EQ(ftruncate(fd, 1 << 20), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_DATA), 65536);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 65536);
	EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), 0);
	EXPECT_EQ(lseek(fd, 65536, SEEK_HOLE), 65536 + 4096);
	EXPECT_ERRNO(lseek(fd, 100000, SEEK_DATA), ENXIO);
	EXPECT_ERRNO(lseek(fd, 2 << 20, SEEK_HOLE), ENXIO);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_DATA), ENXIO);
}

CASE(pread_pwrite, "pread64 pwrite64")
{
	char data[8] = "";
	int fd;

	case_write_file("file", "0123456789", 10);
	fd = open("file", O_RDWR);
	EXPECT_EQ(lseek(fd, 3, SEEK_SET), 3);
	EXPECT_EQ(pread(fd, data, 4, 5), 4);
	EXPECT_STR(data, "5678");
	EXPECT_EQ(pwrite(fd, "AB", 2, 9), 2);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
	EXPECT_EQ(pread(fd, data, 8, 8), 3);
	EXPECT(memcmp(data, "8AB", 3) == 0);
	EXPECT_EQ(pread(fd, data, 8, 11), 0);
}

CASE(pread_errors, "pread64 pwrite64")
{
	char data[8];
	int pipes[2], fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	EXPECT_ERRNO(pread(fd, data, 1, -1), EINVAL);
	EXPECT_ERRNO(pwrite(fd, data, 1, -1), EINVAL);
	EXPECT_ERRNO(pread(99, data, 1, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_pread64, fd, (void *)8, 1, 0), EFAULT);
	EXPECT_ERRNO(pread(open(".", O_RDONLY), data, 1, 0), EISDIR);
	MUST(pipe(pipes) == 0);
	EXPECT_ERRNO(pread(pipes[0], data, 1, 0), ESPIPE);
	EXPECT_ERRNO(pwrite(pipes[1], data, 1, 0), ESPIPE);
}

CASE(vectors, "preadv pwritev readv writev")
{
	char a[4] = "", b[8] = "";
	const struct iovec out[3] = { { "abc", 3 }, { "", 0 }, { "defg", 4 } };
	const struct iovec in[2] = { { a, 2 }, { b, 7 } };
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	EXPECT_EQ(writev(fd, out, 3), 7);
	EXPECT_EQ(pwritev(fd, out, 1, 7), 3);
	EXPECT_EQ(preadv(fd, in, 2, 1), 9);
	EXPECT_STR(a, "bc");
	EXPECT(memcmp(b, "defgabc", 7) == 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(readv(fd, in, 2), 9);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 9);
}

CASE(vector_errors, "readv writev preadv")
{
	static struct iovec many[1025];
	char data[8];
	const struct iovec bad[1] = { { (void *)8, 8 } }, huge[2] = { { data, 8 }, { data, (size_t)-1 } };
	struct iovec good[1] = { { data, 8 } };
	int fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	EXPECT_ERRNO(readv(fd, many, 1025), EINVAL);
	EXPECT_ERRNO(readv(fd, good, -1), EINVAL);
	EXPECT_ERRNO(readv(fd, huge, 2), EINVAL);
	EXPECT_ERRNO(readv(fd, bad, 1), EFAULT);
	EXPECT_ERRNO(syscall(SYS_writev, fd, (void *)8, 1), EFAULT);
	EXPECT_ERRNO(preadv(fd, good, 1, -1), EINVAL);
	EXPECT_EQ(writev(fd, many, 1024), 0);
	EXPECT_EQ(readv(fd, good, 0), 0);
	EXPECT_EQ(readv(fd, good, 1), 1);
}

CASE(flags, "preadv2 pwritev2")
{
	char data[8] = "";
	const struct iovec out = { "xyz", 3 }, in = { data, 8 };
	int fd;

	case_write_file("file", "0123", 4);
	fd = open("file", O_RDWR);
	EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
	EXPECT_EQ(syscall(SYS_pwritev2, fd, &out, 1, 0L, 0L, 0x10), 3);	/* RWF_APPEND */
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 1);
	EXPECT_EQ(syscall(SYS_preadv2, fd, &in, 1, 0L, 0L, 1), 7);	/* RWF_HIPRI */
	EXPECT(memcmp(data, "0123xyz", 7) == 0);
	EXPECT_EQ(syscall(SYS_pwritev2, fd, &out, 1, 0L, 0L, 2 | 4), 3);	/* RWF_DSYNC, RWF_SYNC */
	EXPECT_EQ(syscall(SYS_preadv2, fd, &in, 1, -1L, 0L, 0), 6);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 7);
	EXPECT_ERRNO(syscall(SYS_preadv2, fd, &in, 1, 0L, 0L, 0x4000), EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_pwritev2, fd, &out, 1, 0L, 0L, 0x4000), EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_preadv2, fd, &in, 1, -2L, 0L, 0), EINVAL);
}

CASE(append_position, "pwritev2")
{
	char data[16] = "";
	const struct iovec out = { "xyz", 3 };
	int fd;

	case_write_file("file", "0123", 4);
	fd = open("file", O_RDWR);
	EXPECT_EQ(syscall(SYS_pwritev2, fd, &out, 1, -1L, 0L, 0x10), 3);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 7);
	EXPECT_EQ(write(fd, "!", 1), 1);
	EXPECT_EQ(case_read_file("file", data, 15), 8);
	EXPECT_STR(data, "0123xyz!");
}

CASE(shared_position, "dup lseek")
{
	char byte;
	int fd, copy, other;

	case_write_file("file", "0123456789", 10);
	fd = open("file", O_RDONLY);
	copy = dup(fd);
	other = open("file", O_RDONLY);
	EXPECT_EQ(lseek(fd, 5, SEEK_SET), 5);
	EXPECT_EQ(lseek(copy, 0, SEEK_CUR), 5);
	EXPECT_EQ(read(copy, &byte, 1), 1);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 6);
	EXPECT_EQ(lseek(other, 0, SEEK_CUR), 0);
}
