/* SPDX-License-Identifier: MIT */
/*
 * clone() of a thread. The secure kernel makes it, the proxy gives it a Linux thread and a region of its own, and only then it
 * runs. A resident thread of a silent Linux runs without, and attaches like any whose process is gone. Other kinds of clone (fork, vfork) are not supported.
 *
 * Attacks considered: the proxy may refuse (EAGAIN), or claim success and never enter the thread: then a hosted program waits for a
 * thread that does not run, as it would under a scheduler that never picks it. One that was refused and entered all the same ends a hosted enclave; a resident
 * one, which Linux must not be able to end, has a thread.
 * The new thread checks its own region before anything of the program runs in it (start/start.c). The number that it gives the thread on Linux
 * is only ever handed back to it.
 */
#include "posix/posix.h"

#include "debug/debug.h"
#include "lib/string.h"
#include "posix/map.h"
#include "ring/access.h"

#define NEEDED	(LX_CLONE_VM | LX_CLONE_FS | LX_CLONE_FILES | LX_CLONE_SIGHAND | LX_CLONE_THREAD)
#define ALLOWED	(NEEDED | LX_CLONE_SYSVSEM | LX_CLONE_SETTLS | LX_CLONE_PARENT_SETTID | LX_CLONE_CHILD_CLEARTID | \
		 LX_CLONE_DETACHED | LX_CLONE_CHILD_SETTID)

/* Gives the thread its place on Linux: 0 or -errno. */
static long give_linux_thread(struct rm_thread *t, uint32_t index)
{
	long result = rm_ring_host(t, RM_HOST_THREAD, index, 0);

	if (result == 0)
		result = t->dead ? -EIO : rm_hostcall_thread_result(t);
	if (result < 0)
		return result;
	__atomic_store_n(&rm_thread_block(index)->linux_tid, (uint32_t)result, __ATOMIC_RELAXED);
	return 0;
}

/* A resident thread does not wait for Linux to enter it, nor for one that is silent or gone. */
static long begin(struct rm_thread *t, uint32_t index)
{
	long result = rm_svc2(RM_SVC_RUN, index, 0);

	if (result == 0)
		result = t->dead ? -EIO : give_linux_thread(t, index);
	if (t->resident && (result == 0 || t->dead || result == -ETIMEDOUT))
		result = rm_svc2(RM_SVC_RUN, index, 1);
	return result;
}

/*
 * The kernel has it, and it never ran: `error`. If it did, whatever we were told, it runs on a stack that a hosted program is about to use again: the end;
 * a resident one is told that it has its thread: 0.
 */
static long take_back(struct rm_thread *t, uint32_t index, long error)
{
	rm_signal_thread_ends(t, index);
	if (rm_svc1(RM_SVC_THREAD_ABORT, index) == 0)
		return error;
	if (!t->resident)
		rm_fail(RM_FAIL_HOST, __LINE__);
	if (rm_svc1(RM_SVC_THREADS, index) == (long)index)
		rm_signal_thread_begins(index);
	return 0;
}

long rm_sys_clone(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[0];
	const unsigned long parent_tid = args->a[2], child_tid = args->a[4];
	uint32_t tid;
	long index, result;

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
	rm_thread_block((uint32_t)index)->signal.mask = t->signal.mask;
	if (!rm_signal_thread_begins((uint32_t)index))
		return take_back(t, (uint32_t)index, -EAGAIN);
	rm_sched_inherit(t, (uint32_t)index);
	memcpy(rm_thread_block((uint32_t)index)->name, t->name, sizeof(t->name));
	rm_thread_block((uint32_t)index)->host_process = t->host_process;
	tid = rm_enclave.pid + (uint32_t)index;
	if (((flags & LX_CLONE_PARENT_SETTID) && rm_put_user(parent_tid, &tid, sizeof(tid)) != 0) ||
	    ((flags & LX_CLONE_CHILD_SETTID) && rm_put_user(child_tid, &tid, sizeof(tid)) != 0))
		return take_back(t, (uint32_t)index, -EFAULT);
	result = begin(t, (uint32_t)index);
	if (result != 0)
		result = take_back(t, (uint32_t)index, -EAGAIN);
	return result == 0 ? (long)tid : result;
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
