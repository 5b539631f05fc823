/* SPDX-License-Identifier: MIT */
/*
 * The program's floating-point registers. No C code of the runtime uses them, so they stand as the program left them whenever it is
 * in a reflected call or an upcall. struct rm_fp (posix/signal.h): fpsr, fpcr, v0-v31.
 */
#include "abi/fp.h"

	.text

	/* void rm_fp_save(struct rm_fp *fp) */
	.global rm_fp_save
	.type rm_fp_save, %function
rm_fp_save:
	mrs	x1, fpsr
	mrs	x2, fpcr
	stp	w1, w2, [x0], #8
	fp_vectors stp, x0
	ret

	/* void rm_fp_load(const struct rm_fp *fp) */
	.global rm_fp_load
	.type rm_fp_load, %function
rm_fp_load:
	ldp	w1, w2, [x0], #8
	msr	fpsr, x1
	msr	fpcr, x2
	fp_vectors ldp, x0
	ret

	.section .note.GNU-stack, "", %progbits
