/* SPDX-License-Identifier: MIT */
/*
 * Scheduling. A resident enclave's threads have what the manifest grants (abi/resident.h): SCHED_FIFO with the priority of one of its
 * reservations, or SCHED_OTHER, which is the lowest of them; any other is EPERM. They stay on their core. Linux schedules those of a hosted enclave, and is asked.
 */
#include "posix/posix.h"

#include "load/policy.h"
#include "ring/access.h"

enum { OTHER = 0, FIFO = 1, RR = 2, BATCH = 3, IDLE = 5, RESET_ON_FORK = 0x40000000 };

void rm_sched_start(struct rm_thread *t, uint32_t priority, uint32_t core)
{
	t->fifo = priority;
	rm_enclave.core = core;
}

void rm_sched_inherit(const struct rm_thread *t, uint32_t index)
{
	rm_thread_block(index)->fifo = t->fifo;
}

/* The thread of that number, 0: the calling one; NULL: it is none of ours. */
static struct rm_thread *find(struct rm_thread *t, unsigned long id)
{
	const unsigned long index = (uint32_t)id - rm_enclave.pid;

	if ((uint32_t)id == 0 || (uint32_t)id == rm_tid(t))
		return t;
	return index < RM_THREAD_MAX && rm_svc1(RM_SVC_THREADS, index) == (long)index ? rm_thread_block((uint32_t)index) : NULL;
}

/* To a reservation; the thread's block says which, for those who ask. */
static long move(uint32_t index, int policy, int priority)
{
	long result;

	if (policy < OTHER || policy == 4 || policy > 6)
		return -EINVAL;
	if (policy == FIFO || policy == RR ? priority < (int)RM_PRIORITY_MIN || priority > (int)RM_PRIORITY_MAX : priority != 0)
		return -EINVAL;
	if (policy != FIFO && policy != OTHER)
		return -EPERM;
	result = rm_svc2(RM_SVC_RESERVE, index, priority);
	if (result == 0)
		__atomic_store_n(&rm_thread_block(index)->fifo, (uint32_t)priority, __ATOMIC_RELAXED);
	return result;
}

static long set(struct rm_thread *t, const struct rm_args *args, bool has_policy, unsigned long user)
{
	struct rm_thread *to = find(t, args->a[0]);
	int32_t priority;
	int policy;

	if ((int32_t)args->a[0] < 0 || user == 0)
		return -EINVAL;
	if (rm_get_user(&priority, user, sizeof(priority)) != 0)
		return -EFAULT;
	if (!to)
		return -ESRCH;
	policy = has_policy ? (int)args->a[1] & ~RESET_ON_FORK : to->fifo ? FIFO : OTHER;
	return move(to == t ? t->index : (uint32_t)args->a[0] - rm_enclave.pid, policy, priority);
}

long rm_sys_sched_setscheduler(struct rm_thread *t, const struct rm_args *args)
{
	return t->resident ? set(t, args, true, args->a[2]) : rm_sys_host(t, args);
}

long rm_sys_sched_setparam(struct rm_thread *t, const struct rm_args *args)
{
	return t->resident ? set(t, args, false, args->a[1]) : rm_sys_host(t, args);
}

long rm_sys_sched_getscheduler(struct rm_thread *t, const struct rm_args *args)
{
	const struct rm_thread *of;

	if (!t->resident)
		return rm_sys_host(t, args);
	of = find(t, args->a[0]);
	if ((int32_t)args->a[0] < 0)
		return -EINVAL;
	return !of ? -ESRCH : __atomic_load_n(&of->fifo, __ATOMIC_RELAXED) ? FIFO : OTHER;
}

long rm_sys_sched_getparam(struct rm_thread *t, const struct rm_args *args)
{
	const struct rm_thread *of;
	uint32_t priority;

	if (!t->resident)
		return rm_sys_host(t, args);
	of = find(t, args->a[0]);
	if ((int32_t)args->a[0] < 0 || args->a[1] == 0)
		return -EINVAL;
	if (!of)
		return -ESRCH;
	priority = __atomic_load_n(&of->fifo, __ATOMIC_RELAXED);
	return rm_put_user(args->a[1], &priority, sizeof(priority));
}

/* There are no slices. */
long rm_sys_sched_rr_get_interval(struct rm_thread *t, const struct rm_args *args)
{
	const struct lx_timespec none = { 0 };

	if (!t->resident)
		return rm_sys_host(t, args);
	if ((int32_t)args->a[0] < 0)
		return -EINVAL;
	return !find(t, args->a[0]) ? -ESRCH : rm_put_user(args->a[1], &none, sizeof(none));
}

#define WORDS	16u	/* of a set of cores: as many as a core's number in a manifest can need */

long rm_sys_sched_getaffinity(struct rm_thread *t, const struct rm_args *args)
{
	uint64_t set[WORDS] = { 0 };
	const unsigned words = rm_enclave.core / 64 + 1;

	if (!t->resident)
		return rm_sys_host(t, args);
	if (args->a[1] % sizeof(set[0]) != 0 || args->a[1] < words * sizeof(set[0]))
		return -EINVAL;
	if (!find(t, args->a[0]))
		return -ESRCH;
	set[rm_enclave.core / 64] = 1ul << rm_enclave.core % 64;
	return rm_put_user(args->a[2], set, words * sizeof(set[0])) ? -EFAULT : (long)(words * sizeof(set[0]));
}

/* It may stay where it is. */
long rm_sys_sched_setaffinity(struct rm_thread *t, const struct rm_args *args)
{
	uint64_t set[WORDS] = { 0 };

	if (!t->resident)
		return rm_sys_host(t, args);
	if (rm_get_user(set, args->a[2], args->a[1] < sizeof(set) ? args->a[1] : sizeof(set)) != 0)
		return -EFAULT;
	if (!find(t, args->a[0]))
		return -ESRCH;
	return set[rm_enclave.core / 64] >> rm_enclave.core % 64 & 1 ? 0 : -EINVAL;
}
