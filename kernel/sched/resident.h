/* SPDX-License-Identifier: MIT */
/*
 * Resident threads: CPU time that Linux cannot take. Bound to a core; the secure physical timer interrupts Linux, whatever it masks, when
 * one is to go on, when a reservation's budget is used up, and when it is full again. Kernel lock held everywhere.
 */
#ifndef KERNEL_SCHED_RESIDENT_H
#define KERNEL_SCHED_RESIDENT_H

#include "arch/cpu.h"
#include "enclave/enclave.h"

/*
 * A step of making an enclave resident as its manifest wants: chooses the core, promises time and memory. Its threads are bound then.
 * RESIDENT_AGAIN: again, with the same wish. -ENODEV: no such core is on; -EDQUOT: not admitted; -ENOMEM: the memory that it may have is not free. Then
 * nothing has changed.
 */
#define RESIDENT_AGAIN	1
int resident_admit(struct enclave *e, const struct rm_resident *wanted);

/* May that core have one thread more (RM_RESIDENT_THREADS)? */
bool resident_room(unsigned int core);

/* A thread of a resident enclave, not running, is from now on its core's to run: with that one of its enclave's reservations. */
void resident_bind(struct thread *t, struct reservation *reservation);

/* A bound thread moves to another reservation of its enclave. */
void resident_move(struct thread *t, struct reservation *reservation);

/* A bound thread that runs here ends. */
void resident_unbind(struct thread *t);

/* A sleeping thread is released so many ticks after the time that it slept until. */
void resident_released(struct thread *t, uint64_t late);

/* The running thread lets the others of its priority go first. */
void resident_yield(struct thread *t);

/* Wakes what is due. On the secure timer's interrupt, and whenever a core that has no Linux any more looks. */
void resident_tick(struct cpu *cpu);

/* Charges who ran on this core, sets the timer, and says who runs now: the ready thread of the highest priority whose reservation has
 * budget left, or NULL. Once, on the way out of the kernel. */
struct thread *resident_choose(struct cpu *cpu);

/* Parts in a million of a core that the reservations of living enclaves have. */
uint32_t resident_reserved(const struct cpu *cpu);

/* Does this core have resident threads (then Linux may not turn it off)? */
bool resident_on(const struct cpu *cpu);

#endif
