/* SPDX-License-Identifier: MIT */
/* Arm PL011 UART (DDI 0183), transmit only: the secure console. TF-A has set line speed and enabled it. */
#ifndef KERNEL_DRIVERS_PL011_H
#define KERNEL_DRIVERS_PL011_H

#include <stdbool.h>

bool uart_ready(void);		/* a byte can be written without waiting */
void uart_put(char c);		/* uart_ready() was true */

#endif
