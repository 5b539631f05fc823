/* SPDX-License-Identifier: MIT */
/*
 * Signals inside the enclave: what the files sig*.c and timer.c share. Dispositions belong to the enclave, masks and pending sets to a
 * thread and to the enclave, all in private memory; the secure kernel only makes threads look (abi/svc.h, upcalls).
 *
 * One lock, rm_enclave.signal_lock, guards all of it but a thread's own mask, which its thread alone writes. Nothing waits for Linux
 * under it.
 */
#ifndef RUNTIME_POSIX_SIGNAL_H
#define RUNTIME_POSIX_SIGNAL_H

#include "posix/posix.h"

#define BIT(signal)		(1ul << ((signal) - 1))
#define UNBLOCKABLE		(BIT(LX_SIGKILL) | BIT(LX_SIGSTOP))
#define SYNCHRONOUS		(BIT(LX_SIGSEGV) | BIT(LX_SIGBUS) | BIT(LX_SIGILL) | BIT(LX_SIGTRAP) | BIT(LX_SIGFPE) | BIT(LX_SIGSYS))
#define WHOLE_ENCLAVE		(-1)	/* in place of a thread's index */

/* Linux's siginfo_t without the zeroes behind it. */
struct rm_siginfo {
	int32_t signo, error, code, pad;
	uint64_t data[4];		/* the union: pid and uid, a timer, an address, a child */
};
_Static_assert(sizeof(struct rm_siginfo) == 48, "Linux's ABI");

#define LX_SIGINFO_SIZE		128u

static inline bool rm_signal_valid(unsigned long signal)
{
	return signal >= 1 && signal <= LX_SIGNALS;
}

/* As kill() of this enclave itself would fill it in. */
struct rm_siginfo rm_siginfo_of(int signal, int code);

/* sigqueue.c: pure bookkeeping, under the lock. */
/* Adds a signal; a standard one that waits already is not added again. False: no room for a queued one, nothing changed. */
bool rm_pending_add(struct rm_pending *pending, const struct rm_siginfo *info);
/* Takes the next of the allowed signals: faults first, then by number, equal ones in the order they came. False: none. */
bool rm_pending_take(struct rm_pending *pending, uint64_t allowed, struct rm_siginfo *info);
/* Forgets signals. */
void rm_pending_drop(struct rm_pending *pending, uint64_t signals);
/* The information of a signal of this timer that waits, or NULL. */
struct rm_siginfo *rm_pending_of_timer(struct rm_pending *pending, uint32_t timer);

/* sigaction.c */
enum rm_default { RM_DEFAULT_END, RM_DEFAULT_IGNORE, RM_DEFAULT_STOP };
enum rm_default rm_signal_default(int signal);
/* Would it be thrown away if it came now, unblocked? Under the lock. */
bool rm_signal_ignored(int signal);
/* Ends or stops the enclave as the signal's default action; comes back from a stop. */
void rm_signal_do_default(struct rm_thread *t, const struct rm_siginfo *info);
/* From now on the proxy hands these signals over, where it can, instead of letting Linux do the default. */
void rm_signal_host_hands_over(struct rm_thread *t, uint64_t signals);

/* Another process is the proxy now: it is told what the old one was told, as far as the deadline of a call allows. */
void rm_signal_host_again(struct rm_thread *t);

/* sigsend.c */
/* Sends to one thread or WHOLE_ENCLAVE. -EAGAIN: no room in the queue; -ESRCH: no such thread. */
long rm_signal_send(struct rm_thread *t, int index, const struct rm_siginfo *info);
/* The calling thread does not take these any more: other threads are to look at those that wait for the enclave. */
void rm_signal_retarget(struct rm_thread *t, uint64_t signals);
/* Takes a signal out of what waits for the thread or the enclave. False: none of the allowed. */
bool rm_signal_take(struct rm_thread *t, uint64_t allowed, struct rm_siginfo *info);

/* sighost.c: takes in the signals that the proxy recorded for this thread. */
void rm_signal_news(struct rm_thread *t);

/* sigmask.c */
void rm_signal_set_mask(struct rm_thread *t, uint64_t mask);
/* Does something wait that the thread's mask lets through? */
static inline bool rm_signal_ready(const struct rm_thread *t)
{
	return ((__atomic_load_n(&t->signal.pending.set, __ATOMIC_RELAXED) |
		 __atomic_load_n(&rm_enclave.pending.set, __ATOMIC_RELAXED)) & ~t->signal.mask) != 0;
}

/* sigframe.c: Linux's signal frame on the program's stack. 0, or -EFAULT if it cannot be written or is none. */
struct rm_frame_extra {
	uint64_t address, esr;		/* of a fault; esr 0: none */
	uint64_t mask;			/* that sigreturn brings back */
};
long rm_frame_push(struct rm_thread *t, struct rm_context *c, const struct lx_sigaction *action, const struct rm_siginfo *info,
		   const struct rm_frame_extra *extra);
long rm_frame_pop(struct rm_thread *t, struct rm_context *c, uint64_t *mask);

/* sigstack.c: what sigaltstack() keeps, and whether sp lies in it. */
bool rm_signal_on_stack(const struct rm_thread *t, uint64_t sp);
struct lx_stack {
	uint64_t sp;
	int32_t flags, pad;
	uint64_t size;
};
struct lx_stack rm_signal_stack(const struct rm_thread *t, uint64_t sp);
long rm_signal_set_stack(struct rm_thread *t, const struct lx_stack *new, uint64_t sp);

/* sigwait.c: takes a signal of the set, waiting for it until then: its number, -EAGAIN, or -EINTR by another signal. */
long rm_signal_wait(struct rm_thread *t, uint64_t set, uint64_t until, struct rm_siginfo *info);
/*
 * Sleeps until `until` (nanoseconds of the monotonic clock, ~0: for ever) or until something may wait for the thread: whether it is resident and
 * was notified, so that the kernel has not yet seen `until` pass.
 */
bool rm_signal_sleep(struct rm_thread *t, uint64_t until);

/* The program's floating-point registers. */
void rm_fp_save(struct rm_fp *fp);
void rm_fp_load(const struct rm_fp *fp);

#endif
