/* SPDX-License-Identifier: MIT */
/* The loop of every thread: enter the enclave, do what it came back for, enter again. */
#include <errno.h>
#include <string.h>

#include "../cli/cli.h"
#include "../cli/message.h"
#include "proxy.h"

/*
 * Submits and waits. A DEFER_TASKRUN ring posts completions only here, so completions are always asked for. Errors other
 * than a signal go back to the enclave by what it finds in its ring: it asks again for what is still missing.
 */
static void submit(const struct region *region, unsigned count, unsigned wait, unsigned flags)
{
	int ret;

	do {
		ret = io_uring_enter((unsigned)region->ring_fd, count, wait, flags | IORING_ENTER_GETEVENTS, NULL);
	} while (ret == -EINTR);
}

static void host_request(struct proxy *proxy, struct region *region, uint64_t op, uint64_t a, uint64_t b)
{
	unsigned wait = b < RM_RING_ENTRIES ? (unsigned)b : RM_RING_ENTRIES;

	switch (op) {
	case RM_HOST_SUBMIT:
		submit(region, a < RM_RING_ENTRIES ? (unsigned)a : RM_RING_ENTRIES, wait, 0);
		break;
	case RM_HOST_CALL:
		call_serve(proxy, region, a);
		break;
	case RM_HOST_WAKEUP:
		submit(region, 0, wait, IORING_ENTER_SQ_WAKEUP);
		break;
	case RM_HOST_THREAD:
		region_boot(region)->thread_result = (uint32_t)thread_start(proxy, a);
		break;
	case RM_HOST_TRACE:
		tracing_wait(proxy, region);
		break;
	default:
		die(STATUS_ERROR, "%s (enclave %u) asks for something unknown (%llu); install ringmaster and the firmware from one "
				  "release", proxy->program, proxy->id, (unsigned long long)op);
	}
}

void serve(struct proxy *proxy, struct region *region)
{
	struct rm_ioc_enter last;

	for (;;) {
		if (ioctl(region->thread_fd, RM_IOC_ENTER, &last) != 0) {
			if (errno == EINTR)
				continue;
			die(STATUS_ERROR, "%s (enclave %u): the secure kernel does not let it run: %s", proxy->program,
			    proxy->id, strerror(errno));
		}
		tracing_tell(proxy, region);
		report_look(proxy, region);
		if (last.reason == RM_EXIT_THREAD)
			return;
		if (last.reason != RM_EXIT_HOST)
			end(proxy, &last);
		host_request(proxy, region, last.arg[0], last.arg[1], last.arg[2]);
	}
}
