/* SPDX-License-Identifier: MIT */
/* The board of native tests: one device, at the end of the machine's memory. */
#ifndef BOARD_H
#define BOARD_H

#include "machine.h"

#define BOARD_DEVICES(_)	_(RM_DEVICE_UART0, MACHINE_DEVICE, MACHINE_INTID, 0x038)

#endif
