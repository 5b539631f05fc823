/* SPDX-License-Identifier: MIT */
/* brk(), as the call itself: libc's function only refuses. */
#include "lib/memory.h"

static char *brk_now(void *wanted)
{
	return (char *)syscall(SYS_brk, wanted);
}

CASE(asks, "brk")
{
	char *now = brk_now(NULL);

	MUST(now != NULL && now != (char *)-1);
	EXPECT(brk_now(NULL) == now);
	EXPECT(brk_now((void *)1) == now);
}

CASE(grows_and_shrinks, "brk")
{
	char *now = brk_now(NULL);

	MUST(now != NULL && now != (char *)-1);
	MUST(brk_now(now + 10 * PAGE) == now + 10 * PAGE);
	memset(now, 3, 10 * PAGE);
	EXPECT(brk_now(now + 5 * PAGE) == now + 5 * PAGE);
	EXPECT_EQ(now[5 * PAGE - 1], 3);
	EXPECT(brk_now(now + 10 * PAGE) == now + 10 * PAGE);
	/* Whole pages that came back are new. */
	EXPECT_EQ(now[10 * PAGE - 1], 0);
	EXPECT_EQ(now[7 * PAGE], 0);
	EXPECT(brk_now(now) == now);
}

CASE(odd_sizes, "brk")
{
	char *now = brk_now(NULL);

	MUST(now != NULL && now != (char *)-1);
	EXPECT(brk_now(now + 1) == now + 1);
	now[0] = 1;
	EXPECT(brk_now(now + 3 * PAGE + 7) == now + 3 * PAGE + 7);
	now[3 * PAGE + 6] = 2;
	EXPECT_EQ(now[0], 1);
	EXPECT(brk_now(now) == now);
}

CASE(never_fits, "brk")
{
	char *now = brk_now(NULL);

	MUST(now != NULL && now != (char *)-1);
	EXPECT(brk_now(now + (1ul << 50)) == now);
	EXPECT(brk_now((void *)~0ul) == now);
	EXPECT(brk_now(now + PAGE) == now + PAGE);
	EXPECT(brk_now(now) == now);
}

/* A mapping in the way stays. */
CASE(in_the_way, "brk")
{
	char *now = brk_now(NULL);
	char *page;

	MUST(now != NULL && now != (char *)-1);
	page = (char *)(((uintptr_t)now + 8 * PAGE) & ~(PAGE - 1));
	MUST(mmap(page, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == page);
	page[0] = 9;
	EXPECT(brk_now(page + 2 * PAGE) == now);
	EXPECT_EQ(page[0], 9);
	EXPECT_EQ(munmap(page, PAGE), 0);
	EXPECT(brk_now(page + 2 * PAGE) == page + 2 * PAGE);
	EXPECT(brk_now(now) == now);
}
