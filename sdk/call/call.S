// SPDX-License-Identifier: MIT
//
// The one place where our libc leaves a program. Built twice, and the only difference between an enclave build and a
// native build of a program:
//   native   (RINGMASTER_NATIVE) always `svc #0`
//   enclave  a call of the runtime's direct entry once attach.c found one; `svc #0` until then, and for good where there
//            is none: so an enclave program also runs on Linux.
// Neither calls anything else, so they may run before the libc is set up.
//
// No handler of a signal can run while a direct call is in the runtime. Its second result (x1, RM_CALL_* of abi/svc.h) says what
// is left to do by svc, where one can: let handlers run, the result stays; or make the same call again.
#include "svc.h"

.text

#ifndef RINGMASTER_NATIVE
// What follows a direct call with something left to do; x30 and sp are our caller's again.
.type leftover, %function
leftover:
	cmp	x1, #RM_CALL_RESTART
	b.eq	1f
	mov	x8, #RM_SVC_DELIVER
	svc	#0
	ret
1:	mov	x0, x2
	mov	x1, x3
	mov	x2, x4
	mov	x3, x5
	mov	x4, x6
	mov	x5, x7
	svc	#0
	ret
.size leftover, . - leftover
#endif

// long __ringmaster_syscall(a0..a5, number)
.global __ringmaster_syscall
.hidden __ringmaster_syscall
.type __ringmaster_syscall, %function
__ringmaster_syscall:
#ifndef RINGMASTER_NATIVE
	adrp	x16, __ringmaster_entry
	ldr	x16, [x16, :lo12:__ringmaster_entry]
	cbz	x16, 1f
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
	blr	x16			// C function: a0..a5, number
	ldp	x29, x30, [sp], #16
	cbnz	x1, leftover
	ret
1:
#endif
	mov	x8, x6
	svc	#0
	ret
.size __ringmaster_syscall, . - __ringmaster_syscall

// long __syscall_cp_asm(volatile int *cancel, number, a0..a5): the same as a cancellation point. musl's cancel_handler knows
// by the program counter that nothing happened yet, between __cp_begin and __cp_end, and goes on at __cp_cancel. So what lies between
// the look at the flag and the call, of either kind, stands between these labels, what follows a call does not, and the stack is the
// same all along.
.global __syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
.hidden __syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel, __cancel
.type __syscall_cp_asm, %function
__syscall_cp_asm:
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	str	x0, [sp, #16]
__cp_begin:
	ldr	w0, [x0]
	cbnz	w0, __cp_cancel
	mov	x8, x1
	mov	x0, x2
	mov	x1, x3
	mov	x2, x4
	mov	x3, x5
	mov	x4, x6
	mov	x5, x7
#ifndef RINGMASTER_NATIVE
	adrp	x16, __ringmaster_entry
	ldr	x16, [x16, :lo12:__ringmaster_entry]
	cbz	x16, 2f
	mov	x6, x8
	adr	x30, 3f			// not behind this instruction: __cp_end has to come first
	br	x16
1:	ldr	x16, [sp, #16]		// the same call again, by svc: was it cancelled meanwhile?
	ldr	w16, [x16]
	cbnz	w16, __cp_cancel
	mov	x0, x2
	mov	x1, x3
	mov	x2, x4
	mov	x3, x5
	mov	x4, x6
	mov	x5, x7
2:
#endif
	svc	#0
__cp_end:
	ldp	x29, x30, [sp], #32
	ret
#ifndef RINGMASTER_NATIVE
3:	cmp	x1, #RM_CALL_RESTART
	b.eq	1b
	ldp	x29, x30, [sp], #32
	cbnz	x1, leftover
	ret
#endif
__cp_cancel:
	ldp	x29, x30, [sp], #32
	b	__cancel
.size __syscall_cp_asm, . - __syscall_cp_asm

#ifndef RINGMASTER_NATIVE
.bss
.balign 8
.global __ringmaster_entry
.hidden __ringmaster_entry
.type __ringmaster_entry, %object
__ringmaster_entry:
	.zero	8
.size __ringmaster_entry, 8
#endif

.section .note.GNU-stack, "", %progbits
