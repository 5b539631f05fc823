/* SPDX-License-Identifier: MIT */
/* The loop of every thread: enter the enclave, do what it came back for, enter again. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "../cli/cli.h"
#include "../cli/message.h"
#include "proxy.h"

/*
 * Submits and waits. A DEFER_TASKRUN ring posts completions only here, so completions are always asked for. Errors, and signals
 * that ended the wait, go back to the enclave by what it finds in its ring: it asks again for what is still missing.
 */
static void submit(const struct region *region, unsigned count, uint64_t b, unsigned flags)
{
	const unsigned asked = (unsigned)b, wait = asked < RM_RING_ENTRIES ? asked : RM_RING_ENTRIES, limit = (unsigned)(b >> 32);
	struct __kernel_timespec time = { .tv_sec = limit / 1000, .tv_nsec = limit % 1000 * 1000000 };
	struct io_uring_getevents_arg bounded = { .ts = (uint64_t)(uintptr_t)&time };

	flags |= IORING_ENTER_GETEVENTS;
	if (limit == 0)
		kick_call(&region->kick.pending, SYS_io_uring_enter, (uint64_t)region->ring_fd, count, wait, flags, 0, 0);
	else
		kick_call(&region->kick.pending, SYS_io_uring_enter, (uint64_t)region->ring_fd, count, wait, flags | IORING_ENTER_EXT_ARG,
			  (uint64_t)(uintptr_t)&bounded, sizeof(bounded));
}

static void grow_arena(const struct proxy *proxy, const struct region *region, uint64_t slots)
{
	const int ret = region_grow(region, slots);

	if (ret != 0)
		die(STATUS_ERROR, "%s (enclave %u): no more memory for its input and output: %s", proxy->program, proxy->id, strerror(-ret));
}

/* ms: by then the thread is to be back; 0: whenever it is. */
static void call(const struct proxy *proxy, struct region *region, uint64_t a, uint64_t ms)
{
	if (a & RM_HOST_CALL_BOUNDED) {
		kick_bound(ms);
		call_serve(proxy, region, a & ~(uint64_t)RM_HOST_CALL_BOUNDED);
		kick_bound(0);
	} else if (ms != 0) {
		worker_serve(proxy, region, a, ms);
	} else {
		call_serve(proxy, region, a);
	}
}

static void host_request(struct proxy *proxy, struct region *region, uint64_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case RM_HOST_SUBMIT:
		if (a & RM_HOST_SUBMIT_SERVER)
			switchless_wake(proxy, region);
		a &= ~RM_HOST_SUBMIT_SERVER;
		submit(region, a < RM_RING_ENTRIES ? (unsigned)a : RM_RING_ENTRIES, b, 0);
		break;
	case RM_HOST_CALL:
		if (a & RM_HOST_CALL_SERVER)
			switchless_wake(proxy, region);
		call(proxy, region, a & ~(uint64_t)RM_HOST_CALL_SERVER, b);
		break;
	case RM_HOST_AWAIT:
		switchless_await(region, a);
		break;
	case RM_HOST_WAKEUP:
		submit(region, 0, b, IORING_ENTER_SQ_WAKEUP);
		break;
	case RM_HOST_THREAD:
		region_boot(region)->thread_result = (uint32_t)thread_start(proxy, a, false);
		break;
	case RM_HOST_KICK:
		thread_kick(a);
		break;
	case RM_HOST_ARENA:
		grow_arena(proxy, region, a);
		break;
	case RM_HOST_TIMER:
		kick_timer(a);
		break;
	case RM_HOST_DEATH:
		death_report(proxy, region, a);
		break;
	case RM_HOST_TRACE:
		tracing_wait(proxy, region);
		break;
	default:
		die(STATUS_ERROR, "%s (enclave %u) asks for something unknown (%llu); install ringmaster and the firmware from one "
				  "release", proxy->program, proxy->id, (unsigned long long)op);
	}
}

/* Enters once; told what news there was. False: a signal came between, enter again. */
static bool enter(struct proxy *proxy, struct region *region, struct rm_ioc_enter *last)
{
	struct kick *kick = &region->kick;
	uint32_t news;
	long ret;

	kick->pending = 0;
	news = kick->news;	/* after that store: what comes later prevents the call */
	last->flags = news != kick->told ? RM_ENTER_NOTIFY : 0;
	ret = kick_call(&kick->pending, SYS_ioctl, (uint64_t)region->thread_fd, RM_IOC_ENTER, (uint64_t)(uintptr_t)last, 0, 0, 0);
	if (ret == -EINTR)
		return false;
	if (ret < 0)
		die(STATUS_ERROR, "%s (enclave %u): the secure kernel does not let it run: %s", proxy->program, proxy->id,
		    strerror((int)-ret));
	kick->told = news;
	return true;
}

void serve(struct proxy *proxy, struct region *region)
{
	struct rm_ioc_enter last = { 0 };

	kick_attach(&region->kick, (struct rm_host_signals *)(void *)(region->base + RM_BOOT_SIGNALS));
	thread_serves(region->index);
	for (;;) {
		if (!enter(proxy, region, &last))
			continue;
		tracing_tell(proxy, region);
		report_look(proxy, region);
		if (last.reason == RM_EXIT_THREAD)
			break;
		if (last.reason != RM_EXIT_HOST)
			end(proxy, &last);
		host_request(proxy, region, last.arg[0], last.arg[1], last.arg[2]);
	}
	worker_forget(region);
	switchless_leave(region);
	kick_detach();
}
