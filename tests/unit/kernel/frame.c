/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <string.h>
#include "arch/layout.h"
#include "mm/frame.h"

static int setup(void **state)
{
	(void)state;
	machine_reset();
	return 0;
}

static int is_zero(paddr_t frame)
{
	const char *p = kernel_pointer(frame);

	return p[0] == 0 && memcmp(p, p + 1, PAGE_SIZE - 1) == 0;
}

static void new_frames_are_zero_distinct_and_counted(void **state)
{
	(void)state;
	paddr_t a = frame_alloc(1), b = frame_alloc(1);

	assert_true(a != FRAME_NONE && b != FRAME_NONE && a != b);
	assert_true(is_zero(a) && is_zero(b));
	assert_int_equal(frame_account(1)->used, 2);
	assert_int_equal(frames_free(), frames_total() - 2);
}

static void a_freed_frame_is_zero_for_the_next_owner(void **state)
{
	(void)state;
	paddr_t a = frame_alloc(1);

	memset(kernel_pointer(a), 0x5a, PAGE_SIZE);
	frame_free(a, 1);
	assert_int_equal(frame_alloc(2), a);
	assert_true(is_zero(a));
	assert_true(frame_owned(a, 2));
	assert_false(frame_owned(a, 1));
}

static void a_limit_holds_and_only_for_its_owner(void **state)
{
	(void)state;
	frame_account(1)->limit = 3;
	paddr_t last = FRAME_NONE;

	for (int i = 0; i < 3; i++)
		assert_true((last = frame_alloc(1)) != FRAME_NONE);
	assert_int_equal(frame_alloc(1), FRAME_NONE);
	assert_true(frame_alloc(2) != FRAME_NONE);
	frame_free(last, 1);
	assert_true(frame_alloc(1) != FRAME_NONE);
	assert_int_equal(frame_account(1)->peak, 3);
}

static void all_memory_can_be_had_and_given_back(void **state)
{
	(void)state;
	static paddr_t all[MACHINE_PAGES];
	uint64_t n = 0;

	while ((all[n] = frame_alloc(1)) != FRAME_NONE)
		n++;
	assert_int_equal(n, frames_total());
	assert_int_equal(frames_free(), 0);
	assert_int_equal(frame_alloc(2), FRAME_NONE);
	while (n)
		frame_free(all[--n], 1);
	assert_int_equal(frames_free(), frames_total());
	assert_int_equal(frame_account(1)->used, 0);
}

static void freeing_what_is_not_owned_is_caught(void **state)
{
	(void)state;
	paddr_t a = frame_alloc(1);

	assert_panics(frame_free(a, 2));
	assert_panics(frame_free(a + 1, 1));
	assert_panics(frame_free(MACHINE_BASE + MACHINE_PAGES * PAGE_SIZE, 1));
	frame_free(a, 1);
	assert_panics(frame_free(a, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(new_frames_are_zero_distinct_and_counted, setup),
		cmocka_unit_test_setup(a_freed_frame_is_zero_for_the_next_owner, setup),
		cmocka_unit_test_setup(a_limit_holds_and_only_for_its_owner, setup),
		cmocka_unit_test_setup(all_memory_can_be_had_and_given_back, setup),
		cmocka_unit_test_setup(freeing_what_is_not_owned_is_caught, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
