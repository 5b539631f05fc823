/* SPDX-License-Identifier: MIT */
/* CREATE with absurd limits, and until there is no room; every enclave is given back. */
#include "hostile.h"

#define MANY 4096

int main(void)
{
	static uint64_t handles[MANY];
	struct rm_attack_smc r;
	int count = 0;
	long result;

	smc_open();
	CHECK_SMC(attack_smc(&r, RM_SMC_CREATE, ~0ul, 0, 0, 0, 0), -EINVAL);
	CHECK_SMC(attack_smc(&r, RM_SMC_CREATE, 1ul << 40, 0, 0, 0, 0), -EINVAL);
	CHECK(attack_smc(&r, RM_SMC_CREATE, 1, 0, 0, 0, 0) < 0);

	while (count < MANY && (result = attack_smc(&r, RM_SMC_CREATE, 0, 0, 0, 0, 0)) == 0)
		handles[count++] = r.x[1];
	CHECK(count < MANY && (result == -ENOSPC || result == -ENOMEM));
	for (int i = 0; i < count; i++)
		for (int k = 0; k < i; k++)
			CHECK(handles[i] != handles[k]);
	for (int i = 0; i < count; i++)
		CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, handles[i], 0, 0, 0, 0), 0);
	for (int i = 0; i < count; i++)
		CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, handles[i], 0, 0, 0, 0), -ENOENT);
	return smc_close();
}
