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
	while (!regions_destroy_step(&regions))
		;
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

static void setting_flags_splits_and_merges(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&regions, P(1), P(6), RW), 0);
	assert_int_equal(regions_set(&regions, P(2), P(4), PROT_ALL, PROT_READ), 0);
	assert_int_equal(regions.count, 3);
	assert_int_equal(regions_find(&regions, P(1))->flags, RW);
	assert_int_equal(regions_find(&regions, P(3))->flags, PROT_READ);
	assert_int_equal(regions_find(&regions, P(4))->flags, RW);
	assert_int_equal(regions_any(&regions, P(1), P(2)), RW);
	assert_int_equal(regions_set(&regions, P(4), P(6), RM_REGION_FILE, RM_REGION_FILE), 0);
	assert_int_equal(regions_any(&regions, P(1), P(4)), RW);
	assert_int_equal(regions_any(&regions, P(3), P(5)), RW | RM_REGION_FILE);
	assert_int_equal(regions_set(&regions, P(4), P(6), RM_REGION_FILE, 0), 0);
	assert_int_equal(regions_set(&regions, P(2), P(4), PROT_ALL, RW), 0);
	assert_int_equal(regions.count, 1);
	assert_int_equal(regions.size, P(5));
	assert_panics(regions_set(&regions, P(5), P(8), PROT_ALL, PROT_READ));
}

/* Two places of a move that meet must stay two: opening one again may need no node. */
static void closing_regions_never_merge(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&regions, P(1), P(3), RW | REGION_CLOSING), 0);
	assert_int_equal(regions_add(&regions, P(3), P(5), RW | REGION_CLOSING), 0);
	assert_int_equal(regions.count, 2);
	frame_account(1)->limit = frame_account(1)->used;
	while (regions.unused)
		assert_int_equal(regions_add(&regions, P(100 + 2 * regions.count), P(101 + 2 * regions.count), RW), 0);
	assert_int_equal(regions_set(&regions, P(1), P(3), REGION_CLOSING, 0), 0);
	assert_int_equal(regions_find(&regions, P(2))->end, P(3));
}

static void neighbours_are_found(void **state)
{
	(void)state;
	assert_null(regions_next(&regions, 0));
	assert_null(regions_before(&regions, UINT64_MAX));
	assert_int_equal(regions_add(&regions, P(2), P(4), RW), 0);
	assert_int_equal(regions_add(&regions, P(6), P(8), RW), 0);
	assert_int_equal(regions_next(&regions, 0)->start, P(2));
	assert_int_equal(regions_next(&regions, P(3))->start, P(2));
	assert_int_equal(regions_next(&regions, P(4))->start, P(6));
	assert_null(regions_next(&regions, P(8)));
	assert_null(regions_before(&regions, P(2)));
	assert_int_equal(regions_before(&regions, P(2) + 1)->start, P(2));
	assert_int_equal(regions_before(&regions, P(9))->start, P(6));
	assert_true(regions_covered(&regions, P(2), P(4)));
	assert_false(regions_covered(&regions, P(2), P(5)));
	assert_false(regions_covered(&regions, P(3), P(7)));
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
	/* Walks are as deep as the tree, whatever is asked. */
	assert_true(regions.root->height <= 20);
	assert_int_equal(regions_place(&regions, P(2), P(2), P(2 * REGIONS_MAX)), 0);
	assert_int_equal(regions_remove_first(&regions, P(1000), P(1001)), 1);
	assert_int_equal(regions_place(&regions, P(3), P(2), P(2 * REGIONS_MAX)), P(999));
}

enum { PAGES = 96 };

/* The highest hole of `size` pages among the pages [low, high) of the model, or -1. */
static int model_place(const uint32_t *model, unsigned int size, unsigned int low, unsigned int high)
{
	for (int at = (int)high - (int)size; at >= (int)low; at--) {
		bool free = true;

		for (unsigned int i = 0; i < size; i++)
			free = free && !model[at + (int)i];
		if (free)
			return at;
	}
	return -1;
}

static void compare(const uint32_t *model, unsigned int from, unsigned int to)
{
	uint32_t any = 0;
	unsigned int used = 0, size = 1 + (unsigned int)rand() % 6;
	int at = to - from >= size ? model_place(model, size, from, to) : -1;

	for (unsigned int i = 0; i < PAGES; i++) {
		const struct region *r = regions_find(&regions, P(1 + i));

		assert_int_equal(r ? r->flags : 0, model[i]);
		any |= i >= from && i < to ? model[i] : 0;
		used += model[i] != 0;
	}
	assert_int_equal(regions_any(&regions, P(1 + from), P(1 + to)), any);
	assert_int_equal(regions.size, P(used));
	assert_int_equal(regions_place(&regions, P(size), P(1 + from), P(1 + to)), at < 0 ? 0 : P(1 + (unsigned int)at));
	assert_int_equal(regions_covered(&regions, P(1 + from), P(1 + to)), model_place(model, 1, from, to) < 0);
}

/* Thousands of random operations against a plain array of pages. */
static void agrees_with_a_page_array(void **state)
{
	uint32_t model[PAGES] = { 0 };

	(void)state;
	srand(1);
	for (int round = 0; round < 5000; round++) {
		unsigned int a = (unsigned int)rand() % PAGES, b = (unsigned int)rand() % PAGES;
		unsigned int from = a < b ? a : b, to = (a < b ? b : a) + 1;
		uint32_t flags = 1u + (uint32_t)rand() % 3;
		const struct region *r;

		switch (rand() % 3) {
		case 0:
			assert_int_equal(regions_remove(&regions, P(1 + from), P(1 + to)), 0);
			for (unsigned int i = from; i < to; i++)
				model[i] = 0;
			break;
		case 1:
			to = from + 1 + (unsigned int)rand() % (to - from);
			if (!regions_free(&regions, P(1 + from), P(1 + to)))
				break;
			assert_int_equal(regions_add(&regions, P(1 + from), P(1 + to), flags), 0);
			for (unsigned int i = from; i < to; i++)
				model[i] = flags;
			break;
		default:
			r = regions_find(&regions, P(1 + from));
			if (!r || r->end < P(1 + to))
				break;
			assert_int_equal(regions_set(&regions, P(1 + from), P(1 + to), PROT_ALL, flags), 0);
			for (unsigned int i = from; i < to; i++)
				model[i] = flags;
		}
		compare(model, from, to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(neighbours_of_one_protection_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(removing_the_middle_splits, setup, teardown),
		cmocka_unit_test_setup_teardown(setting_flags_splits_and_merges, setup, teardown),
		cmocka_unit_test_setup_teardown(closing_regions_never_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(neighbours_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(places_are_highest_and_large_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(adding_over_something_is_caught, setup, teardown),
		cmocka_unit_test_setup_teardown(without_frames_nothing_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(the_number_of_regions_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(agrees_with_a_page_array, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
