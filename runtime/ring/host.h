/* SPDX-License-Identifier: MIT */
/*
 * A resident enclave and a Linux that is silent: one that does not come back from what a thread asked of it within the manifest's deadline, as
 * the secure kernel tells (svc.h, HOST). From then on what needs Linux fails at once with ETIMEDOUT; once a deadline one call of a thread asks
 * first whether Linux is back, which takes it no longer than that. So that a Linux that has nothing to tell is not taken for a silent one, it
 * is asked to come back within half the deadline from whatever it waits for. A thread whose own Linux thread alone is stuck goes without, and the enclave has its host.
 */
#ifndef RUNTIME_RING_HOST_H
#define RUNTIME_RING_HOST_H

#include "ring/thread.h"
#include "sys/linux.h"

/* Whether the calling thread has to do without Linux now. Never for a hosted enclave. */
bool rm_host_silent(struct rm_thread *t);

/* What svc HOST said to a request that was made at `begun`: Linux came back, or did not. */
void rm_host_answered(struct rm_thread *t);
void rm_host_missed(struct rm_thread *t, uint64_t begun);
/* What is shared with Linux was withdrawn: it has let go of the enclave. */
void rm_host_left(const struct rm_thread *t);
/* Another process of Linux is there for the thread, which has its number in host_process. */
void rm_host_attached(struct rm_thread *t);

/* Milliseconds after which Linux is to come back in any case; 0: whenever it has something. */
uint32_t rm_host_patience(const struct rm_thread *t);

/* How often the host was lost and came back: odd while it is lost. */
uint32_t rm_host_changes(void);
/* A new enclave (tests have many in one process). */
void rm_host_start(void);

/* Nothing can be asked of Linux any more, or just now: the error, for what would have to. */
static inline long rm_host_gone(struct rm_thread *t)
{
	t->missed = true;
	return t->resident ? -ETIMEDOUT : -EIO;
}

#endif
