/* SPDX-License-Identifier: MIT */
/* SHARE takes Normal-world RAM and nothing else; a refused call changes nothing. */
#include "board.h"
#include "hostile.h"

#define REGION_PAGES (0x1000000ul / 4096)

static uint64_t page;

/* Neither alone nor as the last of several pages, nor as the list itself. */
static void check_refused(const char *name, uint64_t address)
{
	smc_entries[0] = address;
	long alone = smc_share(smc_list, 1, 0);
	smc_entries[0] = page;
	smc_entries[1] = address;
	long second = smc_share(smc_list, 2, 0);
	long list = smc_share(address, 1, 0);
	if (alone != -EFAULT || second != -EFAULT || list != -EFAULT) {
		T_FAIL("not refused");
		fprintf(stderr, "\t%s at %#llx: alone %ld, second %ld, as list %ld\n", name, (unsigned long long)address, alone,
			second, list);
	}
}

static void check_addresses(void)
{
	const struct t_board *board = t_board();

	for (const struct t_range *range = board->secure; range->name; range++) {
		check_refused(range->name, range->start);
		check_refused(range->name, range->start + range->size / 4096 / 2 * 4096);
		check_refused(range->name, range->start + range->size - 4096);
	}
	for (const struct t_range *range = board->mmio; range->name; range++)
		check_refused(range->name, range->start);
	check_refused("no memory", board->beyond);
	check_refused("no address", ~0ul << 12);
	check_refused("no address", 1ul << 63 | page);
	check_refused("no address", 1ul << 48 | page);
}

static void check_counts(void)
{
	static const uint64_t counts[] = { 0, RM_SHARE_MAX + 1, 513, 1ul << 32, (1ul << 32) + 1, 1ul << 52, ~0ul };
	static const uint64_t places[] = { REGION_PAGES, REGION_PAGES + 1, 1ul << 32, 1ul << 52, (1ul << 52) - 1, ~0ul };

	smc_entries[0] = page;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		CHECK_SMC(smc_share(smc_list, counts[i], 0), -EINVAL);
		CHECK(smc_unshare(0, counts[i]) < 0);
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		CHECK_SMC(smc_share(smc_list, 1, places[i]), -EINVAL);
		CHECK(smc_unshare(places[i], 1) < 0);
	}
	smc_entries[1] = page;
	CHECK_SMC(smc_share(smc_list, 2, REGION_PAGES - 1), -EINVAL);
	/* A list that is not one page, whose second half could be anywhere. */
	smc_entries[511] = page;
	CHECK(smc_share(smc_list + 4088, 2, 0) < 0);
	CHECK(smc_share(smc_list + 4, 1, 0) < 0);
	smc_entries[0] = page + 8;
	CHECK(smc_share(smc_list, 1, 0) < 0);
}

static void check_handles(void)
{
	const uint64_t handles[] = { 0, ~0ul, smc_enclave + 1, smc_enclave ^ 0x10000, smc_enclave ^ 1ul << 32,
		smc_enclave | 1ul << 63, 1, 0xffffffff };
	struct rm_attack_smc r;

	smc_entries[0] = page;
	for (size_t i = 0; i < sizeof(handles) / sizeof(*handles); i++) {
		if (handles[i] == smc_enclave)
			continue;
		CHECK_SMC(attack_smc(&r, RM_SMC_SHARE, handles[i], 0, smc_list, 1, 0), -ENOENT);
		CHECK_SMC(attack_smc(&r, RM_SMC_UNSHARE, handles[i], 0, 0, 1, 0), -ENOENT);
		CHECK_SMC(attack_smc(&r, RM_SMC_ENTER, handles[i], 0, 0, 0, 0), -ENOENT);
		CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, handles[i], 0, 0, 0, 0), -ENOENT);
		if (handles[i])
			CHECK_SMC(attack_smc(&r, RM_SMC_STAT, handles[i], 0, 0, 0, 0), -ENOENT);
	}
	for (uint64_t thread = 64; thread; thread <<= 3) {
		CHECK(attack_smc(&r, RM_SMC_SHARE, smc_enclave, thread, smc_list, 1, 0) < 0);
		CHECK(attack_smc(&r, RM_SMC_UNSHARE, smc_enclave, thread, 0, 1, 0) < 0);
		CHECK(attack_smc(&r, RM_SMC_ENTER, smc_enclave, thread, 0, 0, 0) < 0);
	}
}

int main(void)
{
	smc_open();
	page = attack_page();
	check_addresses();
	check_counts();
	check_handles();

	/* None of that left a page behind: the place is free, and taken once it is taken. */
	smc_entries[0] = page;
	CHECK_SMC(smc_share(smc_list, 1, 0), 0);
	CHECK_SMC(smc_share(smc_list, 1, 0), -EEXIST);
	CHECK_SMC(smc_unshare(0, 1), 0);
	CHECK_SMC(smc_share(smc_list, 1, REGION_PAGES - 1), 0);
	return smc_close();
}
