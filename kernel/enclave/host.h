/* SPDX-License-Identifier: MIT */
/*
 * What a resident thread asks of Linux. The thread waits here, for no longer than its enclave's deadline; its Linux thread fetches the request
 * when it enters, and says by entering again that it is done. What Linux still has in hand when the deadline passes is never
 * taken for the answer to a later request: that one is kept until Linux came back. Kernel lock held everywhere.
 */
#ifndef KERNEL_ENCLAVE_HOST_H
#define KERNEL_ENCLAVE_HOST_H

#include "enclave/thread.h"

/* t, which runs, asks and waits (-ETIMEDOUT in x0 if nobody does it). False: nobody would. */
bool host_ask(struct thread *t, const uint64_t request[3]);

/* Linux is back: what it had in hand is done. */
void host_done(struct thread *t);

/* The next request for Linux, if there is one. */
bool host_take(struct thread *t, uint64_t request[3]);

/* The deadline passed, or Linux let go: t goes on with -ETIMEDOUT. What Linux did not fetch it will not find. */
void host_late(struct thread *t);

/*
 * Linux lets go of t. From then on nothing is shared with it before it has said that it knows (host_await()): what it still believes of the process that is
 * gone would else be done to what belongs to the next.
 */
void host_leave(struct thread *t);

/* t knows, and is ready for another process: bytes of the region that one has shared, or -EAGAIN. -EINVAL: nobody has let go of it. */
int64_t host_await(struct thread *t);

/* Whether pages may be shared with t; whether it waits for a process that does; its Linux thread has come. */
static inline bool host_may_share(const struct thread *t) { return t->host.state != HOST_GONE; }
static inline bool host_awaits(const struct thread *t) { return t->host.state == HOST_AWAITED && !t->ended; }
void host_enter(struct thread *t);

#endif
