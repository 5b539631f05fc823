// SPDX-License-Identifier: MIT
//
// The one place where our libc leaves a program. Built twice, and the only difference between an enclave build and a
// native build of a program:
//   native   (RINGMASTER_NATIVE) always `svc #0`
//   enclave  a call of the runtime's direct entry once attach.c found one; `svc #0` until then, and for good where there
//            is none: so an enclave program also runs on Linux.
// Neither calls anything else, so they may run before the libc is set up.

.macro leave
#ifndef RINGMASTER_NATIVE
	adrp	x16, __ringmaster_entry
	ldr	x16, [x16, :lo12:__ringmaster_entry]
	cbz	x16, 1f
	br	x16			// C function: a0..a5, number; returns to our caller
1:
#endif
.endm

.text

// long __ringmaster_syscall(a0..a5, number)
.global __ringmaster_syscall
.hidden __ringmaster_syscall
.type __ringmaster_syscall, %function
__ringmaster_syscall:
	leave
	mov	x8, x6
	svc	#0
	ret
.size __ringmaster_syscall, . - __ringmaster_syscall

// long __syscall_cp_asm(volatile int *cancel, number, a0..a5): the same as a cancellation point. musl's cancel_handler knows
// by the program counter that nothing happened yet, between __cp_begin and __cp_end, and goes on at __cp_cancel.
.global __syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
.hidden __syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel, __cancel
.type __syscall_cp_asm, %function
__syscall_cp_asm:
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
	mov	x6, x8
	leave
	svc	#0
__cp_end:
	ret
__cp_cancel:
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
