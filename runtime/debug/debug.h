/* SPDX-License-Identifier: MIT */
/*
 * Debugging with gdb (docs/debugging.md): hooks in the ways into and out of the runtime, called only if rm_debug_on. Then every
 * system call of the program is reflected, so that its registers stand in t->context while the runtime has its thread.
 *
 * A thread is in one of these states (docs/decisions says why):
 *	ABSENT		there is none, or it has not begun, or it is about to end
 *	RUNS		in the program, or on its way between the two; its registers are its own
 *	CALLS		in a system call, which goes on; its registers stand still
 *	STOPPED		waits until it may run; its registers stand still
 * All threads stop: those that run the program are made to look (RM_SVC_NOTIFY), those in a call are as good as stopped, since none
 * leaves it while it may not run. The thread that had the event talks to gdb.
 */
#ifndef RUNTIME_DEBUG_DEBUG_H
#define RUNTIME_DEBUG_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

struct rm_args;
struct rm_boot;
struct rm_siginfo;
struct rm_thread;

extern bool rm_debug_on;

/* Before the program has anything to say: 0, or -EPERM if gdb is asked for and the program's manifest does not permit it. */
long rm_debug_init(struct rm_thread *t, const struct rm_boot *boot);
/* The first thread is about to run the program's first instruction, at which gdb finds it. */
void rm_debug_first(struct rm_thread *t);

/* A reflected call begins; was done, with that result: the result for the program; the thread goes on to its program, with x0. */
void rm_debug_enter(struct rm_thread *t, const struct rm_args *args);
long rm_debug_called(struct rm_thread *t, long result);
unsigned long rm_debug_leave(struct rm_thread *t, unsigned long x0);
/* A further thread begins: x0 of its program part. The calling thread, or the enclave, ends. */
unsigned long rm_debug_thread_begins(struct rm_thread *t);
void rm_debug_ends(struct rm_thread *t);

/* The program made a fault, which t->context has. False: it is none of the program's; go on with t->context. */
bool rm_debug_fault(struct rm_thread *t, const struct rm_siginfo *info);
/* A signal is about to be delivered: the one to deliver instead, or 0. */
int rm_debug_signal(struct rm_thread *t, const struct rm_siginfo *info);
/* A signal ends the program, of which t->context has the calling thread's registers: writes the core file, if one is wanted. */
void rm_core_write(struct rm_thread *t, const struct rm_siginfo *info);
/* There are bytes from gdb. And something may have come: looks. */
void rm_debug_input(struct rm_thread *t);
void rm_debug_look(struct rm_thread *t);

#endif
