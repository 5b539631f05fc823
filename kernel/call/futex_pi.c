/* SPDX-License-Identifier: MIT */
/*
 * Locks of futex(2) that name their owner (FUTEX_LOCK_PI). The word holds the owner's number, FUTEX_WAITERS if others wait here, and
 * FUTEX_OWNER_DIED. Linux raises the owner's priority meanwhile; hosted threads have no priority here, so what is left is an exact hand-over: to
 * the thread that waited first, never to one that comes by.
 *
 * The program can write anything into the word at any moment. All that follows from it is which thread of the same enclave waits for what.
 */
#include "arch/timer.h"
#include "call/svc.h"
#include "enclave/upcall.h"
#include "lib/errno.h"
#include "lib/panic.h"

#define FUTEX_LOCK_PI		6
#define FUTEX_UNLOCK_PI		7
#define FUTEX_TRYLOCK_PI	8
#define WAITERS			0x80000000u
#define OWNER_DIED		0x40000000u
#define TID			0x3fffffffu
#define RACES			16

static struct thread *first_waiter(const struct enclave *e, vaddr_t address)
{
	struct thread *first = NULL;

	for (unsigned int i = 0; i < RM_THREAD_MAX; i++) {
		struct thread *t = e->threads[i];

		if (t && t->state == THREAD_WAITING && t->futex_pi && t->futex == address &&
		    (!first || t->futex_turn < first->futex_turn))
			first = t;
	}
	return first;
}

static struct thread *thread_of(const struct enclave *e, uint32_t tid)
{
	uint32_t index = tid - e->tid_base;

	return index < RM_THREAD_MAX && e->threads[index] && !e->threads[index]->ended ? e->threads[index] : NULL;
}

/* Would t wait for itself, by way of the locks that owners wait for? */
static bool goes_round(const struct thread *t, struct thread *owner)
{
	for (unsigned int i = 0; owner && i < RM_THREAD_MAX; i++) {
		if (owner == t)
			return true;
		if (owner->state != THREAD_WAITING || !owner->futex_pi || owner->futex_owner >= RM_THREAD_MAX)
			return false;
		owner = t->enclave->threads[owner->futex_owner];
	}
	return false;
}

/* Who waits at that address waits for this one from now on. */
static void set_owner(struct enclave *e, vaddr_t address, const struct thread *owner)
{
	for (unsigned int i = 0; i < RM_THREAD_MAX; i++) {
		struct thread *t = e->threads[i];

		if (t && t->state == THREAD_WAITING && t->futex_pi && t->futex == address)
			t->futex_owner = owner->index;
	}
}

static int64_t sleep_for_it(struct thread *t, vaddr_t address, uint64_t until_ns, const struct thread *owner)
{
	uint64_t until = until_ns == UINT64_MAX ? WAIT_FOREVER : counter_from_ns(until_ns);

	if (until <= counter())
		return -ETIMEDOUT;
	if (upcall_take(t))
		return -EINTR;
	t->futex = address;
	t->futex_pi = true;
	t->futex_owner = owner->index;
	t->futex_turn = t->enclave->futex_order++;
	t->context.x[0] = (uint64_t)-ETIMEDOUT;		/* unless it is handed over before */
	thread_sleep(cpu_this(), t, until, true);
	return SVC_DONE;
}

static int64_t lock(struct thread *t, vaddr_t address, uint32_t *word, uint32_t tid, uint64_t until_ns, bool try)
{
	uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED), new;
	struct thread *owner;

	if ((old & TID) == tid)
		return -EDEADLK;
	if (!(old & TID)) {
		new = tid | (old & OWNER_DIED) | (first_waiter(t->enclave, address) ? WAITERS : 0);
		return __atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED) ? 0 : SVC_AGAIN;
	}
	owner = thread_of(t->enclave, old & TID);
	if (!owner)
		return -ESRCH;
	if (goes_round(t, owner))
		return -EDEADLK;
	if (try)
		return -EAGAIN;
	if (!__atomic_compare_exchange_n(word, &old, old | WAITERS, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return SVC_AGAIN;
	return sleep_for_it(t, address, until_ns, owner);
}

/* From its owner to the first that waits, or to nobody. */
static int64_t hand_over(struct enclave *e, vaddr_t address, uint32_t *word, uint32_t tid, uint32_t died)
{
	uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED);
	struct thread *next = first_waiter(e, address);

	if ((old & TID) != tid)
		return -EPERM;
	if (!__atomic_compare_exchange_n(word, &old, next ? WAITERS | died | (e->tid_base + next->index) : died, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return SVC_AGAIN;
	if (next) {
		thread_wake(next, 0);
		set_owner(e, address, next);
	}
	return 0;
}

/* The owner of a lock in a robust list died: a plain one's waiter is woken to find that out. */
static int64_t died(struct enclave *e, vaddr_t address, uint32_t *word, uint32_t tid)
{
	uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED);

	if ((old & TID) != tid)
		return -EPERM;
	if (!__atomic_compare_exchange_n(word, &old, (old & WAITERS) | OWNER_DIED, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return SVC_AGAIN;
	if (old & WAITERS)
		futex_wake_one(e, address);
	return 0;
}

int64_t svc_futex_pi(struct thread *t)
{
	const uint64_t *x = t->context.x;
	vaddr_t address = x[1];
	uint32_t tid = (uint32_t)x[2];
	uint32_t *word;
	int error;

	if ((address & 3) || (tid & ~TID))
		return -EINVAL;
	word = space_pointer(&t->enclave->space, address, PROT_WRITE, &error);
	if (!word)
		return error;
	t->enclave->tid_base = tid - t->index;
	switch (x[0]) {
	case FUTEX_LOCK_PI: return lock(t, address, word, tid, x[3], false);
	case FUTEX_TRYLOCK_PI: return lock(t, address, word, tid, x[3], true);
	case FUTEX_UNLOCK_PI: return hand_over(t->enclave, address, word, tid, 0);
	case RM_FUTEX_DIED: return died(t->enclave, address, word, tid);
	case RM_FUTEX_DIED_PI: return hand_over(t->enclave, address, word, tid, OWNER_DIED);
	default: return -ENOSYS;
	}
}

/*
 * The lock that `waiter` waits for lost its owner. A libc may have said so in the word already (0 and OWNER_DIED), and another thread may
 * have taken it since; then that one is waited for.
 */
static bool inherit(struct enclave *e, vaddr_t address, uint32_t *word, uint32_t tid)
{
	uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED), new;
	struct thread *owner = (old & TID) && (old & TID) != tid ? thread_of(e, old & TID) : NULL;
	struct thread *next = owner ? NULL : first_waiter(e, address);

	assert(owner || next);
	new = owner ? old | WAITERS : WAITERS | OWNER_DIED | (e->tid_base + next->index);
	if (!__atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return false;
	if (next)
		thread_wake(next, 0);
	set_owner(e, address, owner ? owner : next);
	return true;
}

/* Each thread waits for one lock at most. One waiter a step. */
bool futex_pi_exit(struct thread *t)
{
	struct enclave *e = t->enclave;
	bool done = false;
	uint32_t *word;
	int error;

	for (unsigned int i = 0; i < RM_THREAD_MAX; i++) {
		struct thread *waiter = e->threads[i];

		if (!waiter || waiter->state != THREAD_WAITING || !waiter->futex_pi || waiter->futex_owner != t->index)
			continue;
		word = space_pointer(&e->space, waiter->futex, PROT_WRITE, &error);
		/* A program that writes the word in a loop from another core has itself to blame if its waiter waits on. */
		for (int races = 0; word && !done && races < RACES; races++)
			done = inherit(e, waiter->futex, word, e->tid_base + t->index);
		if (!done)
			waiter->futex_owner = RM_THREAD_MAX;	/* nobody: not looked at again */
		return false;
	}
	return true;
}
