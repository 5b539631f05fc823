/* SPDX-License-Identifier: MIT */
#include "arch/timer.h"

#define CNTPS_ENABLE	1u
#define NS_PER_S	1000000000u

void timer_set(uint64_t at)
{
	write_sysreg(cntps_cval_el1, at);
	write_sysreg(cntps_ctl_el1, at == UINT64_MAX ? 0 : CNTPS_ENABLE);
	isb();
}

void timer_doze(uint64_t ticks)
{
	uint64_t at = read_sysreg(cntps_ctl_el1) & CNTPS_ENABLE ? read_sysreg(cntps_cval_el1) : UINT64_MAX;
	uint64_t until = counter() + ticks;

	if (until < at)
		timer_set(until);
	__asm__ volatile("wfi" ::: "memory");
	timer_set(at);
}

/* value * multiplier / divisor, both below 2^32, without overflow in between. */
static uint64_t scale(uint64_t value, uint64_t multiplier, uint64_t divisor)
{
	uint64_t whole = value / divisor, rest = value % divisor, high, result;

	if (__builtin_mul_overflow(whole, multiplier, &high) ||
	    __builtin_add_overflow(high, rest * multiplier / divisor, &result))
		return UINT64_MAX;
	return result;
}

uint64_t counter_to_ns(uint64_t ticks)
{
	return scale(ticks, NS_PER_S, read_sysreg(cntfrq_el0));
}

uint64_t counter_from_ns(uint64_t ns)
{
	uint64_t ticks = scale(ns, read_sysreg(cntfrq_el0), NS_PER_S);

	return ticks == UINT64_MAX ? ticks : ticks + 1;
}
