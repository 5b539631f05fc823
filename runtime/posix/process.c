/* SPDX-License-Identifier: MIT */
/*
 * Who the enclave is: the proxy's process on Linux, whose numbers it has, so that kill(1) and ps(1) work.
 *
 * Attacks considered: the numbers come from the boot page, once; nothing is decided by them inside. uname's strings end with NUL
 * whatever Linux wrote.
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "ring/access.h"

long rm_sys_getpid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.pid;
}

long rm_sys_getppid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.ppid;
}

long rm_sys_gettid(struct rm_thread *t, const struct rm_args *args)
{
	(void)args;
	return (long)rm_enclave.pid + t->index;
}

long rm_sys_set_tid_address(struct rm_thread *t, const struct rm_args *args)
{
	rm_svc1(LX_set_tid_address, args->a[0]);
	return (long)rm_enclave.pid + t->index;
}

static long put_cpu(const struct rm_args *args, const uint32_t found[2])
{
	long result = 0;

	for (int i = 0; i < 2 && result == 0; i++)
		if (args->a[i])
			result = rm_put_user(args->a[i], &found[i], sizeof(found[i]));
	return result;
}

/* Which core this thread's Linux thread is on: Linux's word, and old when it arrives, as it is natively. */
long rm_sys_getcpu(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_hostcall h;
	uint32_t found[2] = { rm_enclave.core, 0 };
	long result = t->resident ? 0 : rm_hostcall_begin(&h, t, LX_getcpu), room[2];

	if (result)
		return result;
	if (t->resident)
		return put_cpu(args, found);
	for (int i = 0; i < 2; i++)
		room[i] = rm_hostcall_room(&h, i, sizeof(found[i]));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	for (int i = 0; i < 2 && result == 0; i++)
		result = rm_hostcall_take(&h, room[i], &found[i], sizeof(found[i]));
	rm_hostcall_end(&h);
	return result ? result : put_cpu(args, found);
}

#define SCHED_BATCH	3
#define SCHED_IDLE	5
#define SCHED_DEADLINE	6
#define PRIORITY_MAX	99

/* The range of priorities of a policy: SCHED_FIFO and SCHED_RR have one, others only 0. */
static long priority_of(unsigned long policy, long real_time)
{
	switch ((int)policy) {
	case 1:
	case 2:
		return real_time;
	case 0:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	default:
		return -EINVAL;
	}
}

long rm_sys_sched_get_priority_max(struct rm_thread *t, const struct rm_args *args)
{
	(void)t;
	return priority_of(args->a[0], PRIORITY_MAX);
}

long rm_sys_sched_get_priority_min(struct rm_thread *t, const struct rm_args *args)
{
	(void)t;
	return priority_of(args->a[0], 1);
}

#define UTS_FIELD	65u
#define UTS_FIELDS	6u

long rm_sys_uname(struct rm_thread *t, const struct rm_args *args)
{
	char names[UTS_FIELDS * UTS_FIELD];
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_uname), room;

	if (result)
		return result;
	room = rm_hostcall_room(&h, 0, sizeof(names));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, names, sizeof(names));
	rm_hostcall_end(&h);
	if (result)
		return result;
	for (unsigned i = 1; i <= UTS_FIELDS; i++)
		names[i * UTS_FIELD - 1] = 0;
	return rm_put_user(args->a[0], names, sizeof(names));
}
