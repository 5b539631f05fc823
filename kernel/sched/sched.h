/* SPDX-License-Identifier: MIT */
/*
 * Who has this core. Every way into the kernel ends in sched_leave(), which goes on with, in this order: a released resident
 * thread, the hosted thread that Linux lends the core to, the Normal world.
 */
#ifndef KERNEL_SCHED_SCHED_H
#define KERNEL_SCHED_SCHED_H

#include "arch/cpu.h"
#include "enclave/enclave.h"

/* First thing on entry: takes the kernel lock. */
struct cpu *sched_enter(void);

/* Last thing: chooses, drops the lock, leaves. */
_Noreturn void sched_leave(struct cpu *cpu);

/* Lends this core to a READY hosted thread. */
void sched_lend(struct cpu *cpu, struct thread *t);

/* Takes the core back from its hosted thread, which becomes `state`, and sets what ENTER returns to Linux. */
void sched_give_back(struct cpu *cpu, enum thread_state state, uint64_t reason, uint64_t x1, uint64_t x2, uint64_t x3);

/* Ticks that a thread / all threads of an enclave have had a core, until now. */
uint64_t sched_thread_time(const struct thread *t);
uint64_t sched_enclave_time(const struct enclave *e);

/* Whether this entry has masked them for so short a time that another bounded step may follow. */
bool sched_masked_shortly(const struct cpu *cpu);

/* Where a core goes whose Linux wanted power off, while resident enclaves live (call/power.c): waits for what is due, and leaves again. */
_Noreturn void power_hold(struct cpu *cpu);

#endif
