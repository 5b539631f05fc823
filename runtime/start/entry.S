/* SPDX-License-Identifier: MIT */
/*
 * The four ways into the runtime. The kernel enters the first three with SP = this thread's block = top of the runtime
 * stack, which is also what TPIDRRO_EL0 holds.
 */
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

	/*
	 * A direct call: long call(a0, a1, a2, a3, a4, a5, number) on the program's stack. The runtime uses no floating-point
	 * registers and keeps x19-x28 as any C function does, so only SP has to change, and change back.
	 */
	.global rm_entry_call
	.type rm_entry_call, %function
rm_entry_call:
	mrs	x9, tpidrro_el0
	mov	x10, sp
	mov	sp, x9
	stp	x29, x30, [sp, #-32]!
	str	x10, [sp, #16]
	mov	x29, sp
	bl	rm_direct
	ldr	x10, [sp, #16]
	ldp	x29, x30, [sp], #32
	mov	sp, x10
	ret

	.section .note.GNU-stack, "", %progbits
