/* SPDX-License-Identifier: MIT */
/* Waiting for signals: rt_sigsuspend(), rt_sigtimedwait(). */
#include "posix/signal.h"

#include "lib/string.h"
#include "ring/access.h"

#define NS	1000000000ul

bool rm_signal_sleep(struct rm_thread *t, uint64_t until)
{
	const uint64_t moment = rm_timer_next(t, until);
	const struct lx_timespec at = moment == ~0ul ? (struct lx_timespec){ .sec = INT64_MAX } :
				      (struct lx_timespec){ .sec = (int64_t)(moment / NS), .nsec = (int64_t)(moment % NS) };

	return rm_svc(LX_clock_nanosleep, LX_CLOCK_MONOTONIC, LX_TIMER_ABSTIME, (unsigned long)&at, 0, 0, 0) == -EINTR && t->resident && moment == until;
}

/* The mask stays lent: the handler runs under it, and brings the old one back. */
long rm_sys_rt_sigsuspend(struct rm_thread *t, const struct rm_args *args)
{
	const long error = args->a[0] ? rm_mask_push(t, args->a[0], args->a[1]) : -EFAULT;

	if (error)
		return args->a[1] != sizeof(uint64_t) ? -EINVAL : error;
	while (!rm_interrupted(t))
		rm_signal_sleep(t, ~0ul);
	return -LX_ERESTARTNOHAND;
}

/* Takes one of the set, or sleeps until there is one. */
static long wait_for(struct rm_thread *t, uint64_t set, uint64_t until, struct rm_siginfo *info)
{
	for (;;) {
		const bool ready = rm_interrupted(t);

		if (rm_signal_take(t, set, info)) {
			if (info->code != LX_SI_TIMER || rm_timer_delivered(info))
				return info->signo;
			continue;
		}
		if (ready)
			return -EINTR;
		if (rm_time_monotonic() >= until)
			return -EAGAIN;
		rm_signal_sleep(t, until);
	}
}

static void await(struct rm_thread *t, uint64_t set)
{
	rm_lock(&rm_enclave.signal_lock);
	t->signal.awaited = set;
	rm_unlock(&rm_enclave.signal_lock);
	rm_barrier();
}

/* Wakes that a wait used up while another signal ended it are others' to have. */
long rm_signal_wait(struct rm_thread *t, uint64_t set, uint64_t until, struct rm_siginfo *info)
{
	long result;

	await(t, set);
	result = wait_for(t, set, until, info);
	await(t, 0);
	if (__atomic_load_n(&rm_enclave.pending.set, __ATOMIC_RELAXED) & set)
		rm_signal_retarget(t, set);
	return result;
}

static long deadline(unsigned long user, uint64_t *until)
{
	struct lx_timespec ts;

	*until = ~0ul;
	if (user == 0)
		return 0;
	if (rm_get_user(&ts, user, sizeof(ts)) != 0)
		return -EFAULT;
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec >= (int64_t)NS)
		return -EINVAL;
	if ((uint64_t)ts.sec < ~0ul / NS / 2)
		*until = rm_time_monotonic() + (uint64_t)ts.sec * NS + (uint64_t)ts.nsec;
	return 0;
}

long rm_sys_rt_sigtimedwait(struct rm_thread *t, const struct rm_args *args)
{
	uint8_t answer[LX_SIGINFO_SIZE] = { 0 };
	struct rm_siginfo info;
	uint64_t set, until;
	long result;

	if (args->a[3] != sizeof(set))
		return -EINVAL;
	if (rm_get_user(&set, args->a[0], sizeof(set)) != 0)
		return -EFAULT;
	result = deadline(args->a[2], &until);
	if (result)
		return result;
	set &= ~UNBLOCKABLE;
	rm_signal_host_hands_over(t, set);
	result = rm_signal_wait(t, set, until, &info);
	rm_signalfd_settle(t);
	if (result < 0 || args->a[1] == 0)
		return result;
	memcpy(answer, &info, sizeof(info));
	return rm_put_user(args->a[1], answer, sizeof(answer)) ? -EFAULT : result;
}
