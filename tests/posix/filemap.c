/* SPDX-License-Identifier: MIT */
/* mmap() of files: private mappings, and what all mappings of files have in common. */
#include <sys/stat.h>

#include "lib/memory.h"

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 7 + i / PAGE + 1);
}

/* A file "data" of that size with known bytes, open to read and write. */
static int data_file(size_t size)
{
	unsigned char *data = malloc(size + 1);
	int fd;

	MUST(data);
	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(i);
	case_write_file("data", data, size);
	free(data);
	fd = open("data", O_RDWR);
	MUST(fd >= 0);
	return fd;
}

static void expect_bytes(const unsigned char *p, size_t from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		MUST(p[i] == byte_at(from + i));
}

CASE(contents, "mmap")
{
	int fd = data_file(300000);
	unsigned char *p = mmap(NULL, 300000, PROT_READ, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	expect_bytes(p, 0, 300000);
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 5 * PAGE);
	MUST(p != MAP_FAILED && p);
	expect_bytes(p, 5 * PAGE, 2 * PAGE);
}

CASE(last_page_zero_filled, "mmap")
{
	int fd = data_file(PAGE + 100);
	unsigned char *p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	expect_bytes(p, 0, PAGE + 100);
	for (size_t i = PAGE + 100; i < 2 * PAGE; i++)
		MUST(p[i] == 0);
}

CASE(beyond_the_end, "mmap")
{
	int fd = data_file(100);
	unsigned char *p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	EXPECT(readable(p) && readable(p + PAGE - 1));
	EXPECT(!readable(p + PAGE) && !readable(p + 4 * PAGE - 1));
}

CASE(empty_file, "mmap")
{
	int fd = data_file(0);
	unsigned char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	EXPECT(!readable(p));
	EXPECT_EQ(munmap(p, PAGE), 0);
}

CASE(private_stays_private, "mmap")
{
	int fd = data_file(2 * PAGE);
	unsigned char *p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0), byte = 0;

	MUST(p != MAP_FAILED && p);
	p[5] = 200;
	EXPECT_EQ(msync(p, 2 * PAGE, MS_SYNC), 0);
	EXPECT_EQ(pread(fd, &byte, 1, 5), 1);
	EXPECT_EQ(byte, byte_at(5));
	EXPECT_EQ(p[5], 200);
}

CASE(read_only_descriptor, "mmap")
{
	unsigned char *p;
	int fd;

	close(data_file(PAGE));
	fd = open("data", O_RDONLY);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	MUST(p != MAP_FAILED && p);
	p[0] = 99;
	EXPECT_EQ(p[0], 99);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), EACCES);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	MUST(p != MAP_FAILED && p);
	expect_bytes(p, 0, PAGE);
	EXPECT_ERRNO(mprotect(p, PAGE, RW), EACCES);
}

CASE(write_only_descriptor, "mmap")
{
	int fd;

	close(data_file(PAGE));
	fd = open("data", O_WRONLY);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE, fd, 0), EACCES);
}

CASE(bad_arguments, "mmap")
{
	int fd = data_file(PAGE);

	EXPECT_ERRNO(raw_mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0), EINVAL);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, 0, fd, 0), EINVAL);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
	EXPECT_ERRNO(raw_mmap(NULL, ~0ul, PROT_READ, MAP_PRIVATE, fd, 0), ENOMEM);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, (long)(~0ul - PAGE + 1)), EOVERFLOW);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0), EOPNOTSUPP);
	EXPECT_ERRNO(raw_mmap((void *)(PAGE * 1000 + 1), PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0), EINVAL);
}

CASE(what_cannot_be_mapped, "mmap")
{
	int ends[2], directory = open(".", O_RDONLY), null = open("/dev/null", O_RDWR), path;

	MUST(pipe(ends) == 0 && directory >= 0 && null >= 0);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0), ENODEV);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, directory, 0), ENODEV);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, null, 0), ENODEV);
	close(data_file(PAGE));
	path = open("data", O_PATH);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, path, 0), EBADF);
}

CASE(dev_zero, "mmap")
{
	int fd = open("/dev/zero", O_RDWR);
	unsigned char *p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0), *q = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);

	MUST(p != MAP_FAILED && q != MAP_FAILED && p && q);
	EXPECT(p[0] == 0 && p[2 * PAGE - 1] == 0 && q[0] == 0);
	p[PAGE] = q[7] = 4;
	EXPECT(p[PAGE] == 4 && q[7] == 4);
}

CASE(outlives_descriptor, "mmap")
{
	int fd = data_file(3 * PAGE);
	unsigned char *p = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	EXPECT_EQ(close(fd), 0);
	EXPECT_EQ(unlink("data"), 0);
	expect_bytes(p, 0, 3 * PAGE);
	EXPECT_EQ(munmap(p, 3 * PAGE), 0);
	EXPECT(!readable(p));
}

CASE(fixed_over_memory, "mmap")
{
	int fd = data_file(PAGE);
	unsigned char *p = pages(4);

	memset(p, 1, 4 * PAGE);
	EXPECT(mmap(p + PAGE, PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0) == p + PAGE);
	expect_bytes(p + PAGE, 0, PAGE);
	EXPECT(p[PAGE - 1] == 1 && p[2 * PAGE] == 1);
	/* And memory over the file. */
	EXPECT(mmap(p, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p);
	EXPECT_EQ(p[PAGE], 0);
	EXPECT_ERRNO(raw_mmap(p, PAGE, RW, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0), EEXIST);
}

CASE(unmapped_in_part, "mmap munmap")
{
	int fd = data_file(10 * PAGE);
	unsigned char *p = mmap(NULL, 10 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	EXPECT_EQ(munmap(p + 3 * PAGE, 2 * PAGE), 0);
	EXPECT(!readable(p + 3 * PAGE) && !readable(p + 5 * PAGE - 1));
	expect_bytes(p, 0, 3 * PAGE);
	expect_bytes(p + 5 * PAGE, 5 * PAGE, 5 * PAGE);
	EXPECT_EQ(munmap(p, 10 * PAGE), 0);
}

CASE(dontneed_reads_again, "mmap madvise")
{
	int fd = data_file(3 * PAGE);
	unsigned char *p = mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	memset(p, 0, 3 * PAGE);
	EXPECT_EQ(madvise(p + PAGE, PAGE, MADV_DONTNEED), 0);
	EXPECT(p[PAGE - 1] == 0 && p[2 * PAGE] == 0);
	expect_bytes(p + PAGE, PAGE, PAGE);
	EXPECT_ERRNO(madvise(p, PAGE, MADV_FREE), EINVAL);
}

CASE(protection, "mmap mprotect")
{
	int fd = data_file(2 * PAGE);
	unsigned char *p = mmap(NULL, 2 * PAGE, PROT_NONE, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p);
	EXPECT(!readable(p));
	EXPECT_EQ(mprotect(p, PAGE, RW), 0);
	expect_bytes(p, 0, PAGE);
	p[1] = 1;
	EXPECT_EQ(p[1], 1);
	EXPECT(!readable(p + PAGE));
	EXPECT_EQ(mprotect(p, 2 * PAGE, PROT_READ), 0);
	expect_bytes(p + PAGE, PAGE, PAGE);
}

CASE(remapped, "mmap mremap")
{
	int fd = data_file(20 * PAGE);
	unsigned char *p = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0), *q;

	MUST(p != MAP_FAILED && p);
	p[3] = 77;
	q = mremap(p, 4 * PAGE, 20 * PAGE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED && q);
	EXPECT_EQ(q[3], 77);
	expect_bytes(q + 4, 4, 20 * PAGE - 4);
	EXPECT(mremap(q, 20 * PAGE, 2 * PAGE, 0) == q);
	expect_bytes(q + PAGE, PAGE, PAGE);
	EXPECT(!readable(q + 2 * PAGE));
	EXPECT_ERRNO(syscall(SYS_mremap, q, 3 * PAGE, 6 * PAGE, MREMAP_MAYMOVE, 0), EFAULT);
}

/* The new part of a mapping that grows is protected as the old one is now, not as it was made. */
CASE(remapped_keeps_protection, "mmap mprotect mremap")
{
	int fd = data_file(20 * PAGE);
	unsigned char *p = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0), *q;

	MUST(p != MAP_FAILED && p);
	EXPECT_EQ(mprotect(p, 4 * PAGE, PROT_READ), 0);
	q = mremap(p, 4 * PAGE, 20 * PAGE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED && q);
	expect_bytes(q, 0, 20 * PAGE);
	EXPECT(!writable(q) && !writable(q + 4 * PAGE) && !writable(q + 19 * PAGE));
	/* What is protected in two ways is two mappings. */
	EXPECT_EQ(mprotect(q, PAGE, RW), 0);
	EXPECT_ERRNO(syscall(SYS_mremap, q, 2 * PAGE, 30 * PAGE, MREMAP_MAYMOVE, 0), EFAULT);
	EXPECT(writable(q) && readable(q + 2 * PAGE));
}

CASE(msync_errors, "msync")
{
	int fd = data_file(2 * PAGE);
	unsigned char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);

	MUST(p != MAP_FAILED && p);
	EXPECT_ERRNO(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	EXPECT_ERRNO(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_ERRNO(msync(p, PAGE, 64), EINVAL);
	EXPECT_ERRNO(msync(p, ~0ul - 2 * PAGE, MS_SYNC), ENOMEM);
	MUST(munmap(p + PAGE, PAGE) == 0);
	EXPECT_ERRNO(msync(p, 2 * PAGE, MS_SYNC), ENOMEM);
	EXPECT_EQ(msync(p, PAGE, MS_SYNC), 0);
}

CASE(read_into_and_write_from, "mmap")
{
	int fd = data_file(3 * PAGE), out = open("out", O_RDWR | O_CREAT, 0600);
	unsigned char *p = mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED && p && out >= 0);
	EXPECT_EQ(write(out, p + 10, 2 * PAGE), 2 * PAGE);
	memset(p, 0, 3 * PAGE);
	EXPECT_EQ(pread(out, p, 2 * PAGE, 0), 2 * PAGE);
	expect_bytes(p, 10, 2 * PAGE);
}

CASE(many, "mmap")
{
	enum { COUNT = 200 };
	unsigned char *p[COUNT];
	int fd = data_file(COUNT * PAGE);

	for (size_t i = 0; i < COUNT; i++) {
		p[i] = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, (long)(i * PAGE));
		MUST(p[i] != MAP_FAILED && p[i]);
	}
	for (size_t i = 0; i < COUNT; i++) {
		expect_bytes(p[i], i * PAGE, PAGE);
		MUST(munmap(p[i], PAGE) == 0);
	}
}
