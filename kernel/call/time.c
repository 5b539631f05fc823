/* SPDX-License-Identifier: MIT */
/* Sleeping: the core goes back to Linux, which is asked to enter again when the time has passed; the kernel's own counter decides. */
#include "arch/timer.h"
#include "call/svc.h"
#include "enclave/upcall.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "sched/resident.h"

#define CLOCK_MONOTONIC	1
#define TIMER_ABSTIME	1
#define NS_PER_S	1000000000

struct timespec {
	int64_t seconds, nanoseconds;
};

int time_read(struct thread *t, vaddr_t from, uint64_t *ns)
{
	struct timespec ts;
	int error = space_read(&t->enclave->space, &ts, from, sizeof(ts));

	if (error)
		return error;
	if (ts.seconds < 0 || ts.nanoseconds < 0 || ts.nanoseconds >= NS_PER_S)
		return -EINVAL;
	if (__builtin_mul_overflow((uint64_t)ts.seconds, NS_PER_S, ns) ||
	    __builtin_add_overflow(*ns, (uint64_t)ts.nanoseconds, ns))
		*ns = UINT64_MAX;
	return 0;
}

void thread_sleep(struct cpu *cpu, struct thread *t, uint64_t until, bool interruptible)
{
	assert(t->state == THREAD_RUNNING);
	t->interruptible = interruptible;
	if (t->resident) {
		thread_stop(t, THREAD_WAITING, until);
		return;
	}
	assert(cpu->hosted == t);
	uint64_t now = counter();
	uint64_t ns = until == WAIT_FOREVER ? WAIT_FOREVER : counter_to_ns(until > now ? until - now : 0);

	t->wait_until = until;
	enclave_count(t->enclave, RM_STAT_EXITS_VOLUNTARY);
	sched_give_back(cpu, THREAD_WAITING, RM_EXIT_WAIT, ns, 0, 0);
}

/* The time that it wants to sleep until is over: because it took too long, or because it was notified shortly before. */
static void passed(struct thread *t, uint64_t until)
{
	if (until == t->interrupted)
		resident_released(t, counter() - until);
	else
		enclave_count(t->enclave, RM_STAT_MISSES);
	t->interrupted = 0;
}

/* Monotonic and absolute: what else a program may ask for, its runtime makes into that. */
int64_t svc_clock_nanosleep(struct thread *t)
{
	uint64_t ns;
	int error = time_read(t, t->context.x[2], &ns);

	if (error)
		return error;
	if (t->context.x[0] != CLOCK_MONOTONIC || t->context.x[1] != TIMER_ABSTIME)
		return -EINVAL;
	uint64_t until = ns == UINT64_MAX ? WAIT_FOREVER : counter_from_ns(ns);

	if (upcall_take(t)) {
		t->interrupted = until > counter() ? until : 0;
		return -EINTR;
	}
	if (t->resident && until <= counter()) {
		passed(t, until);
		return 0;
	}
	t->context.x[0] = 0;		/* the result when the time has passed */
	thread_sleep(cpu_this(), t, until, true);
	return SVC_DONE;
}
