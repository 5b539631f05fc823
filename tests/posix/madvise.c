/* SPDX-License-Identifier: MIT */
/* madvise(), mincore(), mlock() and its kin. */
#include <sys/resource.h>

#include "lib/memory.h"

CASE(dontneed_zeroes, "madvise")
{
	unsigned char *p = pages(10);

	memset(p, 6, 10 * PAGE);
	EXPECT_EQ(madvise(p + 2 * PAGE, 3 * PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(p[2 * PAGE - 1], 6);
	EXPECT_EQ(p[2 * PAGE], 0);
	EXPECT_EQ(p[5 * PAGE - 1], 0);
	EXPECT_EQ(p[5 * PAGE], 6);
}

CASE(dontneed_over_holes, "madvise")
{
	unsigned char *p = pages(10);

	memset(p, 6, 10 * PAGE);
	MUST(munmap(p + 3 * PAGE, PAGE) == 0);
	EXPECT_ERRNO(madvise(p, 10 * PAGE, MADV_DONTNEED), ENOMEM);
	EXPECT_EQ(p[2 * PAGE], 0);
	EXPECT_EQ(p[9 * PAGE], 0);
}

CASE(hints, "madvise")
{
	static const int advice[] = { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTFORK, MADV_DOFORK,
				      MADV_DONTDUMP, MADV_DODUMP };
	unsigned char *p = pages(2);

	p[0] = 1;
	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		EXPECT_EQ(madvise(p, 2 * PAGE, advice[i]), 0);
	EXPECT_EQ(p[0], 1);
	EXPECT_ERRNO(madvise(p, 2 * PAGE, 7), EINVAL);
}

CASE(freed_or_kept, "madvise")
{
	unsigned char *p = pages(2);

	p[0] = 5;
	EXPECT_EQ(madvise(p, 2 * PAGE, MADV_FREE), 0);
	EXPECT(p[0] == 5 || p[0] == 0);
	p[0] = 6;
	EXPECT_EQ(p[0], 6);
	EXPECT_ERRNO(madvise(p, PAGE, 1000), EINVAL);
}

CASE(errors, "madvise")
{
	unsigned char *p = pages(2);

	EXPECT_ERRNO(madvise(p + 1, PAGE, MADV_NORMAL), EINVAL);
	EXPECT_ERRNO(madvise(p, PAGE, 999), EINVAL);
	EXPECT_ERRNO(madvise(p, ~0ul, MADV_NORMAL), EINVAL);
	EXPECT_EQ(madvise(p, 0, MADV_NORMAL), 0);
	MUST(munmap(p + PAGE, PAGE) == 0);
	EXPECT_ERRNO(madvise(p, 2 * PAGE, MADV_NORMAL), ENOMEM);
	EXPECT_ERRNO(madvise(p + PAGE, PAGE, MADV_WILLNEED), ENOMEM);
}

CASE(populate, "madvise")
{
	unsigned char *p = pages(8), present[8];

	EXPECT_EQ(madvise(p, 4 * PAGE, 23), 0);	/* MADV_POPULATE_WRITE */
	EXPECT_EQ(mincore(p, 8 * PAGE, present), 0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(present[i] & 1, i < 4);
	MUST(mprotect(p, PAGE, PROT_READ) == 0);
	EXPECT_ERRNO(madvise(p, PAGE, 23), EINVAL);
}

CASE(residency, "mincore")
{
	unsigned char *p = pages(200), present[200];

	memset(present, 0xff, sizeof(present));
	for (size_t i = 0; i < 200; i += 7)
		p[i * PAGE] = 1;
	EXPECT_EQ(mincore(p, 200 * PAGE, present), 0);
	for (int i = 0; i < 200; i++)
		EXPECT_EQ(present[i] & 1, i % 7 == 0);
}

CASE(residency_errors, "mincore")
{
	unsigned char *p = pages(4), present[4];

	EXPECT_ERRNO(mincore(p + 1, PAGE, present), EINVAL);
	EXPECT_ERRNO(mincore(p, PAGE, (unsigned char *)1), EFAULT);
	EXPECT_ERRNO(mincore(p, ~0ul, present), ENOMEM);
	MUST(munmap(p + 2 * PAGE, PAGE) == 0);
	EXPECT_ERRNO(mincore(p, 4 * PAGE, present), ENOMEM);
}

CASE(lock_makes_present, "mlock munlock")
{
	unsigned char *p = pages(8), present[8];

	EXPECT_EQ(mlock(p + PAGE + 5, 3 * PAGE), 0);
	EXPECT_EQ(mincore(p, 8 * PAGE, present), 0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(present[i] & 1, i >= 1 && i <= 4);
	EXPECT_EQ(munlock(p, 8 * PAGE), 0);
	MUST(munmap(p + 2 * PAGE, PAGE) == 0);
	EXPECT_ERRNO(munlock(p, 8 * PAGE), ENOMEM);
}

CASE(lock_errors, "mlock munlock")
{
	unsigned char *p = pages(4);

	MUST(munmap(p + 2 * PAGE, PAGE) == 0);
	EXPECT_ERRNO(mlock(p, 4 * PAGE), ENOMEM);
	EXPECT_ERRNO(mlock(p, ~0ul - 2 * PAGE), EINVAL);
	EXPECT_ERRNO(munlock(p + 2 * PAGE, PAGE), ENOMEM);
	EXPECT_EQ(mlock(p, 0), 0);
}

CASE(lock_onfault, "mlock2")
{
	unsigned char *p = pages(4), present[4];

	EXPECT_ERRNO(syscall(SYS_mlock2, p, PAGE, 2), EINVAL);
	EXPECT_EQ(syscall(SYS_mlock2, p, PAGE, 0), 0);
	EXPECT_EQ(syscall(SYS_mlock2, p + PAGE, PAGE, 1), 0);
	EXPECT_EQ(mincore(p, 4 * PAGE, present), 0);
	EXPECT_EQ(present[0] & 1, 1);
	EXPECT_EQ(present[1] & 1, 0);
}

CASE(lock_all, "mlockall")
{
	EXPECT_ERRNO(mlockall(0), EINVAL);
	EXPECT_ERRNO(mlockall(8), EINVAL);
	EXPECT_ERRNO(mlockall(4), EINVAL);
	EXPECT_EQ(mlockall(MCL_CURRENT), 0);
	EXPECT_EQ(munlockall(), 0);
}
