/* SPDX-License-Identifier: MIT */
/* Sizes and space of files, and their way to the disk. */
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static long size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? (long)st.st_size : -1;
}

CASE(by_path, "truncate")
{
	char data[8] = "";

	case_write_file("file", "abcdef", 6);
	EXPECT_EQ(truncate("file", 2), 0);
	EXPECT_EQ(case_read_file("file", data, 8), 2);
	EXPECT_EQ(truncate("file", 5), 0);
	EXPECT_EQ(case_read_file("file", data, 8), 5);
	EXPECT(memcmp(data, "ab\0\0\0", 5) == 0);
}

CASE(by_path_errors, "truncate")
{
	case_write_file("file", "abcdef", 6);
	EXPECT_ERRNO(truncate("file", -1), EINVAL);
	EXPECT_ERRNO(truncate("missing", 1), ENOENT);
	EXPECT_ERRNO(truncate(".", 1), EISDIR);
	EXPECT_ERRNO(truncate("file/x", 1), ENOTDIR);
	EXPECT_ERRNO(truncate((char *)8, 1), EFAULT);
	EXPECT_EQ(mkfifo("fifo", 0600), 0);
	EXPECT_ERRNO(truncate("fifo", 1), EINVAL);
	EXPECT_EQ(size_of("file"), 6);
}

CASE(by_descriptor, "ftruncate")
{
	int fd;

	case_write_file("file", "abcdef", 6);
	fd = open("file", O_RDWR);
	EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
	EXPECT_EQ(ftruncate(fd, 1), 0);
	EXPECT_EQ(size_of("file"), 1);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	EXPECT_EQ(ftruncate(fd, 100000), 0);
	EXPECT_EQ(size_of("file"), 100000);
}

CASE(by_descriptor_errors, "ftruncate")
{
	int pipes[2], fd;

	case_write_file("file", "abcdef", 6);
	fd = open("file", O_RDONLY);
	EXPECT_ERRNO(ftruncate(fd, 1), EINVAL);
	EXPECT_ERRNO(ftruncate(99, 1), EBADF);
	EXPECT_ERRNO(ftruncate(open("file", O_RDWR), -1), EINVAL);
	EXPECT_ERRNO(ftruncate(open("file", O_PATH), 1), EBADF);
	MUST(pipe(pipes) == 0);
	EXPECT_ERRNO(ftruncate(pipes[1], 1), EINVAL);
	EXPECT_EQ(size_of("file"), 6);
}

CASE(allocate, "fallocate")
{
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	EXPECT_EQ(fallocate(fd, 0, 0, 65536), 0);
	MUST(fstat(fd, &st) == 0);
	EXPECT_EQ(st.st_size, 65536);
	EXPECT(st.st_blocks >= 128);
	EXPECT_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 65536, 65536), 0);
	EXPECT_EQ(size_of("file"), 65536);
	EXPECT_ERROR(posix_fallocate(fd, 0, 100000), 0);
	EXPECT_EQ(size_of("file"), 100000);
}

CASE(punch, "fallocate")
{
	static char block[16384];
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	memset(block, 'x', sizeof(block));
	EXPECT_EQ(write(fd, block, sizeof(block)), 16384);
	EXPECT_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192), 0);
	EXPECT_EQ(pread(fd, block, 16384, 0), 16384);
	EXPECT_EQ(block[4095], 'x');
	EXPECT_EQ(block[4096], 0);
	EXPECT_EQ(block[12287], 0);
	EXPECT_EQ(block[12288], 'x');
}

CASE(allocate_errors, "fallocate")
{
	int pipes[2], fd;

	case_write_file("file", "abcdef", 6);
	fd = open("file", O_RDWR);
	EXPECT_ERRNO(fallocate(fd, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, -1, 10), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, 0, -10), EINVAL);
	EXPECT_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10), EOPNOTSUPP);
	EXPECT_ERRNO(fallocate(fd, 0x8000, 0, 10), EOPNOTSUPP);
	EXPECT_ERRNO(fallocate(open("file", O_RDONLY), 0, 0, 10), EBADF);
	EXPECT_ERRNO(fallocate(99, 0, 0, 10), EBADF);
	MUST(pipe(pipes) == 0);
	EXPECT_ERRNO(fallocate(pipes[1], 0, 0, 10), ESPIPE);
}

CASE(sync_errors, "fsync fdatasync")
{
	int pipes[2], fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	EXPECT_EQ(fsync(fd), 0);
	EXPECT_EQ(fdatasync(fd), 0);
	EXPECT_ERRNO(fsync(99), EBADF);
	EXPECT_ERRNO(fdatasync(99), EBADF);
	MUST(pipe(pipes) == 0);
	EXPECT_ERRNO(fsync(pipes[0]), EINVAL);
	EXPECT_ERRNO(fdatasync(pipes[0]), EINVAL);
}

CASE(sync_range, "sync_file_range syncfs readahead")
{
	int pipes[2], fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	EXPECT_EQ(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER), 0);
	EXPECT_ERRNO(sync_file_range(fd, -1, 0, SYNC_FILE_RANGE_WRITE), EINVAL);
	EXPECT_ERRNO(sync_file_range(fd, 0, 0, 0x80), EINVAL);
	EXPECT_EQ(syncfs(fd), 0);
	EXPECT_ERRNO(syncfs(99), EBADF);
	EXPECT_EQ(readahead(fd, 0, 4096), 0);
	EXPECT_ERRNO(readahead(99, 0, 4096), EBADF);
	MUST(pipe(pipes) == 0);
	EXPECT_ERRNO(sync_file_range(pipes[0], 0, 0, SYNC_FILE_RANGE_WRITE), ESPIPE);
}

CASE(advice, "fadvise64")
{
	int pipes[2], fd;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDWR);
	EXPECT_ERROR(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL), 0);
	EXPECT_ERROR(posix_fadvise(fd, 0, 0, 99), EINVAL);
	EXPECT_ERROR(posix_fadvise(99, 0, 0, POSIX_FADV_NORMAL), EBADF);
	MUST(pipe(pipes) == 0);
	EXPECT_ERROR(posix_fadvise(pipes[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
}
