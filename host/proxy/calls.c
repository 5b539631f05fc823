/* SPDX-License-Identifier: MIT */
/* Host calls: Linux system calls that io_uring has no operation for, done by the thread that the enclave's runs on. */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calltable.h"
#include "debug.h"
#include "gdb.h"
#include "proxy.h"
#include "spawn.h"

/* ioctl(SIOCGIFCONF): the pointer in the structure is an offset, too. */
static int64_t interfaces(int fd, struct ifconf *shared, const struct region *region)
{
	struct ifconf list = *shared;
	const uint64_t offset = (uint64_t)(uintptr_t)list.ifc_buf;

	if (offset == RM_HOST_NULL)
		list.ifc_buf = NULL;
	else if (list.ifc_len < 0 || offset > REGION_SIZE || (uint64_t)list.ifc_len > REGION_SIZE - offset)
		return -EFAULT;
	else
		list.ifc_buf = (char *)(region->base + offset);
	if (ioctl(fd, SIOCGIFCONF, &list) != 0)
		return -errno;
	shared->ifc_len = list.ifc_len;
	return 0;
}

/* pending: of the calling thread's kicks. */
static int64_t perform(const struct proxy *proxy, const struct rm_host_call *call, const struct region *region, const volatile int *pending)
{
	uint64_t arg[6];
	int refused;

	if (call_is_sigaction(call))
		return kick_disposition(call->arg[0], call->arg[1], call->arg[2]);
	if (call->number == RM_CALL_SPAWN)
		return spawn_serve(proxy, call, region);
	if (call->number == RM_CALL_CORE)
		return core_serve(proxy, call->arg[0]);
	if (call->number == RM_CALL_WINDOW || call->number == RM_CALL_WINDOW_DROP)
		return window_serve(proxy, call, region);
	refused = call_translate(call, region->base, REGION_SIZE, arg);
	if (refused != 0)
		return refused;
	if (call_is_prlimit(call) && arg[0] != 0 && arg[0] != (uint64_t)getpid())
		return -EPERM;
	if (call_is_interfaces(call))
		return interfaces((int)arg[0], (struct ifconf *)(uintptr_t)arg[2], region);
	if (call_is_vector(call)) {
		const struct iovec one = { .iov_base = (void *)(uintptr_t)arg[1], .iov_len = arg[2] };

		return kick_call(pending, (long)call->number, arg[0], (uint64_t)(uintptr_t)&one, 1, arg[3], 0, arg[4]);
	}
	return kick_call(pending, (long)call->number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

/* A request that does not lie in the region is answered nowhere: the runtime waits for no such answer. */
static struct rm_host_call serve_one(const struct proxy *proxy, const struct region *region, uint64_t offset, const volatile int *pending)
{
	struct rm_host_call *shared, call = { 0 };

	if (offset % 8 != 0 || offset > REGION_SIZE - sizeof(call))
		return call;
	shared = (struct rm_host_call *)(void *)(region->base + offset);
	memcpy(&call, shared, sizeof(call));
	__atomic_store_n(&shared->begun, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&shared->result, perform(proxy, &call, region, pending), __ATOMIC_RELEASE);
	return call;
}

void call_serve(const struct proxy *proxy, struct region *region, uint64_t offset)
{
	const struct rm_host_call call = serve_one(proxy, region, offset, &region->kick.pending);

	if (call_changes_rights(&call)) {
		worker_forget(region);
		switchless_forget();
	}
}

void call_serve_late(const struct proxy *proxy, const struct region *region, uint64_t offset)
{
	static const int never;

	serve_one(proxy, region, offset, &never);
}
