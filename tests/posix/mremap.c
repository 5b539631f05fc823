/* SPDX-License-Identifier: MIT */
/* mremap() of anonymous memory. */
#include "lib/memory.h"

/* Pages of which the first of each is its number, with a page behind them that keeps them from growing. */
static unsigned char *numbered(size_t count)
{
	unsigned char *p = pages(count + 1);

	MUST(mprotect(p + count * PAGE, PAGE, PROT_NONE) == 0);
	for (size_t i = 0; i < count; i++)
		memset(p + i * PAGE, (int)(i & 127) + 1, PAGE);
	return p;
}

static void expect_numbered(const unsigned char *p, size_t count)
{
	for (size_t i = 0; i < count; i++)
		MUST(p[i * PAGE] == (i & 127) + 1 && p[i * PAGE + PAGE - 1] == (i & 127) + 1);
}

static long remap(void *old, size_t old_size, size_t size, int flags, void *new)
{
	return syscall(SYS_mremap, old, old_size, size, flags, new);
}

CASE(shrinks, "mremap")
{
	unsigned char *p = numbered(8);

	EXPECT(mremap(p, 8 * PAGE, 3 * PAGE, 0) == p);
	expect_numbered(p, 3);
	EXPECT(!readable(p + 3 * PAGE) && !readable(p + 7 * PAGE));
}

CASE(grows_in_place, "mremap")
{
	unsigned char *p = pages(8);

	MUST(munmap(p + 2 * PAGE, 6 * PAGE) == 0);
	p[0] = 1;
	EXPECT(mremap(p, 2 * PAGE, 6 * PAGE, 0) == p);
	EXPECT_EQ(p[0], 1);
	EXPECT_EQ(p[6 * PAGE - 1], 0);
}

CASE(moves, "mremap")
{
	unsigned char *p = numbered(100), *q;

	EXPECT_ERRNO(remap(p, 100 * PAGE, 200 * PAGE, 0, NULL), ENOMEM);
	q = mremap(p, 100 * PAGE, 200 * PAGE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED && q != p);
	expect_numbered(q, 100);
	EXPECT_EQ(q[100 * PAGE], 0);
	EXPECT_EQ(q[200 * PAGE - 1], 0);
	EXPECT(!readable(p) && !readable(p + 99 * PAGE));
}

/* Larger than a page table, not aligned to one, with untouched pages in between. */
CASE(moves_much, "mremap")
{
	size_t count = 1500;
	unsigned char *p = pages(count + 1), *q;

	MUST(mprotect(p + count * PAGE, PAGE, PROT_NONE) == 0);
	for (size_t i = 0; i < count; i += 3)
		p[i * PAGE + 5] = (unsigned char)(i | 1);
	q = mremap(p, count * PAGE, 2 * count * PAGE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED && q);
	for (size_t i = 0; i < count; i++)
		MUST(q[i * PAGE + 5] == (i % 3 ? 0 : (unsigned char)(i | 1)));
	EXPECT(!readable(p));
}

CASE(fixed, "mremap")
{
	unsigned char *p = numbered(6), *q = numbered(10);

	EXPECT(remap(p, 6 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + 2 * PAGE) == (long)(q + 2 * PAGE));
	expect_numbered(q, 2);
	expect_numbered(q + 2 * PAGE, 6);
	EXPECT_EQ(q[8 * PAGE], 9);
	EXPECT(!readable(p));
}

CASE(fixed_resizes, "mremap")
{
	unsigned char *p = numbered(6), *q = numbered(10);

	EXPECT(remap(p, 6 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == (long)q);
	expect_numbered(q, 10);
	EXPECT(!readable(p + 3 * PAGE));
	p = numbered(2);
	EXPECT(remap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + PAGE) == (long)(q + PAGE));
	EXPECT_EQ(q[PAGE], 1);
	EXPECT_EQ(q[3 * PAGE], 0);
	EXPECT_EQ(q[4 * PAGE], 0);
	EXPECT_EQ(q[5 * PAGE], 6);
}

CASE(errors, "mremap")
{
	unsigned char *p = numbered(4), *q = pages(8);

	EXPECT_ERRNO(remap(p + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL), EINVAL);
	EXPECT_ERRNO(remap(p, PAGE, 0, MREMAP_MAYMOVE, NULL), EINVAL);
	EXPECT_ERRNO(remap(p, PAGE, PAGE, 8, NULL), EINVAL);
	EXPECT_ERRNO(remap(p, PAGE, PAGE, MREMAP_FIXED, q), EINVAL);
	EXPECT_ERRNO(remap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE), EINVAL);
	EXPECT_ERRNO(remap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + 1), EINVAL);
	EXPECT_ERRNO(remap(p, 0, PAGE, MREMAP_MAYMOVE, NULL), EINVAL);
	expect_numbered(p, 4);
}

CASE(faults, "mremap")
{
	unsigned char *p = numbered(4);

	MUST(munmap(p + 2 * PAGE, PAGE) == 0);
	EXPECT_ERRNO(remap(p + 2 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL), EFAULT);
	/* Not across a hole, not across different protections. */
	EXPECT_ERRNO(remap(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, NULL), EFAULT);
	EXPECT_ERRNO(remap(p + 3 * PAGE, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE, NULL), EFAULT);
	EXPECT_ERRNO(remap(p, 2 * PAGE, 1ul << 50, MREMAP_MAYMOVE, NULL), ENOMEM);
	expect_numbered(p, 2);
}

CASE(keeps_protection, "mremap")
{
	unsigned char *p = numbered(2), *q;

	MUST(mprotect(p, 2 * PAGE, PROT_READ) == 0);
	q = mremap(p, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED && q);
	EXPECT(readable(q) && !writable(q) && !writable(q + 4 * PAGE));
	expect_numbered(q, 2);
}

CASE(dontunmap, "mremap")
{
	unsigned char *p = numbered(4), *q;

	EXPECT_ERRNO(remap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | 4, NULL), EINVAL);
	q = (unsigned char *)remap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | 4, NULL);
	MUST(q != MAP_FAILED && q && q != p);
	expect_numbered(q, 4);
	EXPECT_EQ(p[0], 0);
	p[PAGE] = 3;
	EXPECT_EQ(q[PAGE], 2);
}

/* As realloc() of large blocks does it. */
CASE(realloc_grows, "mremap")
{
	const size_t most = (size_t)case_number("BIG", 16 << 20);
	size_t size = 200000;
	unsigned char *p = malloc(size);

	MUST(p);
	memset(p, 1, size);
	for (int i = 0; i < 6 && 2 * size <= most; i++) {
		unsigned char *q = mmap(NULL, PAGE, RW, ANON, -1, 0);

		MUST(q != MAP_FAILED);
		p = realloc(p, size * 2);
		MUST(p && p[0] == 1 && p[size - 1] == 1);
		memset(p + size, 1, size);
		size *= 2;
	}
	/* The call itself, since malloc() does without where it fails. */
	unsigned char *r = numbered(1);

	EXPECT(mremap(r, PAGE, 2 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED && !readable(r));
	free(p);
}

CASE(absurd_old_size, "mremap")
{
	unsigned char *p = numbered(3);

	EXPECT_ERRNO(remap(p + 2 * PAGE, 1ul << 62, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p), EINVAL);
	EXPECT_ERRNO(remap(p + 2 * PAGE, -PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p), EINVAL);
	EXPECT_EQ(p[2 * PAGE], 3);
}
