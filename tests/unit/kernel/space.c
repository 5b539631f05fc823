/* SPDX-License-Identifier: MIT */
/* Page tables and address spaces. */
#include "machine.h"
#include <string.h>
#include "arch/layout.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/space.h"
#include "mm/window.h"

#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define P(n) ((n) * PAGE_SIZE)
#define BASE 0x400000ul

static struct space space;

static int setup(void **state)
{
	(void)state;
	machine_reset();
	return space_init(&space, 1);
}

static int teardown(void **state)
{
	(void)state;
	for (int steps = 0; !space_destroy_step(&space); steps++)
		assert_true(steps < 10000);
	assert_int_equal(frame_account(1)->used, 0);
	return 0;
}

static void pages_come_on_touch_and_only_in_regions(void **state)
{
	(void)state;
	assert_int_equal(space_touch(&space, BASE, PROT_READ), -EFAULT);
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(2), RW), 0);
	uint64_t before = frame_account(1)->used;

	assert_int_equal(space_touch(&space, BASE + 5, PROT_WRITE), 0);
	assert_int_equal(frame_account(1)->used, before + 3);	/* two tables, one page */
	assert_int_equal(space_touch(&space, BASE + 5, PROT_WRITE), 0);
	assert_int_equal(frame_account(1)->used, before + 3);
	assert_int_equal(space_touch(&space, BASE + P(2), PROT_READ), -EFAULT);
	assert_int_equal(space_touch(&space, BASE, PROT_EXEC), -EFAULT);
	assert_int_equal(space_touch(&space, USER_END, PROT_READ), -EFAULT);
	assert_int_equal(space_touch(&space, UINT64_MAX, PROT_READ), -EFAULT);
}

static void entries_never_allow_more_than_asked(void **state)
{
	(void)state;
	pte_t none = pte_make(P(1), PROT_NONE), ro = pte_make(P(1), PROT_READ), rx = pte_make(P(1), RX), normal = pte_make_normal(P(1));

	assert_false(pte_allows(none, PROT_READ));
	assert_true(pte_allows(ro, PROT_READ) && !pte_allows(ro, PROT_WRITE) && !pte_allows(ro, PROT_EXEC));
	assert_true(pte_allows(rx, PROT_EXEC) && !pte_allows(rx, PROT_WRITE));
	assert_true(pte_allows(normal, RW) && !pte_allows(normal, PROT_EXEC) && pte_borrowed(normal));
	assert_int_equal(normal >> 5 & 1, 1);		/* NS */
	assert_int_equal(ro >> 5 & 1, 0);
	assert_int_equal(rx >> 53 & 1, 1);		/* never executable by the kernel */
	assert_panics(pte_make(P(1), PROT_WRITE | PROT_EXEC));
}

static void unmapping_goes_in_steps_and_frees(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(1000), RW), 0);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(space_touch(&space, BASE + P(i), PROT_WRITE), 0);
	vaddr_t va = BASE, next;
	int steps = 0;

	for (; va < BASE + P(1000); va = next, steps++) {
		uint64_t before = frame_account(1)->used;

		next = space_unmap(&space, va, BASE + P(1000));
		assert_true(next > va || frame_account(1)->used < before);
		assert_true(before - frame_account(1)->used <= SPACE_STEP);
	}
	assert_true(steps >= 1000 / (int)SPACE_STEP);
	assert_int_equal(space_touch(&space, BASE, PROT_READ), 0);
	int error;
	const char *p = space_pointer(&space, BASE, PROT_READ, &error);

	assert_int_equal(*p, 0);
}

static void protection_follows_regions(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(4), RW), 0);
	assert_int_equal(space_write(&space, BASE + P(1), "x", 1), 0);
	assert_int_equal(regions_set(&space.regions, BASE + P(1), BASE + P(2), PROT_ALL, PROT_READ), 0);
	assert_int_equal(space_protect(&space, BASE + P(1), BASE + P(2)), BASE + P(2));
	assert_int_equal(space_touch(&space, BASE + P(1), PROT_WRITE), -EFAULT);
	char c;

	assert_int_equal(space_read(&space, &c, BASE + P(1), 1), 0);
	assert_int_equal(c, 'x');
}

static void copies_cross_pages_and_stop_at_holes(void **state)
{
	(void)state;
	char text[100], back[100];

	memset(text, 'a', sizeof(text));
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(2), RW), 0);
	assert_int_equal(space_write(&space, BASE + P(1) - 50, text, sizeof(text)), 0);
	assert_int_equal(space_read(&space, back, BASE + P(1) - 50, sizeof(back)), 0);
	assert_memory_equal(text, back, sizeof(text));
	assert_int_equal(space_write(&space, BASE + P(2) - 50, text, sizeof(text)), -EFAULT);
}

static void shared_pages_are_counted_never_freed_never_read(void **state)
{
	(void)state;
	int error;
	uint64_t free = frames_free();

	assert_int_equal(space_map_normal(&space, SPACE_SHARES, 0x10000000000), 0);
	assert_int_equal(space_map_normal(&space, SPACE_SHARES, 0x10000001000), -EEXIST);
	assert_int_equal(space.shared_pages, 1);
	assert_null(space_pointer(&space, SPACE_SHARES, PROT_READ, &error));
	assert_int_equal(error, -EFAULT);
	assert_true(space_unmap(&space, SPACE_SHARES, SPACE_SHARES + P(1)) >= SPACE_SHARES + P(1));
	assert_int_equal(space.shared_pages, 0);
	assert_true(frames_free() <= free && frames_free() >= free - 2);
}

#define WINDOW(page) (RM_WINDOW_BASE + P(page))
#define NORMAL(n) (0x10000000000ul + P(n))

static void windows_are_read_only_and_of_the_normal_world(void **state)
{
	(void)state;
	pte_t window = pte_make_window(P(1));

	assert_true(pte_allows(window, PROT_READ) && !pte_allows(window, PROT_WRITE) && !pte_allows(window, PROT_EXEC));
	assert_true(pte_borrowed(window));
	assert_int_equal(window >> 5 & 1, 1);		/* NS */
	assert_int_equal(window >> 53 & 3, 3);		/* PXN, UXN */
}

static void windows_have_places(void **state)
{
	(void)state;
	const uint64_t end = RM_WINDOW_CHUNKS * TABLE_ENTRIES;

	assert_true(window_in_place(0, 1) && window_in_place(0, 512) && window_in_place(end - 1, 1) && window_in_place(512, 512));
	assert_false(window_in_place(0, 0) || window_in_place(0, 513) || window_in_place(1, 512) || window_in_place(511, 2));
	assert_false(window_in_place(end, 1) || window_in_place(end - 1, 2) || window_in_place(UINT64_MAX, 1) || window_in_place(0, UINT64_MAX));
	assert_false(window_in_place(1ul << 52, 1) || window_in_place(UINT64_MAX - 511, 512));
}

static void windows_map_whole_or_not_and_keep_their_tables(void **state)
{
	(void)state;
	const paddr_t pages[4] = { NORMAL(7), NORMAL(3), NORMAL(3), NORMAL(9) };
	int error;

	assert_int_equal(window_map(&space, 510, pages, 2), 0);
	const uint64_t used = frame_account(1)->used;

	assert_int_equal(window_map(&space, 508, pages, 4), -EEXIST);
	assert_false(space_present(&space, WINDOW(508)) || space_present(&space, WINDOW(509)));
	assert_true(space_present(&space, WINDOW(510)) && space_present(&space, WINDOW(511)));
	assert_int_equal(space.shared_pages, 2);
	assert_int_equal(space_touch(&space, WINDOW(510), PROT_READ), 0);
	assert_int_equal(space_touch(&space, WINDOW(510), PROT_WRITE), -EFAULT);
	assert_int_equal(space_touch(&space, WINDOW(509), PROT_READ), -EFAULT);
	assert_null(space_pointer(&space, WINDOW(510), PROT_READ, &error));

	window_unmap(&space, 511, 1);
	window_unmap(&space, 0, 512);
	window_unmap(&space, 0, 512);		/* nothing there: nothing happens */
	window_unmap(&space, 512, 512);		/* not even a table */
	assert_int_equal(space.shared_pages, 0);
	assert_false(space_present(&space, WINDOW(510)));
	assert_int_equal(frame_account(1)->used, used);
	assert_int_equal(window_map(&space, 508, pages, 4), 0);
	assert_int_equal(frame_account(1)->used, used);
}

static void windows_without_memory_change_nothing(void **state)
{
	(void)state;
	const paddr_t page = NORMAL(1);

	frame_account(1)->limit = frame_account(1)->used + 1;
	assert_int_equal(window_map(&space, 0, &page, 1), -ENOMEM);
	assert_int_equal(space.shared_pages, 0);
	frame_account(1)->limit = UINT64_MAX;
	assert_int_equal(window_map(&space, 0, &page, 1), 0);
}

static void full_windows_go_in_bounded_steps(void **state)
{
	(void)state;
	paddr_t pages[RM_WINDOW_MAX];
	int steps = 0;

	for (unsigned int i = 0; i < RM_WINDOW_MAX; i++)
		pages[i] = NORMAL(i);
	for (uint64_t page = 0; page < 20 * TABLE_ENTRIES; page += RM_WINDOW_MAX)
		assert_int_equal(window_map(&space, page, pages, RM_WINDOW_MAX), 0);
	assert_int_equal(window_map(&space, (RM_WINDOW_CHUNKS - 1) * TABLE_ENTRIES + 100, pages, 3), 0);
	for (uint64_t before = space.shared_pages; !space_destroy_step(&space); before = space.shared_pages, steps++)
		assert_true(before - space.shared_pages <= WINDOW_STEP && steps < 1000);
	assert_int_equal(frame_account(1)->used, 0);
	assert_int_equal(space_init(&space, 1), 0);	/* for teardown */
}

#define FAR (BASE + 0x40000000ul)

static void moving_takes_pages_along_in_steps(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(1000), RW), 0);
	assert_int_equal(regions_add(&space.regions, FAR, FAR + P(1000), RW), 0);
	for (uint64_t i = 0; i < 1000; i += 3)
		assert_int_equal(space_write(&space, BASE + P(i) + 5, &i, sizeof(i)), 0);
	vaddr_t va = BASE;

	for (int steps = 0; va < BASE + P(1000); steps++) {
		va = space_move(&space, va, BASE + P(1000), FAR + (va - BASE));
		assert_int_not_equal(va, 0);
		assert_true(steps < 300);
	}
	for (uint64_t i = 0, value; i < 1000; i++) {
		assert_false(space_present(&space, BASE + P(i)));
		assert_int_equal(space_present(&space, FAR + P(i)), i % 3 == 0);
		assert_int_equal(space_read(&space, &value, FAR + P(i) + 5, sizeof(value)), 0);
		assert_int_equal(value, i % 3 == 0 ? i : 0);
	}
}

static void a_move_without_tables_can_be_taken_back(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(20), RW), 0);
	for (uint64_t i = 0; i < 20; i++)
		assert_int_equal(space_write(&space, BASE + P(i), &i, sizeof(i)), 0);
	uint64_t used = frame_account(1)->used;

	frame_account(1)->limit = used;
	assert_int_equal(space_move(&space, BASE, BASE + P(20), FAR), 0);
	frame_account(1)->limit = used + 2;
	assert_true(space_move(&space, BASE, BASE + P(20), FAR) > BASE);
	frame_account(1)->limit = used;
	for (vaddr_t va = FAR; va < FAR + P(20);) {
		va = space_move(&space, va, FAR + P(20), BASE + (va - FAR));
		assert_int_not_equal(va, 0);
	}
	for (uint64_t i = 0, value; i < 20; i++) {
		assert_int_equal(space_read(&space, &value, BASE + P(i), sizeof(value)), 0);
		assert_int_equal(value, i);
	}
}

static void stacks_grow_but_keep_their_distance(void **state)
{
	vaddr_t stack = BASE + 0x10000000, below = stack - P(400);

	(void)state;
	assert_int_equal(regions_add(&space.regions, stack, stack + P(2), RW | RM_REGION_GROWS), 0);
	assert_int_equal(regions_add(&space.regions, below, below + P(1), RW), 0);
	assert_int_equal(space_touch(&space, stack - P(3), PROT_WRITE), 0);
	assert_int_equal(regions_find(&space.regions, stack)->start, stack - P(3));
	assert_int_equal(space_touch(&space, stack - P(3) - 1, PROT_EXEC), -EFAULT);
	assert_int_equal(space_touch(&space, below + P(1) + SPACE_GUARD - 1, PROT_WRITE), -EFAULT);
	assert_int_equal(space_touch(&space, below + P(1) + SPACE_GUARD, PROT_WRITE), 0);
	assert_int_equal(regions_remove(&space.regions, below, below + P(1)), 0);
	assert_int_equal(space_touch(&space, stack + P(2) - SPACE_GROWTH - 1, PROT_WRITE), -EFAULT);
	assert_int_equal(space_touch(&space, stack + P(2) - SPACE_GROWTH, PROT_WRITE), 0);
}

static void beyond_a_file_is_another_fault(void **state)
{
	int error;

	(void)state;
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(1), RW | RM_REGION_BEYOND), 0);
	assert_int_equal(space_touch(&space, BASE, PROT_READ), -EIO);
	assert_null(space_pointer(&space, BASE, PROT_READ, &error));
	assert_int_equal(error, -EFAULT);
}

static void no_frame_is_an_error_that_leaks_nothing(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&space.regions, BASE, BASE + P(4), RW), 0);
	frame_account(1)->limit = frame_account(1)->used + 2;		/* tables, but no page */
	assert_int_equal(space_touch(&space, BASE, PROT_WRITE), -ENOMEM);
	frame_account(1)->limit += 1;
	assert_int_equal(space_touch(&space, BASE, PROT_WRITE), 0);
	assert_int_equal(space_touch(&space, BASE + P(1), PROT_WRITE), -ENOMEM);
}

static void a_space_far_apart_is_taken_apart(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		vaddr_t va = BASE + i * 0x40000000;

		assert_int_equal(regions_add(&space.regions, va, va + P(1), RW), 0);
		assert_int_equal(space_touch(&space, va, PROT_WRITE), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pages_come_on_touch_and_only_in_regions, setup, teardown),
		cmocka_unit_test_setup_teardown(entries_never_allow_more_than_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(unmapping_goes_in_steps_and_frees, setup, teardown),
		cmocka_unit_test_setup_teardown(protection_follows_regions, setup, teardown),
		cmocka_unit_test_setup_teardown(copies_cross_pages_and_stop_at_holes, setup, teardown),
		cmocka_unit_test_setup_teardown(shared_pages_are_counted_never_freed_never_read, setup, teardown),
		cmocka_unit_test_setup_teardown(windows_are_read_only_and_of_the_normal_world, setup, teardown),
		cmocka_unit_test_setup_teardown(windows_have_places, setup, teardown),
		cmocka_unit_test_setup_teardown(windows_map_whole_or_not_and_keep_their_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(windows_without_memory_change_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(full_windows_go_in_bounded_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(moving_takes_pages_along_in_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(a_move_without_tables_can_be_taken_back, setup, teardown),
		cmocka_unit_test_setup_teardown(stacks_grow_but_keep_their_distance, setup, teardown),
		cmocka_unit_test_setup_teardown(beyond_a_file_is_another_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(no_frame_is_an_error_that_leaks_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_space_far_apart_is_taken_apart, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
