/* SPDX-License-Identifier: MIT */
/* DMA programmed by Linux does not read the Secure world's memory, nor write it: the Secure world goes on. */
#include "attack.h"
#include "board.h"
#include "spawn.h"

static unsigned char zeros[512], bytes[512];

/* What a device may read there: nothing but one byte repeated, as a bus answers that refuses. */
static void check_read(const struct t_range *range, uint64_t address)
{
	memset(bytes, 0xdd, sizeof(bytes));
	attack_disk_write(20, bytes, sizeof(bytes));
	if (attack_dma(address, 20, 512, 0))
		return;
	attack_disk_read(20, bytes, sizeof(bytes));
	for (int i = 1; i < 512; i++)
		if (bytes[i] != bytes[0]) {
			T_FAIL("DMA read something");
			fprintf(stderr, "\t%s at %#llx\n", range->name, (unsigned long long)address);
			return;
		}
}

int main(void)
{
	const struct t_board *board = t_board();
	const struct t_range *memory = &board->secure[0];

	attack_open();
	attack_disk_write(21, zeros, sizeof(zeros));
	for (uint64_t at = 0; at < memory->size; at += memory->size / 32) {
		check_read(memory, memory->start + at);
		attack_dma(memory->start + at, 21, 512, 1);
	}
	/* The kernel's first pages hold its code and vectors: had the zeroes landed, nothing below would work. */
	for (uint64_t at = 0; at < 0x40000; at += 4096) {
		check_read(memory, memory->start + at);
		attack_dma(memory->start + at, 21, 512, 1);
	}
	if (t_enclaves()) {
		struct t_child *hello = t_spawn(t_run("hello"));

		CHECK(t_expect(hello, "hello, world\n", 20) && t_wait(hello, 10) == 0);
	}
	return t_done();
}
