/* SPDX-License-Identifier: MIT */
/* What programs may use of the core, in the words of Linux's AT_HWCAP. All cores of a board are alike. */
#ifndef RINGMASTER_KERNEL_ARCH_FEATURES_H
#define RINGMASTER_KERNEL_ARCH_FEATURES_H

#include <stdint.h>

#include "arch/sysreg.h"

static inline uint64_t features_at_least(uint64_t id, unsigned shift, unsigned least, uint64_t bits)
{
	return ((id >> shift) & 0xf) >= least ? bits : 0;
}

/* FP and ASIMD are in every core that has an S-EL0 of ours. */
static inline uint64_t features_of_core(void)
{
	const uint64_t isar0 = read_sysreg(id_aa64isar0_el1);

	return 1u << 0 | 1u << 1 | features_at_least(isar0, 4, 1, 1u << 3) | features_at_least(isar0, 4, 2, 1u << 4) |
	       features_at_least(isar0, 8, 1, 1u << 5) | features_at_least(isar0, 12, 1, 1u << 6) |
	       features_at_least(isar0, 16, 1, 1u << 7);
}

#endif
