/* SPDX-License-Identifier: MIT */
/*
 * The ways into the runtime. The kernel enters all but the last with SP = this thread's block = top of the runtime
 * stack, which is also what TPIDRRO_EL0 holds.
 */
#include "abi/svc.h"

	.text

	/* Thread 0: x0 = index, x1 = shared region, x2 = its size. */
	.global rm_entry_start
rm_entry_start:
	mov	x29, #0
	mov	x30, #0
	bl	rm_start
	brk	#1

	/* A further thread, before its program part: the same arguments. */
	.global rm_entry_thread
rm_entry_thread:
	mov	x29, #0
	mov	x30, #0
	bl	rm_start_thread
	brk	#1

	/* A reflected system call: x0-x5 and x8 as the program had them. */
	.global rm_entry_reflect
rm_entry_reflect:
	mov	x29, #0
	mov	x30, #0
	mov	x6, x8
	bl	rm_reflect
	brk	#1

	/* An upcall: a signal may wait. */
	.global rm_entry_signal
rm_entry_signal:
	mov	x29, #0
	mov	x30, #0
	bl	rm_signal
	brk	#1

	/* An upcall: the program made a fault. x0-x3 as abi/svc.h says. */
	.global rm_entry_fault
rm_entry_fault:
	mov	x29, #0
	mov	x30, #0
	bl	rm_fault
	brk	#1

	/*
	 * A direct call: long call(a0, a1, a2, a3, a4, a5, number) on the program's stack, with RM_CALL_* in x1. The runtime uses no
	 * floating-point registers and keeps x19-x28 as any C function does, so only SP has to change, and change back. On our stack:
	 * x29, x30, then struct rm_args (posix/posix.h).
	 */
	.global rm_entry_call
	.type rm_entry_call, %function
rm_entry_call:
	mrs	x9, tpidrro_el0
	mov	x10, sp
	sub	sp, x9, #96
	stp	x29, x30, [sp]
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x10, [sp, #64]
	mov	x11, #1
	str	x11, [sp, #80]
	mov	x29, sp
	add	x0, sp, #16
	bl	rm_direct
	cmp	x1, #RM_CALL_RESTART
	b.eq	1f
2:	ldr	x10, [sp, #72]
	ldp	x29, x30, [sp]
	mov	sp, x10
	ret
1:	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldr	x8, [sp, #64]
	b	2b

	.section .note.GNU-stack, "", %progbits
