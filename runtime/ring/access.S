/* SPDX-License-Identifier: MIT */
/*
 * The accessors of ring/access.h. Between rm_access_start and rm_access_end they never move SP and never touch x30, so that the fix-up can
 * return from any of their instructions. A direct call must leave the program's floating-point registers alone: a long copy, which goes
 * faster with them, saves those that it uses.
 */
#define WIDE	1024	/* bytes from which that pays */
#define TRIES	1000	/* of a store that the other side can make fail */

	.section .text.access, "ax"
	.global rm_access_start, rm_access_end, rm_access_fixup
rm_access_start:

	/* long rm_copy(void *to, const void *from, size_t size) */
	.global rm_copy
	.type rm_copy, %function
	.balign 64
rm_copy:
	cmp	x2, #WIDE
	b.hs	copy_wide
	mov	x3, x0
	cmp	x2, #16
	b.lo	5f
	/* Bring the destination to 16 bytes: one unaligned pair, then as many bytes further as that takes. */
	ldp	x4, x5, [x1]
	stp	x4, x5, [x3]
	neg	x6, x3
	ands	x6, x6, #15
	b.eq	1f
	add	x3, x3, x6
	add	x1, x1, x6
	sub	x2, x2, x6
1:
copy_rest:
	subs	x2, x2, #64
	b.lo	3f
2:	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	add	x1, x1, #64
	subs	x2, x2, #64
	stp	x4, x5, [x3]
	stp	x6, x7, [x3, #16]
	stp	x8, x9, [x3, #32]
	stp	x10, x11, [x3, #48]
	add	x3, x3, #64
	b.hs	2b
3:	add	x2, x2, #64
	/* Fewer than 64 bytes are left. */
4:	subs	x2, x2, #16
	b.lo	6f
	ldp	x4, x5, [x1], #16
	stp	x4, x5, [x3], #16
	b	4b
6:	add	x2, x2, #16
5:	cbz	x2, 8f
	tbz	x2, #3, 7f
	ldr	x4, [x1], #8
	str	x4, [x3], #8
7:	tbz	x2, #2, 7f
	ldr	w4, [x1], #4
	str	w4, [x3], #4
7:	tbz	x2, #1, 7f
	ldrh	w4, [x1], #2
	strh	w4, [x3], #2
7:	tbz	x2, #0, 8f
	ldrb	w4, [x1]
	strb	w4, [x3]
8:	mov	x0, #0
	ret

	/* The same for at least 128 bytes, with q0-q7. */
	.balign 64
wide:
	mov	x3, x0
	ldp	x4, x5, [x1]
	stp	x4, x5, [x3]
	neg	x6, x3
	ands	x6, x6, #15
	b.eq	1f
	add	x3, x3, x6
	add	x1, x1, x6
	sub	x2, x2, x6
1:	subs	x2, x2, #128
	b.lo	3f
2:	ldp	q0, q1, [x1]
	ldp	q2, q3, [x1, #32]
	ldp	q4, q5, [x1, #64]
	ldp	q6, q7, [x1, #96]
	add	x1, x1, #128
	subs	x2, x2, #128
	stp	q0, q1, [x3]
	stp	q2, q3, [x3, #32]
	stp	q4, q5, [x3, #64]
	stp	q6, q7, [x3, #96]
	add	x3, x3, #128
	b.hs	2b
3:	add	x2, x2, #128
	b	copy_rest

	/* long rm_load32(const void *from, uint32_t *value) */
	.global rm_load32
	.type rm_load32, %function
rm_load32:
	ldr	w2, [x0]
	str	w2, [x1]
	mov	x0, #0
	ret

	/* long rm_load32_acquire(const void *from, uint32_t *value) */
	.global rm_load32_acquire
	.type rm_load32_acquire, %function
rm_load32_acquire:
	ldar	w2, [x0]
	str	w2, [x1]
	mov	x0, #0
	ret

	/* long rm_store32_release(void *to, uint32_t value) */
	.global rm_store32_release
	.type rm_store32_release, %function
rm_store32_release:
	stlr	w1, [x0]
	mov	x0, #0
	ret

	/* long rm_set_bits(void *to, uint64_t bits): tries, for the host can make a store fail as often as it likes */
	.global rm_set_bits
	.type rm_set_bits, %function
rm_set_bits:
	mov	w4, #TRIES
1:	ldxr	x2, [x0]
	orr	x2, x2, x1
	stlxr	w3, x2, [x0]
	cbz	w3, 2f
	subs	w4, w4, #1
	b.ne	1b
	mov	x0, #-11		/* -EAGAIN */
	ret
2:	mov	x0, #0
	ret

	/* long rm_clear_bits(void *to, uint64_t bits): whether any was set */
	.global rm_clear_bits
	.type rm_clear_bits, %function
rm_clear_bits:
	mov	w4, #TRIES
1:	ldaxr	x2, [x0]
	bic	x5, x2, x1
	stlxr	w3, x5, [x0]
	cbz	w3, 2f
	subs	w4, w4, #1
	b.ne	1b
	mov	x0, #-11		/* -EAGAIN */
	ret
2:	tst	x2, x1
	cset	x0, ne
	ret

	/* long rm_load64_acquire(const void *from, uint64_t *value) */
	.global rm_load64_acquire
	.type rm_load64_acquire, %function
rm_load64_acquire:
	ldar	x2, [x0]
	str	x2, [x1]
	mov	x0, #0
	ret

	/* long rm_add64(void *to, uint64_t value) */
	.global rm_add64
	.type rm_add64, %function
rm_add64:
	ldr	x2, [x0]
	add	x2, x2, x1
	str	x2, [x0]
	mov	x0, #0
	ret

	/* long rm_store64(void *to, uint64_t value) */
	.global rm_store64
	.type rm_store64, %function
rm_store64:
	str	x1, [x0]
	mov	x0, #0
	ret

rm_access_end:

	/* A fault in `wide` returns to here as well. */
	.type copy_wide, %function
copy_wide:
	stp	x29, x30, [sp, #-144]!
	mov	x29, sp
	stp	q0, q1, [sp, #16]
	stp	q2, q3, [sp, #48]
	stp	q4, q5, [sp, #80]
	stp	q6, q7, [sp, #112]
	bl	wide
	ldp	q0, q1, [sp, #16]
	ldp	q2, q3, [sp, #48]
	ldp	q4, q5, [sp, #80]
	ldp	q6, q7, [sp, #112]
	ldp	x29, x30, [sp], #144
	ret

	/* Entered by the kernel with x0 = the address that faulted. The shared pages are 0x7f80000000 .. 0x8000000000
	 * (from RM_SHARE_BASE, windows included, to the end; start/head.c asserts it). */
	.type rm_access_fixup, %function
rm_access_fixup:
	lsr	x1, x0, #30
	cmp	x1, #(0x7f80000000 >> 30)	/* in a region; windows, behind those, may come and go */
	b.ne	1f
	mrs	x2, tpidrro_el0
	ldr	x3, [x2]			/* struct rm_thread: gone */
	add	x3, x3, #1
	str	x3, [x2]
1:	lsr	x0, x0, #31
	cmp	x0, #(0x7f80000000 >> 31)
	mov	x0, #-14		/* -EFAULT */
	mov	x1, #-5			/* -EIO */
	csel	x0, x1, x0, eq
	ret

	/* void rm_barrier(void) */
	.global rm_barrier
	.type rm_barrier, %function
rm_barrier:
	dmb	ish
	ret

	.section .note.GNU-stack, "", %progbits
