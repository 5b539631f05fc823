/* SPDX-License-Identifier: MIT */
/*
 * Signals that the proxy itself handles: kicks, by which one thread of the enclave makes another look, timers, and those that the
 * program wants handed over. All of them end what the thread is doing for the enclave and make it enter again.
 *
 * No such wake is lost: what may wait is done by kick_call(), which a handler prevents up to the very instruction.
 */
#ifndef RINGMASTER_KICK_H
#define RINGMASTER_KICK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "hostcall.h"

/* The signal of kicks and timers; programs may use it too, from elsewhere. */
#define KICK_SIGNAL 64

/* One of these for each thread that serves the enclave. */
struct kick {
	volatile int pending;		/* a handler ran: the next kick_call() does nothing */
	volatile uint32_t news;		/* how much there is that the runtime has to look at */
	uint32_t told;			/* how much of it had come when it was told */
	struct rm_host_signals *signals;	/* where the runtime finds them; shared */
	uint32_t head;			/* records written */
	bool bounded;			/* it has a timer of its own, */
	timer_t bound;			/* for kick_bound() */
};

/* Linux's system call, or -EINTR without it if a handler has run since kick_begin(), or does so now. -errno. */
long kick_call(const volatile int *pending, long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);

/* Once in the process, before the first thread serves. Signals blocked by whoever started us are handed over; *blocked says which. */
void kick_init(uint64_t *ignored, uint64_t *blocked);

/* The calling thread serves a region from now on; signals, held back so far, arrive. Not any more: they are other threads'. */
void kick_attach(struct kick *kick, struct rm_host_signals *signals);
void kick_detach(void);

/* Holds all signals back, for a thread that is to be made; they come back with kick_attach() or kick_release(). */
void kick_hold(sigset_t *old);
void kick_release(const sigset_t *old);

/* Disposition of a signal, as the host call has it: 0 default, 1 ignore, 2 hand over; anything else asks. SA_NOCLDSTOP and SA_NOCLDWAIT of flags
 * count. The old one, or -errno. */
int64_t kick_disposition(uint64_t number, uint64_t wanted, uint64_t flags);

/* Makes a thread end what it does. */
void kick_thread(int tid);

/* Ends what the calling thread does for the enclave in so many milliseconds; 0: not any more. */
void kick_bound(uint64_t ms);

/* In so many nanoseconds, and each millisecond from then on, some thread is to make the runtime look; 0: never. */
void kick_timer(uint64_t ns);

#endif
