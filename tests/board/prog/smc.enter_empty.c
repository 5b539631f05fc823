/* SPDX-License-Identifier: MIT */
/* Entering an enclave that was given nothing, or garbage, ends that enclave and nothing else. */
#include "hostile.h"

/* Enters as the module does, until it ends or asks for what a host would do. */
static long enter(struct rm_attack_smc *r)
{
	for (int i = 0; i < 1000; i++) {
		long result = attack_smc(r, RM_SMC_ENTER, smc_enclave, 0, 0, 0, 0);

		if (result != RM_EXIT_PREEMPTED && result != RM_EXIT_WAIT)
			return result;
	}
	return RM_EXIT_WAIT;
}

int main(void)
{
	struct rm_attack_smc r;
	uint64_t state = 99, page;

	smc_open();
	CHECK_SMC(enter(&r), RM_EXIT_FAILED);
	CHECK(enter(&r) != RM_EXIT_HOST);
	CHECK(attack_smc(&r, RM_SMC_DESTROY, smc_enclave, 0, 0, 0, 0) == 0);

	page = attack_page();
	for (int round = 0; round < 50; round++) {
		volatile uint64_t *boot = attack_map(page);

		for (int i = 0; i < 512; i++)
			boot[i] = t_random(&state);
		boot[0] = 0x746f6f42676e6952u;
		if (round % 2)
			boot[1] = RM_ABI_VERSION;
		attack_unmap(boot);
		smc_entries[0] = page;
		MUST(attack_smc(&r, RM_SMC_CREATE, 2 << 20, 0, 0, 0, 0) == 0);
		smc_enclave = r.x[1];
		MUST(smc_share(smc_list, 1, 0) == 0);
		CHECK_SMC(enter(&r), RM_EXIT_FAILED);
		CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, smc_enclave, 0, 0, 0, 0), 0);
	}
	MUST(attack_smc(&r, RM_SMC_CREATE, 2 << 20, 0, 0, 0, 0) == 0);
	smc_enclave = r.x[1];
	return smc_close();
}
