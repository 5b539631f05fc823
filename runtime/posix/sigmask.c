/* SPDX-License-Identifier: MIT */
/*
 * Masks: which signals a thread lets through, for good, or lent for the time of one call (ppoll() and its kin).
 */
#include "posix/signal.h"

#include "debug/debug.h"
#include "ring/access.h"

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

/* What musl blocks around its own critical sections, and sigfillset(): no wish to keep the signals for later. */
#define EVERY_SIGNAL	0xfffffffc7ffffffful

/*
 * Signals newly blocked that wait for the enclave are other threads' now. A full barrier between the store and every later look at what
 * waits: a sender does it the other way round (sigsend.c), and one of us must see the other.
 */
void rm_signal_set_mask(struct rm_thread *t, uint64_t mask)
{
	const uint64_t newly = mask & ~t->signal.mask & ~UNBLOCKABLE;

	__atomic_store_n(&t->signal.mask, mask & ~UNBLOCKABLE, __ATOMIC_RELAXED);
	rm_barrier();
	if (__atomic_load_n(&rm_enclave.pending.set, __ATOMIC_RELAXED) & newly)
		rm_signal_retarget(t, newly);
}

/* Looking may leave to the host, which may bring news again: one look after the other, not one inside the other without end. */
bool rm_interrupted(struct rm_thread *t)
{
	struct rm_signal_state *s = &t->signal;

	s->look_again = true;
	while (s->look_again && !s->looking && !t->dead) {
		s->looking = true;
		s->look_again = false;
		rm_signal_news(t);
		rm_timer_news(t);
		s->looking = false;
	}
	if (rm_debug_on)
		rm_debug_look(t);
	return t->signal.hold == 0 && rm_signal_ready(t);
}

static long change(struct rm_thread *t, unsigned long how, uint64_t set)
{
	const uint64_t old = t->signal.mask;

	switch (how) {
	case SIG_BLOCK:
		rm_signal_set_mask(t, old | set);
		break;
	case SIG_UNBLOCK:
		rm_signal_set_mask(t, old & ~set);
		break;
	case SIG_SETMASK:
		rm_signal_set_mask(t, set);
		break;
	default:
		return -EINVAL;
	}
	/* Blocked on purpose: the host must not do their default meanwhile. */
	if (how != SIG_UNBLOCK && (set & EVERY_SIGNAL) != EVERY_SIGNAL)
		rm_signal_host_hands_over(t, t->signal.mask & ~old);
	return 0;
}

long rm_sys_rt_sigprocmask(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t old = t->signal.mask;
	uint64_t set;
	long result = 0;

	if (args->a[3] != sizeof(set))
		return -EINVAL;
	if (args->a[1] && rm_get_user(&set, args->a[1], sizeof(set)) != 0)
		return -EFAULT;
	if (args->a[1])
		result = change(t, args->a[0], set);
	if (result == 0 && args->a[2] && rm_put_user(args->a[2], &old, sizeof(old)) != 0)
		return -EFAULT;
	return result;
}

long rm_sys_rt_sigpending(struct rm_thread *t, const struct rm_args *args)
{
	uint64_t set;

	if (args->a[1] > sizeof(set))
		return -EINVAL;
	rm_interrupted(t);
	set = (t->signal.pending.set | rm_enclave.pending.set) & t->signal.mask;
	return rm_put_user(args->a[0], &set, args->a[1]);
}

/* A call that is made again finds its mask lent already: what comes back is still the first. */
long rm_mask_push(struct rm_thread *t, unsigned long user, size_t size)
{
	uint64_t set;

	if (user == 0)
		return 0;
	if (size != sizeof(set))
		return -EINVAL;
	if (rm_get_user(&set, user, sizeof(set)) != 0)
		return -EFAULT;
	if (!t->signal.mask_lent)
		t->signal.mask_after = t->signal.mask;
	t->signal.mask_lent = true;
	rm_signal_set_mask(t, set);
	return 0;
}

void rm_mask_pop(struct rm_thread *t, long result)
{
	if (!t->signal.mask_lent)
		return;
	if ((result == -EINTR || result == -LX_ERESTARTSYS || result == -LX_ERESTARTNOHAND) && rm_interrupted(t))
		return;
	t->signal.mask_lent = false;
	rm_signal_set_mask(t, t->signal.mask_after);
}
