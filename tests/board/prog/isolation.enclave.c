/* SPDX-License-Identifier: MIT */
/* Loads, stores and DMA aimed at a living enclave's page do not reach it; the enclave sees its bytes unchanged. */
#include "attack.h"
#include "spawn.h"

static void ask(struct t_child *victim)
{
	t_send(victim, "?\n");
	CHECK(t_expect(victim, "intact\n", 10));
}

static void attack_by_dma(struct t_child *victim, uint64_t address)
{
	unsigned char bytes[512];

	memset(bytes, 0xdd, sizeof(bytes));
	attack_disk_write(9, bytes, sizeof(bytes));
	attack_dma(address, 9, 512, 1);
	ask(victim);

	/* The other direction: what the device reads there is not the secret. */
	attack_dma(address, 9, 512, 0);
	attack_disk_read(9, bytes, sizeof(bytes));
	for (int i = 0; i < 512; i++)
		MUST(bytes[i] != 'S');
	ask(victim);
}

int main(void)
{
	unsigned long long first, second;
	struct t_child *victim;

	if (!t_enclaves())
		t_skip("needs enclaves");
	attack_open();
	victim = t_spawn(t_run("victim"));
	t_send(victim, "S\n");
	MUST(sscanf(t_line(victim, 20), "address %*s %llx %llx", &first, &second) == 2);
	MUST(first && second && first != second);
	ask(victim);
	for (int i = 0; i < 100; i++) {
		attack_must_abort("enclave memory", first + (unsigned)i * 8);
		attack_must_abort("enclave memory", second + 4088 - (unsigned)i * 8);
	}
	ask(victim);
	attack_by_dma(victim, first);
	close(victim->in);
	CHECK(t_wait(victim, 10) == 0);
	return t_done();
}
