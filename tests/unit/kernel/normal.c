/* SPDX-License-Identifier: MIT */
/* What the firmware's device tree says of Normal memory, and which addresses are it. Tests go on where the one before them stopped, as a boot does. */
#include "machine.h"
#include <libfdt.h>
#include <string.h>
#include "arch/mmu.h"
#include "board.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "mm/normal.h"

#define RAM	0x40000000ul
#define PAGES	64ul

static uint8_t ram[PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static unsigned int open_windows;

void *mmu_window_open(unsigned int index, paddr_t page)
{
	assert_int_equal(index, machine_core);
	assert_in_range(page, RAM, RAM + sizeof(ram) - PAGE_SIZE);
	assert_int_equal(open_windows++, 0);
	return ram + (page - RAM);
}

void mmu_window_close(unsigned int index)
{
	assert_int_equal(index, machine_core);
	assert_int_equal(--open_windows, 0);
}

void print(const char *format, ...)
{
	(void)format;
}

/* A tree with RAM of that status, and seeds of that size. */
static void make_tree(const char *status, size_t seeds)
{
	const fdt64_t reg[4] = { cpu_to_fdt64(RAM), cpu_to_fdt64(sizeof(ram)), cpu_to_fdt64(RAM + 0x1000000), cpu_to_fdt64(0x2000) };
	uint8_t seed[256];

	assert_int_equal(fdt_create(ram, sizeof(ram)), 0);
	fdt_finish_reservemap(ram);
	fdt_begin_node(ram, "");
	fdt_property_u32(ram, "#address-cells", 2);
	fdt_property_u32(ram, "#size-cells", 2);
	fdt_begin_node(ram, "memory");
	fdt_property_string(ram, "device_type", "memory");
	fdt_property_string(ram, "status", status);
	fdt_property(ram, "reg", reg, sizeof(reg));
	fdt_end_node(ram);
	fdt_begin_node(ram, "chosen");
	memset(seed, 'r', sizeof(seed));
	fdt_property(ram, "rng-seed", seed, (int)seeds);
	memset(seed, 'k', sizeof(seed));
	fdt_property(ram, "kaslr-seed", seed, (int)seeds);
	fdt_end_node(ram);
	fdt_end_node(ram);
	assert_int_equal(fdt_finish(ram), 0);
}

static void a_tree_that_is_none_ends_the_boot(void **state)
{
	uint8_t seed[16];

	(void)state;
	machine_reset();
	make_tree("okay", 0);
	fdt_set_magic(ram, FDT_MAGIC + 1);
	assert_panics(normal_init(RAM));
	make_tree("okay", 0);
	fdt_set_totalsize(ram, (1u << 20) + 1);
	assert_panics(normal_init(RAM));
	make_tree("okay", 0);
	fdt_set_off_dt_struct(ram, 0x7fffffff);
	assert_panics(normal_init(RAM));
	make_tree("disabled", 0);
	assert_panics(normal_init(RAM));
	assert_false(normal_is_ram(RAM, 1));
	assert_int_equal(normal_seed(seed, sizeof(seed)), 0);
	assert_int_equal(normal_read(seed, RAM, 1), -EFAULT);
}

static void memory_is_what_the_tree_says(void **state)
{
	const paddr_t good[] = { RAM, RAM + 0x1001000, RAM + PAGE_SIZE };
	const paddr_t bad[] = { RAM, RAM + 0x1002000, RAM + PAGE_SIZE };
	uint8_t bytes[PAGE_SIZE];

	(void)state;
	make_tree("okay", 100);
	normal_init(RAM);
	assert_true(normal_is_ram(RAM, sizeof(ram)));
	assert_false(normal_is_ram(RAM, sizeof(ram) + 1));
	assert_false(normal_is_ram(RAM - 1, 1));
	assert_true(normal_is_ram(RAM + 0x1000000, 0x2000));
	assert_false(normal_is_ram(RAM + 0x1000001, 0x2000));
	assert_false(normal_is_ram(RAM + 0x1000000, ~0ul));
	assert_false(normal_is_ram(BOARD_SECURE_BASE, 1));
	assert_true(normal_are_pages(good, 3));
	assert_false(normal_are_pages(bad, 3));
	assert_false(normal_are_pages(&(paddr_t){ RAM + 8 }, 1));
	assert_true(normal_are_pages(bad, 0));
	/* Within one page, once. */
	assert_int_equal(normal_read(bytes, RAM, PAGE_SIZE), 0);
	assert_memory_equal(bytes, ram, PAGE_SIZE);
	assert_int_equal(normal_read(bytes, RAM + 1, PAGE_SIZE), -EFAULT);
	assert_int_equal(normal_read(bytes, RAM + sizeof(ram), 8), -EFAULT);
	assert_int_equal(normal_read(bytes, BOARD_SECURE_BASE, 8), -EFAULT);
}

/* All of the first seed, and as much of the second as there is room for. */
static void seeds_are_kept(void **state)
{
	uint8_t seed[256] = { 0 };

	(void)state;
	assert_int_equal(normal_seed(seed, 10), 10);
	assert_int_equal(seed[10], 0);
	assert_int_equal(normal_seed(seed, sizeof(seed)), 128);
	assert_int_equal(seed[99], 'r');
	assert_int_equal(seed[100], 'k');
	assert_int_equal(seed[127], 'k');
	assert_int_equal(seed[128], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_that_is_none_ends_the_boot), cmocka_unit_test(memory_is_what_the_tree_says), cmocka_unit_test(seeds_are_kept),
	};

	return cmocka_run_group_tests_name("kernel.normal", tests, NULL, NULL);
}
