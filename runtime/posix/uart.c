/* SPDX-License-Identifier: MIT */
/*
 * A PL011 (Arm DDI 0183): bytes, 8N1, with its FIFOs. The line's speed is what the firmware set; errors of the line are not told.
 *
 * The interrupt of the transmitter comes when the FIFO becomes half empty, not while it is: an old one is taken back while the FIFO is full,
 * so that the next is of that moment or later.
 */
#include "posix/device.h"

enum { DATA = 0x00 / 4, FLAGS = 0x18 / 4, LINE = 0x2c / 4, CONTROL = 0x30 / 4, LEVELS = 0x34 / 4, MASK = 0x38 / 4, CLEAR = 0x44 / 4 };

#define FLAG_BUSY		(1u << 3)
#define FLAG_NO_INPUT		(1u << 4)
#define FLAG_FULL		(1u << 5)
#define LINE_8_BITS_FIFO	0x70u
#define CONTROL_ON		0x301u	/* UARTEN, TXE, RXE */
#define INTERRUPT_INPUT		0x50u	/* some arrived, and none for a while */
#define INTERRUPT_OUTPUT	0x20u

#define POLLIN		0x001
#define POLLOUT		0x004

static void start(volatile uint32_t *r)
{
	r[MASK] = 0;
	r[CONTROL] = 0;
	r[LINE] = LINE_8_BITS_FIFO;
	r[LEVELS] = 0;
	r[CONTROL] = CONTROL_ON;
}

static long read(volatile uint32_t *r, char *to, size_t size)
{
	size_t done = 0;

	while (done < size && !(r[FLAGS] & FLAG_NO_INPUT))
		to[done++] = (char)r[DATA];
	return (long)done;
}

static long write(volatile uint32_t *r, const char *from, size_t size)
{
	size_t done = 0;

	while (done < size && !(r[FLAGS] & FLAG_FULL))
		r[DATA] = (uint8_t)from[done++];
	return (long)done;
}

static bool room(volatile uint32_t *r)
{
	if (!(r[FLAGS] & FLAG_FULL))
		return true;
	r[CLEAR] = INTERRUPT_OUTPUT;
	return !(r[FLAGS] & FLAG_FULL);
}

static int16_t ready(volatile uint32_t *r)
{
	return (int16_t)((r[FLAGS] & FLAG_NO_INPUT ? 0 : POLLIN) | (room(r) ? POLLOUT : 0));
}

static void listen(volatile uint32_t *r, int16_t events)
{
	r[MASK] = (events & POLLIN ? INTERRUPT_INPUT : 0) | (events & POLLOUT ? INTERRUPT_OUTPUT : 0);
}

static bool drained(volatile uint32_t *r)
{
	return !(r[FLAGS] & FLAG_BUSY);
}

const struct rm_driver rm_uart_driver = {
	.name = "uart0", .terminal = true, .start = start, .read = read, .write = write, .ready = ready, .listen = listen, .drained = drained,
};
