/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a file the module gives to a window, and which it takes back when: counted by the secure kernel, page by page, without a program in
 * the enclave. And mappings of which none can be made.
 */
#include <linux/falloc.h>

#include "window.h"

#define SIZE (3 * MIB)
#define MAPPING (CHUNK + PAGE)
#define ALL 512u

static int session;

static unsigned shared(void)
{
	struct rm_ioc_stats stats = { .own = 1 };

	MUST(ioctl(session, RM_IOC_STATS, &stats) == 0);
	return (unsigned)stats.stats[RM_STAT_SHARED_PAGES];
}

#define CHECK_SHARED(expected) do { \
	const unsigned is = shared(); \
	if (is != (expected)) { \
		T_FAIL("pages shared"); \
		fprintf(stderr, "\t%u, expected %u\n", is, (unsigned)(expected)); \
	} \
} while (0)

static struct rm_ioc_window window;

static long offer(const void *address, uint32_t place)
{
	window = (struct rm_ioc_window){ .address = (uint64_t)(uintptr_t)address, .place = place };
	return ioctl(session, RM_IOC_WINDOW, &window);
}

/* Only some pages are wanted. */
static long offer_some(const void *address, uint32_t place, unsigned first, unsigned count)
{
	window = (struct rm_ioc_window){ .address = (uint64_t)(uintptr_t)address, .place = place, .first = (uint16_t)first, .count = (uint16_t)count };
	return ioctl(session, RM_IOC_WINDOW, &window);
}

static unsigned present(void)
{
	unsigned n = 0;

	for (int i = 0; i < 8; i++)
		n += (unsigned)__builtin_popcountll(window.present[i]);
	return n;
}

static int has(unsigned page)
{
	return (int)(window.present[page / 64] >> page % 64 & 1);
}

static void *map(int fd, uint64_t offset, size_t size, int protection, int flags)
{
	void *p = mmap(NULL, size, protection, flags, fd, (off_t)offset);

	MUST(p != MAP_FAILED);
	return p;
}

/* All of it, then a cut: pages [0, left) stay, and no more. Filled again: the same. */
static void check_cut(int fd, void *p, uint64_t size, unsigned left)
{
	window_write(fd, 1, 0, SIZE);
	CHECK(offer(p, 3) == 0 && present() == ALL && shared() == ALL);
	MUST(ftruncate(fd, (off_t)size) == 0);
	if (shared() != left) {
		T_FAIL("pages after a cut");
		fprintf(stderr, "\tto %llu bytes: %u, expected %u\n", (unsigned long long)size, shared(), left);
	}
	CHECK(offer(p, 3) == 0 && present() == shared() && shared() <= left);
	/* Longer by a hole: what the file had is there, but for what was its last page. */
	MUST(ftruncate(fd, SIZE) == 0);
	CHECK(shared() <= left);
}

static void check_cuts(int fd, void *p)
{
	check_cut(fd, p, 0, 0);
	check_cut(fd, p, 8, 0);
	check_cut(fd, p, PAGE - 8, 0);
	check_cut(fd, p, PAGE, 0);
	check_cut(fd, p, PAGE + 8, 1);
	check_cut(fd, p, 100 * PAGE, 99);
	check_cut(fd, p, 100 * PAGE + 8, 100);
	check_cut(fd, p, CHUNK - PAGE, ALL - 2);
	check_cut(fd, p, CHUNK - 8, ALL - 1);
	check_cut(fd, p, CHUNK, ALL - 1);
	check_cut(fd, p, CHUNK + 8, ALL);
	check_cut(fd, p, CHUNK + PAGE, ALL);
	check_cut(fd, p, CHUNK + 2 * PAGE, ALL);
}

static void check_holes(int fd, void *p, int sparse)
{
	window_write(fd, 1, 0, SIZE);
	CHECK(offer(p, 3) == 0 && present() == ALL);
	/* A page, and the one before it. */
	MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 10 * PAGE, PAGE) == 0);
	CHECK_SHARED(ALL - 2);
	CHECK(offer(p, 3) == 0 && present() == shared() && !has(10) && has(9) && has(11));
	/* tmpfs has no page there until somebody writes it: a window does not make one. */
	CHECK(!sparse || shared() == ALL - 1);
	window_write(fd, 1, 10 * PAGE, PAGE);
	CHECK(offer(p, 3) == 0 && has(10) && present() == ALL && shared() == ALL);
}

/* As many as are wanted, and none of the others that Linux maps with them; then those that are missing. */
static void check_some(int fd, void *p)
{
	window_write(fd, 1, 0, SIZE);
	CHECK(offer(NULL, 3) == 0 && shared() == 0);
	CHECK(offer_some(p, 3, 100, 7) == 0 && present() == 7 && has(100) && has(106) && !has(99) && !has(107));
	CHECK_SHARED(7);
	CHECK(offer_some(p, 3, 90, 40) == 0 && present() == 40 && shared() == 40);
	CHECK(offer_some(p, 3, ALL - 1, 1) == 0 && present() == 41 && shared() == 41);
	MUST(ftruncate(fd, 100 * PAGE + 8) == 0);
	CHECK_SHARED(10);
	CHECK(offer_some(p, 3, 95, 64) == 0 && present() == 10 && shared() == 10);
	MUST(ftruncate(fd, SIZE) == 0);
	window_write(fd, 1, 0, SIZE);
	CHECK(offer_some(p, 3, 99, 0) == 0 && present() == shared() && shared() == ALL - 90);
	CHECK(offer(p, 3) == 0 && present() == ALL && shared() == ALL);
}

static void check_ends(int fd, void *p)
{
	void *q;

	/* Another mapping at the same place; none; a mapping that goes; two of one file. */
	q = map(fd, 0, MAPPING, PROT_READ, MAP_SHARED);
	CHECK(offer(q, 3) == 0 && present() == ALL && shared() == ALL);
	CHECK(offer(NULL, 3) == 0 && present() == 0 && shared() == 0);
	CHECK(offer(q, 3) == 0 && offer(p, 4) == 0 && shared() == 2 * ALL);
	MUST(ftruncate(fd, 100 * PAGE) == 0);
	CHECK_SHARED(2 * 99);
	MUST(ftruncate(fd, SIZE) == 0);
	window_write(fd, 1, 0, SIZE);
	CHECK(offer(q, 3) == 0 && offer(p, 4) == 0 && shared() == 2 * ALL);
	munmap(q, PAGE);
	/* Linux may take all of it, where a large page could have been. */
	CHECK(shared() < 2 * ALL && shared() >= ALL);
	munmap(q, MAPPING);
	CHECK_SHARED(ALL);
	CHECK_ERRNO(offer(q, 3), EINVAL);
	MUST(mprotect(p, MAPPING, PROT_NONE) == 0);
	CHECK_SHARED(0);
	CHECK_ERRNO(offer(p, 4), EINVAL);
}

static void check_on(const char *path, int sparse)
{
	int fd = window_file(path, SIZE);
	void *p = map(fd, 0, MAPPING, PROT_READ, MAP_SHARED);

	check_cuts(fd, p);
	check_holes(fd, p, sparse);
	check_some(fd, p);
	check_ends(fd, p);
	munmap(p, MAPPING);
	close(fd);
	unlink(path);
	CHECK_SHARED(0);
}

static void check_refused(void)
{
	int fd = window_file("refused", SIZE), other;
	void *p = map(fd, 0, MAPPING, PROT_READ, MAP_SHARED), *q;

	window = (struct rm_ioc_window){ .address = (uint64_t)(uintptr_t)p, .place = RM_WINDOW_CHUNKS };
	CHECK_ERRNO(ioctl(session, RM_IOC_WINDOW, &window), EINVAL);
	window = (struct rm_ioc_window){ .address = (uint64_t)(uintptr_t)p, .first = ALL };
	CHECK_ERRNO(ioctl(session, RM_IOC_WINDOW, &window), EINVAL);
	window = (struct rm_ioc_window){ .address = (uint64_t)(uintptr_t)p, .first = ALL - 3, .count = 4 };
	CHECK_ERRNO(ioctl(session, RM_IOC_WINDOW, &window), EINVAL);
	CHECK_ERRNO(ioctl(session, RM_IOC_WINDOW, NULL), EFAULT);
	CHECK_ERRNO(offer((char *)p + 8, 0), EINVAL);
	CHECK_ERRNO(offer((char *)p + PAGE, 0), EINVAL);		/* too short */
	CHECK_ERRNO(offer((void *)~0xffful, 0), EINVAL);
	CHECK_ERRNO(offer((void *)(1ul << 47), 0), EINVAL);
	q = map(fd, 0, MAPPING, PROT_READ, MAP_PRIVATE);
	CHECK_ERRNO(offer(q, 0), EINVAL);
	q = map(fd, 0, MAPPING, PROT_READ | PROT_WRITE, MAP_SHARED);
	CHECK_ERRNO(offer(q, 0), EINVAL);
	q = map(-1, 0, MAPPING, PROT_READ, MAP_SHARED | MAP_ANONYMOUS);
	(void)offer(q, 0);			/* tmpfs inside: no file of anybody's, no harm */
	CHECK(present() == 0 && shared() == 0);
	CHECK_ERRNO(offer(map(-1, 0, MAPPING, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS), 0), EINVAL);
	other = open("/mnt/host/runner", O_RDONLY | O_CLOEXEC);
	if (other >= 0) {	/* 9p */
		q = map(other, 0, MAPPING, PROT_READ, MAP_PRIVATE);
		CHECK_ERRNO(offer(q, 0), EINVAL);
		q = mmap(NULL, MAPPING, PROT_READ, MAP_SHARED, other, 0);
		if (q != MAP_FAILED)
			CHECK_ERRNO(offer(q, 0), EOPNOTSUPP);
	}
	offer(NULL, 0);
	CHECK_SHARED(0);
	/* No enclave. */
	int empty = device_greet(), full = session;
	session = empty;
	CHECK_ERRNO(offer(p, 0), EINVAL);
	session = full;
	close(empty);
	close(fd);
}

int main(void)
{
	session = device_create();
	check_on("pages", 1);
	check_on("/mnt/disk/window.pages", 0);
	check_refused();
	/* All places at once, and the end of all of them. */
	int fd = window_file("all", SIZE);
	for (uint32_t i = 0; i < 64; i++)
		CHECK(offer(map(fd, 0, MAPPING, PROT_READ, MAP_SHARED), i) == 0 && present() == ALL);
	CHECK_SHARED(64 * ALL);
	MUST(ftruncate(fd, 0) == 0);
	CHECK_SHARED(0);
	window_write(fd, 1, 0, SIZE);
	for (uint32_t i = 0; i < 8; i++)
		CHECK(offer(map(fd, 0, MAPPING, PROT_READ, MAP_SHARED), i) == 0 && present() == ALL);
	close(session);
	close(fd);
	return t_done();
}
