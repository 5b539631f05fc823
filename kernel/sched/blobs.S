/* SPDX-License-Identifier: MIT */
/* Code that is not the kernel's but comes with it: the heartbeat thread, and the runtime of all enclaves. */
#include "svc.h"
#include "sched/heartbeat.h"

	.section .blobs, "a"
	.balign	4096
	.globl heartbeat_blob
heartbeat_blob:				/* S-EL0, position-independent */
	mov	x19, #0			/* periods */
1:	mov	x20, #HEARTBEAT_REPORT
2:	mov	x8, #RM_SVC_RESIDENT_WAIT
	svc	#0
	add	x19, x19, #1
	subs	x20, x20, #1
	b.ne	2b
	mov	x0, x19
	mov	x8, #RM_SVC_REPORT
	svc	#0
	b	1b

	.balign	4096
	.globl runtime_blob, runtime_blob_end
runtime_blob:
	.incbin	RUNTIME_BIN
runtime_blob_end:
	.balign	4096

	.globl boot_images
boot_images:				/* boot.c */
	.incbin	BOOT_IMAGES
	.balign	4096
	.skip	4096
