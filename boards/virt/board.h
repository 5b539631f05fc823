/* SPDX-License-Identifier: MIT */
/* QEMU virt,secure=on,gic-version=3, for the secure kernel. Addresses from hw/arm/virt.c and TF-A's plat/qemu/qemu. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_NAME		"virt"

/* Secure RAM that TF-A leaves to BL32: image first, enclaves' frames behind it. */
#define BOARD_SECURE_BASE	0x0e100000
#define BOARD_SECURE_END	0x0f000000

/* The device tree that describes the Normal world's RAM, as the firmware leaves it. */
#define BOARD_DTB		0x40000000

#define BOARD_GICD		0x08000000
#define BOARD_GICD_SIZE		0x10000
#define BOARD_GICR		0x080a0000
#define BOARD_GICR_SIZE		0x200000	/* 16 cores */
#define BOARD_SECURE_UART	0x09040000

#define BOARD_CORES_PER_CLUSTER	16
#define BOARD_DOORBELL		232		/* INTID of a SPI without a device */

/* Devices that enclaves may have: name, page, INTID, offset of the register whose bits let it interrupt. */
#define BOARD_DEVICES(_)	_(RM_DEVICE_GPIO0, 0x090b0000, 32, 0x410)	/* PL061, GPIOIE; the firmware turns the board off with its lines 0 and 1 */

#endif
