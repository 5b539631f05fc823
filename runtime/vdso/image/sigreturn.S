/* SPDX-License-Identifier: MIT */
/* Where a signal handler returns to if the program gave no restorer. Unwinders know it by these two instructions. */
	.text
	nop
	.global __kernel_rt_sigreturn
	.type __kernel_rt_sigreturn, %function
__kernel_rt_sigreturn:
	mov	x8, #139
	svc	#0
	.size __kernel_rt_sigreturn, . - __kernel_rt_sigreturn

	.section .note.GNU-stack, "", %progbits
