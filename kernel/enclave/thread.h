/* SPDX-License-Identifier: MIT */
/*
 * Threads of enclaves. A hosted thread belongs to no core: Linux lends it one by ENTER and it keeps it until it has something
 * for Linux. A resident thread belongs to its enclave's core and is scheduled by sched/resident.c. One frame each.
 */
#ifndef KERNEL_ENCLAVE_THREAD_H
#define KERNEL_ENCLAVE_THREAD_H

#include "svc.h"
#include "arch/context.h"
#include "enclave/reservation.h"

struct enclave;

enum thread_state {
	THREAD_READY,		/* would go on if it had a core */
	THREAD_RUNNING,		/* has one */
	THREAD_WAITING,		/* until woken or wait_until */
	THREAD_HOST,		/* the proxy is working for it */
};

#define WAIT_FOREVER	UINT64_MAX

/* A resident thread and the process on Linux that serves it (enclave/host.h). */
enum host_state {
	HOST_SERVES,
	HOST_GONE,		/* has let go; the thread does not know yet */
	HOST_AWAITED,		/* the thread knows: another one may share its pages */
	HOST_OFFERED,		/* did, and entered; the thread does not know yet */
};

struct thread {
	struct context context;		/* first: assembly saves here */
	struct context program;		/* the program's registers while the runtime works for it (enclave/upcall.h) */
	bool reflected;
	bool notify;			/* the runtime is to look for something that waits for this thread */
	struct fp_state fp;
	uint64_t tls;			/* TPIDR_EL0 */
	uint64_t cpu_time;		/* ticks that it had a core, up to the last time it gave it back */
	struct enclave *enclave;
	unsigned int index;
	enum thread_state state;
	bool resident;			/* has time of its own: reservation is not null */
	bool held;			/* its maker is not ready with it: Linux may not enter it yet */
	bool entered;			/* has run at least once */
	bool ended;			/* gone but for its frame, which the next thread of its index or the end of the enclave frees */
	uint64_t progress, target;	/* of a call that is made again in steps: how far it came, where it leads; */
	unsigned int phase;		/* in which part of its work it is. All 0 = from the start */
	uint64_t shared_end;		/* bytes of its shared region that are mapped, counted from the start */
	vaddr_t clear_tid;
	/* waiting */
	vaddr_t futex;			/* address waited for, 0 if none */
	uint32_t futex_mask;
	uint64_t futex_turn;
	bool futex_pi;			/* waits to be handed a lock (call/futex_pi.c) */
	unsigned int futex_owner;	/* index of the thread that has it */
	uint32_t devices;		/* RM_DEVICE_* that are waited for */
	uint64_t wait_until;		/* counter; WAIT_FOREVER */
	bool interruptible;		/* by notify */
	uint64_t interrupted;		/* until when it slept, or was about to, when it was notified */
	/* to be told to Linux */
	unsigned int core;		/* where it had one last */
	bool wake_queued;
	struct thread *wake_next;
	/* resident */
	struct reservation *reservation;	/* whose time it has; one of its enclave's */
	uint64_t turn;			/* among ready threads of equal priority: the lowest is next */
	bool gives_way;			/* to the thread of its enclave that is in the middle of a change (call/memory.c) */
	struct thread *resident_next;	/* on its core */
	struct {
		uint64_t request[3];
		bool asked, taken;	/* Linux is to fetch it; Linux has it, or an earlier one */
		enum host_state state;
	} host;				/* enclave/host.h */
	uint64_t notified;		/* counter when Linux did last, */
	bool notify_later;		/* and that it did again too soon */
};

_Static_assert(sizeof(struct thread) <= 4096, "a thread is a frame");
_Static_assert(offsetof(struct thread, context) == 0, "assembly");

/* Makes a thread that starts at pc with the runtime's registers for its index. -EAGAIN: too many; -ENOMEM. */
int thread_create(struct enclave *e, uint64_t pc, struct thread **result);

/* Frees it; not running, no longer queued. */
void thread_destroy(struct thread *t);

/* WAITING -> READY with that result in x0; Linux is told to enter it again, or a resident thread's core. */
void thread_wake(struct thread *t, int64_t result);

/* WAITING -> READY because its time has passed; x0 stays what the call left there for that case. */
void thread_timeout(struct thread *t);

/* A resident thread that runs stops to do so, until that time; one that stands still is ready again, as it was to be at that time. */
void thread_stop(struct thread *t, enum thread_state state, uint64_t until);
void thread_go_on(struct thread *t, uint64_t at);

/* Of the ready threads of its priority it is now the last. */
void thread_to_the_end(struct thread *t);

/* There is something for its Linux thread, which is to enter it. */
void thread_tell_linux(struct thread *t);

/* A thread of which Linux was not told yet that it woke, or NULL (call WAKES). */
struct thread *thread_next_wake(void);
/* Are there more? */
bool thread_wakes_left(void);

static inline vaddr_t thread_block(unsigned int index) { return RM_THREAD_BASE + index * RM_THREAD_STRIDE + RM_THREAD_BLOCK; }
static inline vaddr_t thread_region(unsigned int index) { return RM_SHARE_BASE + index * RM_SHARE_STRIDE; }

#endif
