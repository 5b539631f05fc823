/* SPDX-License-Identifier: MIT */
/* Random SMCs with interesting arguments: each returns, none changes what it should not, the next enclave runs. */
#include "board.h"
#include "hostile.h"
#include "spawn.h"

#define ROUNDS 8000

static uint64_t state = 2026;

static uint64_t pick_argument(const struct t_board *board, uint64_t page)
{
	static const uint64_t values[] = { 0, 1, 2, 7, 8, 63, 64, 255, 256, 257, 4095, 4096, 0x7fffffff, 0x80000000, 0xffffffff,
		1ul << 32, 1ul << 48, 1ul << 52, 1ul << 63, ~0ul, ~0ul - 4095 };
	uint64_t r = t_random(&state);

	switch (r % 8) {
	case 0:
		return smc_enclave;
	case 1:
		return smc_list + r / 8 % 3 * 8;
	case 2:
		return page;
	case 3:
		return board->secure[r / 8 % 2].start + r / 16 % 64 * 4096;
	case 4:
		return r;
	default:
		return values[r / 8 % (sizeof(values) / sizeof(*values))];
	}
}

/* All numbers of the Trusted OS range are fair but the one by which a new module takes over. */
static uint64_t pick_function(void)
{
	uint64_t r = t_random(&state), number = r / 4 % 0x20;

	if (number == (RM_SMC_ATTACH & 0xffff))
		number = 0x13;
	switch (r % 4) {
	case 0:
		return RM_SMC_FAST(number & 7);
	case 1:
		return RM_SMC_FAST(t_random(&state) & 0xffff);
	default:
		return RM_SMC_YIELD(number);
	}
}

static void one_round(const struct t_board *board, uint64_t page)
{
	struct rm_attack_smc r;
	uint64_t function = pick_function(), a[5];

	for (int i = 0; i < 5; i++)
		a[i] = pick_argument(board, page);
	for (int i = 0; i < 4; i++)
		smc_entries[i] = pick_argument(board, page);
	if (function == RM_SMC_DESTROY && a[0] == smc_enclave)
		return;
	long result = attack_smc(&r, function, a[0], a[1], a[2], a[3], a[4]);
	if (function == RM_SMC_CREATE && result == 0)
		CHECK(attack_smc(&r, RM_SMC_DESTROY, r.x[1], 0, 0, 0, 0) == 0);
}

int main(void)
{
	const struct t_board *board = t_board();
	uint64_t page;

	smc_open();
	page = attack_page();
	for (int i = 0; i < ROUNDS; i++)
		one_round(board, page);
	struct t_child *hello = t_spawn(t_run("hello"));
	CHECK(t_expect(hello, "hello, world\n", 20) && t_wait(hello, 10) == 0);
	return smc_close();
}
