/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <stdbool.h>
#include <stdlib.h>
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/region.h"

#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_SIZE)

static struct regions regions;

static int setup(void **state)
{
	(void)state;
	machine_reset();
	regions_init(&regions, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	regions_destroy(&regions);
	assert_int_equal(frame_account(1)->used, 0);
	return 0;
}

static void neighbours_of_one_protection_merge(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&regions, P(1), P(2), RW), 0);
	assert_int_equal(regions_add(&regions, P(3), P(4), RW), 0);
	assert_int_equal(regions_add(&regions, P(2), P(3), RW), 0);
	assert_int_equal(regions.count, 1);
	assert_int_equal(regions_add(&regions, P(4), P(5), PROT_READ), 0);
	assert_int_equal(regions.count, 2);
}

static void removing_the_middle_splits(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&regions, P(1), P(10), RW), 0);
	assert_int_equal(regions_remove(&regions, P(4), P(6)), 0);
	assert_int_equal(regions.count, 2);
	assert_true(regions_find(&regions, P(4) - 1) != NULL);
	assert_null(regions_find(&regions, P(4)));
	assert_null(regions_find(&regions, P(6) - 1));
	assert_non_null(regions_find(&regions, P(6)));
	assert_true(regions_free(&regions, P(4), P(6)));
	assert_false(regions_free(&regions, P(3), P(6)));
}

static void protecting_needs_no_hole(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&regions, P(1), P(3), RW), 0);
	assert_int_equal(regions_add(&regions, P(4), P(6), RW), 0);
	assert_int_equal(regions_protect(&regions, P(1), P(6), PROT_READ), -ENOMEM);
	assert_int_equal(regions_find(&regions, P(1))->protection, RW);
	assert_int_equal(regions_protect(&regions, P(2), P(3), PROT_READ), 0);
	assert_int_equal(regions_find(&regions, P(1))->protection, RW);
	assert_int_equal(regions_find(&regions, P(2))->protection, PROT_READ);
}

static void places_are_highest_and_large_enough(void **state)
{
	(void)state;
	assert_int_equal(regions_place(&regions, P(2), P(10), P(20)), P(18));
	assert_int_equal(regions_add(&regions, P(17), P(20), RW), 0);
	assert_int_equal(regions_place(&regions, P(2), P(10), P(20)), P(15));
	assert_int_equal(regions_add(&regions, P(12), P(16), RW), 0);
	assert_int_equal(regions_place(&regions, P(2), P(10), P(20)), P(10));
	assert_int_equal(regions_place(&regions, P(3), P(10), P(20)), 0);
}

static void adding_over_something_is_caught(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&regions, P(1), P(3), RW), 0);
	assert_panics(regions_add(&regions, P(2), P(4), RW));
}

static void without_frames_nothing_changes(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&regions, P(1), P(100), RW), 0);
	frame_account(1)->limit = frame_account(1)->used;
	int error = 0;
	unsigned int before = 0;

	for (unsigned int i = 1; i < 400 && !error; i++) {
		before = regions.count;
		error = regions_add(&regions, P(1000 + 2 * i), P(1001 + 2 * i), RW);
	}
	assert_int_equal(error, -ENOMEM);
	assert_int_equal(regions.count, before);
	assert_int_equal(regions_remove(&regions, P(10), P(11)), -ENOMEM);
	assert_non_null(regions_find(&regions, P(10)));
}

static void the_number_of_regions_is_bounded(void **state)
{
	(void)state;
	int error = 0;
	unsigned int n = 0;

	for (; n <= REGIONS_MAX && !error; n++)
		error = regions_add(&regions, P(2 * n + 2), P(2 * n + 3), RW);
	assert_int_equal(error, -ENOMEM);
	assert_true(regions.count <= REGIONS_MAX);
}

/* A thousand random operations against a plain array of pages. */
static void agrees_with_a_page_array(void **state)
{
	enum { PAGES = 64 };
	uint32_t model[PAGES] = { 0 };

	(void)state;
	srand(1);
	for (int round = 0; round < 1000; round++) {
		unsigned int a = (unsigned int)rand() % PAGES, b = (unsigned int)rand() % PAGES;
		unsigned int from = a < b ? a : b, to = (a < b ? b : a) + 1;
		uint32_t protection = 1u + (uint32_t)rand() % 3;
		bool all = true;

		switch (rand() % 3) {
		case 0:
			assert_int_equal(regions_remove(&regions, P(1 + from), P(1 + to)), 0);
			for (unsigned int i = from; i < to; i++)
				model[i] = 0;
			break;
		case 1:
			assert_int_equal(regions_replace(&regions, P(1 + from), P(1 + to), protection), 0);
			for (unsigned int i = from; i < to; i++)
				model[i] = protection;
			break;
		default:
			for (unsigned int i = from; i < to; i++)
				all = all && model[i];
			assert_int_equal(regions_protect(&regions, P(1 + from), P(1 + to), protection), all ? 0 : -ENOMEM);
			for (unsigned int i = from; all && i < to; i++)
				model[i] = protection;
		}
		for (unsigned int i = 0; i < PAGES; i++) {
			const struct region *r = regions_find(&regions, P(1 + i));

			assert_int_equal(r ? r->protection : 0, model[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(neighbours_of_one_protection_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(removing_the_middle_splits, setup, teardown),
		cmocka_unit_test_setup_teardown(protecting_needs_no_hole, setup, teardown),
		cmocka_unit_test_setup_teardown(places_are_highest_and_large_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(adding_over_something_is_caught, setup, teardown),
		cmocka_unit_test_setup_teardown(without_frames_nothing_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(the_number_of_regions_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(agrees_with_a_page_array, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
