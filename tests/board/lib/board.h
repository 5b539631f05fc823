/* SPDX-License-Identifier: MIT */
/* Addresses of the boards that attacks aim at. */
#ifndef T_BOARD_H
#define T_BOARD_H

#include "t.h"

struct t_range {
	const char *name;
	uint64_t start, size;
};

struct t_board {
	const char *name;
	struct t_range secure[6];	/* the Secure world's own: every access must abort */
	struct t_range mmio[4];		/* the Normal world's devices: not to be shared */
	uint64_t beyond;		/* no memory there */
	uint64_t gicd, gicr;		/* the GIC's distributor, the first redistributor */
	uint64_t watchdog;		/* the SBSA watchdog's control frame, 0 if there is none */
};

static const struct t_board t_boards[] = {
	{
		.name = "sbsa",
		.secure = {
			{ "firmware and kernel", 0x20000000, 0x20000000 },
			{ "secure UART", 0x60030000, 0x1000 },
			{ "boot flash", 0x00000000, 0x100000 },
		},
		.mmio = {
			{ "UART", 0x60000000, 0x1000 },
			{ "GIC distributor", 0x40060000, 0x10000 },
			{ "PCI configuration", 0xf0000000, 0x10000 },
		},
		.beyond = 0x80000000000,
		.gicd = 0x40060000,
		.gicr = 0x40080000,
		.watchdog = 0x50011000,
	},
	{
		.name = "virt",
		.secure = {
			{ "firmware and kernel", 0x0e000000, 0x01000000 },
			{ "secure UART", 0x09040000, 0x1000 },
			{ "secure GPIO", 0x090b0000, 0x1000 },
			{ "boot flash", 0x00000000, 0x100000 },
		},
		.mmio = {
			{ "UART", 0x09000000, 0x1000 },
			{ "GIC distributor", 0x08000000, 0x10000 },
			{ "RTC", 0x09010000, 0x1000 },
		},
		.beyond = 0x80000000000,
		.gicd = 0x08000000,
		.gicr = 0x080a0000,
	},
};

T_UNUSED static const struct t_board *t_board(void)
{
	const char *name = getenv("BOARD");

	for (size_t i = 0; name && i < sizeof(t_boards) / sizeof(*t_boards); i++)
		if (!strcmp(t_boards[i].name, name))
			return &t_boards[i];
	t_skip("lib/board.h does not know this board");
}

#endif
