/* SPDX-License-Identifier: MIT */
/*
 * What a resident thread asks of Linux. The thread waits here, for no longer than its enclave's deadline; its Linux thread fetches the request
 * when it enters, and says by entering again that it is done. What Linux still has in hand when the deadline passes is never
 * taken for the answer to a later request: that one is kept until Linux came back. Kernel lock held everywhere.
 */
#ifndef KERNEL_ENCLAVE_HOST_H
#define KERNEL_ENCLAVE_HOST_H

#include "enclave/thread.h"

/* t, which runs, asks and waits (-ETIMEDOUT in x0 if nobody does it). False: Linux has let go of the enclave, nobody ever would. */
bool host_ask(struct thread *t, const uint64_t request[3]);

/* Linux is back: what it had in hand is done. */
void host_done(struct thread *t);

/* The next request for Linux, if there is one. */
bool host_take(struct thread *t, uint64_t request[3]);

/* The deadline passed, or Linux let go: t goes on with -ETIMEDOUT. What Linux did not fetch it will not find. */
void host_late(struct thread *t);

#endif
