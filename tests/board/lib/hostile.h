/* SPDX-License-Identifier: MIT */
/* Raw SMCs of contract 1, and an enclave of the test's own to aim them at. */
#ifndef T_HOSTILE_H
#define T_HOSTILE_H

#include "../../../abi/smc.h"
#include "attack.h"

static uint64_t smc_enclave;
static uint64_t smc_list;	/* physical address of the page that lists pages, and the page itself */
static volatile uint64_t *smc_entries;
static uint64_t smc_frames;

T_UNUSED static uint64_t smc_counter(enum rm_stat counter)
{
	struct rm_attack_smc r;

	CHECK(attack_smc(&r, RM_SMC_STAT, 0, (uint64_t)counter, 0, 0, 0) == 0);
	return r.x[1];
}

T_UNUSED static void smc_open(void)
{
	struct rm_attack_smc r;

	attack_open();
	if (access("/dev/ringmaster", F_OK))
		t_skip("there is no secure kernel");
	smc_list = attack_page();
	smc_entries = attack_map(smc_list);
	smc_frames = smc_counter(RM_STAT_FRAMES_FREE);
	MUST(attack_smc(&r, RM_SMC_CREATE, 2 << 20, 0, 0, 0, 0) == 0);
	smc_enclave = r.x[1];
	MUST(smc_enclave != 0);
}

/* Gives everything back; a kernel that kept or lost a frame by what was done is found out here. */
T_UNUSED static int smc_close(void)
{
	struct rm_attack_smc r;

	CHECK(attack_smc(&r, RM_SMC_DESTROY, smc_enclave, 0, 0, 0, 0) == 0);
	CHECK(attack_smc(&r, RM_SMC_DESTROY, smc_enclave, 0, 0, 0, 0) == -ENOENT);
	CHECK(smc_counter(RM_STAT_FRAMES_FREE) == smc_frames);
	return t_done();
}

/* SHARE of the listed pages with thread 0, from page `at` on. */
T_UNUSED static long smc_share(uint64_t list, uint64_t count, uint64_t at)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_SHARE, smc_enclave, 0, list, count, at);
}

T_UNUSED static long smc_unshare(uint64_t at, uint64_t count)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_UNSHARE, smc_enclave, 0, at, count, 0);
}

#define CHECK_SMC(call, expected) do { \
	long smc_result = (call); \
	if (smc_result != (expected)) { \
		T_FAIL(#call); \
		fprintf(stderr, "\tresult %ld, expected %ld\n", smc_result, (long)(expected)); \
	} \
} while (0)

#endif
