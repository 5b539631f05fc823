/* SPDX-License-Identifier: MIT */
/* mprotect(). */
#include "lib/memory.h"

CASE(read_only, "mprotect")
{
	unsigned char *p = pages(3);

	memset(p, 4, 3 * PAGE);
	EXPECT_EQ(mprotect(p + PAGE, PAGE, PROT_READ), 0);
	EXPECT(writable(p) && !writable(p + PAGE) && writable(p + 2 * PAGE));
	EXPECT_EQ(p[PAGE], 4);
	EXPECT_EQ(mprotect(p, 3 * PAGE, RW), 0);
	p[PAGE] = 5;
	EXPECT_EQ(p[PAGE], 5);
}

CASE(none_keeps_contents, "mprotect")
{
	unsigned char *p = pages(2);

	p[0] = 8;
	EXPECT_EQ(mprotect(p, 2 * PAGE, PROT_NONE), 0);
	EXPECT(!readable(p) && !readable(p + PAGE));
	EXPECT_EQ(mprotect(p, 2 * PAGE, PROT_READ), 0);
	EXPECT_EQ(p[0], 8);
}

CASE(errors, "mprotect")
{
	unsigned char *p = pages(2);

	EXPECT_ERRNO(raw_mprotect(p + 1, PAGE, PROT_READ), EINVAL);
	EXPECT_ERRNO(raw_mprotect(p, PAGE, 0x100), EINVAL);
	EXPECT_ERRNO(raw_mprotect(p, ~0ul - PAGE, PROT_READ), ENOMEM);
	EXPECT_ERRNO(raw_mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP), EINVAL);
	EXPECT_ERRNO(raw_mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN), EINVAL);
	EXPECT_EQ(raw_mprotect(p, 0, 0x100), 0);
	EXPECT(writable(p));
}

CASE(unmapped, "mprotect")
{
	unsigned char *p = pages(6);

	MUST(munmap(p + 2 * PAGE, PAGE) == 0);
	EXPECT_ERRNO(mprotect(p + 2 * PAGE, PAGE, PROT_READ), ENOMEM);
	/* What lies before the hole has changed all the same, what is behind has not. */
	EXPECT_ERRNO(mprotect(p, 6 * PAGE, PROT_READ), ENOMEM);
	EXPECT(!writable(p) && !writable(p + PAGE) && writable(p + 3 * PAGE));
	EXPECT_ERRNO(mprotect(NULL, PAGE, PROT_READ), ENOMEM);
}

CASE(across_regions, "mprotect")
{
	unsigned char *p = pages(40);

	for (size_t i = 0; i < 40; i++) {
		p[i * PAGE] = (unsigned char)i;
		if (i % 2)
			MUST(mprotect(p + i * PAGE, PAGE, PROT_READ) == 0);
	}
	EXPECT_EQ(mprotect(p, 40 * PAGE, PROT_NONE), 0);
	EXPECT(!readable(p) && !readable(p + 39 * PAGE));
	EXPECT_EQ(mprotect(p, 40 * PAGE, RW), 0);
	for (size_t i = 0; i < 40; i++)
		EXPECT_EQ(p[i * PAGE], i);
	EXPECT(writable(p + 39 * PAGE));
}

/* Code that is written, then made executable, runs. */
CASE(code, "mprotect")
{
	unsigned int *p = (unsigned int *)pages(1);
	int (*function)(void) = (int (*)(void))p;

	p[0] = 0x52800000 | 42 << 5;	/* mov w0, #42 */
	p[1] = 0xd65f03c0;		/* ret */
	MUST(mprotect(p, PAGE, PROT_READ | PROT_EXEC) == 0);
	__builtin___clear_cache((char *)p, (char *)(p + 2));
	EXPECT_EQ(function(), 42);
}

CASE(large, "mprotect")
{
	size_t count = 2000;
	unsigned char *p = pages(count);

	for (size_t i = 0; i < count; i++)
		p[i * PAGE] = (unsigned char)i;
	EXPECT_EQ(mprotect(p, count * PAGE, PROT_READ), 0);
	EXPECT(!writable(p + (count - 1) * PAGE));
	for (size_t i = 0; i < count; i++)
		MUST(p[i * PAGE] == (unsigned char)i);
	EXPECT_EQ(munmap(p, count * PAGE), 0);
}
