/* SPDX-License-Identifier: MIT */
/*
 * From a sender to the thread that is to have the signal, all within this enclave. The thread is made to look by the secure kernel
 * (RM_SVC_NOTIFY), and where its Linux thread is busy for it, by a kick of that.
 *
 * Attacks considered: the kick is a request to Linux, which may forget it; then the signal waits until the thread comes back by
 * itself, as if it had not been given time.
 */
#include "posix/signal.h"

#include "load/policy.h"
#include "ring/access.h"

#define JOB_STOPS	(BIT(LX_SIGSTOP) | BIT(LX_SIGTSTP) | BIT(LX_SIGTTIN) | BIT(LX_SIGTTOU))

static bool wants(uint32_t index, uint64_t bit)
{
	const struct rm_signal_state *s = &rm_thread_block(index)->signal;

	return (__atomic_load_n(&s->mask, __ATOMIC_RELAXED) & bit) == 0 || (s->awaited & bit) != 0;
}

/* Who is to take it: that thread, or the first of the enclave's that lets it through; -1: it has to wait. Under the lock. */
static int taker(int index, uint64_t bit)
{
	if (index >= 0)
		return wants((uint32_t)index, bit) ? index : -1;
	for (uint64_t left = rm_enclave.threads; left; left &= left - 1)
		if (wants((uint32_t)__builtin_ctzll(left), bit))
			return __builtin_ctzll(left);
	return -1;
}

static void wake(struct rm_thread *t, int index)
{
	if (index < 0 || index == (int)t->index)
		return;
	/* A resident thread looks by itself: when it goes on, or Linux comes back to it (ring/host.h). */
	if (rm_svc1(RM_SVC_NOTIFY, index) == 1 && !t->resident)
		rm_ring_host(t, RM_HOST_KICK, (uint64_t)index, 0);
}

/* A stop forgets a waiting SIGCONT, and the other way round. Under the lock. */
static void job_control(int signal)
{
	const uint64_t against = signal == LX_SIGCONT ? JOB_STOPS : BIT(signal) & JOB_STOPS ? BIT(LX_SIGCONT) : 0;

	if (against == 0)
		return;
	rm_pending_drop(&rm_enclave.pending, against);
	for (uint64_t left = rm_enclave.threads; left; left &= left - 1)
		rm_pending_drop(&rm_thread_block((uint32_t)__builtin_ctzll(left))->signal.pending, against);
}

/* What becomes of a signal that is sent. */
enum fate { FATE_WAITS, FATE_IGNORED, FATE_NO_ROOM };

/* Under the lock. */
static enum fate place(int index, const struct rm_siginfo *info)
{
	const uint64_t bit = BIT(info->signo);
	const uint32_t first = index >= 0 ? (uint32_t)index : (uint32_t)__builtin_ctzll(rm_enclave.threads | 1ul << (RM_THREAD_MAX - 1));
	struct rm_pending *pending = index >= 0 ? &rm_thread_block((uint32_t)index)->signal.pending : &rm_enclave.pending;

	if (rm_enclave.threads == 0)
		return FATE_IGNORED;	/* the last one is on its way out */
	job_control(info->signo);
	if (rm_signal_ignored(info->signo) && !(rm_thread_block(first)->signal.mask & bit))
		return FATE_IGNORED;
	return rm_pending_add(pending, info) ? FATE_WAITS : FATE_NO_ROOM;
}

long rm_signal_send(struct rm_thread *t, int index, const struct rm_siginfo *info)
{
	enum fate fate;
	int to;

	rm_lock(&rm_enclave.signal_lock);
	if (index >= 0 && !(rm_enclave.threads >> index & 1)) {
		rm_unlock(&rm_enclave.signal_lock);
		return -ESRCH;
	}
	fate = place(index, info);
	rm_barrier();	/* what waits first, then who lets it through: see rm_signal_set_mask() */
	to = taker(index, BIT(info->signo));
	rm_unlock(&rm_enclave.signal_lock);
	if (fate != FATE_WAITS)
		return fate == FATE_NO_ROOM ? -EAGAIN : 0;
	wake(t, to);
	rm_signalfd_settle(t);
	return 0;
}

void rm_signal_retarget(struct rm_thread *t, uint64_t signals)
{
	uint64_t others = 0;

	rm_lock(&rm_enclave.signal_lock);
	for (uint64_t left = rm_enclave.pending.set & signals; left; left &= left - 1) {
		const int to = taker(WHOLE_ENCLAVE, left & -left);

		others |= to >= 0 ? 1ul << to : 0;
	}
	rm_unlock(&rm_enclave.signal_lock);
	for (; others; others &= others - 1)
		wake(t, __builtin_ctzll(others));
}

bool rm_signal_take(struct rm_thread *t, uint64_t allowed, struct rm_siginfo *info)
{
	bool found;

	rm_lock(&rm_enclave.signal_lock);
	found = rm_pending_take(&t->signal.pending, allowed, info) || rm_pending_take(&rm_enclave.pending, allowed, info);
	rm_unlock(&rm_enclave.signal_lock);
	return found;
}

bool rm_signal_thread_begins(uint32_t index)
{
	uint32_t count = 0;
	bool room;

	rm_lock(&rm_enclave.signal_lock);
	for (uint64_t left = rm_enclave.threads; left; left &= left - 1)
		count++;
	room = count < rm_policy.threads;
	if (room)
		rm_enclave.threads |= 1ul << index;
	rm_unlock(&rm_enclave.signal_lock);
	return room;
}

void rm_signal_thread_ends(struct rm_thread *t, uint32_t index)
{
	rm_lock(&rm_enclave.signal_lock);
	rm_enclave.threads &= ~(1ul << index);
	rm_pending_drop(&rm_thread_block(index)->signal.pending, ~0ul);
	rm_unlock(&rm_enclave.signal_lock);
	rm_signal_retarget(t, ~0ul);
}

long rm_signal_raise(struct rm_thread *t, int signal)
{
	const struct rm_siginfo info = rm_siginfo_of(signal, LX_SI_USER);

	return rm_signal_valid((unsigned long)signal) ? rm_signal_send(t, (int)t->index, &info) : -EINVAL;
}

/* The host is told to leave this signal to us wherever it matters; where Linux has killed the proxy for it, nobody comes here. */
void rm_signal_pipe(struct rm_thread *t)
{
	rm_signal_raise(t, LX_SIGPIPE);
}

/* Asks Linux, for another process: a host call with up to three numbers. */
static long elsewhere(struct rm_thread *t, const struct rm_args *args, unsigned count, const struct rm_siginfo *info)
{
	uint8_t bytes[LX_SIGINFO_SIZE] = { 0 };
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, (uint32_t)args->number), room = 0;

	if (result)
		return result;
	for (unsigned i = 0; i < count; i++)
		h.message.arg[i] = args->a[i];
	if (info) {
		__builtin_memcpy(bytes, info, sizeof(*info));
		room = rm_hostcall_put(&h, (int)count, bytes, sizeof(bytes));
	}
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	rm_hostcall_end(&h);
	return result;
}

static bool our_thread(unsigned long tid)
{
	return tid >= rm_enclave.pid && tid < rm_enclave.pid + RM_THREAD_MAX;
}

long rm_sys_kill(struct rm_thread *t, const struct rm_args *args)
{
	const int pid = (int)args->a[0], signal = (int)args->a[1];
	const struct rm_siginfo info = rm_siginfo_of(signal, LX_SI_USER);

	if (pid != (int)rm_enclave.pid)
		return elsewhere(t, args, 2, NULL);
	if (signal != 0 && !rm_signal_valid((unsigned long)signal))
		return -EINVAL;
	return signal == 0 ? 0 : rm_signal_send(t, WHOLE_ENCLAVE, &info);
}

/* To one thread. Those of other processes are theirs: a tid of ours is no tid of Linux but for the first. */
static long thread_kill(struct rm_thread *t, int tid, const struct rm_siginfo *info)
{
	if (tid <= 0 || (info->signo != 0 && !rm_signal_valid((unsigned long)info->signo)))
		return -EINVAL;
	if (!our_thread((unsigned long)tid))
		return -ESRCH;
	if (info->signo == 0)
		return rm_enclave.threads >> ((uint32_t)tid - rm_enclave.pid) & 1 ? 0 : -ESRCH;
	return rm_signal_send(t, tid - (int)rm_enclave.pid, info);
}

long rm_sys_tkill(struct rm_thread *t, const struct rm_args *args)
{
	const struct rm_siginfo info = rm_siginfo_of((int)args->a[1], LX_SI_TKILL);

	return thread_kill(t, (int)args->a[0], &info);
}

long rm_sys_tgkill(struct rm_thread *t, const struct rm_args *args)
{
	const struct rm_siginfo info = rm_siginfo_of((int)args->a[2], LX_SI_TKILL);

	if ((int)args->a[0] <= 0)
		return -EINVAL;
	if ((int)args->a[0] != (int)rm_enclave.pid)
		return elsewhere(t, args, 3, NULL);
	return thread_kill(t, (int)args->a[1], &info);
}

/* The program's own information, of which the number is the argument's. */
static long get_info(struct rm_siginfo *info, unsigned long user, int signal)
{
	if (rm_get_user(info, user, sizeof(*info)) != 0)
		return -EFAULT;
	info->signo = signal;
	return 0;
}

long rm_sys_rt_sigqueueinfo(struct rm_thread *t, const struct rm_args *args)
{
	const int pid = (int)args->a[0], signal = (int)args->a[1];
	struct rm_siginfo info;

	if (get_info(&info, args->a[2], signal) != 0)
		return -EFAULT;
	if (pid != (int)rm_enclave.pid)
		return elsewhere(t, args, 2, &info);
	if (signal != 0 && !rm_signal_valid((unsigned long)signal))
		return -EINVAL;
	return signal == 0 ? 0 : rm_signal_send(t, WHOLE_ENCLAVE, &info);
}

long rm_sys_rt_tgsigqueueinfo(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_siginfo info;

	if (get_info(&info, args->a[3], (int)args->a[2]) != 0)
		return -EFAULT;
	if ((int)args->a[0] <= 0)
		return -EINVAL;
	if ((int)args->a[0] != (int)rm_enclave.pid)
		return elsewhere(t, args, 3, &info);
	return thread_kill(t, (int)args->a[1], &info);
}
