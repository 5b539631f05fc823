/* SPDX-License-Identifier: MIT */
/* mmap() and munmap() of anonymous memory. */
#include <sys/resource.h>

#include "lib/memory.h"

CASE(zeroed, "mmap")
{
	unsigned char *p = pages(64);

	for (size_t i = 0; i < 64 * PAGE; i += 64)
		MUST(p[i] == 0);
	memset(p, 1, 64 * PAGE);
	EXPECT_EQ(p[64 * PAGE - 1], 1);
	EXPECT_EQ((uintptr_t)p % PAGE, 0);
}

CASE(bad_length, "mmap")
{
	EXPECT_ERRNO(raw_mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
	EXPECT_ERRNO(raw_mmap(NULL, ~0ul, RW, ANON, -1, 0), ENOMEM);
	EXPECT_ERRNO(raw_mmap(NULL, ~0ul - 2 * PAGE, RW, ANON, -1, 0), ENOMEM);
	EXPECT_ERRNO(raw_mmap(NULL, 1ul << 60, PROT_NONE, ANON | MAP_NORESERVE, -1, 0), ENOMEM);
}

CASE(bad_flags, "mmap")
{
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, MAP_ANONYMOUS | 3, -1, 0), EINVAL);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, MAP_ANONYMOUS | MAP_SHARED | MAP_GROWSDOWN, -1, 0), EINVAL);
}

CASE(bad_offset, "mmap")
{
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, ANON, -1, 1), EINVAL);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, MAP_PRIVATE, 77, 4095), EINVAL);
}

CASE(bad_descriptor, "mmap")
{
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
	EXPECT_ERRNO(raw_mmap(NULL, PAGE, RW, MAP_SHARED, 333, 0), EBADF);
	/* Of anonymous memory the descriptor does not matter. */
	EXPECT(mmap(NULL, PAGE, RW, ANON, 333, 0) != MAP_FAILED);
}

CASE(never_fits, "mmap")
{
	EXPECT_ERRNO(raw_mmap(NULL, 1ul << 38, RW, ANON, -1, 0), ENOMEM);
	EXPECT(malloc(1ul << 38) == NULL);
}

/* 64 GiB of addresses cost nothing until they are touched. */
CASE(reserve_much, "mmap")
{
	size_t size = 64ul << 30;
	unsigned char *p = mmap(NULL, size, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	unsigned char *q = mmap(NULL, size, RW, ANON | MAP_NORESERVE, -1, 0);

	MUST(p != MAP_FAILED && q != MAP_FAILED && p && q);
	EXPECT(p + size <= q || q + size <= p);
	for (size_t at = 0; at < size; at += size / 16)
		q[at] = (unsigned char)(at / (size / 16) + 1);
	for (size_t at = 0; at < size; at += size / 16)
		EXPECT_EQ(q[at], at / (size / 16) + 1);
	EXPECT_EQ(munmap(p, size), 0);
	EXPECT_EQ(munmap(q, size), 0);
	EXPECT(!readable(q));
}

CASE(hint_is_taken, "mmap")
{
	unsigned char *p = pages(4), *q;

	MUST(munmap(p, 4 * PAGE) == 0);
	q = mmap(p + PAGE, 2 * PAGE, RW, ANON, -1, 0);
	EXPECT(q == p + PAGE);
	/* Where something is already, it goes elsewhere. */
	p = mmap(q, PAGE, RW, ANON, -1, 0);
	EXPECT(p != MAP_FAILED && p != q);
	/* Within a page: rounded. */
	MUST(munmap(q, 2 * PAGE) == 0);
	EXPECT(mmap(q + 7, PAGE, RW, ANON, -1, 0) == q);
}

CASE(fixed_replaces, "mmap")
{
	unsigned char *p = pages(8);

	memset(p, 7, 8 * PAGE);
	EXPECT(mmap(p + 2 * PAGE, 3 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + 2 * PAGE);
	EXPECT_EQ(p[2 * PAGE - 1], 7);
	EXPECT_EQ(p[2 * PAGE], 0);
	EXPECT_EQ(p[5 * PAGE - 1], 0);
	EXPECT_EQ(p[5 * PAGE], 7);
}

CASE(fixed_over_holes, "mmap")
{
	unsigned char *p = pages(32);

	for (int i = 0; i < 32; i += 3)
		MUST(munmap(p + (size_t)i * PAGE, PAGE) == 0);
	EXPECT(mmap(p, 32 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p);
	memset(p, 1, 32 * PAGE);
	EXPECT_EQ(p[31 * PAGE], 1);
}

CASE(fixed_errors, "mmap")
{
	unsigned char *p = pages(2);

	EXPECT_ERRNO(raw_mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	EXPECT_ERRNO(raw_mmap((void *)(~0ul - 4 * PAGE + 1), PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
	EXPECT_ERRNO(raw_mmap(p, 1ul << 50, PROT_NONE, ANON | MAP_FIXED | MAP_NORESERVE, -1, 0), ENOMEM);
}

CASE(fixed_noreplace, "mmap")
{
	unsigned char *p = pages(4);

	p[PAGE] = 5;
	EXPECT_ERRNO(raw_mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	EXPECT_EQ(p[PAGE], 5);
	MUST(munmap(p + PAGE, 2 * PAGE) == 0);
	EXPECT(mmap(p + PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p + PAGE);
	EXPECT_EQ(p[PAGE], 0);
	EXPECT_ERRNO(raw_mmap(p + 1, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EINVAL);
}

CASE(populate, "mmap")
{
	unsigned char present[16];
	unsigned char *p = mmap(NULL, 16 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);

	MUST(p != MAP_FAILED && p);
	EXPECT_EQ(mincore(p, 16 * PAGE, present), 0);
	for (int i = 0; i < 16; i++)
		EXPECT_EQ(present[i] & 1, 1);
	p = mmap(NULL, 16 * PAGE, RW, ANON | MAP_STACK, -1, 0);
	MUST(p != MAP_FAILED && p);
	EXPECT_EQ(mincore(p, 16 * PAGE, present), 0);
	EXPECT_EQ(present[3] & 1, 0);
}

CASE(shared_anonymous, "mmap")
{
	unsigned char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED && p);
	p[PAGE] = 9;
	EXPECT_EQ(madvise(p, 4 * PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(p[PAGE], 9);
}

CASE(no_access, "mmap")
{
	unsigned char *p = mmap(NULL, PAGE, PROT_NONE, ANON, -1, 0), *q = mmap(NULL, PAGE, PROT_READ, ANON, -1, 0);

	MUST(p != MAP_FAILED && q != MAP_FAILED && p && q);
	EXPECT(!readable(p));
	EXPECT(readable(q) && !writable(q));
}

CASE(grows_down, "mmap")
{
	unsigned char *p = mmap(NULL, 1024 * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0), *stack;

	MUST(p != MAP_FAILED && p && munmap(p, 1024 * PAGE) == 0);
	stack = mmap(p + 1000 * PAGE, 2 * PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	MUST(stack == p + 1000 * PAGE);
	for (size_t i = 0; i < 300; i++)
		stack[-(long)(i * PAGE)] = (unsigned char)i;
	EXPECT_EQ(stack[-(long)(299 * PAGE)], 299 % 256);
	EXPECT_EQ(munmap(stack - 299 * PAGE, 301 * PAGE), 0);
}

CASE(many, "mmap munmap")
{
	enum { COUNT = 3000 };
	static unsigned char *p[COUNT];

	/* Every other one read-only, so that no two neighbours are one. */
	for (int i = 0; i < COUNT; i++) {
		p[i] = mmap(NULL, PAGE, i % 2 ? PROT_READ : RW, ANON, -1, 0);
		MUST(p[i] != MAP_FAILED && p[i]);
		if (i % 2 == 0)
			*p[i] = (unsigned char)i;
	}
	for (int i = 0; i < COUNT; i++)
		MUST(*p[i] == (i % 2 ? 0 : (unsigned char)i));
	for (int i = 0; i < COUNT; i++)
		MUST(munmap(p[(i * 7) % COUNT], PAGE) == 0);
	EXPECT(!readable(p[0]));
}

CASE(unmap_part, "munmap")
{
	unsigned char *p = pages(8);

	memset(p, 3, 8 * PAGE);
	EXPECT_EQ(munmap(p + 3 * PAGE, 1), 0);
	EXPECT(!readable(p + 3 * PAGE) && !readable(p + 4 * PAGE - 1));
	EXPECT_EQ(p[3 * PAGE - 1], 3);
	EXPECT_EQ(p[4 * PAGE], 3);
	/* Again, and with holes: nothing to do is no error. */
	EXPECT_EQ(munmap(p + 3 * PAGE, PAGE), 0);
	EXPECT_EQ(munmap(p, 8 * PAGE), 0);
	EXPECT(!readable(p) && !readable(p + 7 * PAGE));
}

CASE(unmap_errors, "munmap")
{
	unsigned char *p = pages(2);

	EXPECT_ERRNO(munmap(p + 1, PAGE), EINVAL);
	EXPECT_ERRNO(munmap(p, 0), EINVAL);
	EXPECT_ERRNO(munmap(p, ~0ul), EINVAL);
	EXPECT_ERRNO(munmap((void *)(~0ul - PAGE + 1), PAGE), EINVAL);
	EXPECT_EQ(p[PAGE], 0);
}

CASE(address_space_limit, "mmap")
{
	struct rlimit old, limit;
	unsigned char *p;

	MUST(getrlimit(RLIMIT_AS, &old) == 0);
	limit = old;
	limit.rlim_cur = 200ul << 20;
	MUST(setrlimit(RLIMIT_AS, &limit) == 0);
	EXPECT_ERRNO(raw_mmap(NULL, 220ul << 20, PROT_NONE, ANON | MAP_NORESERVE, -1, 0), ENOMEM);
	p = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0);
	EXPECT(p != MAP_FAILED && p);
	MUST(setrlimit(RLIMIT_AS, &old) == 0);
	EXPECT(mmap(NULL, 220ul << 20, PROT_NONE, ANON | MAP_NORESERVE, -1, 0) != MAP_FAILED);
}
