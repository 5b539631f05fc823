/* SPDX-License-Identifier: MIT */
/*
 * Built once by the boot core with the MMU off. Code here up to mmu_build() runs at physical addresses: it uses only
 * PC-relative addresses of symbols (the kernel is linked at KERNEL_OFFSET + load address, so &symbol is its physical
 * address then), no pointers from memory.
 */
#include "arch/mmu.h"
#include "arch/tlb.h"
#include "board.h"
#include "lib/panic.h"

#define TABLE_ENTRIES	512
#define BOOT_TABLES	24

#define PTE_VALID	1ul
#define PTE_TABLE	2ul	/* or page at the last level */
#define PTE_DEVICE	(1ul << 2)
#define PTE_NS		(1ul << 5)
#define PTE_RO		(2ul << 6)
#define PTE_SHARED	(3ul << 8)
#define PTE_AF		(1ul << 10)
#define PTE_PXN		(1ul << 53)
#define PTE_UXN		(1ul << 54)
#define PTE_ADDRESS	0x0000fffffffff000ul

#define KERNEL_RX	(PTE_AF | PTE_SHARED | PTE_RO | PTE_UXN)
#define KERNEL_RO	(PTE_AF | PTE_SHARED | PTE_RO | PTE_UXN | PTE_PXN)
#define KERNEL_RW	(PTE_AF | PTE_SHARED | PTE_UXN | PTE_PXN)
#define KERNEL_DEVICE	(PTE_AF | PTE_DEVICE | PTE_UXN | PTE_PXN)

extern char image_start[], text_end[], rodata_end[], stacks_start[], stacks_end[], vector_page[];

static uint64_t tables[BOOT_TABLES][TABLE_ENTRIES] __attribute__((aligned(4096)));
uint64_t kernel_root[TABLE_ENTRIES] __attribute__((aligned(4096)));
uint64_t identity_root[TABLE_ENTRIES] __attribute__((aligned(4096)));
static uint64_t window_table[TABLE_ENTRIES] __attribute__((aligned(4096)));
static unsigned int tables_used;

static uint64_t *next_level(uint64_t *entry)
{
	if (!(*entry & PTE_VALID)) {
		if (tables_used == BOOT_TABLES)
			for (;;)
				__asm__ volatile("wfe");	/* a board with more devices needs BOOT_TABLES raised */
		*entry = (uint64_t)tables[tables_used++] | PTE_VALID | PTE_TABLE;
	}
	return (uint64_t *)(*entry & PTE_ADDRESS);
}

/* Maps [pa, end) at va, with 2 MiB blocks where possible; `top` is the level of the root: 0 (48 bits) or 1 (39 bits). */
static void map(uint64_t *root, int top, uint64_t va, uint64_t pa, uint64_t end, uint64_t attributes)
{
	while (pa < end) {
		uint64_t *table = root;
		bool block = ((va | pa) & 0x1fffff) == 0 && end - pa >= 0x200000;
		uint64_t size = block ? 0x200000 : PAGE_SIZE;

		for (int level = top; level < (block ? 2 : 3); level++)
			table = next_level(&table[(va >> (39 - 9 * level)) & 511]);
		table[(va >> (block ? 21 : 12)) & 511] = pa | attributes | PTE_VALID | (block ? 0 : PTE_TABLE);
		va += size;
		pa += size;
	}
}

static void map_kernel(uint64_t start, uint64_t end, uint64_t attributes)
{
	map(kernel_root, 0, KERNEL_OFFSET + start, page_down(start), page_up(end), attributes);
}

/* Stacks with an unmapped page below each, so that an overflow is a clean fault. */
static void map_stacks(void)
{
	for (uint64_t s = (uint64_t)stacks_start; s < (uint64_t)stacks_end; s += STACK_SIZE + PAGE_SIZE)
		map_kernel(s + PAGE_SIZE, s + PAGE_SIZE + STACK_SIZE, KERNEL_RW);
}

static void link_window(void)
{
	uint64_t *table = kernel_root;

	for (int level = 0; level < 2; level++)
		table = next_level(&table[(WINDOW_BASE >> (39 - 9 * level)) & 511]);
	table[(WINDOW_BASE >> 21) & 511] = (uint64_t)window_table | PTE_VALID | PTE_TABLE;
}

void mmu_build(void)
{
	map_kernel((uint64_t)image_start, (uint64_t)text_end, KERNEL_RX);
	map_kernel((uint64_t)text_end, (uint64_t)rodata_end, KERNEL_RO);
	map_kernel((uint64_t)rodata_end, (uint64_t)stacks_start, KERNEL_RW);
	map_stacks();
	map_kernel((uint64_t)stacks_end, BOARD_SECURE_END, KERNEL_RW);
	map_kernel(BOARD_GICD, BOARD_GICD + BOARD_GICD_SIZE, KERNEL_DEVICE);
	map_kernel(BOARD_GICR, BOARD_GICR + BOARD_GICR_SIZE, KERNEL_DEVICE);
	map_kernel(BOARD_SECURE_UART, BOARD_SECURE_UART + PAGE_SIZE, KERNEL_DEVICE);
#define DEVICE(name, page, intid, mask) map_kernel(page, page + PAGE_SIZE, KERNEL_DEVICE);
	BOARD_DEVICES(DEVICE)
#undef DEVICE
	link_window();
	map(identity_root, 1, (uint64_t)vector_page, (uint64_t)vector_page, (uint64_t)vector_page + PAGE_SIZE, KERNEL_RX);
}

paddr_t mmu_identity(void)
{
	return kernel_physical(identity_root);
}

static void window_flush(unsigned int core)
{
	dsb_ish();
	__asm__ volatile("tlbi vaale1, %0" : : "r"((WINDOW_BASE >> 12) + core) : "memory");
	__asm__ volatile("dsb nsh" ::: "memory");
	isb();
}

void *mmu_window_open(unsigned int core, paddr_t page)
{
	assert(core < CORES_MAX && page_aligned(page));
	assert(window_table[core] == 0);
	window_table[core] = page | KERNEL_RW | PTE_NS | PTE_VALID | PTE_TABLE;
	dsb_ishst();
	isb();
	return (void *)(WINDOW_BASE + core * PAGE_SIZE);
}

void mmu_window_close(unsigned int core)
{
	assert(window_table[core] != 0);
	window_table[core] = 0;
	window_flush(core);
}
