/* SPDX-License-Identifier: MIT */
/* For assembly on both sides: v0-v31, stored to (stp) or loaded from (ldp) 512 bytes at a register, in their order. */
#ifndef RINGMASTER_ABI_FP_H
#define RINGMASTER_ABI_FP_H

	.arch_extension fp
	.arch_extension simd

	.macro fp_vectors operation, at
	\operation	q0, q1, [\at, #(0 * 32)]
	\operation	q2, q3, [\at, #(1 * 32)]
	\operation	q4, q5, [\at, #(2 * 32)]
	\operation	q6, q7, [\at, #(3 * 32)]
	\operation	q8, q9, [\at, #(4 * 32)]
	\operation	q10, q11, [\at, #(5 * 32)]
	\operation	q12, q13, [\at, #(6 * 32)]
	\operation	q14, q15, [\at, #(7 * 32)]
	\operation	q16, q17, [\at, #(8 * 32)]
	\operation	q18, q19, [\at, #(9 * 32)]
	\operation	q20, q21, [\at, #(10 * 32)]
	\operation	q22, q23, [\at, #(11 * 32)]
	\operation	q24, q25, [\at, #(12 * 32)]
	\operation	q26, q27, [\at, #(13 * 32)]
	\operation	q28, q29, [\at, #(14 * 32)]
	\operation	q30, q31, [\at, #(15 * 32)]
	.endm

#endif
