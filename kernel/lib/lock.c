/* SPDX-License-Identifier: MIT */
#include "lib/lock.h"
#include "arch/timer.h"
#include "lib/panic.h"

#define SPINS	4096u	/* longer than any core holds the lock, if it runs */
#define DOZE_NS	100000u

static unsigned int next_ticket, now_serving;

void kernel_lock(void)
{
	unsigned int mine = __atomic_fetch_add(&next_ticket, 1, __ATOMIC_RELAXED);

	/* Acquire pairs with the release below: what the last holder wrote is seen. */
	for (unsigned int spins = 0; __atomic_load_n(&now_serving, __ATOMIC_ACQUIRE) != mine; spins++) {
		__asm__ volatile("yield");
		/* Its core is an emulator's, which the machine below took away: it comes back sooner if this one lets go of that machine. */
		if (spins >= SPINS)
			timer_doze(counter_from_ns(DOZE_NS));
	}
}

void kernel_unlock(void)
{
	assert(kernel_locked());
	__atomic_store_n(&now_serving, now_serving + 1, __ATOMIC_RELEASE);
}

bool kernel_locked(void)
{
	return __atomic_load_n(&next_ticket, __ATOMIC_RELAXED) != __atomic_load_n(&now_serving, __ATOMIC_RELAXED);
}
