/* SPDX-License-Identifier: MIT */
/*
 * Zeroing a page: stores of two vector registers, the fewest instructions (DC ZVA takes more for its blocks of 64 bytes).
 * DC ZVA would moreover leave translations of code that the page held behind in QEMU (7.2's probe_write() tells its
 * translator of one byte), and make each later store to the page take its slow way. v0 may be a program's: it comes back.
 */

	.text
	.globl page_zero
page_zero:
	str	q0, [sp, #-16]!
	movi	v0.2d, #0
	add	x1, x0, #4096
1:
	.set	at, 0
	.rept	16
	stp	q0, q0, [x0, #at]
	.set	at, at + 32
	.endr
	add	x0, x0, #512
	cmp	x0, x1
	b.ne	1b
	ldr	q0, [sp], #16
	ret
