/* SPDX-License-Identifier: MIT */
/* WINDOW_MAP takes Normal-world RAM, in one place of the area, and nothing else; a refused call changes nothing. */
#include "../../../abi/svc.h"
#include "board.h"
#include "hostile.h"

#define AREA_PAGES (RM_WINDOW_CHUNKS * 512ul)

static uint64_t page;

static long map(uint64_t list, uint64_t count, uint64_t at)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_WINDOW_MAP, smc_enclave, list, count, at, 0);
}

static long unmap(uint64_t at, uint64_t count)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_WINDOW_UNMAP, smc_enclave, at, count, 0, 0);
}

static uint64_t shared(void)
{
	struct rm_attack_smc r;

	CHECK(attack_smc(&r, RM_SMC_STAT, smc_enclave, RM_STAT_SHARED_PAGES, 0, 0, 0) == 0);
	return r.x[1];
}

/* Neither alone nor as the last of several pages, nor as the list itself. */
static void check_refused(const char *name, uint64_t address)
{
	smc_entries[0] = address;
	long alone = map(smc_list, 1, 0);
	smc_entries[0] = page;
	smc_entries[1] = address;
	long second = map(smc_list, 2, 0);
	long list = map(address, 1, 0);
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
	smc_entries[0] = page + 8;
	CHECK_SMC(map(smc_list, 1, 0), -EFAULT);
}

static void check_counts(void)
{
	static const uint64_t counts[] = { 0, RM_WINDOW_MAX + 1, 512, 513, 1ul << 32, (1ul << 32) + 1, 1ul << 52, 1ul << 61, ~0ul };
	static const uint64_t places[] = { AREA_PAGES, AREA_PAGES + 1, 1ul << 32, 1ul << 52, (1ul << 52) - 1, ~0ul };

	smc_entries[0] = smc_entries[1] = smc_entries[511] = page;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		CHECK_SMC(map(smc_list, counts[i], 0), -EINVAL);
		if (counts[i] > 512 || counts[i] == 0)
			CHECK_SMC(unmap(0, counts[i]), -EINVAL);
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		CHECK_SMC(map(smc_list, 1, places[i]), -EINVAL);
		CHECK_SMC(unmap(places[i], 1), -EINVAL);
	}
	/* Across two places, and a list that is not in one page. */
	CHECK_SMC(map(smc_list, 2, 511), -EINVAL);
	CHECK_SMC(unmap(511, 2), -EINVAL);
	CHECK_SMC(unmap(1, 512), -EINVAL);
	CHECK_SMC(map(smc_list + 4088, 2, 0), -EFAULT);
	CHECK_SMC(map(smc_list + 4, 1, 0), -EINVAL);
}

static void check_handles(void)
{
	const uint64_t handles[] = { 0, ~0ul, smc_enclave + 1, smc_enclave ^ 0x10000, smc_enclave ^ 1ul << 32,
		smc_enclave | 1ul << 63, 1, 0xffffffff };
	struct rm_attack_smc r;

	smc_entries[0] = page;
	for (size_t i = 0; i < sizeof(handles) / sizeof(*handles); i++) {
		CHECK_SMC(attack_smc(&r, RM_SMC_WINDOW_MAP, handles[i], smc_list, 1, 0, 0), -ENOENT);
		CHECK_SMC(attack_smc(&r, RM_SMC_WINDOW_UNMAP, handles[i], 0, 1, 0, 0), -ENOENT);
	}
}

/* Tables for windows count to the enclave: it has 2 MiB, 512 places would need as much. */
static void check_memory(void)
{
	uint64_t place;
	long result = 0;

	smc_entries[0] = page;
	for (place = 1; place < RM_WINDOW_CHUNKS && result == 0; place++)
		result = map(smc_list, 1, place * 512);
	CHECK_SMC(result, -ENOMEM);
	CHECK(shared() == place - 2);
	for (uint64_t i = 1; i < place; i++)
		CHECK_SMC(unmap(i * 512, 512), 0);
	CHECK(shared() == 0);
}

int main(void)
{
	struct rm_attack_smc r;
	uint64_t old;

	smc_open();
	page = attack_page();
	check_addresses();
	check_counts();
	check_handles();
	CHECK(shared() == 0);

	/* None of that left a page behind: the place is free, taken once it is taken, and a refused call leaves what is there. */
	smc_entries[0] = smc_entries[1] = page;
	CHECK_SMC(map(smc_list, 1, 1), 0);
	CHECK_SMC(map(smc_list, 1, 1), -EEXIST);
	CHECK_SMC(map(smc_list, 2, 0), -EEXIST);
	CHECK(shared() == 1);
	CHECK_SMC(unmap(0, 512), 0);
	CHECK_SMC(unmap(0, 512), 0);
	CHECK(shared() == 0);
	CHECK_SMC(map(smc_list, 2, AREA_PAGES - 2), 0);
	CHECK_SMC(unmap(AREA_PAGES - 2, 2), 0);
	check_memory();
	smc_entries[1] = page;
	CHECK_SMC(map(smc_list, 2, AREA_PAGES - 2), 0);	/* the table has stayed */

	/* What is mapped goes with the enclave, and its handle with it. */
	old = smc_enclave;
	CHECK(attack_smc(&r, RM_SMC_DESTROY, smc_enclave, 0, 0, 0, 0) == 0);
	MUST(attack_smc(&r, RM_SMC_CREATE, 2 << 20, 0, 0, 0, 0) == 0);
	smc_enclave = r.x[1];
	CHECK_SMC(attack_smc(&r, RM_SMC_WINDOW_MAP, old, smc_list, 1, 0, 0), -ENOENT);
	CHECK(shared() == 0);
	return smc_close();
}
