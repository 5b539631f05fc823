/* SPDX-License-Identifier: MIT */
#include "drivers/pl011.h"
#include "arch/io.h"
#include "board.h"

#define UARTDR		0x00
#define UARTFR		0x18
#define UARTFR_TXFF	(1u << 5)

bool uart_ready(void)
{
	return (io_read32(BOARD_SECURE_UART + UARTFR) & UARTFR_TXFF) == 0;
}

void uart_put(char c)
{
	io_write32(BOARD_SECURE_UART + UARTDR, (unsigned char)c);
}
