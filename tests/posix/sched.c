/* SPDX-License-Identifier: MIT */
/* Scheduling: yielding, where a thread runs, and whose thread it is. */
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static int turn;

static void *yield_until_turn(void *arg)
{
	for (int i = 0; i < 20; i++) {
		while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) % 2 != (int)(long)arg)
			sched_yield();
		__atomic_add_fetch(&turn, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Three threads, two cores: they come to an end only if each gives its core away. What the call returned cannot be told from a stub. */
CASE_LIMIT(yield, "sched_yield clone", 60)
{
	void *first, *second;

	turn = 0;
	first = case_thread(yield_until_turn, (void *)0);
	second = case_thread(yield_until_turn, (void *)1);
	case_join(first);
	case_join(second);
	EXPECT_EQ(turn, 40);
	EXPECT(sched_yield() == 0);
}

CASE(getcpu, "getcpu")
{
	unsigned cpu = 9999, node = 9999;

	EXPECT(syscall(SYS_getcpu, &cpu, &node, NULL) == 0);
	EXPECT(cpu < (unsigned)sysconf(_SC_NPROCESSORS_CONF));
	EXPECT(node == 0);
	EXPECT(syscall(SYS_getcpu, NULL, NULL, NULL) == 0);
	EXPECT_ERRNO(syscall(SYS_getcpu, 8, NULL, NULL), EFAULT);
	EXPECT(sched_getcpu() >= 0);
}

CASE(affinity, "sched_getaffinity")
{
	cpu_set_t set;
	long size;

	CPU_ZERO(&set);
	size = syscall(SYS_sched_getaffinity, 0, sizeof(set), &set);
	EXPECT(size >= 8 && size % 8 == 0);
	EXPECT(CPU_COUNT(&set) >= 1 && CPU_COUNT(&set) == sysconf(_SC_NPROCESSORS_ONLN));
	EXPECT_ERRNO(syscall(SYS_sched_getaffinity, 0, 4, &set), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getaffinity, 0, 128, 8), EFAULT);
}

static void *where(void *arg)
{
	long *ids = arg;

	ids[0] = syscall(SYS_gettid);
	ids[1] = getpid();
	return NULL;
}

CASE(set_affinity, "sched_setaffinity sched_getaffinity")
{
	const long last = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	cpu_set_t all, one, now;

	MUST(sched_getaffinity(0, sizeof(all), &all) == 0);
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	EXPECT(sched_setaffinity(0, sizeof(one), &one) == 0);
	CPU_ZERO(&now);
	EXPECT(sched_getaffinity(0, sizeof(now), &now) == 0 && CPU_EQUAL(&now, &one));
	EXPECT_EQ(sched_getcpu(), last);
	CPU_ZERO(&one);
	EXPECT_ERRNO(sched_setaffinity(0, sizeof(one), &one), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setaffinity, 0, 8, 8), EFAULT);
	EXPECT(sched_setaffinity(0, sizeof(all), &all) == 0);
	EXPECT(sched_getaffinity(0, sizeof(now), &now) == 0 && CPU_EQUAL(&now, &all));
}

CASE(gettid, "gettid clone")
{
	long ids[2] = { 0 };

	EXPECT(syscall(SYS_gettid) == getpid());
	case_join(case_thread(where, ids));
	EXPECT(ids[0] > 0 && ids[0] != getpid());
	EXPECT_EQ(ids[1], getpid());
}

CASE(set_tid_address, "set_tid_address")
{
	int word;

	EXPECT(syscall(SYS_set_tid_address, &word) == syscall(SYS_gettid));
	EXPECT(syscall(SYS_set_tid_address, NULL) == getpid());
}

CASE(priorities, "sched_get_priority_max sched_get_priority_min")
{
	EXPECT_EQ(sched_get_priority_max(SCHED_OTHER), 0);	/* a stub's answer; the others are not */
	EXPECT_EQ(sched_get_priority_min(SCHED_OTHER), 0);
	EXPECT_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	EXPECT_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_RR), 99);
	EXPECT_EQ(sched_get_priority_min(SCHED_RR), 1);
	EXPECT_ERRNO(sched_get_priority_max(77), EINVAL);
	EXPECT_ERRNO(sched_get_priority_min(-1), EINVAL);
}

static int named, may_end;

static void *be_named(void *arg)
{
	(void)arg;
	__atomic_store_n(&named, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&may_end, __ATOMIC_SEQ_CST))
		sched_yield();
	return NULL;
}

/* What names another thread means that thread, and leaves the one that asks as it is. */
CASE(other_thread, "sched_setscheduler sched_getscheduler sched_setparam sched_getparam setpriority getpriority clone")
{
	struct sched_param param = { .sched_priority = 0 };
	void *thread;
	int tid;

	named = may_end = 0;
	thread = case_thread(be_named, NULL);
	while ((tid = __atomic_load_n(&named, __ATOMIC_SEQ_CST)) == 0)
		sched_yield();
	EXPECT(syscall(SYS_sched_setscheduler, tid, SCHED_BATCH, &param) == 0);
	EXPECT_EQ(syscall(SYS_sched_getscheduler, tid), SCHED_BATCH);
	EXPECT_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_OTHER);
	EXPECT(syscall(SYS_sched_setparam, tid, &param) == 0);
	param.sched_priority = 7;
	EXPECT(syscall(SYS_sched_getparam, tid, &param) == 0 && param.sched_priority == 0);
	EXPECT(setpriority(PRIO_PROCESS, (id_t)tid, 5) == 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, (id_t)tid), 5);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 0);
	param.sched_priority = 1;
	EXPECT_ERRNO(syscall(SYS_sched_setscheduler, tid, SCHED_BATCH, &param), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setparam, tid, &param), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getscheduler, -1), EINVAL);
	__atomic_store_n(&may_end, 1, __ATOMIC_SEQ_CST);
	case_join(thread);
}
