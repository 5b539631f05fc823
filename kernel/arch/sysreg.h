/* SPDX-License-Identifier: MIT */
/* System registers (Arm ARM DDI 0487 chapter D19) and barriers. */
#ifndef KERNEL_ARCH_SYSREG_H
#define KERNEL_ARCH_SYSREG_H

#include <stdint.h>

#ifdef UNIT_TEST		/* native tests: registers are the test's */
uint64_t machine_sysreg(const char *name);
#define read_sysreg(name) machine_sysreg(#name)
#define write_sysreg(name, value) ((void)(value))
#else
#define read_sysreg(name) ({ uint64_t v_; __asm__ volatile("mrs %0, " #name : "=r"(v_)); v_; })
#define write_sysreg(name, value) __asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)))
#endif

/* Names that the assembler does not know. */
#define ICC_IAR1	S3_0_C12_C12_0
#define ICC_EOIR1	S3_0_C12_C12_1
#define ICC_PMR		S3_0_C4_C6_0
#define ICC_SGI1R	S3_0_C12_C11_5
#define ICC_IGRPEN1	S3_0_C12_C12_7
#define ICC_SRE		S3_0_C12_C12_5

#define read_icc(name)		read_sysreg_expanded(name)
#define write_icc(name, value)	write_sysreg_expanded(name, value)
#define read_sysreg_expanded(name)		read_sysreg(name)
#define write_sysreg_expanded(name, value)	write_sysreg(name, value)

#ifdef UNIT_TEST
static inline void isb(void) { }
#else
static inline void isb(void) { __asm__ volatile("isb" ::: "memory"); }
#endif

/* Interrupt status (ISR_EL1): something physical is pending for this core, whichever world it belongs to. */
#define ISR_PENDING	((1u << 6) | (1u << 7))

/* CNTKCTL_EL1: EL0 reads the physical counter, nothing else of the generic timer. */
#define CNTKCTL_EL0PCTEN	1u

#define SPSR_EL0	0x0u	/* AArch64 EL0, nothing masked */
#define SPSR_FLAGS	0xf0000000u	/* N, Z, C, V */
#define SPSR_F		0x40u	/* FIQ masked: the Normal world's interrupts wait */

#endif
