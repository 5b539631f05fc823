/* SPDX-License-Identifier: MIT */
/*
 * The head of the image: what the kernel reads to map the runtime and to enter it.
 */
#include "abi/svc.h"

extern const char rm_text_size[], rm_rodata_size[], rm_data_size[], rm_bss_size[];	/* values, not addresses: runtime.lds */
extern const char rm_entry_start[], rm_entry_thread[], rm_entry_reflect[], rm_entry_call[];
extern const char rm_entry_signal[], rm_entry_fault[];
extern const char rm_access_start[], rm_access_end[], rm_access_fixup[];

/* ring/access.S tells shared pages by these. */
_Static_assert(RM_SHARE_BASE == 0x7f80000000, "constant in ring/access.S");
_Static_assert(RM_SHARE_BASE + RM_THREAD_MAX * RM_SHARE_STRIDE == RM_WINDOW_BASE, "constant in ring/access.S");
_Static_assert(RM_WINDOW_BASE + RM_WINDOW_CHUNKS * RM_WINDOW_CHUNK == 1ul << 39, "constant in ring/access.S");

__attribute__((section(".head"), used)) const struct rm_runtime_image rm_image = {
	.magic = RM_RUNTIME_MAGIC,
	.text_size = (unsigned long)rm_text_size,
	.rodata_size = (unsigned long)rm_rodata_size,
	.data_size = (unsigned long)rm_data_size,
	.bss_size = (unsigned long)rm_bss_size,
	.start = (unsigned long)rm_entry_start,
	.start_thread = (unsigned long)rm_entry_thread,
	.reflect = (unsigned long)rm_entry_reflect,
	.call = (unsigned long)rm_entry_call,
	.signal = (unsigned long)rm_entry_signal,
	.fault = (unsigned long)rm_entry_fault,
	.access_start = (unsigned long)rm_access_start,
	.access_end = (unsigned long)rm_access_end,
	.access_fixup = (unsigned long)rm_access_fixup,
};
