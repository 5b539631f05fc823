/* SPDX-License-Identifier: MIT */
/* Sleeping: the core goes back to Linux, which is asked to enter again when the time has passed; the kernel's own counter decides. */
#include "arch/timer.h"
#include "call/svc.h"
#include "lib/errno.h"
#include "lib/panic.h"

#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC	1
#define CLOCK_BOOTTIME	7
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

void thread_sleep(struct cpu *cpu, struct thread *t, uint64_t until)
{
	assert(cpu->hosted == t && t->state == THREAD_RUNNING);
	uint64_t now = counter();
	uint64_t ns = until == WAIT_FOREVER ? WAIT_FOREVER : counter_to_ns(until > now ? until - now : 0);

	t->wait_until = until;
	enclave_count(t->enclave, RM_STAT_EXITS_VOLUNTARY);
	sched_give_back(cpu, THREAD_WAITING, RM_EXIT_WAIT, ns, 0, 0);
}

static int64_t sleep_until(struct thread *t, uint64_t until)
{
	t->context.x[0] = 0;		/* the result when the time has passed */
	thread_sleep(cpu_this(), t, until);
	return SVC_DONE;
}

static uint64_t after(uint64_t ns)
{
	uint64_t until;

	return __builtin_add_overflow(counter(), counter_from_ns(ns), &until) ? WAIT_FOREVER : until;
}

int64_t svc_nanosleep(struct thread *t)
{
	uint64_t ns;
	int error = time_read(t, t->context.x[0], &ns);

	return error ? error : sleep_until(t, after(ns));
}

/* Realtime sleeps that are absolute are the runtime's: it knows what the host said the time is. */
int64_t svc_clock_nanosleep(struct thread *t)
{
	uint64_t clock = t->context.x[0], flags = t->context.x[1], ns;
	int error = time_read(t, t->context.x[2], &ns);

	if (error)
		return error;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	if (!(flags & TIMER_ABSTIME))
		return sleep_until(t, after(ns));
	if (clock == CLOCK_REALTIME)
		return SVC_REFLECT;
	return sleep_until(t, counter_from_ns(ns));
}
