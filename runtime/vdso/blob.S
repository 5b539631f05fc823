/* SPDX-License-Identifier: MIT */
	.section .rodata
	.balign 16
	.global rm_vdso_blob, rm_vdso_blob_end
rm_vdso_blob:
	.incbin VDSO_IMAGE
rm_vdso_blob_end:

	.section .note.GNU-stack, "", %progbits
