/* SPDX-License-Identifier: MIT */
/*
 * Enclaves: a slot in a fixed table, an address space, threads, counters, and how it ended. Kernel lock held everywhere.
 *
 *   FREE -> create -> LIVE -> (exit, fault, destroy) -> ENDED -> destroy in steps -> FREE
 *
 * A handle is slot number | generation << 8, never 0, so that a stale one names nothing.
 */
#ifndef KERNEL_ENCLAVE_ENCLAVE_H
#define KERNEL_ENCLAVE_ENCLAVE_H

#include "admission.h"
#include "smc.h"
#include "enclave/thread.h"
#include "mm/space.h"

#define ENCLAVES_MAX	64u

enum enclave_state { ENCLAVE_FREE, ENCLAVE_LIVE, ENCLAVE_ENDED };

struct enclave {
	enum enclave_state state;
	unsigned int slot;		/* slot + 1 = owner of frames = ASID */
	uint32_t generation;
	bool resident;			/* its threads have time of their own; Linux cannot end it */
	bool builtin;			/* the kernel's own, resident: Linux has no say over it */
	bool detached;			/* resident, and Linux has let go of it */
	unsigned int core;		/* resident: the only one its threads run on */
	uint64_t host_deadline;		/* resident: ticks that Linux has for a request */
	uint32_t host_process;		/* resident: how many processes have adopted it */
	enum rm_attach attach;		/* resident: what its manifest says of that, */
	char name[RM_RESIDENT_NAME];	/* and of its name */
	struct reservation reservations[RM_RESERVATIONS_MAX];
	unsigned int reservation_count;
	uint32_t devices;		/* RM_DEVICE_* that it has (enclave/device.h) */
	unsigned int bound;		/* threads in their core's list */
	struct {
		struct rm_admission test;
		unsigned int core;	/* that is tried */
		uint32_t changes;	/* sched/resident.c: what was reserved when it began */
		bool begun;
	} admission;
	bool loaded;			/* the runtime is mapped */
	bool started;			/* its program runs, and may jump to wherever the runtime has an svc */
	struct space space;
	struct thread *threads[RM_THREAD_MAX];
	unsigned int thread_count, running;	/* threads that have not ended / are on a core now */
	unsigned int threads_gone;	/* how far enclave_destroy_step() came among them */
	vaddr_t shares_gone;		/* how far enclave_detach_step() came among its shares; 0: it has not begun, or is done */
	uint64_t end[4];		/* what ENTER returns once ENDED: x0-x3 */
	uint64_t stats[RM_STAT_ENCLAVE_COUNT];
	uint64_t cpu_time;		/* of all its threads */
	uint64_t futex_order;		/* gives waiters their turn */
	uint32_t tid_base;		/* number of thread 0, as its runtime said with the last FUTEX_PI */
};

static inline unsigned int enclave_owner(const struct enclave *e) { return e->slot + 1; }
static inline uint64_t enclave_handle(const struct enclave *e) { return e->slot | (uint64_t)e->generation << 8; }

/* limit in frames, 0 = all. Makes thread 0, not yet the runtime's mapping. -EINVAL, -ENOSPC, -ENOMEM. */
int enclave_create(uint64_t limit, struct enclave **result);

/* Maps the runtime, before the first entry of a thread: a step of its own, to mask interrupts for less time. -ENOMEM. */
int enclave_load(struct enclave *e);

/* A built-in one: no runtime, no threads yet. -ENOSPC, -ENOMEM. */
int enclave_create_builtin(struct enclave **result);

/* The enclave of a handle, or NULL. */
struct enclave *enclave_find(uint64_t handle);

/* Ends it: later entries of its threads return this (x0 = enum rm_exit). Sleeping threads are woken. Idempotent. */
void enclave_end(struct enclave *e, uint64_t reason, uint64_t x1, uint64_t x2, uint64_t x3);

/* Ends it because it, or the board, has no memory left. */
void enclave_end_by_memory(struct enclave *e);

/* A bounded part of taking back what Linux shares with a resident one; true when nothing is shared any more. Requests to Linux fail from then on. */
bool enclave_detach_step(struct enclave *e);

/* Another process of Linux is there for a resident one that is detached. -EPERM, -EBUSY. */
int enclave_adopt(struct enclave *e);

/* A bounded part of taking it apart; true when the slot is free again, false: again (or a thread is still on a core). */
bool enclave_destroy_step(struct enclave *e);

/* Some enclave that an earlier Linux left: hosted, ended, or resident and not detached; NULL if none is left. */
struct enclave *enclave_any_left(void);

/* Some resident enclave that has ended and that Linux had let go of; NULL: none. */
struct enclave *enclave_abandoned(void);

/* The one after e (NULL: the first) that is resident, lives and is not built in; NULL: no more. */
struct enclave *enclave_next_resident(const struct enclave *e);

/* The one after e (NULL: the first) that lives and is resident on that core (CORES_MAX: on any); NULL: no more. */
struct enclave *enclave_next_on(const struct enclave *e, unsigned int core);

/* How many resident ones have ended so far. */
uint32_t enclaves_resident_ended(void);

/* Parts in a million of its core that it has reserved. */
uint32_t enclave_reserved(const struct enclave *e);

/* A counter that is the longest time of something. */
void enclave_longest(struct enclave *e, uint64_t ns);

/* Counters: of one enclave, or with NULL of all that ever were. */
void enclave_count(struct enclave *e, enum rm_stat stat);
uint64_t enclave_stat(const struct enclave *e, enum rm_stat stat);
unsigned int enclaves_count(void);	/* all but built-in ones; ended ones only if Linux has not let go of them */

#endif
