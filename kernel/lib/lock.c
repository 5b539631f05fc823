/* SPDX-License-Identifier: MIT */
#include "lib/lock.h"
#include "lib/panic.h"

static unsigned int next_ticket, now_serving;

void kernel_lock(void)
{
	unsigned int mine = __atomic_fetch_add(&next_ticket, 1, __ATOMIC_RELAXED);

	/* Acquire pairs with the release below: what the last holder wrote is seen. */
	while (__atomic_load_n(&now_serving, __ATOMIC_ACQUIRE) != mine)
		__asm__ volatile("yield");
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
