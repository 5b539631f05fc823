/* SPDX-License-Identifier: MIT */
/* Device registers, by physical address; the device must have been mapped by arch/mmu.c. */
#ifndef KERNEL_ARCH_IO_H
#define KERNEL_ARCH_IO_H

#include "arch/layout.h"

static inline uint32_t io_read32(paddr_t pa) { return *(volatile uint32_t *)kernel_pointer(pa); }
static inline uint64_t io_read64(paddr_t pa) { return *(volatile uint64_t *)kernel_pointer(pa); }
static inline void io_write32(paddr_t pa, uint32_t v) { *(volatile uint32_t *)kernel_pointer(pa) = v; }
static inline void io_write64(paddr_t pa, uint64_t v) { *(volatile uint64_t *)kernel_pointer(pa) = v; }
static inline void io_write8(paddr_t pa, uint8_t v) { *(volatile uint8_t *)kernel_pointer(pa) = v; }

#endif
