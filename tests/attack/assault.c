// SPDX-License-Identifier: GPL-2.0-only
/*
 * Assaults: what a hostile kernel does to a core, for a given time of the physical counter, and what it saw meanwhile.
 */
#include <asm/daifflags.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "assault.h"

#define GAP_NS		1000
#define WINDOW_NS	100000000ull
#define GICR_TYPER	0x0008
#define GICR_LAST	BIT_ULL(4)
#define GICR_FRAMES	0x20000
#define GICR_SGI	0x10000
#define GIC_SIZE	0x10000

u64 assault_counter(void)
{
	u64 value;

	asm volatile("isb; mrs %0, cntpct_el0; isb" : "=r" (value) : : "memory");
	return value;
}

static u64 to_ns(u64 ticks)
{
	return mul_u64_u64_div_u64(ticks, NSEC_PER_SEC, read_sysreg(cntfrq_el0));
}

u64 assault_ticks(u64 ns)
{
	return mul_u64_u64_div_u64(ns, read_sysreg(cntfrq_el0), NSEC_PER_SEC);
}

u64 assault_now(void)
{
	return to_ns(assault_counter());
}

bool assault_tick_stands(void)
{
	unsigned long before = READ_ONCE(jiffies), flags;
	u64 until = assault_counter() + assault_ticks(2 * NSEC_PER_SEC / HZ);

	flags = local_daif_save();
	local_daif_restore(DAIF_PROCCTX);
	while (assault_counter() < until)
		;
	local_daif_mask();
	local_daif_restore(flags);
	return READ_ONCE(jiffies) == before;
}

/*
 * Masked, this core has nothing to do but to look at the counter. Each time that is missing between two looks somebody else had it. It is an attack if
 * no core was left to count Linux's ticks.
 */
static bool mask_round(struct assault *a)
{
	struct rm_attack_assault *r = a->request;
	u64 first = assault_counter(), last = first, now = 0, missing = 0, gap_ticks = assault_ticks(GAP_NS);
	u64 end = min(a->until, first + assault_ticks(WINDOW_NS));
	unsigned long ticks = READ_ONCE(jiffies);

	for (; now < end; last = now) {
		now = assault_counter();
		if (now - last < gap_ticks)
			continue;
		missing += now - last;
		r->longest = max(r->longest, to_ns(now - last));
	}
	r->stolen += to_ns(missing);
	if (end < a->until)
		r->worst = max(r->worst, to_ns(missing));
	return READ_ONCE(jiffies) == ticks;
}

static const struct assault_kind assault_mask = { .round = mask_round };

static const struct assault_kind *const kinds[RM_ASSAULT_COUNT] = {
	[RM_ASSAULT_MASK] = &assault_mask,
	[RM_ASSAULT_SGI] = &assault_sgi,
	[RM_ASSAULT_SPI] = &assault_spi,
	[RM_ASSAULT_TICK] = &assault_tick,
	[RM_ASSAULT_GIC] = &assault_gic,
	[RM_ASSAULT_ICC] = &assault_icc,
	[RM_ASSAULT_TIMERS] = &assault_timers,
	[RM_ASSAULT_DEBUG] = &assault_debug,
	[RM_ASSAULT_MAINTAIN] = &assault_maintain,
	[RM_ASSAULT_EL2_SPIN] = &assault_el2_spin,
	[RM_ASSAULT_EL2_STORM] = &assault_el2_storm,
	[RM_ASSAULT_EL2_OFFSET] = &assault_el2_offset,
};

/* The redistributor whose affinity is this core's, and the distributor. */
static int map_gic(struct assault *a)
{
	u64 mpidr = read_sysreg(mpidr_el1), affinity = (mpidr & 0xffffff) | ((mpidr >> 8) & 0xff000000), type;
	phys_addr_t frame = a->request->gicr;
	void __iomem *frames;

	if (!a->request->gicd || !a->request->gicr)
		return 0;
	for (;; frame += GICR_FRAMES) {
		frames = ioremap(frame, GICR_FRAMES);
		if (!frames)
			return -ENOMEM;
		type = readq_relaxed(frames + GICR_TYPER);
		if (type >> 32 == affinity)
			break;
		iounmap(frames);
		if (type & GICR_LAST)
			return -ENODEV;
	}
	a->gicd = ioremap(a->request->gicd, GIC_SIZE);
	a->sgi = frames + GICR_SGI;
	return 0;
}

static void unmap_gic(struct assault *a)
{
	if (a->sgi)
		iounmap(a->sgi - GICR_SGI);
	if (a->gicd)
		iounmap(a->gicd);
}

static int go(struct assault *a, const struct assault_kind *kind)
{
	struct rm_attack_assault *r = a->request;
	unsigned long flags = 0, ticks = READ_ONCE(jiffies);
	u64 from = assault_counter();
	int error;

	a->until = r->ms ? from + assault_ticks(r->ms * 1000000ull) : U64_MAX;
	r->from = to_ns(from);
	if (!kind->open)
		flags = local_daif_save();
	error = kind->begin ? kind->begin(a) : 0;
	while (!error && assault_counter() < a->until) {
		r->proof += kind->round(a);
		r->rounds++;
		if (kind->open)
			cond_resched();
	}
	if (!error && kind->end)
		kind->end(a);
	r->to = to_ns(assault_counter());
	r->ticks = READ_ONCE(jiffies) - ticks;
	if (!kind->open)
		local_daif_restore(flags);
	return error;
}

long attack_assault_run(struct rm_attack_assault *request)
{
	struct assault a = { .request = request };
	const struct assault_kind *kind;
	int error;

	if (request->kind >= RM_ASSAULT_COUNT)
		return -EINVAL;
	kind = kinds[request->kind];
	request->rounds = request->proof = request->stolen = request->longest = request->worst = 0;
	error = map_gic(&a);
	if (!error && kind->saved) {
		a.saved = kzalloc(kind->saved, GFP_KERNEL);
		if (!a.saved)
			error = -ENOMEM;
	}
	if (!error)
		error = go(&a, kind);
	kfree(a.saved);
	unmap_gic(&a);
	return error;
}
