/* SPDX-License-Identifier: MIT */
/* The board of tests/fuzz/kernel_calls.c: secure memory is the buffer of tests/unit/kernel/machine.c, Normal memory another one. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_NAME		"none"
#define BOARD_SECURE_BASE	0x20000000
#define BOARD_SECURE_END	0x20800000
#define BOARD_DTB		0x40000000
#define BOARD_CORES_PER_CLUSTER	16
#define BOARD_DOORBELL		232

#endif
