// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the secure kernel (abi/smc.h). A call that answers "more to do" is made again here, with Linux's scheduler in
 * between, so that callers see it whole.
 */
#include "module.h"

#include <linux/arm-smccc.h>
#include <linux/sched.h>

static long rm_smc(u32 function, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, struct rm_answer *answer)
{
	struct arm_smccc_res res;

	arm_smccc_smc(function, a1, a2, a3, a4, a5, 0, 0, &res);
	if (answer) {
		answer->x1 = res.a1;
		answer->x2 = res.a2;
		answer->x3 = res.a3;
	}
	return (long)res.a0;
}

/* May sleep. */
static long rm_smc_whole(u32 function, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, struct rm_answer *answer)
{
	long ret;

	for (;;) {
		ret = rm_smc(function, a1, a2, a3, a4, a5, answer);
		if (ret != -RM_EAGAIN_WORK)
			return ret;
		cond_resched();
	}
}

/* True if the Trusted OS that EL3 calls is Ringmaster. Makes no call where SMC is not the way to EL3. */
bool rm_smc_present(void)
{
	struct arm_smccc_res res;

	if (arm_smccc_1_1_get_conduit() != SMCCC_CONDUIT_SMC)
		return false;
	arm_smccc_smc(RM_SMC_UID, 0, 0, 0, 0, 0, 0, 0, &res);
	return lower_32_bits(res.a0) == RM_UID_0 && lower_32_bits(res.a1) == RM_UID_1 &&
	       lower_32_bits(res.a2) == RM_UID_2 && lower_32_bits(res.a3) == RM_UID_3;
}

long rm_smc_version(struct rm_answer *answer)
{
	return rm_smc(RM_SMC_VERSION, 0, 0, 0, 0, 0, answer);
}

long rm_smc_attach(void)
{
	return rm_smc_whole(RM_SMC_ATTACH, RM_ABI_VERSION, 0, 0, 0, 0, NULL);
}

long rm_smc_create(u64 limit, u64 *handle)
{
	struct rm_answer answer;
	long ret = rm_smc_whole(RM_SMC_CREATE, limit, 0, 0, 0, 0, &answer);

	*handle = answer.x1;
	return ret;
}

long rm_smc_destroy(u64 handle)
{
	return rm_smc_whole(RM_SMC_DESTROY, handle, 0, 0, 0, 0, NULL);
}

long rm_smc_detach(u64 handle)
{
	return rm_smc_whole(RM_SMC_DETACH, handle, 0, 0, 0, 0, NULL);
}

long rm_smc_adopt(u64 handle)
{
	return rm_smc_whole(RM_SMC_ADOPT, handle, 0, 0, 0, 0, NULL);
}

long rm_smc_awaited(u64 handle, u64 *threads)
{
	struct rm_answer answer;
	long ret = rm_smc(RM_SMC_AWAITED, handle, 0, 0, 0, 0, &answer);

	*threads = answer.x1;
	return ret;
}

/* The first resident enclave from that slot on. */
long rm_smc_resident(u64 slot, u64 *handle, u32 *attach)
{
	struct rm_answer answer;
	long ret = rm_smc(RM_SMC_RESIDENT, slot, 0, 0, 0, 0, &answer);

	*handle = answer.x1;
	*attach = answer.x2;
	return ret;
}

long rm_smc_name(u64 handle, char name[RM_RESIDENT_NAME])
{
	struct rm_answer answer;
	long ret = rm_smc(RM_SMC_NAME, handle, 0, 0, 0, 0, &answer);

	memcpy(name, &answer.x1, 8);
	memcpy(name + 8, &answer.x2, 8);
	return ret;
}

/* Any context: parts in a million of this CPU that are reserved in the Secure world. */
u64 rm_smc_core(void)
{
	struct rm_answer answer;

	return rm_smc(RM_SMC_CORE, 0, 0, 0, 0, 0, &answer) ? 0 : answer.x1;
}

long rm_smc_share(u64 handle, u32 thread, phys_addr_t list, u32 count, u32 page)
{
	return rm_smc_whole(RM_SMC_SHARE, handle, thread, list, count, page, NULL);
}

long rm_smc_unshare(u64 handle, u32 thread, u32 page, u32 count)
{
	return rm_smc_whole(RM_SMC_UNSHARE, handle, thread, page, count, 0, NULL);
}

/* Any context. */
long rm_smc_window_map(u64 handle, phys_addr_t list, u32 count, u32 page)
{
	return rm_smc(RM_SMC_WINDOW_MAP, handle, list, count, page, 0, NULL);
}

/* Any context. */
long rm_smc_window_unmap(u64 handle, u32 page, u32 count)
{
	return rm_smc(RM_SMC_WINDOW_UNMAP, handle, page, count, 0, 0, NULL);
}

/* Interrupts on, preemptible: the secure kernel comes back when Linux has an interrupt to take. */
long rm_smc_enter(u64 handle, u32 thread, u32 flags, struct rm_answer *answer)
{
	return rm_smc(RM_SMC_ENTER, handle, thread, flags, 0, 0, answer);
}

/* Any context. */
long rm_smc_wakes(u64 *handle, u64 *thread, bool *more)
{
	struct rm_answer answer;
	long ret = rm_smc(RM_SMC_WAKES, 0, 0, 0, 0, 0, &answer);

	*handle = answer.x1;
	*thread = answer.x2;
	*more = !ret && answer.x3;
	return ret;
}

/* Any context. */
long rm_smc_stat(u64 handle, u32 counter, u64 *value)
{
	struct rm_answer answer;
	long ret = rm_smc(RM_SMC_STAT, handle, counter, 0, 0, 0, &answer);

	*value = ret ? 0 : answer.x1;
	return ret;
}
