/* SPDX-License-Identifier: MIT */
/* look ADDRESS: what Linux sees at a physical address of the Secure world, by way of the test module. 0: nothing. */
#include "attack.h"

static int try(const char *what, uint64_t address, int store)
{
	volatile uint64_t *p = attack_map(address);
	uint64_t value = 0x6b636174746121;
	int refused = attack_access(p, &value, store);

	printf("   %-5s %-30s %#14llx  %s\n", store ? "store" : "load", what, (unsigned long long)address,
		refused ? "external abort (SIGBUS)" : "went through");
	attack_unmap(p);
	return refused;
}

int main(int argc, char **argv)
{
	uint64_t address = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
	int as_expected = address != 0;

	attack_open();
	uint64_t ordinary = attack_page();
	as_expected &= !try("of an ordinary page", ordinary, 0);
	as_expected &= !try("of an ordinary page", ordinary, 1);
	for (int i = 0; i < 2; i++) {
		as_expected &= try("of the enclave's page", address + (uint64_t)i * 2048, 0);
		as_expected &= try("of the enclave's page", address + (uint64_t)i * 2048, 1);
	}
	return !as_expected;
}
