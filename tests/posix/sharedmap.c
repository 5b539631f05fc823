/* SPDX-License-Identifier: MIT */
/* mmap() of files with MAP_SHARED: who sees whose bytes, and when POSIX promises it. */
#include <sys/file.h>

#include "lib/memory.h"

#define SIZE (8 * PAGE)

/* A file "shared" of SIZE zeroes, and a mapping of it. */
static unsigned char *map_shared(int *fd)
{
	unsigned char *p;

	*fd = open("shared", O_RDWR | O_CREAT, 0600);
	MUST(*fd >= 0 && ftruncate(*fd, SIZE) == 0);
	p = mmap(NULL, SIZE, RW, MAP_SHARED, *fd, 0);
	MUST(p != MAP_FAILED && p);
	return p;
}

/* A byte of the file as another description of it has it. */
static int in_file(long at)
{
	int fd = open("shared", O_RDONLY);
	unsigned char byte = 0;
	long got = pread(fd, &byte, 1, at);

	close(fd);
	return got == 1 ? byte : -1;
}

CASE(msync_writes, "mmap msync")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	p[0] = 1;
	p[SIZE - 1] = 2;
	p[3 * PAGE + 5] = 3;
	EXPECT_EQ(msync(p, SIZE, MS_SYNC), 0);
	EXPECT(in_file(0) == 1 && in_file(SIZE - 1) == 2 && in_file(3 * PAGE + 5) == 3 && in_file(1) == 0);
}

CASE(munmap_writes, "mmap munmap")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	memset(p, 7, SIZE);
	EXPECT_EQ(close(fd), 0);
	EXPECT_EQ(munmap(p + PAGE, PAGE), 0);
	EXPECT_EQ(munmap(p, SIZE), 0);
	for (long i = 0; i < (long)SIZE; i += 1000)
		EXPECT_EQ(in_file(i), 7);
	EXPECT(!readable(p));
}

CASE(fsync_writes, "mmap fsync")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	p[100] = 9;
	EXPECT_EQ(fsync(fd), 0);
	EXPECT_EQ(in_file(100), 9);
	EXPECT_ERRNO(fsync(333), EBADF);
}

CASE(replaced_writes, "mmap")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	p[PAGE] = 5;
	MUST(mmap(p, SIZE, RW, ANON | MAP_FIXED, -1, 0) == p);
	EXPECT_EQ(p[PAGE], 0);
	EXPECT_EQ(in_file(PAGE), 5);
}

CASE(reads_and_writes_agree, "mmap")
{
	int fd;
	unsigned char *p = map_shared(&fd), byte = 0;

	p[10] = 1;
	EXPECT_EQ(pread(fd, &byte, 1, 10), 1);
	EXPECT_EQ(byte, 1);
	EXPECT_EQ(pwrite(fd, "\2\3", 2, 11), 2);
	EXPECT(p[11] == 2 && p[12] == 3);
	/* Through another description of the file too. */
	int other = open("shared", O_RDWR);

	EXPECT_EQ(pwrite(other, "\4", 1, PAGE), 1);
	EXPECT_EQ(p[PAGE], 4);
}

CASE(protected_and_synced, "mmap mprotect msync")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	p[0] = 6;
	EXPECT_EQ(mprotect(p, SIZE, PROT_NONE), 0);
	EXPECT(!readable(p));
	EXPECT_EQ(msync(p, SIZE, MS_SYNC), 0);
	EXPECT_EQ(in_file(0), 6);
	EXPECT_EQ(mprotect(p, SIZE, PROT_READ), 0);
	EXPECT_EQ(p[0], 6);
}

CASE(end_of_file_is_not_moved, "mmap msync")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	MUST(ftruncate(fd, PAGE + 10) == 0);
	p[PAGE + 9] = 1;
	p[PAGE + 10] = 2;
	EXPECT_EQ(msync(p, 2 * PAGE, MS_SYNC), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), PAGE + 10);
	EXPECT(in_file(PAGE + 9) == 1 && in_file(PAGE + 10) == -1);
}

CASE(truncated, "mmap ftruncate")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	p[PAGE - 1] = 3;
	p[3 * PAGE] = 4;
	EXPECT_EQ(ftruncate(fd, PAGE + 1), 0);
	EXPECT(readable(p + PAGE) && !readable(p + 2 * PAGE) && !readable(p + SIZE - 1));
	EXPECT_EQ(ftruncate(fd, SIZE), 0);
	EXPECT(readable(p + SIZE - 1));
	EXPECT(p[PAGE - 1] == 3 && p[3 * PAGE] == 0);
	EXPECT_ERRNO(ftruncate(fd, -1), EINVAL);
}

/* Pages that come and go with the file's end have the protection that mprotect() gave their addresses. */
CASE(extended_keeps_protection, "mmap mprotect ftruncate")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	MUST(ftruncate(fd, PAGE) == 0);
	EXPECT_EQ(mprotect(p + PAGE, PAGE, PROT_READ), 0);
	EXPECT_EQ(mprotect(p + 2 * PAGE, PAGE, PROT_NONE), 0);
	EXPECT_EQ(ftruncate(fd, 4 * PAGE), 0);
	EXPECT(writable(p));
	EXPECT(readable(p + PAGE) && !writable(p + PAGE));
	EXPECT(!readable(p + 2 * PAGE));
	EXPECT(writable(p + 3 * PAGE));
	EXPECT_ERRNO(raw_mprotect(p + 1, PAGE, PROT_READ), EINVAL);
}

CASE(shortened_keeps_protection, "mmap mprotect ftruncate")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	p[2 * PAGE] = 7;
	EXPECT_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_READ), 0);
	EXPECT_EQ(ftruncate(fd, 1), 0);
	EXPECT(!readable(p + PAGE) && !readable(p + 3 * PAGE));
	EXPECT_EQ(ftruncate(fd, SIZE), 0);
	EXPECT(readable(p + PAGE) && !writable(p + PAGE) && !writable(p + 2 * PAGE) && writable(p + 3 * PAGE));
	EXPECT_EQ(p[2 * PAGE], 0);
}

CASE(extended, "mmap ftruncate")
{
	int fd = open("shared", O_RDWR | O_CREAT, 0600);
	unsigned char *p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);

	MUST(fd >= 0 && p != MAP_FAILED && p);
	EXPECT(!readable(p));
	EXPECT_EQ(ftruncate(fd, 2 * PAGE), 0);
	EXPECT(writable(p) && writable(p + 2 * PAGE - 1) && !readable(p + 2 * PAGE));
	p[PAGE] = 8;
	EXPECT_EQ(msync(p, SIZE, MS_SYNC), 0);
	EXPECT_EQ(in_file(PAGE), 8);
}

CASE(moved, "mmap mremap")
{
	int fd;
	unsigned char *p = map_shared(&fd), *q;

	p[1] = 1;
	MUST(ftruncate(fd, 4 * SIZE) == 0);
	q = mremap(p, SIZE, 4 * SIZE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED && q);
	q[4 * SIZE - 1] = 2;
	q[2] = 3;
	EXPECT_EQ(munmap(q, 4 * SIZE), 0);
	EXPECT(in_file(1) == 1 && in_file(2) == 3 && in_file(4 * SIZE - 1) == 2);
}

CASE(dontneed_keeps, "mmap madvise")
{
	int fd;
	unsigned char *p = map_shared(&fd);

	p[0] = 4;
	EXPECT_EQ(madvise(p, SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(p[0], 4);
	EXPECT_ERRNO(madvise(p, SIZE, MADV_FREE), EINVAL);
}

CASE(mapped_twice, "mmap msync")
{
	int fd;
	unsigned char *p = map_shared(&fd), *q;

	p[9] = 9;
	q = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	MUST(q != MAP_FAILED && q);
	EXPECT_EQ(q[9], 9);
	p[PAGE] = 5;
	EXPECT_EQ(msync(p, SIZE, MS_SYNC), 0);
	EXPECT_EQ(q[PAGE], 5);
	EXPECT_ERRNO(msync(q, SIZE, 64), EINVAL);
}

CASE(appending_descriptor, "mmap msync")
{
	int fd, append;
	unsigned char *p;

	map_shared(&fd);
	append = open("shared", O_RDWR | O_APPEND);
	p = mmap(NULL, SIZE, RW, MAP_SHARED, append, 0);
	MUST(append >= 0 && p != MAP_FAILED && p);
	p[20] = 1;
	EXPECT_EQ(msync(p, SIZE, MS_SYNC), 0);
	EXPECT_EQ(in_file(20), 1);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), SIZE);
}

/* Two processes change every other byte, at the same time; no byte of the other is lost. */
HELPER(odd_bytes)
{
	int fd = open(arg, O_RDWR);
	unsigned char *p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return 1;
	helper_say();
	for (size_t i = 1; i < SIZE; i += 2)
		p[i] = 2;
	return msync(p, SIZE, MS_SYNC) != 0;
}

CASE(two_processes, "mmap msync")
{
	int fd;
	unsigned char *p = map_shared(&fd);
	long h = case_same("odd_bytes", "shared");
	unsigned char data[SIZE];

	case_hear(h);
	for (size_t i = 0; i < SIZE; i += 2)
		p[i] = 1;
	EXPECT_EQ(msync(p, SIZE, MS_SYNC), 0);
	EXPECT_EQ(case_wait(h), 0);
	EXPECT_EQ(msync(p, SIZE, MS_SYNC), 0);
	EXPECT_EQ(pread(fd, data, SIZE, 0), SIZE);
	for (size_t i = 0; i < SIZE; i++)
		MUST(data[i] == 1 + i % 2);
}

/* A counter that two processes raise under a lock of the file. */
static int count_up(const char *name, bool record)
{
	int fd = open(name, O_RDWR);
	volatile int *p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	struct flock lock = { .l_type = F_WRLCK }, unlock = { .l_type = F_UNLCK };

	if (p == MAP_FAILED)
		return 1;
	for (int i = 0; i < 200; i++) {
		if ((record ? fcntl(fd, F_SETLKW, &lock) : flock(fd, LOCK_EX)) != 0)
			return 2;
		p[300] = p[300] + 1;
		if ((record ? fcntl(fd, F_SETLK, &unlock) : flock(fd, LOCK_UN)) != 0)
			return 3;
	}
	return 0;
}

HELPER(counter_record) { return count_up(arg, true); }
HELPER(counter_flock) { return count_up(arg, false); }

CASE_LIMIT(counter_under_record_lock, "mmap fcntl", 60)
{
	int fd, value = 0;

	map_shared(&fd);
	long h = case_same("counter_record", "shared");

	EXPECT_EQ(count_up("shared", true), 0);
	EXPECT_EQ(case_wait(h), 0);
	EXPECT_EQ(pread(fd, &value, sizeof(value), 1200), sizeof(value));
	EXPECT_EQ(value, 400);
}

CASE_LIMIT(counter_under_flock, "mmap flock", 60)
{
	int fd, value = 0;

	map_shared(&fd);
	long h = case_same("counter_flock", "shared");

	EXPECT_EQ(count_up("shared", false), 0);
	EXPECT_EQ(case_wait(h), 0);
	EXPECT_EQ(pread(fd, &value, sizeof(value), 1200), sizeof(value));
	EXPECT_EQ(value, 400);
}

HELPER(leaves_a_byte)
{
	int fd = open(arg, O_RDWR);
	unsigned char *p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return 1;
	p[77] = 77;
	return 0;
}

CASE(exit_writes, "mmap exit_group")
{
	int fd;

	map_shared(&fd);
	EXPECT_EQ(case_wait(case_same("leaves_a_byte", "shared")), 0);
	EXPECT_EQ(in_file(77), 77);
}
