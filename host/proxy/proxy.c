/* SPDX-License-Identifier: MIT */
/* From a checked command line to a running enclave. */
#include "proxy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../cli/cli.h"
#include "../cli/message.h"
#include "../cli/size.h"
#include "gdb.h"

static void create(struct proxy *proxy, const char *name)
{
	struct rm_ioc_create create = { .memory_limit = proxy->memory_limit };
	char total[32], available[32];

	snprintf(create.name, sizeof(create.name), "%s", name);
	if (ioctl(proxy->device, RM_IOC_CREATE, &create) == 0) {
		proxy->id = create.id;
		return;
	}
	size_format(proxy->memory_total, total, sizeof(total));
	size_format(proxy->memory_free, available, sizeof(available));
	switch (errno) {
	case EINVAL:
		die(STATUS_ERROR, "%s: the secure kernel cannot give an enclave the memory asked for; this board has %s",
		    proxy->program, total);
	case ENOMEM:
		die(STATUS_ERROR, "%s: not enough secure memory to start an enclave (%s free of %s); end other enclaves",
		    proxy->program, available, total);
	case ENOSPC:
		die(STATUS_ERROR, "%s: there are as many enclaves as the secure kernel can have; end others", proxy->program);
	default:
		die(STATUS_ERROR, "%s: cannot make an enclave: %s", proxy->program, strerror(errno));
	}
}

_Noreturn static void memlock_too_small(const struct proxy *proxy)
{
	struct rlimit limit = { 0 };
	unsigned long long kib = (REGION_SIZE + 1023) / 1024;

	getrlimit(RLIMIT_MEMLOCK, &limit);
	die(STATUS_ERROR, "%s: an enclave's thread needs %llu KiB of locked memory and the limit is %llu KiB in all; raise it with "
			  "'ulimit -l %llu' or, for good, by '@ringmaster - memlock %llu' in /etc/security/limits.conf",
	    proxy->program, kib, (unsigned long long)limit.rlim_cur / 1024, 8 * kib, 64 * kib);
}

_Noreturn static void region_failed(const struct proxy *proxy, int ret, enum region_step step)
{
	if (step == REGION_SHARE && ret == -EDQUOT)
		memlock_too_small(proxy);
	if (step == REGION_SHARE)
		die(STATUS_ERROR, "%s: memory cannot be shared with the enclave: %s", proxy->program, strerror(-ret));
	if (step == REGION_IO_URING && (ret == -EPERM || ret == -ENOSYS))
		die(STATUS_ERROR, "%s: io_uring is off on this Linux; turn it on with 'sysctl kernel.io_uring_disabled=0'",
		    proxy->program);
	if (step == REGION_IO_URING)
		die(STATUS_ERROR, "%s: cannot set up io_uring: %s (Linux 6.6 or newer is needed)", proxy->program, strerror(-ret));
	die(STATUS_ERROR, "%s: no memory for the enclave's input and output: %s", proxy->program, strerror(-ret));
}

static void describe(const struct proxy *proxy)
{
	char limit[32];

	if (!proxy->verbose)
		return;
	warn("enclave %u: %s, process %d, memory %s, %s", proxy->id, proxy->path, (int)getpid(),
	     proxy->memory_limit != 0 ? size_format(proxy->memory_limit, limit, sizeof(limit)) : "as much as there is",
	     proxy->poll ? "polling ring" : "plain ring");
	if (proxy->poll)
		warn("enclave %u: CPU %u polls", proxy->id, proxy->poll_cpu);
}

/* name: null for the program's. */
void proxy_run(struct proxy *proxy, const char *name)
{
	enum region_step step;
	char label[RM_NAME_SIZE];
	int ret;

	snprintf(label, sizeof(label), "%s", name != NULL ? name : program_name(proxy->program));
	rseq_leave();
	kick_init(&proxy->ignored, &proxy->blocked);
	create(proxy, label);
	ret = region_make(proxy, 0, false, &proxy->first, &step);
	if (ret != 0)
		region_failed(proxy, ret, step);
	if (boot_fill(proxy, &proxy->first, environ) != 0)
		die(STATUS_CANNOT_RUN, "%s: arguments and environment are too long for an enclave (%u KiB in all); pass fewer",
		    proxy->program, RM_ARENA_SIZE / 1024);
	ret = region_grow(&proxy->first, boot_slots(&proxy->first));
	if (ret != 0)
		region_failed(proxy, ret, REGION_SHARE);
	prctl(PR_SET_NAME, program_name(proxy->program));
	describe(proxy);
	report_open(&proxy->first);
	if (proxy->core != NULL)
		region_boot(&proxy->first)->flags |= RM_BOOT_CORE;
	gdb_attach(proxy);
	ret = proxy->resident.count > 0 ? threads_watch(proxy) : 0;
	if (ret != 0)
		die(STATUS_ERROR, "%s (enclave %u): no thread for threads that have none: %s", proxy->program, proxy->id, strerror(-ret));
	serve(proxy, &proxy->first);
	/* The first thread ended alone. The process lives on until the last one does. */
	for (;;)
		pause();
}
