/* SPDX-License-Identifier: MIT */
/*
 * Brings the vDSO into the program's memory: a copy of its image, read-only and executable, and a page of data, read-only.
 *
 * Attacks considered: the time of day in the data is Linux's word, as everywhere; the rest is the counter's own. A program that changes or
 * unmaps its copy changes nothing but its own view of time.
 */
#include "vdso/data.h"

#include "lib/string.h"
#include "posix/posix.h"

#define MAP	(LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED)

extern const char rm_vdso_blob[], rm_vdso_blob_end[];

/* Makes pages with those bytes; whether that worked. */
static bool put(uint64_t address, const void *from, size_t size, uint32_t prot)
{
	const size_t pages = rm_page_up(size);

	if (rm_svc(LX_mmap, address, pages, LX_PROT_READ | LX_PROT_WRITE, MAP | RM_MAP_COMMIT, (unsigned long)-1, 0) < 0)
		return false;
	memcpy((void *)address, from, size);
	if (rm_svc3(LX_mprotect, address, pages, prot) != 0)
		return false;
	if (prot & LX_PROT_EXEC)
		rm_svc2(RM_SVC_FLUSH_CODE, address, pages);
	return true;
}

uint64_t rm_vdso_map(void)
{
	const struct rm_vdso_data data = {
		.hz = rm_counter_hz(), .boot_counter = rm_enclave.boot_counter, .realtime_ns = rm_enclave.realtime_ns,
	};
	const size_t size = (size_t)(rm_vdso_blob_end - rm_vdso_blob);

	if (!put(RM_VDSO_DATA, &data, sizeof(data), LX_PROT_READ))
		return 0;
	return put(RM_VDSO, rm_vdso_blob, size, LX_PROT_READ | LX_PROT_EXEC) ? RM_VDSO : 0;
}

uint64_t rm_vdso_sigreturn(void)
{
	static const uint32_t code[2] = { 0xd2801168, 0xd4000001 };	/* mov x8, #139; svc #0 */

	for (const char *at = rm_vdso_blob; at + sizeof(code) <= rm_vdso_blob_end; at += 4)
		if (memcmp(at, code, sizeof(code)) == 0)
			return RM_VDSO + (uint64_t)(at - rm_vdso_blob);
	return 0;
}
