// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2. Linux that was entered there and does not use it for KVM (kvm-arm.mode=none) leaves a stub whose call HVC_SET_VECTORS gives the level
 * to whoever asks: to this module.
 */
#include <asm/cacheflush.h>
#include <asm/kvm_arm.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include "assault.h"

#define STUB_SET_VECTORS	0
#define STUB_ERROR		0xbadca11
#define OFFSET_STEP		(1ull << 32)	/* ticks by which the virtual counter goes back */

extern const char attack_el2[], attack_el2_end[], attack_el2_offset[], attack_el2_spin[], attack_el2_storm[];

static DEFINE_PER_CPU(bool, taken);
static void *page;	/* for good: cores go on with these vectors when the module is gone */

static u64 call(u64 x0, u64 x1, u64 x2, u64 x3)
{
	register u64 r0 asm("x0") = x0;
	register u64 r1 asm("x1") = x1;
	register u64 r2 asm("x2") = x2;
	register u64 r3 asm("x3") = x3;

	asm volatile("hvc #0"
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3)
		     :: "x4", "x9", "x10", "x11", "x12", "x13", "memory", "cc");
	return r0;
}

/* A function of vectors.S, in the copy that EL2 runs. */
static u64 run(const char *function, u64 x2, u64 x3)
{
	return call(0, virt_to_phys(page) + (function - attack_el2), x2, x3);
}

static void set_vectors(void *result)
{
	*(u64 *)result = call(STUB_SET_VECTORS, virt_to_phys(page), 0, 0);
}

static int take(struct assault *a)
{
	size_t size = attack_el2_end - attack_el2;
	u64 result = STUB_ERROR;

	if (__this_cpu_read(taken))
		return 0;
	if (!page) {
		page = (void *)get_zeroed_page(GFP_ATOMIC);
		if (!page)
			return -ENOMEM;
		memcpy(page, attack_el2, size);
		caches_clean_inval_pou((unsigned long)page, (unsigned long)page + size);
	}
	/* Where there is no EL2, HVC is undefined. */
	if (assault_guarded(set_vectors, &result) || result)
		return -EOPNOTSUPP;
	__this_cpu_write(taken, true);
	return 0;
}

static bool spin_round(struct assault *a)
{
	return run(attack_el2_spin, 0, a->until) == 2 << 2;
}

static bool storm_round(struct assault *a)
{
	return run(attack_el2_storm, HCR_FMO | HCR_IMO | HCR_AMO | HCR_TSC, a->until) > 1000;
}

static u64 virtual_counter(void)
{
	u64 value;

	asm volatile("isb; mrs %0, cntvct_el0; isb" : "=r" (value) : : "memory");
	return value;
}

/* Back by some time and forth again; the virtual counter must have followed. */
static bool offset_round(struct assault *a)
{
	u64 before = virtual_counter(), between, old;

	old = run(attack_el2_offset, OFFSET_STEP, 0);
	between = virtual_counter();
	run(attack_el2_offset, old, 0);
	return (s64)(between - before) < 0 && virtual_counter() > before;
}

const struct assault_kind assault_el2_spin = { .begin = take, .round = spin_round };
const struct assault_kind assault_el2_storm = { .begin = take, .round = storm_round };
const struct assault_kind assault_el2_offset = { .begin = take, .round = offset_round };
