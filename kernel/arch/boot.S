/* SPDX-License-Identifier: MIT */
/*
 * From TF-A to C. Both entries start at EL1 Secure, physical addresses, MMU and caches off, interrupts masked.
 * The page `vector_page` is mapped one to one while the core is in the Normal world: TF-A enters it there.
 */
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/layout.h"
#include "arch/mmu.h"
#include "board.h"

#if BOARD_CORES_PER_CLUSTER == 8
#define BOARD_CLUSTER_SHIFT 3
#elif BOARD_CORES_PER_CLUSTER == 16
#define BOARD_CLUSTER_SHIFT 4
#elif BOARD_CORES_PER_CLUSTER == 4
#define BOARD_CLUSTER_SHIFT 2
#endif

	.macro load_stack, scratch1, scratch2, too_many	/* sp = this core's stack; scratch1 = core index */
	mrs	\scratch1, mpidr_el1
	ubfx	\scratch2, \scratch1, #8, #8
	and	\scratch1, \scratch1, #0xff
	add	\scratch1, \scratch1, \scratch2, lsl #(BOARD_CLUSTER_SHIFT)
	cmp	\scratch1, #CORES_MAX
	b.hs	\too_many
	adrp	\scratch2, stacks_start
	add	\scratch2, \scratch2, :lo12:stacks_start
	add	\scratch2, \scratch2, #4096
	add	\scratch2, \scratch2, #STACK_SIZE
	mov	sp, \scratch2
	mov	\scratch2, #(STACK_SIZE + 4096)
	mul	\scratch2, \scratch2, \scratch1
	add	sp, sp, \scratch2
	.endm

	.section .text.boot, "ax"
	.globl _start
_start:
	load_stack x19, x20, park
	adrp	x0, bss_start
	adrp	x1, stacks_start		/* not the stacks: we are on one */
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	bl	mmu_build
	ldr	x21, =boot_high
	b	mmu_on

boot_high:				/* upper half, MMU on, x19 = core index */
	mov	x0, x19
	bl	kernel_boot
	mov	x0, #(OPTEED_ENTRY_DONE & 0xffff)
	movk	x0, #(OPTEED_ENTRY_DONE >> 16), lsl #16
	adrp	x1, vector_page		/* its physical address: linked KERNEL_OFFSET above */
	mov	x2, #(KERNEL_OFFSET >> 48)
	sub	x1, x1, x2, lsl #48
	smc	#0
	b	park

core_on_high:
	mov	x0, x19
	bl	kernel_core_on
	mov	x0, #(OPTEED_ON_DONE & 0xffff)
	movk	x0, #(OPTEED_ON_DONE >> 16), lsl #16
	mov	x1, #0
	smc	#0
	b	park

	.section .text.vector, "ax"
	.balign	4096
	.globl vector_page
vector_page:				/* struct optee_vectors of TF-A, in this order */
	b	entry_smc		/* yielding */
	b	entry_smc		/* fast */
	b	entry_core_on
	b	entry_core_off
	b	entry_core_resume
	b	entry_core_suspend
	b	entry_interrupt
	b	entry_system_off
	b	entry_system_reset

	/* Entries with the MMU on, at the identity mapping: take this core's stack and go to the upper half. */
	.macro to_high, target
	mrs	x16, tpidr_el1
	ldr	x17, [x16, #CPU_STACK]
	mov	sp, x17
	ldr	x16, =\target
	br	x16
	.endm

entry_smc:		to_high enter_smc
entry_core_off:		to_high enter_core_off
entry_core_resume:	to_high enter_core_resume
entry_core_suspend:	to_high enter_core_suspend
entry_interrupt:	to_high enter_interrupt
entry_system_off:	to_high enter_system_off
entry_system_reset:	to_high enter_system_reset

entry_core_on:
	load_stack x19, x20, park
	ldr	x21, =core_on_high
	/* falls through */

	/* Turns the MMU on and goes to x21 in the upper half, with the stack there too. */
mmu_on:
	ldr	x0, =MAIR_VALUE
	msr	mair_el1, x0
	ldr	x0, =TCR_VALUE
	msr	tcr_el1, x0
	adrp	x0, identity_root
	msr	ttbr0_el1, x0
	adrp	x0, kernel_root
	msr	ttbr1_el1, x0
	isb
	tlbi	vmalle1
	dsb	nsh
	ic	iallu
	dsb	nsh
	isb
	ldr	x0, =SCTLR_VALUE
	msr	sctlr_el1, x0
	isb
	ldr	x1, =KERNEL_OFFSET
	mov	x0, sp
	add	x0, x0, x1
	mov	sp, x0
	ldr	x0, =exception_vectors
	msr	vbar_el1, x0
	isb
	br	x21

park:	wfe
	b	park
	.ltorg

	.text
enter_smc:				/* x0-x7: the call, as the Normal world made it */
	stp	x6, x7, [sp, #-16]!
	stp	x4, x5, [sp, #-16]!
	stp	x2, x3, [sp, #-16]!
	stp	x0, x1, [sp, #-16]!
	mov	x0, sp
	bl	normal_smc
	b	park
enter_interrupt:
	bl	normal_interrupt
	b	park
enter_core_off:
	bl	power_core_off
	b	park
enter_core_suspend:
	bl	power_core_suspend
	b	park
enter_core_resume:
	bl	power_core_resume
	b	park
enter_system_off:
	bl	power_system_off
	b	park
enter_system_reset:
	bl	power_system_reset
	b	park
