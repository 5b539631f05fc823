/* SPDX-License-Identifier: MIT */
/* sendfile, copy_file_range, splice, tee, vmsplice; readahead, sync_file_range, fallocate: bytes, offsets, positions. */
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "case.h"

#define SIZE		100000

/* Of Linux, not of every libc. */
#define COLLAPSE_RANGE	0x08
#define ZERO_RANGE	0x10
#define INSERT_RANGE	0x20

static unsigned char data[SIZE], back[SIZE + 10];

static int source(void)
{
	int fd;

	for (int i = 0; i < SIZE; i++)
		data[i] = (unsigned char)(i * 13 + i / 251);
	case_write_file("source", data, SIZE);
	fd = open("source", O_RDWR);
	MUST(fd >= 0);
	return fd;
}

static int target(int flags)
{
	const int fd = open("target", O_RDWR | O_CREAT | O_TRUNC | flags, 0600);

	MUST(fd >= 0);
	return fd;
}

static off_t at(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

/* The target's first bytes are the source's from an offset. */
static void expect_copied(int from, int size)
{
	EXPECT_EQ(case_read_file("target", back, sizeof(back)), size);
	EXPECT(memcmp(back, data + from, (size_t)size) == 0);
}

CASE(sendfile_file, "sendfile")
{
	const int in = source(), out = target(0);
	off_t offset = 500;

	EXPECT_EQ(sendfile(out, in, NULL, 1000), 1000);
	EXPECT_EQ(at(in), 1000);
	EXPECT_EQ(at(out), 1000);
	EXPECT_EQ(sendfile(out, in, NULL, SIZE), SIZE - 1000);
	EXPECT_EQ(at(in), SIZE);
	EXPECT_EQ(sendfile(out, in, NULL, 10), 0);
	expect_copied(0, SIZE);
	EXPECT_EQ(lseek(out, 0, SEEK_SET), 0);
	EXPECT_EQ(ftruncate(out, 0), 0);
	EXPECT_EQ(sendfile(out, in, &offset, 300), 300);
	EXPECT_EQ(offset, 800);
	EXPECT_EQ(at(in), SIZE);
	EXPECT_EQ(at(out), 300);
	expect_copied(500, 300);
	EXPECT_EQ(write(out, data + 800, 10), 10);
	expect_copied(500, 310);
	EXPECT_EQ(pread(out, back, 10, 300), 10);
}

CASE(sendfile_socket, "sendfile")
{
	const int in = source();
	off_t offset = SIZE - 5000;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	EXPECT_EQ(sendfile(s[0], in, &offset, 20000), 5000);
	EXPECT_EQ(offset, SIZE);
	EXPECT_EQ(recv(s[1], back, 5000, MSG_WAITALL), 5000);
	EXPECT(memcmp(back, data + SIZE - 5000, 5000) == 0);
	EXPECT_EQ(at(in), 0);
}

CASE(sendfile_errors, "sendfile")
{
	const int in = source(), out = target(0), append = open("target", O_WRONLY | O_APPEND), only = open("source", O_RDONLY);
	off_t offset = -1;
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_ERRNO(sendfile(out, in, &offset, 10), EINVAL);
	EXPECT_EQ(offset, -1);
	EXPECT_ERRNO(sendfile(999, in, NULL, 10), EBADF);
	EXPECT_ERRNO(sendfile(out, 999, NULL, 10), EBADF);
	EXPECT_ERRNO(sendfile(only, in, NULL, 10), EBADF);
	EXPECT_ERRNO(sendfile(out, append, NULL, 10), EBADF);
	EXPECT_ERRNO(sendfile(append, in, NULL, 10), EINVAL);
	EXPECT_ERRNO(sendfile(out, in, (void *)8, 10), EFAULT);
	offset = 0;
	EXPECT_ERRNO(sendfile(out, p[0], &offset, 10), ESPIPE);
	EXPECT_EQ(sendfile(out, in, NULL, 0), 0);
	EXPECT_EQ(at(in), 0);
}

CASE(copy_range, "copy_file_range")
{
	const int in = source(), out = target(0);
	off_t from = 1000, to = 200;

	EXPECT_EQ(copy_file_range(in, NULL, out, NULL, 700, 0), 700);
	EXPECT_EQ(at(in), 700);
	EXPECT_EQ(at(out), 700);
	expect_copied(0, 700);
	EXPECT_EQ(copy_file_range(in, &from, out, &to, 5, 0), 5);
	EXPECT_EQ(from, 1005);
	EXPECT_EQ(to, 205);
	EXPECT_EQ(at(in), 700);
	EXPECT_EQ(at(out), 700);
	EXPECT_EQ(pread(out, back, 5, 200), 5);
	EXPECT(memcmp(back, data + 1000, 5) == 0);
	EXPECT_EQ(read(in, back, 4), 4);
	EXPECT(memcmp(back, data + 700, 4) == 0);
	from = SIZE;
	EXPECT_EQ(copy_file_range(in, &from, out, NULL, 100, 0), 0);
	EXPECT_EQ(copy_file_range(in, NULL, out, NULL, 2 * SIZE, 0), SIZE - 704);
	EXPECT_EQ(at(out), SIZE - 4);
}

CASE(copy_range_errors, "copy_file_range")
{
	const int in = source(), out = target(0), only = open("source", O_RDONLY), dir = open(".", O_RDONLY);
	off_t low = 0, near = 10, negative = -1;

	EXPECT_ERRNO(copy_file_range(in, NULL, out, NULL, 10, 1), EINVAL);
	EXPECT_ERRNO(copy_file_range(in, &low, in, &near, 100, 0), EINVAL);
	EXPECT_ERRNO(copy_file_range(in, NULL, only, NULL, 10, 0), EBADF);
	EXPECT_ERRNO(copy_file_range(999, NULL, out, NULL, 10, 0), EBADF);
	EXPECT_ERRNO(copy_file_range(in, NULL, 999, NULL, 10, 0), EBADF);
	EXPECT_ERRNO(copy_file_range(dir, NULL, out, NULL, 10, 0), EISDIR);
	EXPECT_ERRNO(copy_file_range(in, &negative, out, NULL, 10, 0), EOVERFLOW);
	EXPECT_ERRNO(copy_file_range(in, (void *)8, out, NULL, 10, 0), EFAULT);
	EXPECT_EQ(low, 0);
	EXPECT_EQ(at(in), 0);
	near = 50000;
	EXPECT_EQ(copy_file_range(in, &low, in, &near, 100, 0), 100);
	EXPECT_EQ(low, 100);
	EXPECT_EQ(pread(in, back, 100, 50000), 100);
	EXPECT(memcmp(back, data, 100) == 0);
}

CASE(splice_both_ways, "splice")
{
	const int in = source(), out = target(0);
	off_t from = 3000, to = 10;
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_EQ(splice(in, NULL, p[1], NULL, 4000, 0), 4000);
	EXPECT_EQ(at(in), 4000);
	EXPECT_EQ(splice(p[0], NULL, out, NULL, 4000, 0), 4000);
	EXPECT_EQ(at(out), 4000);
	expect_copied(0, 4000);
	EXPECT_EQ(splice(in, &from, p[1], NULL, 20, SPLICE_F_MOVE | SPLICE_F_MORE), 20);
	EXPECT_EQ(from, 3020);
	EXPECT_EQ(splice(p[0], NULL, out, &to, 100, 0), 20);
	EXPECT_EQ(to, 30);
	EXPECT_EQ(at(out), 4000);
	EXPECT_EQ(pread(out, back, 20, 10), 20);
	EXPECT(memcmp(back, data + 3000, 20) == 0);
	EXPECT_EQ(read(in, back, 5), 5);
	EXPECT(memcmp(back, data + 4000, 5) == 0);
}

CASE(splice_errors, "splice")
{
	const int in = source(), out = target(0), append = open("target", O_WRONLY | O_APPEND);
	off_t offset = 0;
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_ERRNO(splice(in, NULL, out, NULL, 10, 0), EINVAL);
	EXPECT_ERRNO(splice(in, NULL, p[1], &offset, 10, 0), ESPIPE);
	EXPECT_ERRNO(splice(in, NULL, p[1], NULL, 10, 0x10), EINVAL);
	EXPECT_ERRNO(splice(in, NULL, p[0], NULL, 10, 0), EBADF);
	EXPECT_ERRNO(splice(999, NULL, p[1], NULL, 10, 0), EBADF);
	EXPECT_ERRNO(splice(p[0], NULL, p[1], NULL, 10, 0), EINVAL);
	EXPECT_ERRNO(splice(p[0], NULL, out, NULL, 10, SPLICE_F_NONBLOCK), EAGAIN);
	EXPECT_EQ(write(p[1], "abc", 3), 3);
	EXPECT_ERRNO(splice(p[0], NULL, append, NULL, 10, 0), EINVAL);
	EXPECT_EQ(splice(999, NULL, 999, NULL, 0, 0), 0);
	EXPECT_EQ(splice(p[0], NULL, out, NULL, 10, 0), 3);
}

CASE(tee_copies, "tee")
{
	int p[2], q[2];

	MUST(pipe(p) == 0 && pipe(q) == 0);
	EXPECT_EQ(write(p[1], "abcdef", 6), 6);
	EXPECT_EQ(tee(p[0], q[1], 4, 0), 4);
	EXPECT_EQ(read(q[0], back, 10), 4);
	EXPECT(memcmp(back, "abcd", 4) == 0);
	EXPECT_EQ(read(p[0], back, 10), 6);
	EXPECT(memcmp(back, "abcdef", 6) == 0);
	EXPECT_ERRNO(tee(p[0], q[1], 4, SPLICE_F_NONBLOCK), EAGAIN);
	EXPECT_ERRNO(tee(p[0], p[1], 4, 0), EINVAL);
	EXPECT_ERRNO(tee(p[0], source(), 4, 0), EINVAL);
	EXPECT_ERRNO(tee(p[0], q[1], 4, 0x10), EINVAL);
	EXPECT_ERRNO(tee(999, q[1], 4, 0), EBADF);
	EXPECT_EQ(tee(999, q[1], 0, 0), 0);
}

CASE(vmsplice_memory, "vmsplice")
{
	char a[] = "hello", b[] = "world", c[4], d[10];
	struct iovec out[2] = { { a, 5 }, { b, 5 } }, in[2] = { { c, 4 }, { d, 10 } };
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_EQ(vmsplice(p[1], out, 2, 0), 10);
	EXPECT_EQ(vmsplice(p[0], in, 2, 0), 10);
	EXPECT(memcmp(c, "hell", 4) == 0 && memcmp(d, "oworld", 6) == 0);
	EXPECT_ERRNO(vmsplice(p[0], in, 2, SPLICE_F_NONBLOCK), EAGAIN);
	EXPECT_ERRNO(vmsplice(p[1], out, 2, 0x10), EINVAL);
	EXPECT_ERRNO(vmsplice(source(), out, 2, 0), EBADF);
	EXPECT_ERRNO(vmsplice(999, out, 2, 0), EBADF);
	EXPECT_ERRNO(vmsplice(p[1], (void *)8, 2, 0), EFAULT);
	EXPECT_EQ(vmsplice(p[1], out, 0, 0), 0);
}

CASE(read_ahead, "readahead")
{
	const int in = source(), only = open("target", O_WRONLY | O_CREAT, 0600);
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_EQ(readahead(in, 0, 4096), 0);
	EXPECT_EQ(at(in), 0);
	EXPECT_ERRNO(readahead(only, 0, 10), EBADF);
	EXPECT_ERRNO(readahead(999, 0, 10), EBADF);
	EXPECT_ERRNO(readahead(p[0], 0, 10), EINVAL);
}

CASE(sync_range, "sync_file_range")
{
	const int in = source();
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_EQ(sync_file_range(in, 0, 4096, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER), 0);
	EXPECT_ERRNO(sync_file_range(in, 0, 4096, 0x100), EINVAL);
	EXPECT_ERRNO(sync_file_range(in, -1, 4096, 0), EINVAL);
	EXPECT_ERRNO(sync_file_range(p[0], 0, 0, 0), ESPIPE);
	EXPECT_ERRNO(sync_file_range(999, 0, 0, 0), EBADF);
}

static off_t size_of(int fd)
{
	struct stat st = { 0 };

	EXPECT_EQ(fstat(fd, &st), 0);
	return st.st_size;
}

CASE(allocate, "fallocate")
{
	const int fd = source(), only = open("source", O_RDONLY);
	int p[2];

	MUST(pipe(p) == 0);
	EXPECT_EQ(fallocate(fd, 0, 0, SIZE + 5000), 0);
	EXPECT_EQ(size_of(fd), SIZE + 5000);
	EXPECT_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, SIZE + 90000), 0);
	EXPECT_EQ(size_of(fd), SIZE + 5000);
	EXPECT_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192), 0);
	EXPECT_EQ(pread(fd, back, 8192, 4096), 8192);
	for (int i = 0; i < 8192; i++)
		MUST(back[i] == 0);
	EXPECT_EQ(pread(fd, back, 1, 4095), 1);
	EXPECT_EQ(back[0], data[4095]);
	EXPECT_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096), EOPNOTSUPP);
	EXPECT_ERRNO(fallocate(fd, 0, -1, 10), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(fallocate(only, 0, 0, 10), EBADF);
	EXPECT_ERRNO(fallocate(p[1], 0, 0, 10), ESPIPE);
	EXPECT_ERRNO(fallocate(999, 0, 0, 10), EBADF);
	EXPECT_ERROR(posix_fallocate(fd, 0, -1), EINVAL);
}

CASE(allocate_moves, "fallocate")
{
	const int fd = target(0);

	case_write_file("target", data, 5 * 4096);
	memset(back, 'x', 4096);
	EXPECT_EQ(pwrite(fd, back, 4096, 4096), 4096);
	EXPECT_EQ(fallocate(fd, COLLAPSE_RANGE, 4096, 4096), 0);
	EXPECT_EQ(size_of(fd), 4 * 4096);
	EXPECT_EQ(fallocate(fd, INSERT_RANGE, 0, 4096), 0);
	EXPECT_EQ(size_of(fd), 5 * 4096);
	EXPECT_EQ(pread(fd, back, 1, 0), 1);
	EXPECT_EQ(back[0], 0);
	EXPECT_EQ(fallocate(fd, ZERO_RANGE, 4096, 100), 0);
	EXPECT_EQ(pread(fd, back, 1, 4100), 1);
	EXPECT_EQ(back[0], 0);
	EXPECT_ERRNO(fallocate(fd, COLLAPSE_RANGE, 10, 4096), EINVAL);
}
