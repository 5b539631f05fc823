/* SPDX-License-Identifier: MIT */
#include "enclave/reservation.h"
#include "arch/timer.h"
#include "lib/panic.h"

#define NS_PER_US 1000ul

void reservation_init(struct reservation *r, const struct rm_reservation *asked, uint64_t now)
{
	*r = (struct reservation){ .asked = *asked, .period = counter_from_ns(asked->period * NS_PER_US),
				   .budget = counter_from_ns(asked->budget * NS_PER_US) };
	r->left = r->budget;
	r->next = now + r->period;
}

void reservation_enter(struct reservation *r, uint64_t at)
{
	/* Nothing of this period's budget was used: it may as well begin now. */
	if (r->ready++ == 0 && (at >= r->next || r->left == r->budget)) {
		r->left = r->budget;
		r->next = at + r->period;
	}
}

void reservation_leave(struct reservation *r)
{
	assert(r->ready > 0);
	r->ready--;
}

void reservation_refill(struct reservation *r, uint64_t now)
{
	if (r->ready == 0 || now < r->next)
		return;
	r->next += ((now - r->next) / r->period + 1) * r->period;
	r->left = r->budget;
}

bool reservation_charge(struct reservation *r, uint64_t ran)
{
	if (r->left == 0)
		return false;
	r->left -= min_u64(r->left, ran);
	return r->left == 0 && r->ready > 0;
}
