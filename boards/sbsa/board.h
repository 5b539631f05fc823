/* SPDX-License-Identifier: MIT */
/* QEMU sbsa-ref, for the secure kernel. Addresses from hw/arm/sbsa-ref.c and TF-A's plat/qemu/qemu_sbsa. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_NAME		"sbsa"

/* Secure RAM that TF-A leaves to BL32: image first, enclaves' frames behind it. */
#define BOARD_SECURE_BASE	0x20002000
#define BOARD_SECURE_END	0x3fcd1000

/* The device tree that describes the Normal world's RAM, as the firmware leaves it. */
#define BOARD_DTB		0x10008000000

#define BOARD_GICD		0x40060000
#define BOARD_GICD_SIZE		0x10000
#define BOARD_GICR		0x40080000
#define BOARD_GICR_SIZE		0x200000	/* 16 cores */
#define BOARD_SECURE_UART	0x60030000

#define BOARD_CORES_PER_CLUSTER	8
#define BOARD_DOORBELL		232		/* INTID of a SPI without a device */

/* Devices that enclaves may have: name, page, INTID, offset of the register whose bits let it interrupt. */
#define BOARD_DEVICES(_)	_(RM_DEVICE_UART0, 0x60040000, 41, 0x038)	/* PL011, UARTIMSC */

#endif
