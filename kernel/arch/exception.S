/* SPDX-License-Identifier: MIT */
/* Exception vectors (Arm ARM D1.4.1), the save of an enclave thread's registers, and the ways out of the kernel. */
#include "arch/context.h"
#include "arch/cpu.h"
#include "fp.h"

	/* From EL0: x0-x30, SP_EL0, ELR, SPSR into cpu->current, then handler(thread); the context is the thread's start. */
	.macro from_user, handler
	.balign	128
	stp	x0, x1, [sp, #-16]!
	mrs	x0, tpidr_el1
	ldr	x0, [x0, #CPU_CURRENT]
	stp	x2, x3, [x0, #(2 * 8)]
	b	\handler\()_save
	.endm

	.macro save_and_call, handler
\handler\()_save:
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	stp	x4, x5, [x0, #(4 * 8)]
	stp	x6, x7, [x0, #(6 * 8)]
	stp	x8, x9, [x0, #(8 * 8)]
	stp	x10, x11, [x0, #(10 * 8)]
	stp	x12, x13, [x0, #(12 * 8)]
	stp	x14, x15, [x0, #(14 * 8)]
	stp	x16, x17, [x0, #(16 * 8)]
	stp	x18, x19, [x0, #(18 * 8)]
	stp	x20, x21, [x0, #(20 * 8)]
	stp	x22, x23, [x0, #(22 * 8)]
	stp	x24, x25, [x0, #(24 * 8)]
	stp	x26, x27, [x0, #(26 * 8)]
	stp	x28, x29, [x0, #(28 * 8)]
	mrs	x1, sp_el0
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	stp	x30, x1, [x0, #(30 * 8)]
	stp	x2, x3, [x0, #CONTEXT_PC]
	mov	x29, xzr
	mov	x30, xzr
	bl	\handler
	b	.
	.endm

	/* From the kernel itself: a bug. */
	.macro bug, kind
	.balign	128
	mov	x0, #\kind
	b	exception_in_kernel
	.endm

	.text
	.balign	2048
	.globl exception_vectors
exception_vectors:
	bug 0
	bug 1
	bug 2
	bug 3
	bug 4
	bug 5
	bug 6
	bug 7
	from_user user_synchronous
	from_user user_irq
	from_user user_fiq
	from_user user_serror
	bug 12
	bug 13
	bug 14
	bug 15

	save_and_call user_synchronous
	save_and_call user_irq
	save_and_call user_fiq
	save_and_call user_serror

exception_in_kernel:			/* the stack may be the reason: use the emergency one */
	adrp	x1, emergency_stack_top
	add	x1, x1, :lo12:emergency_stack_top
	mov	x2, sp
	mov	sp, x1
	mov	x1, x30
	bl	kernel_exception
	b	.

	.globl context_resume
context_resume:				/* x0 = context, x1 = stack top for the next entry */
	mov	sp, x1
	ldp	x30, x1, [x0, #(30 * 8)]
	ldp	x2, x3, [x0, #CONTEXT_PC]
	msr	sp_el0, x1
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldp	x28, x29, [x0, #(28 * 8)]
	ldp	x26, x27, [x0, #(26 * 8)]
	ldp	x24, x25, [x0, #(24 * 8)]
	ldp	x22, x23, [x0, #(22 * 8)]
	ldp	x20, x21, [x0, #(20 * 8)]
	ldp	x18, x19, [x0, #(18 * 8)]
	ldp	x16, x17, [x0, #(16 * 8)]
	ldp	x14, x15, [x0, #(14 * 8)]
	ldp	x12, x13, [x0, #(12 * 8)]
	ldp	x10, x11, [x0, #(10 * 8)]
	ldp	x8, x9, [x0, #(8 * 8)]
	ldp	x6, x7, [x0, #(6 * 8)]
	ldp	x4, x5, [x0, #(4 * 8)]
	ldp	x2, x3, [x0, #(2 * 8)]
	ldp	x0, x1, [x0]
	eret

	.globl monitor_call
monitor_call:
	smc	#0
	b	.

	.globl fp_save
fp_save:
	fp_vectors stp, x0
	mrs	x1, fpcr
	mrs	x2, fpsr
	add	x0, x0, #512
	stp	x1, x2, [x0]
	ret

	.globl fp_load
fp_load:
	fp_vectors ldp, x0
	add	x0, x0, #512
	ldp	x1, x2, [x0]
	msr	fpcr, x1
	msr	fpsr, x2
	ret

	.section .bss
	.balign	16
	.skip	4096
emergency_stack_top:
