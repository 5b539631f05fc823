/* SPDX-License-Identifier: MIT */
/* A region on the build machine's own io_uring: what the boot page says of the ring is enough to use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "proxy.h"

static struct rm_ioc_thread shared;
static struct rm_ioc_grow grown;
static int answer;

/* Instead of the module. */
int __wrap_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
	(void)fd;
	if (request == RM_IOC_GROW) {
		grown = *(struct rm_ioc_grow *)argument;
	} else {
		assert_int_equal(request, RM_IOC_THREAD);
		shared = *(struct rm_ioc_thread *)argument;
	}
	if (answer < 0) {
		errno = -answer;
		return -1;
	}
	return request == RM_IOC_GROW ? 0 : dup(0);
}

static char *arguments[] = { "prog", "", "two words", NULL };
static char *environment[] = { "A=b", NULL };
static struct proxy proxy = { .path = "/bin/prog", .arguments = arguments, .exec_fd = 1030 };
static struct region region;

static int make(void)
{
	enum region_step step;
	int ret = region_make(&proxy, 3, false, &region, &step);

	if (step == REGION_IO_URING && (ret == -EPERM || ret == -ENOSYS || ret == -EINVAL))
		skip();	/* no io_uring here */
	return ret;
}

static uint32_t *word(uint32_t offset)
{
	assert_true(offset % 4 == 0 && offset >= REGION_RING && offset < REGION_ARENA);
	return (uint32_t *)(void *)(region.base + offset);
}

/* As the runtime does it: from offsets alone. */
static void ring_works(void **state)
{
	const struct rm_ring_layout *ring;
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;

	(void)state;
	answer = 0;
	assert_int_equal(make(), 0);
	ring = &region_boot(&region)->ring;
	assert_int_equal(ring->sq_entries, RM_RING_ENTRIES);
	assert_int_equal(ring->cq_entries, 2 * RM_RING_ENTRIES);
	assert_true(ring->sqes + 64 * ring->sq_entries <= REGION_ARENA);
	assert_true(ring->cqes + 16 * ring->cq_entries <= REGION_ARENA);
	for (unsigned i = 0; i < 300; i++) {
		unsigned tail = *word(ring->sq_tail);

		sqe = (void *)(region.base + ring->sqes + 64 * (tail % ring->sq_entries));
		memset(sqe, 0, 64);
		sqe->opcode = IORING_OP_NOP;
		sqe->user_data = 1000 + i;
		__atomic_store_n(word(ring->sq_tail), tail + 1, __ATOMIC_RELEASE);
		assert_int_equal(io_uring_enter((unsigned)region.ring_fd, 1, 1, IORING_ENTER_GETEVENTS, NULL), 1);
		assert_int_equal(*word(ring->cq_tail), i + 1);
		cqe = (void *)(region.base + ring->cqes + 16 * (i % ring->cq_entries));
		assert_true(cqe->user_data == 1000 + i && cqe->res == 0);
		__atomic_store_n(word(ring->cq_head), i + 1, __ATOMIC_RELEASE);
		assert_int_equal(*word(ring->sq_head), i + 1);
	}
	region_end(&region);
}

static void shares_what_is_needed_first(void **state)
{
	const struct rm_boot *boot;

	(void)state;
	assert_int_equal(make(), 0);
	boot = region_boot(&region);
	assert_int_equal(boot->magic, RM_BOOT_MAGIC);
	assert_int_equal(boot->version, RM_ABI_VERSION);
	assert_true(boot->address == (uint64_t)(uintptr_t)region.base && shared.address == boot->address);
	assert_int_equal(shared.size, boot->arena + REGION_FIRST_SLOTS * RM_SLOT_SIZE);
	assert_int_equal(shared.limit, boot->arena + RM_ARENA_SIZE);
	assert_int_equal(shared.thread, 3);
	assert_int_equal(shared.size % 4096, 0);
	assert_int_equal(shared.limit % 4096, 0);
	assert_int_equal(boot->arena % 4096, 0);
	region_end(&region);
}

static void grows_as_asked(void **state)
{
	(void)state;
	assert_int_equal(make(), 0);
	assert_int_equal(region_grow(&region, 9), 0);
	assert_int_equal(grown.size, region_boot(&region)->arena + 9 * RM_SLOT_SIZE);
	assert_int_equal(region_grow(&region, ~0ul), 0);
	assert_int_equal(grown.size, shared.limit);
	answer = -ENOMEM;
	assert_int_equal(region_grow(&region, 10), -ENOMEM);
	answer = 0;
	region_end(&region);
}

static void a_refusal_leaves_nothing(void **state)
{
	(void)state;
	answer = -EDQUOT;
	assert_int_equal(make(), -EDQUOT);
	assert_null(region.base);
	answer = 0;
}

static void boot_page_has_the_strings(void **state)
{
	static const char expected[] = "prog\0\0two words\0A=b\0/bin/prog";
	const struct rm_boot *boot;

	(void)state;
	assert_int_equal(make(), 0);
	assert_int_equal(boot_fill(&proxy, &region, environment), 0);
	boot = region_boot(&region);
	assert_int_equal(boot->argc, 3);
	assert_int_equal(boot->envc, 1);
	assert_int_equal(boot->strings_size, sizeof(expected));
	assert_memory_equal(region.base + boot->strings, expected, sizeof(expected));
	assert_string_equal((char *)region.base + boot->strings + boot->exec_name, "/bin/prog");
	assert_int_equal(boot_slots(&region), 1);
	assert_int_equal(boot->exec_fd, 1030);
	assert_int_equal(boot->pid, getpid());
	region_end(&region);
}

static void too_many_strings(void **state)
{
	static char large[RM_ARENA_SIZE];
	char *list[] = { large, NULL };

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	assert_int_equal(make(), 0);
	assert_int_equal(boot_fill(&proxy, &region, list), -E2BIG);
	large[sizeof(large) - 40] = '\0';
	assert_int_equal(boot_fill(&proxy, &region, list), 0);
	assert_int_equal(boot_slots(&region), RM_ARENA_SLOTS);
	region_end(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_works),
		cmocka_unit_test(shares_what_is_needed_first),
		cmocka_unit_test(grows_as_asked),
		cmocka_unit_test(a_refusal_leaves_nothing),
		cmocka_unit_test(boot_page_has_the_strings),
		cmocka_unit_test(too_many_strings),
	};

	return cmocka_run_group_tests_name("host.region", tests, NULL, NULL);
}
