/* SPDX-License-Identifier: MIT */
/*
 * Signals, as far as they exist yet: dispositions and masks are kept, ignoring and default actions work, also when a signal waits
 * behind a mask (abort() and raise() block all signals around the call). Handlers are recorded but cannot run: raising a signal
 * that has one is -ENOSYS and counted, never a silent success.
 *
 * Attacks considered: whether a signal arrives is in Linux's hand anyway; what the proxy is told (ignore or default) is only a hint.
 */
#include "posix/posix.h"

#include "ring/access.h"

#define BIT(signal)	(1ul << ((signal) - 1))
#define UNBLOCKABLE	(BIT(LX_SIGKILL) | BIT(LX_SIGSTOP))
#define IGNORED_BY_DEFAULT	(BIT(LX_SIGCHLD) | BIT(LX_SIGCONT) | BIT(LX_SIGURG) | BIT(LX_SIGWINCH))
#define STOPS_BY_DEFAULT	(BIT(LX_SIGSTOP) | BIT(LX_SIGTSTP) | BIT(21) | BIT(LX_SIGTTOU))

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

static bool valid(unsigned long signal)
{
	return signal >= 1 && signal <= LX_SIGNALS;
}

#define ASK		2u	/* disposition of the host call that changes nothing */
#define ASKED_SIGNALS	31u	/* above: real-time signals, which libcs use inside and nobody inherits ignored */

/* A host call with two numbers and a small result. */
static long host(struct rm_thread *t, uint32_t number, unsigned long a, unsigned long b, uint64_t limit)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, number);

	if (result)
		return result;
	h.message.arg[0] = a;
	h.message.arg[1] = b;
	result = rm_hostcall_do(&h, RM_RULE_COUNT, limit);
	rm_hostcall_end(&h);
	return result;
}

/* Signals that the enclave's parent ignores are ignored from the start, as after execve(): asked when first needed. */
static void learn(struct rm_thread *t, unsigned long signal)
{
	struct rm_enclave *e = &rm_enclave;
	bool ignored;

	if (signal > ASKED_SIGNALS || (BIT(signal) & UNBLOCKABLE) ||
	    (__atomic_load_n(&e->signals_known, __ATOMIC_ACQUIRE) & BIT(signal)))
		return;
	ignored = host(t, LX_rt_sigaction, signal, ASK, 1) == LX_SIG_IGN;
	rm_lock(&e->signal_lock);
	if (!(e->signals_known & BIT(signal))) {
		e->signals[signal - 1].handler = ignored ? LX_SIG_IGN : LX_SIG_DFL;
		__atomic_store_n(&e->signals_known, e->signals_known | BIT(signal), __ATOMIC_RELEASE);
	}
	rm_unlock(&e->signal_lock);
}

static uint64_t handler_of(struct rm_thread *t, unsigned long signal)
{
	uint64_t handler;

	learn(t, signal);
	rm_lock(&rm_enclave.signal_lock);
	handler = rm_enclave.signals[signal - 1].handler;
	rm_unlock(&rm_enclave.signal_lock);
	return handler;
}

static long act(struct rm_thread *t, unsigned long signal)
{
	const uint64_t handler = handler_of(t, signal);

	if (handler == LX_SIG_IGN)
		return 0;
	if (handler != LX_SIG_DFL) {
		rm_count(t, RM_COUNT_SIGNALS);
		return -ENOSYS;
	}
	if (BIT(signal) & IGNORED_BY_DEFAULT)
		return 0;
	if (BIT(signal) & STOPS_BY_DEFAULT)
		return host(t, LX_kill, rm_enclave.pid, signal, 0);	/* Linux stops the proxy, and with it us */
	return rm_svc1(RM_SVC_SIGNALED, signal);
}

long rm_signal_raise(struct rm_thread *t, int signal)
{
	if (signal == 0)
		return 0;
	if (!valid((unsigned long)signal))
		return -EINVAL;
	if (t->signal_mask & BIT(signal) & ~UNBLOCKABLE) {
		const uint64_t handler = handler_of(t, (unsigned long)signal);

		if (handler > LX_SIG_IGN) {
			rm_count(t, RM_COUNT_SIGNALS);
			return -ENOSYS;
		}
		t->signal_pending |= BIT(signal);
		return 0;
	}
	return act(t, (unsigned long)signal);
}

void rm_signal_pipe(struct rm_thread *t)
{
	/* A broken pipe that the proxy's own thread hit has already done this to it; a worker's has not. */
	const uint64_t handler = handler_of(t, LX_SIGPIPE);

	if (handler == LX_SIG_DFL && !(t->signal_mask & BIT(LX_SIGPIPE)))
		host(t, LX_kill, rm_enclave.pid, LX_SIGPIPE, 0);
	else if (handler > LX_SIG_IGN)
		rm_count(t, RM_COUNT_SIGNALS);
}

long rm_sys_rt_sigaction(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long signal = args->a[0];
	struct lx_sigaction new, old;
	long result = 0;

	if (!valid(signal) || args->a[3] != sizeof(new.mask))
		return -EINVAL;
	if (args->a[1] && rm_get_user(&new, args->a[1], sizeof(new)) != 0)
		return -EFAULT;
	if (args->a[1] && (BIT(signal) & UNBLOCKABLE))
		return -EINVAL;
	learn(t, signal);
	rm_lock(&rm_enclave.signal_lock);
	old = rm_enclave.signals[signal - 1];
	if (args->a[1])
		rm_enclave.signals[signal - 1] = new;
	rm_unlock(&rm_enclave.signal_lock);
	/*
	 * Linux must ignore what we ignore. A handler for SIGPIPE counts as that: the program gets EPIPE, which is what it handles
	 * the signal for, and must not die of it.
	 */
	if (args->a[1] && new.handler != old.handler) {
		const bool ignore = new.handler == LX_SIG_IGN || (signal == LX_SIGPIPE && new.handler != LX_SIG_DFL);

		if (new.handler <= LX_SIG_IGN || signal == LX_SIGPIPE || old.handler == LX_SIG_IGN)
			result = host(t, LX_rt_sigaction, signal, ignore ? LX_SIG_IGN : LX_SIG_DFL, 1);
	}
	if (args->a[2] && rm_put_user(args->a[2], &old, sizeof(old)) != 0)
		return -EFAULT;
	return result < 0 && result != -EINVAL ? result : 0;
}

/* Signals that waited behind a mask and no longer do. */
static void deliver_pending(struct rm_thread *t)
{
	uint64_t ready = t->signal_pending & ~t->signal_mask;

	while (ready) {
		const int signal = __builtin_ctzll(ready) + 1;

		ready &= ready - 1;
		t->signal_pending &= ~BIT(signal);
		act(t, (unsigned long)signal);
	}
}

long rm_sys_rt_sigprocmask(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t old = t->signal_mask;
	uint64_t set;

	if (args->a[3] != sizeof(set))
		return -EINVAL;
	if (args->a[1]) {
		if (rm_get_user(&set, args->a[1], sizeof(set)) != 0)
			return -EFAULT;
		switch (args->a[0]) {
		case SIG_BLOCK:
			t->signal_mask = (old | set) & ~UNBLOCKABLE;
			break;
		case SIG_UNBLOCK:
			t->signal_mask = old & ~set;
			break;
		case SIG_SETMASK:
			t->signal_mask = set & ~UNBLOCKABLE;
			break;
		default:
			return -EINVAL;
		}
	}
	if (args->a[2] && rm_put_user(args->a[2], &old, sizeof(old)) != 0)
		return -EFAULT;
	if (t->signal_pending & ~t->signal_mask)
		deliver_pending(t);
	return 0;
}

/* No handler runs yet. */
bool rm_interrupted(struct rm_thread *t)
{
	(void)t;
	return false;
}

long rm_mask_push(struct rm_thread *t, unsigned long user, size_t size)
{
	uint64_t set;

	(void)t;
	if (user == 0)
		return 0;
	return size != sizeof(set) ? -EINVAL : rm_get_user(&set, user, sizeof(set));
}

void rm_mask_pop(struct rm_thread *t, long result)
{
	(void)t, (void)result;
}

long rm_sys_rt_sigpending(struct rm_thread *t, const struct rm_args *args)
{
	return rm_put_user(args->a[0], &t->signal_pending, args->a[1] < 8 ? args->a[1] : 8);
}

/* No handler runs, so none runs on another stack: what is asked for is accepted, what is there is "disabled". */
long rm_sys_sigaltstack(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t none[3] = { 0, 2 /* SS_DISABLE */, 0 };

	(void)t;
	return args->a[1] ? rm_put_user(args->a[1], none, sizeof(none)) : 0;
}

static bool our_thread(unsigned long tid)
{
	return tid >= rm_enclave.pid && tid < rm_enclave.pid + RM_THREAD_MAX;
}

long rm_sys_kill(struct rm_thread *t, const struct rm_args *args)
{
	if (args->a[0] == rm_enclave.pid)
		return rm_signal_raise(t, (int)args->a[1]);
	return host(t, LX_kill, args->a[0], args->a[1], 0);
}

/* To another thread of ours only what would act on the whole enclave anyway. */
static long thread_kill(struct rm_thread *t, unsigned long tid, unsigned long signal)
{
	if (!our_thread(tid))
		return -ESRCH;
	return rm_signal_raise(t, (int)signal);
}

long rm_sys_tkill(struct rm_thread *t, const struct rm_args *args)
{
	return thread_kill(t, args->a[0], args->a[1]);
}

long rm_sys_tgkill(struct rm_thread *t, const struct rm_args *args)
{
	return args->a[0] == rm_enclave.pid ? thread_kill(t, args->a[1], args->a[2]) : -ESRCH;
}
