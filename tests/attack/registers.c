// SPDX-License-Identifier: GPL-2.0-only
/* Registers of the core: the GIC's CPU interface, breakpoints, maintenance; and how an attacker survives what is refused. */
#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <linux/irqchip/arm-gic-v3.h>

#include "assault.h"

#define SECURE_TIMER	29
#define ICC_SGI0R	sys_reg(3, 0, 12, 11, 7)
#define ICC_ASGI1R	sys_reg(3, 0, 12, 11, 6)
#define ICC_HPPIR1	sys_reg(3, 0, 12, 12, 2)
#define SGI_OTHERS	BIT_ULL(40)
#define BREAK_ALL	0x1fe7ull	/* enabled at all levels, in both worlds, for whole instructions */
#define WATCH_ALL	0x1fffull	/* the same for loads and stores of 8 bytes */

extern char attack_vectors[];
extern u64 attack_skipped;

u64 assault_guarded(void (*attempt)(void *argument), void *argument)
{
	u64 linux_vectors = read_sysreg(vbar_el1);

	attack_skipped = 0;
	write_sysreg(attack_vectors, vbar_el1);
	isb();
	attempt(argument);
	write_sysreg(linux_vectors, vbar_el1);
	isb();
	return READ_ONCE(attack_skipped);
}

/* ICC_SGI*R value: that interrupt, to this core. */
static u64 sgi_to_self(u64 intid)
{
	u64 mpidr = read_sysreg(mpidr_el1);

	return intid << 24 | ((mpidr >> 8) & 0xff) << 16 | BIT_ULL(mpidr & 0xf);
}

static bool sgi_round(struct assault *a)
{
	write_sysreg_s(sgi_to_self(0), SYS_ICC_SGI1R_EL1);
	write_sysreg_s(SGI_OTHERS, SYS_ICC_SGI1R_EL1);
	isb();
	return true;	/* /proc/interrupts tells whether they came */
}

struct icc {
	u64 pmr, bpr, ctlr, enable;
};

static int icc_begin(struct assault *a)
{
	struct icc *saved = a->saved;

	saved->pmr = read_sysreg_s(SYS_ICC_PMR_EL1);
	saved->bpr = read_sysreg_s(SYS_ICC_BPR1_EL1);
	saved->ctlr = read_sysreg_s(SYS_ICC_CTLR_EL1);
	saved->enable = read_sysreg_s(SYS_ICC_IGRPEN1_EL1);
	return 0;
}

/* Interrupts that are not Linux's: made pending, ended and deactivated by their numbers. */
static void forge(void)
{
	unsigned int intid;

	for (intid = 0; intid < 16; intid++) {
		write_sysreg_s(sgi_to_self(intid), ICC_SGI0R);
		write_sysreg_s(sgi_to_self(intid), ICC_ASGI1R);
	}
	write_sysreg_s(SECURE_TIMER, SYS_ICC_EOIR1_EL1);
	write_sysreg_s(SECURE_TIMER, SYS_ICC_DIR_EL1);
	isb();
}

/* Takes what is pending for Linux without doing anything about it. */
static void swallow(void)
{
	u64 intid = read_sysreg_s(SYS_ICC_IAR1_EL1) & 0xffffff;

	if (intid >= 1020)
		return;
	write_sysreg_s(intid, SYS_ICC_EOIR1_EL1);
	write_sysreg_s(intid, SYS_ICC_DIR_EL1);
	isb();
}

static void sre_off(void *unused)
{
	write_sysreg_s(0, SYS_ICC_SRE_EL1);
	isb();
}

static bool icc_round(struct assault *a)
{
	struct icc *saved = a->saved;
	bool stands;

	swallow();
	write_sysreg_s(~saved->ctlr & 3, SYS_ICC_CTLR_EL1);
	write_sysreg_s(7, SYS_ICC_BPR1_EL1);
	write_sysreg_s(~0ull & 0xffffffff, SYS_ICC_AP1R0_EL1);
	assault_guarded(sre_off, NULL);
	forge();
	write_sysreg_s(0xff, SYS_ICC_PMR_EL1);
	write_sysreg_s(0, SYS_ICC_IGRPEN1_EL1);
	write_sysreg_s(0, SYS_ICC_PMR_EL1);
	isb();
	stands = assault_tick_stands();
	write_sysreg_s(1, SYS_ICC_IGRPEN1_EL1);
	return stands;
}

static void icc_end(struct assault *a)
{
	struct icc *saved = a->saved;

	write_sysreg_s(0, SYS_ICC_AP1R0_EL1);
	write_sysreg_s(saved->bpr, SYS_ICC_BPR1_EL1);
	write_sysreg_s(saved->ctlr, SYS_ICC_CTLR_EL1);
	write_sysreg_s(saved->enable, SYS_ICC_IGRPEN1_EL1);
	write_sysreg_s(saved->pmr, SYS_ICC_PMR_EL1);
	isb();
}

/* All levels of both worlds stop at this address, if the Secure world lets them. */
static bool debug_round(struct assault *a)
{
	u64 mdscr = read_sysreg(mdscr_el1);
	bool set;

	write_sysreg(0, oslar_el1);
	write_sysreg(a->request->address, dbgbvr0_el1);
	write_sysreg(BREAK_ALL, dbgbcr0_el1);
	write_sysreg(a->request->address & ~7ull, dbgwvr0_el1);
	write_sysreg(WATCH_ALL, dbgwcr0_el1);
	write_sysreg(mdscr | (BIT(15) | BIT(13)), mdscr_el1);
	isb();
	set = read_sysreg(dbgbvr0_el1) == a->request->address && (read_sysreg(dbgbcr0_el1) & 1) && (read_sysreg(dbgwcr0_el1) & 1);
	assault_tick_stands();
	write_sysreg(0, dbgbcr0_el1);
	write_sysreg(0, dbgwcr0_el1);
	write_sysreg(mdscr, mdscr_el1);
	isb();
	return set;
}

static bool maintain_round(struct assault *a)
{
	u64 way;

	asm volatile("tlbi vmalle1is; dsb ish; ic ialluis; dsb ish; isb" : : : "memory");
	for (way = 0; way < 4; way++)
		asm volatile("dc cisw, %0" : : "r" (way << 30));
	dsb(sy);
	return true;
}

const struct assault_kind assault_sgi = { .open = true, .round = sgi_round };
const struct assault_kind assault_icc = { .saved = sizeof(struct icc), .begin = icc_begin, .round = icc_round, .end = icc_end };
const struct assault_kind assault_debug = { .round = debug_round };
const struct assault_kind assault_maintain = { .round = maintain_round };
