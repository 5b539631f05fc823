/* SPDX-License-Identifier: MIT */
/* Calls from enclaves (abi/svc.h): one function a call. Arguments are in t->context; nothing in them is trusted. */
#ifndef KERNEL_CALL_SVC_H
#define KERNEL_CALL_SVC_H

#include "sched/sched.h"

/*
 * What a call returns: a result or -errno for x0, or one of these. AGAIN: a step was done, t->progress says how far; the
 * svc instruction is executed again, so that interrupts are taken between steps. DONE: registers and state are set already.
 */
#define SVC_AGAIN	INT64_MIN
#define SVC_DONE	(INT64_MIN + 1)
#define SVC_REFLECT	(INT64_MIN + 2)		/* not the kernel's after all: the runtime's */

/* Dispatches the call that t made; t's enclave may end. */
void svc_handle(struct cpu *cpu, struct thread *t);

/* call/memory.c */
int64_t svc_memory(struct thread *t);		/* mmap and all its kin, one at a time in an enclave */
int64_t svc_flush_code(struct thread *t);
int64_t svc_size_limit(struct thread *t);
int64_t svc_address(struct thread *t);

/* For the files that memory calls are spread over. Each is called again after SVC_AGAIN. */
bool memory_in_program(vaddr_t start, uint64_t size);
/* May the program have `size` bytes more of addresses, and could so much memory ever be there? */
bool memory_fits(const struct thread *t, uint64_t size);
vaddr_t memory_place(const struct thread *t, uint64_t size);
/* Empties [start, end), regions and pages, in phases `phase` and `phase` + 1. 0; -ENOMEM: a region cannot be split, nothing is changed. */
int64_t memory_withdraw(struct thread *t, unsigned int phase, vaddr_t start, vaddr_t end);
/* Makes the pages of [t->progress, end) present as for a touch of that kind; 0 = whatever the region allows. 0, -EFAULT, -ENOMEM. */
int64_t memory_populate(struct thread *t, vaddr_t end, uint32_t access);
/* A call of the program that touches a file's region: the runtime's business. */
bool memory_of_file(const struct thread *t, vaddr_t start, vaddr_t end);

/* call/remap.c */
int64_t memory_mremap(struct thread *t);

/* call/advise.c */
int64_t memory_madvise(struct thread *t);
int64_t memory_mincore(struct thread *t);
int64_t memory_mlock(struct thread *t, uint64_t flags);
int64_t memory_munlock(struct thread *t);
int64_t memory_mlockall(struct thread *t);
int64_t svc_regions(struct thread *t);

/* The core goes back to Linux for a moment; the thread is ready. SVC_DONE. */
int64_t svc_give_way(struct thread *t);

/* call/resident.c */
int64_t svc_resident(struct thread *t);
int64_t svc_device_wait(struct thread *t);
int64_t svc_reserve(struct thread *t);
int64_t svc_run(struct thread *t);
int64_t svc_attach(struct thread *t);
int64_t svc_shutdown(struct thread *t);
int64_t svc_builtin(struct thread *t);		/* all calls of built-in threads */
/* Word 0 or 1 of what the next order to shut down has to name. */
uint64_t resident_nonce(unsigned int word);

/* t's enclave has just ended, and t has the core: it goes back to Linux, which is told, or to who is resident. SVC_DONE. */
int64_t svc_ended(struct thread *t);

/* call/time.c */
int64_t svc_clock_nanosleep(struct thread *t);
/* Reads a struct timespec of the program: nanoseconds in all, saturated. -EFAULT, -EINVAL, -ENOMEM. */
int time_read(struct thread *t, vaddr_t from, uint64_t *ns);

/* call/futex.c */
int64_t svc_futex(struct thread *t);
/* Wakes the first that waits on an address. */
void futex_wake_one(struct enclave *e, vaddr_t address);

/* Does FUTEX_WAKE_OP's operation on the word at an address (aligned) and its comparison. -EFAULT, -ENOMEM, -ENOSYS; SVC_AGAIN: the program
 * was faster too often. */
int64_t futex_operate(struct enclave *e, vaddr_t address, uint32_t operation, bool *compared);

/* call/futex_pi.c */
int64_t svc_futex_pi(struct thread *t);
/* t ends: locks that others wait for and that it still has go to the first of them, marked as its owner's death. false: again. */
bool futex_pi_exit(struct thread *t);

/* call/trap.c: a line on the secure console about the fault that ends t's enclave. */
void report_fault(const struct thread *t, const struct context *c, uint64_t esr, uint64_t far);

/* A secure interrupt is pending, or was: takes it, and wakes whom it is for. */
void secure_interrupt(struct cpu *cpu);

/* t sleeps until woken or `until` (counter), or, if it is interruptible, until notified. Its core goes back. */
void thread_sleep(struct cpu *cpu, struct thread *t, uint64_t until, bool interruptible);

#endif
