/* SPDX-License-Identifier: MIT */
/* read, write, their positioned and vectored forms, and lseek. */
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "t.h"

static void check_offsets(int fd)
{
	char bytes[32] = { 0 };

	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(lseek(fd, 0, SEEK_CUR) == 10);
	CHECK(lseek(fd, -3, SEEK_END) == 7);
	CHECK(read(fd, bytes, sizeof(bytes)) == 3 && memcmp(bytes, "789", 3) == 0);
	CHECK(read(fd, bytes, sizeof(bytes)) == 0);
	CHECK(lseek(fd, 2, SEEK_SET) == 2);
	CHECK(write(fd, "ab", 2) == 2);
	CHECK(lseek(fd, 1, SEEK_CUR) == 5);
	CHECK(read(fd, bytes, 1) == 1 && bytes[0] == '5');
	CHECK_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERRNO(lseek(fd, -100, SEEK_CUR), EINVAL);
	CHECK_ERRNO(lseek(fd, 0, 99), EINVAL);
	CHECK(lseek(fd, 0, SEEK_CUR) == 6);
}

static void check_positioned(int fd)
{
	char bytes[32] = { 0 };

	CHECK(pwrite(fd, "XY", 2, 8) == 2);
	CHECK(pread(fd, bytes, 20, 7) == 3 && memcmp(bytes, "7XY", 3) == 0);
	CHECK(lseek(fd, 0, SEEK_CUR) == 6);
	CHECK(pread(fd, bytes, 20, 1000) == 0);
	CHECK_ERRNO(pread(fd, bytes, 1, -1), EINVAL);
	CHECK(pwrite(fd, "end", 3, 5000) == 3);
	CHECK(lseek(fd, 0, SEEK_END) == 5003);
	CHECK(pread(fd, bytes, 4, 4998) == 4 && memcmp(bytes, "\0\0en", 4) == 0);
}

static void check_vectors(int fd)
{
	char a[3], b[5], c[100];
	struct iovec out[3] = { { "one", 3 }, { "", 0 }, { "three", 5 } };
	struct iovec in[3] = { { a, 3 }, { b, 5 }, { c, 100 } };

	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(writev(fd, out, 3) == 8);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(readv(fd, in, 3) == 108);
	CHECK(memcmp(a, "one", 3) == 0 && memcmp(b, "three", 5) == 0);
	CHECK(preadv(fd, in, 2, 1) == 8 && memcmp(a, "net", 3) == 0);
	CHECK(pwritev(fd, out, 3, 10) == 8);
	CHECK(lseek(fd, 0, SEEK_CUR) == 108);
	CHECK_ERRNO(readv(fd, in, -1), EINVAL);
	CHECK(readv(fd, in, 0) == 0);
}

/* Larger than any arena, from an odd address. */
static void check_large(int fd)
{
	size_t size = 3 * 1024 * 1024 + 17;
	unsigned char *data = malloc(size + 1), *back = malloc(size + 1);
	uint64_t state = 5;

	MUST(data && back);
	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)t_random(&state);
	CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	CHECK(write(fd, data + 1, size - 1) == (ssize_t)size - 1);
	CHECK(pread(fd, back + 1, size + 100, 0) == (ssize_t)size - 1);
	CHECK(memcmp(data + 1, back + 1, size - 1) == 0);
	printf("%016llx\n", (unsigned long long)t_hash(1, back + 1, size - 1));
	free(data);
	free(back);
}

int main(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0644);

	MUST(fd >= 0);
	check_offsets(fd);
	check_positioned(fd);
	check_vectors(fd);
	check_large(fd);
	CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
	CHECK(close(fd) == 0);
	return t_done();
}
