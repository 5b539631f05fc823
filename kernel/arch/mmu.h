/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own translation tables, and the registers that switch tables. Formats: Arm ARM D8.3 (VMSAv8-64, 4 KiB).
 */
#ifndef KERNEL_ARCH_MMU_H
#define KERNEL_ARCH_MMU_H

/* MAIR_EL1: attribute 0 normal write-back, attribute 1 device nGnRE. */
#define MAIR_VALUE	0x04ff
/* T0SZ 25 (39 bits), T1SZ 16 (48 bits), 4 KiB granules, inner shareable write-back walks, 44-bit physical, 8-bit ASIDs. */
#define TCR_VALUE	((25 << 0) | (1 << 8) | (1 << 10) | (3 << 12) | (0 << 14) | \
			 (16 << 16) | (1 << 24) | (1 << 26) | (3 << 28) | (2 << 30) | (4 << 32))
/* RES1 bits, M C SA SA0 I, nTWI nTWE, UCT UCI DZE: EL0 may do cache maintenance by address; WXN: writable is never executable. */
#define SCTLR_VALUE	(0x30d00800 | (1 << 0) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 12) | (1 << 14) | \
			 (1 << 15) | (1 << 16) | (1 << 18) | (1 << 19) | (1 << 26))

#ifndef __ASSEMBLER__
#include "arch/layout.h"
#include "arch/sysreg.h"

/* Boot core, MMU off, running at physical addresses: builds the kernel's tables and the identity map of the vectors. */
void mmu_build(void);

/* Maps one Normal-world page (non-secure, normal memory, read-write) at this core's window. Lock held. */
void *mmu_window_open(unsigned int core, paddr_t page);
void mmu_window_close(unsigned int core);

/* TTBR0: the enclave's table with its ASID, or the identity map before going to the Normal world. */
static inline void mmu_switch(paddr_t root, unsigned int asid)
{
	write_sysreg(ttbr0_el1, root | ((uint64_t)asid << 48));
	isb();
}

paddr_t mmu_identity(void);
#endif
#endif
