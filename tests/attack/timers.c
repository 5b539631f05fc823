// SPDX-License-Identifier: GPL-2.0-only
/* The timers: Linux's own, and those that it should not reach. */
#include <asm/arch_timer.h>
#include <asm/sysreg.h>

#include "assault.h"

#define CNTPS_CTL	sys_reg(3, 7, 14, 2, 1)
#define CNTPS_CVAL	sys_reg(3, 7, 14, 2, 2)
#define CNTVOFF		sys_reg(3, 4, 14, 0, 3)
#define CNTHP_CTL	sys_reg(3, 4, 14, 2, 1)
#define FORBIDDEN	5	/* attempts in forbidden() */

struct timers {
	u64 p_ctl, p_cval, v_ctl, v_cval, kctl;
};

static bool tick_round(struct assault *a)
{
	write_sysreg(0, cntp_cval_el0);
	write_sysreg(ARCH_TIMER_CTRL_ENABLE, cntp_ctl_el0);
	write_sysreg(0, cntv_cval_el0);
	write_sysreg(ARCH_TIMER_CTRL_ENABLE, cntv_ctl_el0);
	isb();
	return true;	/* /proc/interrupts tells whether they came */
}

/* Linux's handler looks at the state of the timer that it uses, so the other one must not stay due. */
static void tick_end(struct assault *a)
{
	struct timers *saved = a->saved;

	write_sysreg(saved->v_ctl, cntv_ctl_el0);
	write_sysreg(ARCH_TIMER_CTRL_ENABLE, cntp_ctl_el0);
	isb();
}

static int timers_begin(struct assault *a)
{
	struct timers *saved = a->saved;

	saved->p_ctl = read_sysreg(cntp_ctl_el0);
	saved->p_cval = read_sysreg(cntp_cval_el0);
	saved->v_ctl = read_sysreg(cntv_ctl_el0);
	saved->v_cval = read_sysreg(cntv_cval_el0);
	saved->kctl = read_sysreg(cntkctl_el1);
	return 0;
}

static void forbidden(void *unused)
{
	write_sysreg_s(0, CNTPS_CTL);
	write_sysreg_s(U64_MAX, CNTPS_CVAL);
	write_sysreg(1, cntfrq_el0);
	write_sysreg_s(U64_MAX, CNTVOFF);
	write_sysreg_s(0, CNTHP_CTL);
}

/* All off, then all due and masked, with the secure timer tried in between; Linux's clock must stand. */
static bool timers_round(struct assault *a)
{
	bool refused, stands;

	write_sysreg(~0ull, cntkctl_el1);
	write_sysreg(ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK, cntp_ctl_el0);
	write_sysreg(ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK, cntv_ctl_el0);
	write_sysreg(0, cntp_cval_el0);
	write_sysreg(0, cntv_cval_el0);
	isb();
	write_sysreg(0, cntp_ctl_el0);
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(~0ull, cntp_cval_el0);
	write_sysreg(~0ull, cntv_cval_el0);
	write_sysreg(0, cntkctl_el1);
	isb();
	refused = assault_guarded(forbidden, NULL) == FORBIDDEN;
	stands = assault_tick_stands();
	return refused && stands;
}

static void timers_end(struct assault *a)
{
	struct timers *saved = a->saved;

	write_sysreg(saved->kctl, cntkctl_el1);
	write_sysreg(saved->p_cval, cntp_cval_el0);
	write_sysreg(saved->v_cval, cntv_cval_el0);
	write_sysreg(saved->v_ctl, cntv_ctl_el0);
	write_sysreg(saved->p_ctl, cntp_ctl_el0);
	isb();
}

const struct assault_kind assault_tick = {
	.open = true, .saved = sizeof(struct timers), .begin = timers_begin, .round = tick_round, .end = tick_end,
};
const struct assault_kind assault_timers = {
	.saved = sizeof(struct timers), .begin = timers_begin, .round = timers_round, .end = timers_end,
};
