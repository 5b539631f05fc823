/* SPDX-License-Identifier: MIT */
/*
 * Dispositions, and what Linux is to do with signals that come from outside for this enclave's process: nothing (ignored), their
 * default, or hand them over to us (posix/sighost.c).
 *
 * Attacks considered: whether a signal arrives is in Linux's hand anyway; what the proxy is told is only a hint to an honest one.
 */
#include "posix/signal.h"

#include "debug/debug.h"
#include "posix/map.h"
#include "ring/access.h"
#include "ring/late.h"

#define IGNORED_BY_DEFAULT	(BIT(LX_SIGCHLD) | BIT(LX_SIGCONT) | BIT(LX_SIGURG) | BIT(LX_SIGWINCH))
#define STOPS_BY_DEFAULT	(BIT(LX_SIGSTOP) | BIT(LX_SIGTSTP) | BIT(LX_SIGTTIN) | BIT(LX_SIGTTOU))
#define LIBC_OWN		(BIT(32) | BIT(33) | BIT(34))	/* threads' own business: cancellation, timers */
#define NOT_OF_HOST		(UNBLOCKABLE | SYNCHRONOUS | LIBC_OWN)
#define OF_CHILDREN		(LX_SA_NOCLDSTOP | LX_SA_NOCLDWAIT)	/* flags that Linux must know: children are the proxy's */
#define HAND_OVER		2u	/* disposition of the host call, beside LX_SIG_DFL and LX_SIG_IGN */

enum rm_default rm_signal_default(int signal)
{
	if (BIT(signal) & IGNORED_BY_DEFAULT)
		return RM_DEFAULT_IGNORE;
	return BIT(signal) & STOPS_BY_DEFAULT ? RM_DEFAULT_STOP : RM_DEFAULT_END;
}

bool rm_signal_ignored(int signal)
{
	const uint64_t handler = rm_enclave.signals[signal - 1].handler;

	return handler == LX_SIG_IGN || (handler == LX_SIG_DFL && rm_signal_default(signal) == RM_DEFAULT_IGNORE);
}

static void tell_host(struct rm_thread *t, int signal, uint64_t disposition)
{
	struct rm_hostcall h;

	if (rm_hostcall_begin(&h, t, LX_rt_sigaction) != 0)
		return;
	h.message.arg[0] = (uint64_t)signal;
	h.message.arg[1] = disposition;
	h.message.arg[2] = signal == LX_SIGCHLD ? rm_enclave.signals[signal - 1].flags & OF_CHILDREN : 0;
	rm_hostcall_do(&h, RM_RULE_COUNT, HAND_OVER);
	rm_hostcall_end(&h);
	if (disposition == HAND_OVER)
		__atomic_fetch_or(&rm_enclave.signals_hosted, BIT(signal), __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&rm_enclave.signals_hosted, ~BIT(signal), __ATOMIC_RELAXED);
}

void rm_signal_host_hands_over(struct rm_thread *t, uint64_t signals)
{
	signals &= ~NOT_OF_HOST & ~__atomic_load_n(&rm_enclave.signals_hosted, __ATOMIC_RELAXED);
	for (; signals; signals &= signals - 1) {
		const int signal = __builtin_ctzll(signals) + 1;

		if (rm_enclave.signals[signal - 1].handler != LX_SIG_IGN)
			tell_host(t, signal, HAND_OVER);
	}
}

void rm_signal_host_again(struct rm_thread *t)
{
	const uint64_t since = rm_counter(), hosted = __atomic_load_n(&rm_enclave.signals_hosted, __ATOMIC_RELAXED);

	for (int signal = 1; signal <= (int)LX_SIGNALS && !t->dead && !rm_late_is(t, since); signal++) {
		if (hosted & BIT(signal))
			tell_host(t, signal, HAND_OVER);
		else if (!(BIT(signal) & NOT_OF_HOST) && rm_enclave.signals[signal - 1].handler == LX_SIG_IGN)
			tell_host(t, signal, LX_SIG_IGN);
	}
}

/* Linux stops the proxy, and with it us; on its own terms (orphaned groups), so not while it is to hand the signal over. */
static void stop(struct rm_thread *t, int signal)
{
	struct rm_hostcall h;

	if (rm_enclave.signals_hosted & BIT(signal))
		tell_host(t, signal, LX_SIG_DFL);
	if (rm_hostcall_begin(&h, t, LX_kill) != 0)
		return;
	h.message.arg[0] = rm_enclave.pid;
	h.message.arg[1] = (uint64_t)signal;
	rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	rm_hostcall_end(&h);
}

/* Signals that say the program is wrong: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS. */
#define DUMPED	(BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(31))

/* Those for which Linux writes a core file: SIGQUIT, SIGXCPU and SIGXFSZ too. */
#define CORE	(DUMPED | BIT(3) | BIT(24) | BIT(25))

void rm_signal_do_default(struct rm_thread *t, const struct rm_siginfo *info)
{
	const int signal = info->signo;
	struct rm_context context;

	switch (rm_signal_default(signal)) {
	case RM_DEFAULT_IGNORE:
		break;
	case RM_DEFAULT_STOP:
		stop(t, signal);
		break;
	case RM_DEFAULT_END:
	default:
		rm_map_flush_all(t);
		if (rm_debug_on && (CORE & BIT(signal)))
			rm_core_write(t, info);
		if ((DUMPED & BIT(signal)) && rm_svc1(RM_SVC_GET_CONTEXT, &context) == 0)
			rm_death(t, signal, 0, &context);
		rm_svc3(RM_SVC_SIGNALED, signal, 0, ~0ul);
	}
}

/* Forgets what waits and would now be ignored, as POSIX asks. Under the lock. */
static void forget(int signal)
{
	rm_pending_drop(&rm_enclave.pending, BIT(signal));
	for (uint64_t left = rm_enclave.threads; left; left &= left - 1)
		rm_pending_drop(&rm_thread_block((uint32_t)__builtin_ctzll(left))->signal.pending, BIT(signal));
}

static struct lx_sigaction exchange(int signal, const struct lx_sigaction *new)
{
	struct lx_sigaction old;

	rm_lock(&rm_enclave.signal_lock);
	old = rm_enclave.signals[signal - 1];
	if (new) {
		rm_enclave.signals[signal - 1] = *new;
		rm_enclave.signals[signal - 1].flags &= LX_SA_FLAGS;
		rm_enclave.signals[signal - 1].mask &= ~UNBLOCKABLE;
		if (rm_signal_ignored(signal))
			forget(signal);
	}
	rm_unlock(&rm_enclave.signal_lock);
	return old;
}

/* Linux's default is the runtime's to do while the program may hold the signal back. */
static void follow(struct rm_thread *t, int signal, uint64_t handler)
{
	if (BIT(signal) & NOT_OF_HOST)
		return;
	if (handler > LX_SIG_IGN)
		rm_signal_host_hands_over(t, BIT(signal));
	else if (handler == LX_SIG_IGN || !(t->signal.mask & BIT(signal)))
		tell_host(t, signal, handler);
}

/* Which children Linux tells of, and which it keeps for wait(). */
static void follow_children(struct rm_thread *t, const struct lx_sigaction *new, const struct lx_sigaction *old)
{
	const bool hosted = __atomic_load_n(&rm_enclave.signals_hosted, __ATOMIC_RELAXED) & BIT(LX_SIGCHLD);

	if ((new->flags ^ old->flags) & OF_CHILDREN)
		tell_host(t, LX_SIGCHLD, hosted ? HAND_OVER : new->handler);
}

long rm_sys_rt_sigaction(struct rm_thread *t, const struct rm_args *args)
{
	const unsigned long signal = args->a[0];
	struct lx_sigaction new, old;

	if (args->a[3] != sizeof(new.mask))
		return -EINVAL;
	if (args->a[1] && rm_get_user(&new, args->a[1], sizeof(new)) != 0)
		return -EFAULT;
	if (!rm_signal_valid(signal) || (args->a[1] && (BIT(signal) & UNBLOCKABLE)))
		return -EINVAL;
	old = exchange((int)signal, args->a[1] ? &new : NULL);
	if (args->a[1] && new.handler != old.handler)
		follow(t, (int)signal, new.handler);
	if (args->a[1] && signal == LX_SIGCHLD)
		follow_children(t, &new, &old);
	return args->a[2] && rm_put_user(args->a[2], &old, sizeof(old)) != 0 ? -EFAULT : 0;
}

/* As execve() leaves it: what the parent ignores is ignored, what it blocks is blocked, and the proxy hands that over. */
void rm_signal_init(const struct rm_boot *boot)
{
	for (int signal = 1; signal <= LX_SIGNALS; signal++)
		if (boot->ignored & BIT(signal) & ~UNBLOCKABLE)
			rm_enclave.signals[signal - 1].handler = LX_SIG_IGN;
	rm_self()->signal.mask = boot->blocked & ~UNBLOCKABLE;
	rm_enclave.signals_hosted = boot->blocked & ~boot->ignored & ~NOT_OF_HOST;
}
