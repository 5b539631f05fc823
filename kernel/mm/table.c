/* SPDX-License-Identifier: MIT */
/* Descriptor format: Arm ARM D8.3.1-D8.3.2. */
#include "mm/table.h"
#include "arch/layout.h"
#include "lib/panic.h"
#include "mm/frame.h"
#include "mm/region.h"

#define NEXT_MAX	128u	/* entries looked at by table_next() */
#define VALID_TABLE	3ul	/* also: page at the last level */
#define DEVICE		(1ul << 2)	/* attribute 1 (arch/mmu.h) instead of 0 */
#define EL0		(1ul << 6)
#define READ_ONLY	(1ul << 7)
#define NON_SECURE	(1ul << 5)
#define INNER_SHAREABLE	(3ul << 8)
#define ACCESSED	(1ul << 10)
#define NOT_GLOBAL	(1ul << 11)
#define PXN		(1ul << 53)
#define UXN		(1ul << 54)
#define COMMON		(VALID_TABLE | INNER_SHAREABLE | ACCESSED | NOT_GLOBAL | PXN)

pte_t pte_make(paddr_t frame, uint32_t protection)
{
	pte_t e = frame | COMMON;

	assert(page_aligned(frame));
	assert((protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC));
	if (protection != PROT_NONE)
		e |= EL0;
	if (!(protection & PROT_WRITE))
		e |= READ_ONLY;
	if (!(protection & PROT_EXEC))
		e |= UXN;
	return e;
}

pte_t pte_make_image(paddr_t frame, uint32_t protection)
{
	assert(!(protection & PROT_WRITE));
	return pte_make(frame, protection) | PTE_BORROWED;
}

pte_t pte_make_normal(paddr_t page)
{
	return pte_make(page, PROT_READ | PROT_WRITE) | NON_SECURE | PTE_BORROWED;
}

pte_t pte_make_window(paddr_t page)
{
	return pte_make(page, PROT_READ) | NON_SECURE | PTE_BORROWED;
}

pte_t pte_make_device(paddr_t page)
{
	return pte_make(page, PROT_READ | PROT_WRITE) | DEVICE | PTE_BORROWED;
}

bool pte_is_device(pte_t e)
{
	return (e & DEVICE) != 0;
}

bool pte_allows(pte_t e, uint32_t access)
{
	if (!(e & EL0))
		return false;
	if ((access & PROT_WRITE) && (e & READ_ONLY))
		return false;
	return !((access & PROT_EXEC) && (e & UXN));
}

static pte_t *slot(paddr_t table, vaddr_t va, int level)
{
	pte_t *entries = kernel_pointer(table);

	return &entries[(va >> (39 - 9 * level)) & (TABLE_ENTRIES - 1)];
}

pte_t *table_entry(paddr_t root, vaddr_t va, unsigned int owner, bool create)
{
	paddr_t table = root;

	assert(va < USER_END);
	for (int level = 1; level < 3; level++) {
		pte_t *e = slot(table, va, level);

		if (!*e) {
			paddr_t frame = create ? frame_alloc(owner) : FRAME_NONE;

			if (frame == FRAME_NONE)
				return NULL;
			*e = frame | VALID_TABLE;
		}
		table = pte_address(*e);
	}
	return slot(table, va, 3);
}

/* Behind the empty ones of entries [i, stop). By eights, since most are empty. */
static unsigned int first_used(const pte_t *e, unsigned int i, unsigned int stop)
{
	while (i < stop && !e[i] && (i & 7))
		i++;
	while (i + 8 <= stop && !(e[i] | e[i + 1] | e[i + 2] | e[i + 3] | e[i + 4] | e[i + 5] | e[i + 6] | e[i + 7]))
		i += 8;
	while (i < stop && !e[i])
		i++;
	return i;
}

/* Behind the empty entries of a table from that of va on, each for 1 << shift bytes; *left entries at most. */
static vaddr_t skip_empty(paddr_t table, vaddr_t va, unsigned int shift, unsigned int *left)
{
	const unsigned int first = (va >> shift) & (TABLE_ENTRIES - 1);
	const unsigned int passed = first_used(kernel_pointer(table), first, (unsigned int)min_u64(first + *left, TABLE_ENTRIES)) - first;

	*left -= passed;
	return ((va >> shift) + passed) << shift;
}

vaddr_t table_next(paddr_t root, vaddr_t va, vaddr_t end)
{
	unsigned int left = NEXT_MAX;

	while (va < end && left) {
		pte_t l1 = *slot(root, va, 1);

		if (!l1)
			va = skip_empty(root, va, 30, &left);
		else if (!*slot(pte_address(l1), va, 2))
			va = skip_empty(pte_address(l1), va, 21, &left);
		else
			return va;
	}
	return va < end ? va : end;
}

paddr_t table_prune(paddr_t root, vaddr_t va)
{
	pte_t l1 = *slot(root, va, 1);
	pte_t *l2 = l1 ? slot(pte_address(l1), va, 2) : NULL;

	if (!l2 || !*l2)
		return FRAME_NONE;
	paddr_t table = pte_address(*l2);

	if (first_used(kernel_pointer(table), 0, TABLE_ENTRIES) < TABLE_ENTRIES)
		return FRAME_NONE;
	*l2 = 0;
	return table;
}
