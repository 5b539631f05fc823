/* SPDX-License-Identifier: MIT */
/* Every load and store by Linux to firmware, kernel and enclave memory, secure UART and flash ends in an external abort. */
#include "attack.h"
#include "board.h"

#define PROBES 64

int main(void)
{
	const struct t_board *board = t_board();

	attack_open();
	for (const struct t_range *range = board->secure; range->name; range++) {
		uint64_t step = range->size / PROBES < ATTACK_PAGE ? ATTACK_PAGE : range->size / PROBES;

		for (uint64_t at = 0; at < range->size; at += step)
			attack_must_abort(range->name, range->start + at);
		attack_must_abort(range->name, range->start + range->size - 8);
	}
	return t_done();
}
