/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: addresses of secure RAM, of devices, beyond RAM, wrapping around; lists that change while they are
 * read (copied once). The device tree itself comes from the firmware's side of boot; libfdt checks it all the same.
 */
#include "mm/normal.h"
#include <libfdt.h>
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "board.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/frame.h"

#define RANGES_MAX	8
#define SEED_MAX	128
#define TREE_MAX	(1ul << 20)

struct range {
	paddr_t start, end;
};

static struct range ranges[RANGES_MAX];
static unsigned int range_count;
static uint8_t seed[SEED_MAX];
static size_t seed_size;

/* Copies bytes page by page through the window, whatever they are. */
static void window_read(void *to, paddr_t from, size_t size)
{
	unsigned int core = cpu_this()->index;

	for (size_t n; size; size -= n, from += n, to = (char *)to + n) {
		n = min_u64(size, PAGE_SIZE - (from & PAGE_MASK));
		const char *page = mmu_window_open(core, page_down(from));

		memcpy(to, page + (from & PAGE_MASK), n);
		mmu_window_close(core);
	}
}

static bool overlaps_secure(paddr_t start, paddr_t end)
{
	return start < BOARD_SECURE_END && end > BOARD_SECURE_BASE;
}

static void add_range(paddr_t start, uint64_t size)
{
	paddr_t end;

	if (__builtin_add_overflow(start, size, &end) || page_up(start) >= page_down(end) || range_count == RANGES_MAX)
		return;
	assert(!overlaps_secure(start, end));
	ranges[range_count++] = (struct range){ page_up(start), page_down(end) };
	print("normal memory %lx-%lx\n", start, end);
}

static uint64_t cells(const fdt32_t *p, int count)
{
	uint64_t value = 0;

	while (count--)
		value = value << 32 | fdt32_to_cpu(*p++);
	return value;
}

/* Nodes with device_type "memory" that are not marked secure-only. */
static void read_memory(const void *tree)
{
	int address_cells = fdt_address_cells(tree, 0), size_cells = fdt_size_cells(tree, 0), size, node = -1;

	while ((node = fdt_node_offset_by_prop_value(tree, node, "device_type", "memory", 7)) >= 0) {
		const char *status = fdt_getprop(tree, node, "status", NULL);
		const fdt32_t *reg = fdt_getprop(tree, node, "reg", &size);

		if ((status && strcmp(status, "okay") != 0) || address_cells < 1 || size_cells < 1)
			continue;
		for (; reg && size >= 4 * (address_cells + size_cells); size -= 4 * (address_cells + size_cells)) {
			add_range(cells(reg, address_cells), cells(reg + address_cells, size_cells));
			reg += address_cells + size_cells;
		}
	}
}

static void read_seed(const void *tree, const char *name)
{
	int size, chosen = fdt_path_offset(tree, "/chosen");
	const void *value = chosen >= 0 ? fdt_getprop(tree, chosen, name, &size) : NULL;

	if (!value || size <= 0)
		return;
	size_t n = min_u64((uint64_t)size, SEED_MAX - seed_size);

	memcpy(seed + seed_size, value, n);
	seed_size += n;
}

void normal_init(paddr_t device_tree)
{
	/* The memory behind the image is not handed out yet: room for a copy of the tree, cleared again afterwards. */
	char *tree = kernel_pointer(page_up(BOARD_SECURE_END - TREE_MAX - PAGE_SIZE));
	struct fdt_header header;

	window_read(&header, device_tree, sizeof(header));
	if (fdt_magic(&header) != FDT_MAGIC || fdt_totalsize(&header) > TREE_MAX)
		panic("no device tree at %lx", device_tree);
	window_read(tree, device_tree, fdt_totalsize(&header));
	if (fdt_check_header(tree) != 0)
		panic("device tree at %lx is broken", device_tree);
	read_memory(tree);
	read_seed(tree, "rng-seed");
	read_seed(tree, "kaslr-seed");
	memset(tree, 0, TREE_MAX);
	if (range_count == 0)
		panic("device tree at %lx names no memory", device_tree);
}

bool normal_is_ram(paddr_t pa, uint64_t size)
{
	for (unsigned int i = 0; i < range_count; i++)
		if (pa >= ranges[i].start && pa < ranges[i].end && size <= ranges[i].end - pa)
			return true;
	return false;
}

/* Most often all lie in one range: one comparison a page. */
bool normal_are_pages(const paddr_t *pages, uint64_t count)
{
	unsigned int range = 0;
	uint64_t i = 0;

	while (i < count && range < range_count) {
		const paddr_t start = ranges[range].start, last = ranges[range].end - PAGE_SIZE;
		const uint64_t before = i;

		while (i < count && page_aligned(pages[i]) && pages[i] >= start && pages[i] <= last)
			i++;
		range = i > before ? 0 : range + 1;
	}
	return i == count;
}

int normal_read(void *to, paddr_t from, size_t size)
{
	if ((from & PAGE_MASK) + size > PAGE_SIZE || !normal_is_ram(from, size))
		return -EFAULT;
	window_read(to, from, size);
	return 0;
}

size_t normal_seed(void *to, size_t size)
{
	size_t n = min_u64(size, seed_size);

	memcpy(to, seed, n);
	return n;
}
