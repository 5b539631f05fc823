/* SPDX-License-Identifier: MIT */
/*
 * Three-state futex lock. Where the kernel refuses to sleep on the word, the thread yields instead: slow, still right.
 */
#include "lib/lock.h"

#include "sys/linux.h"
#include "sys/svc.h"

#define FUTEX_WAIT_PRIVATE	128
#define FUTEX_WAKE_PRIVATE	129

void rm_lock(struct rm_lock *lock)
{
	uint32_t seen = 0;
	long result;

	if (__atomic_compare_exchange_n(&lock->word, &seen, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE) != 0) {
		result = rm_svc(LX_futex, (unsigned long)&lock->word, FUTEX_WAIT_PRIVATE, 2, 0, 0, 0);
		if (result < 0 && result != -EAGAIN && result != -EINTR)
			rm_svc0(LX_sched_yield);
	}
}

bool rm_try_lock(struct rm_lock *lock)
{
	uint32_t seen = 0;

	return __atomic_compare_exchange_n(&lock->word, &seen, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void rm_unlock(struct rm_lock *lock)
{
	if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
		rm_svc(LX_futex, (unsigned long)&lock->word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}
