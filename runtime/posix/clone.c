/* SPDX-License-Identifier: MIT */
/*
 * clone() of a thread. The secure kernel makes it, the proxy gives it a Linux thread and a region of its own, and only then it
 * runs. Other kinds of clone (fork, vfork) are not supported.
 *
 * Attacks considered: the proxy may refuse (EAGAIN), or claim success and never enter the thread: then the program waits for a
 * thread that does not run, as it would under a scheduler that never picks it. One that was refused and entered all the same ends the enclave.
 * The new thread checks its own region before anything of the program runs in it (start/start.c). The number that it gives the thread on Linux
 * is only ever handed back to it.
 */
#include "posix/posix.h"

#include "debug/debug.h"
#include "lib/string.h"
#include "load/policy.h"
#include "posix/map.h"
#include "ring/access.h"

#define NEEDED	(LX_CLONE_VM | LX_CLONE_FS | LX_CLONE_FILES | LX_CLONE_SIGHAND | LX_CLONE_THREAD)
#define ALLOWED	(NEEDED | LX_CLONE_SYSVSEM | LX_CLONE_SETTLS | LX_CLONE_PARENT_SETTID | LX_CLONE_CHILD_CLEARTID | \
		 LX_CLONE_DETACHED | LX_CLONE_CHILD_SETTID)

/* Gives the thread its place on Linux: 0 or -errno. */
static long give_linux_thread(struct rm_thread *t, uint32_t index)
{
	long result;

	if (t->resident && t->dead)
		return rm_svc1(RM_SVC_RUN, index);
	result = rm_ring_host(t, RM_HOST_THREAD, index, 0);
	if (result == 0)
		result = t->dead ? -EIO : rm_hostcall_thread_result(t);
	if (result < 0)
		return result;
	__atomic_store_n(&rm_thread_block(index)->linux_tid, (uint32_t)result, __ATOMIC_RELAXED);
	return 0;
}

/* The kernel has it, and it never ran. If it did, whatever we were told, it runs on a stack that the program is about to use again: the end. */
static void abort_thread(uint32_t index)
{
	if (rm_svc1(RM_SVC_THREAD_ABORT, index) != 0)
		rm_fail(RM_FAIL_HOST, __LINE__);
}

static void take_back(struct rm_thread *t, uint32_t index)
{
	rm_signal_thread_ends(t, index);
	abort_thread(index);
}

long rm_sys_clone(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[0];
	const unsigned long parent_tid = args->a[2], child_tid = args->a[4];
	uint32_t tid;
	long index;

	if ((flags & (LX_CLONE_THREAD | LX_CLONE_SIGHAND)) == LX_CLONE_THREAD || (flags & (LX_CLONE_SIGHAND | LX_CLONE_VM)) == LX_CLONE_SIGHAND)
		return -EINVAL;
	/* The new thread returns where the kernel reflected this call from; a direct call has no such place. */
	if (args->direct || (flags & NEEDED) != NEEDED || (flags & ~ALLOWED) != 0)
		return -ENOSYS;
	index = rm_svc(RM_SVC_THREAD, args->a[1], args->a[3], flags & LX_CLONE_CHILD_CLEARTID ? child_tid : 0,
		       flags & LX_CLONE_PARENT_SETTID ? parent_tid : 0, flags, 0);
	if (index == -EAGAIN)
		rm_count(t, RM_COUNT_THREADS);
	if (index < 0)
		return index;
	if ((uint32_t)index >= rm_policy.threads) {
		abort_thread((uint32_t)index);
		return -EAGAIN;
	}
	rm_signal_thread_begins(t, (uint32_t)index);
	rm_sched_inherit(t, (uint32_t)index);
	memcpy(rm_thread_block((uint32_t)index)->name, t->name, sizeof(t->name));
	rm_thread_block((uint32_t)index)->host_process = t->host_process;
	tid = rm_enclave.pid + (uint32_t)index;
	if (((flags & LX_CLONE_PARENT_SETTID) && rm_put_user(parent_tid, &tid, sizeof(tid)) != 0) ||
	    ((flags & LX_CLONE_CHILD_SETTID) && rm_put_user(child_tid, &tid, sizeof(tid)) != 0)) {
		take_back(t, (uint32_t)index);
		return -EFAULT;
	}
	if (give_linux_thread(t, (uint32_t)index) != 0) {
		take_back(t, (uint32_t)index);
		return -EAGAIN;
	}
	return tid;
}

/* Does not return. */
long rm_sys_exit(struct rm_thread *t, const struct rm_args *args)
{
	if (rm_debug_on)
		rm_debug_ends(t);
	rm_promise_ends(t);
	rm_robust_list_leave(t);
	rm_map_flush_all(t);	/* the last thread's end is the enclave's */
	rm_signal_thread_ends(t, t->index);
	return rm_svc1(LX_exit, args->a[0]);
}
