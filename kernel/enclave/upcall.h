/* SPDX-License-Identifier: MIT */
/*
 * Ways into the runtime that the program did not ask for, and the one that it did: its registers are kept in t->program, and the
 * thread goes on at an entry of the runtime with an empty stack. RM_SVC_RESUME is the way back. Kernel lock held everywhere.
 */
#ifndef KERNEL_ENCLAVE_UPCALL_H
#define KERNEL_ENCLAVE_UPCALL_H

#include "enclave/thread.h"

/* Enters the runtime at one of its entries (runtime_image.h) for a thread that runs the program. */
void upcall_enter(struct thread *t, uint64_t entry);

/*
 * Something waits for t that only its runtime knows (abi/svc.h, NOTIFY). A wait that may be interrupted ends with -EINTR at once;
 * otherwise the flag stays set until the next such wait, or until t would run its program.
 */
void upcall_notify(struct thread *t);

/* The same when Linux says so, which it may do to a resident thread every NOTIFY_NS: what comes earlier waits until then. */
void upcall_notify_by_linux(struct thread *t);
#define NOTIFY_NS	10000000u

/* A wait of t begins: true if the flag was set, which is spent then, and the wait is to be -EINTR. */
bool upcall_take(struct thread *t);

/* t is about to run: with the flag set and the program next, it enters the runtime at its signal entry instead. */
void upcall_if_notified(struct thread *t);

/* t's program made a fault: enters the runtime at its fault entry. False: not the program, but the runtime itself did. */
bool upcall_fault(struct thread *t, uint64_t signal, uint64_t address, uint64_t esr);

#endif
