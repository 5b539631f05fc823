/* SPDX-License-Identifier: MIT */
/* Standard queries: who answers, which version, what it refuses to know. */
#include "hostile.h"

int main(void)
{
	struct rm_attack_smc r;

	smc_open();
	attack_smc(&r, RM_SMC_UID, 0, 0, 0, 0, 0);
	CHECK((uint32_t)r.x[0] == RM_UID_0 && (uint32_t)r.x[1] == RM_UID_1);
	CHECK((uint32_t)r.x[2] == RM_UID_2 && (uint32_t)r.x[3] == RM_UID_3);
	CHECK_SMC(attack_smc(&r, RM_SMC_VERSION, 0, 0, 0, 0, 0), 0);
	CHECK(r.x[1] == RM_ABI_VERSION && r.x[2] >= 32 && r.x[2] < 1020 && r.x[3] > 1 << 20);
	CHECK_SMC(attack_smc(&r, RM_SMC_ATTACH, RM_ABI_VERSION + 1, 0, 0, 0, 0), -EPROTO);
	CHECK(attack_smc(&r, RM_SMC_FAST(0xfff), 0, 0, 0, 0, 0) < 0);
	CHECK(attack_smc(&r, RM_SMC_YIELD(0xfff), 0, 0, 0, 0, 0) < 0);
	CHECK_SMC(attack_smc(&r, RM_SMC_STAT, 0, RM_STAT_COUNT, 0, 0, 0), -EINVAL);
	CHECK_SMC(attack_smc(&r, RM_SMC_STAT, 0, ~0ul, 0, 0, 0), -EINVAL);
	CHECK_SMC(attack_smc(&r, RM_SMC_STAT, smc_enclave, RM_STAT_ENCLAVE_COUNT, 0, 0, 0), -EINVAL);
	return smc_close();
}
