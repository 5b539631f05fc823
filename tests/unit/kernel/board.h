/* SPDX-License-Identifier: MIT */
/* The board of native tests: one device, at the end of the machine's memory. */
#ifndef BOARD_H
#define BOARD_H

#include "machine.h"

#define BOARD_NAME		"none"
#define BOARD_SECURE_BASE	MACHINE_BASE
#define BOARD_SECURE_END	(MACHINE_BASE + MACHINE_PAGES * 4096ul)
#define BOARD_DTB		0x40000000
#define BOARD_DOORBELL		232
#define BOARD_DEVICES(_)	_(RM_DEVICE_UART0, MACHINE_DEVICE, MACHINE_INTID, 0x038)

#endif
