/* SPDX-License-Identifier: MIT */
/* Anonymous memory: mmap, munmap, mprotect, mremap, madvise, brk through malloc. */
#include <sys/mman.h>
#include <unistd.h>

#include "t.h"

#define PAGE 4096ul

static unsigned char *map(size_t size)
{
	unsigned char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED && (uintptr_t)p % PAGE == 0);
	return p;
}

static void check_remap(void)
{
	unsigned char *p = map(3 * PAGE), *q;

	p[0] = 1;
	p[3 * PAGE - 1] = 3;
	q = mremap(p, 3 * PAGE, 300 * PAGE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED);
	CHECK(q[0] == 1 && q[3 * PAGE - 1] == 3 && q[3 * PAGE] == 0 && q[300 * PAGE - 1] == 0);
	CHECK(mremap(q, 300 * PAGE, PAGE, 0) == q && q[0] == 1);
	CHECK(munmap(q, PAGE) == 0);
}

static void check_holes(void)
{
	unsigned char *p = map(64 * PAGE);

	memset(p, 7, 64 * PAGE);
	CHECK(munmap(p + 10 * PAGE, 4 * PAGE) == 0);
	CHECK(p[10 * PAGE - 1] == 7 && p[14 * PAGE] == 7);
	CHECK(mmap(p + 10 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		p + 10 * PAGE);
	CHECK(p[10 * PAGE] == 0 && p[14 * PAGE - 1] == 0);
	CHECK(madvise(p, 2 * PAGE, MADV_DONTNEED) == 0 && p[0] == 0 && p[2 * PAGE] == 7);
	CHECK(munmap(p, 64 * PAGE) == 0);
}

static void check_errors(void)
{
	CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 1ul << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
	CHECK(mmap((void *)0x10001, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED &&
		errno == EINVAL);
	CHECK_ERRNO(munmap((void *)1, PAGE), EINVAL);
	CHECK_ERRNO(mprotect((void *)(1ul << 36), PAGE, PROT_READ), ENOMEM);
}

/* Address space without memory behind it costs nothing. */
static void check_reserve(void)
{
	unsigned char *p = mmap(NULL, 1ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	MUST(p != MAP_FAILED);
	p[0] = p[(1ul << 30) - 1] = 9;
	CHECK(p[1ul << 29] == 0);
	CHECK(munmap(p, 1ul << 30) == 0);
}

int main(void)
{
	check_remap();
	check_holes();
	check_errors();
	check_reserve();
	unsigned char *p = map(2 * PAGE);
	p[0] = 5;
	CHECK(mprotect(p, PAGE, PROT_READ) == 0 && p[0] == 5);
	CHECK(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0);
	p[0] = 6;
	CHECK(p[0] == 6);
	for (int i = 0; i < 300; i++) {
		unsigned char *many = map((size_t)(i % 7 + 1) * PAGE);

		many[0] = 1;
		if (i % 2)
			CHECK(munmap(many, (size_t)(i % 7 + 1) * PAGE) == 0);
	}
	puts("done");
	return t_done();
}
