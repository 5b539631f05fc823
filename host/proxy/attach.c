/* SPDX-License-Identifier: MIT */
/* A new proxy for an enclave that outlived its old one, or that began before Linux did. */
#include "proxy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../cli/cli.h"
#include "../cli/message.h"

static uint64_t adopt(struct proxy *proxy)
{
	static char name[RM_NAME_SIZE];
	struct rm_ioc_adopt adopt = { .id = proxy->id };

	if (ioctl(proxy->device, RM_IOC_ADOPT, &adopt) == 0) {
		snprintf(name, sizeof(name), "%s", adopt.name);
		proxy->program = proxy->path = name;
		return adopt.threads;
	}
	switch (errno) {
	case ESRCH:
		die(STATUS_ERROR, "attach: there is no enclave %u any more", proxy->id);
	case EBUSY:
		die(STATUS_ERROR, "attach: enclave %u has a process; 'ringmaster ps' shows which", proxy->id);
	case EPERM:
		die(STATUS_ERROR, "attach: enclave %u does not permit it to you; its manifest says who may: attach = \"user\" (who started it, and root), "
		    "\"root\" or \"nobody\"", proxy->id);
	default:
		die(STATUS_ERROR, "attach: enclave %u: %s", proxy->id, strerror(errno));
	}
}

_Noreturn static void not_shared(const struct proxy *proxy, int ret)
{
	if (ret == -EBUSY || ret == -ENOENT)
		die(STATUS_ERROR, "%s (enclave %u): ended before it noticed", proxy->program, proxy->id);
	die(STATUS_ERROR, "%s (enclave %u): memory cannot be shared with it: %s", proxy->program, proxy->id, strerror(-ret));
}

void proxy_attach(struct proxy *proxy, uint32_t id)
{
	enum region_step step;
	uint64_t threads;
	int ret;

	proxy->id = id;
	proxy->adopted = true;
	proxy->exec_fd = -1;
	rseq_leave();
	kick_init(&proxy->ignored, &proxy->blocked);
	threads = adopt(proxy);
	prctl(PR_SET_NAME, proxy->program);
	if (proxy->verbose)
		warn("%s (enclave %u): attached, process %d", proxy->program, proxy->id, (int)getpid());
	for (uint32_t i = 1; i < RM_THREAD_MAX; i++) {
		ret = threads >> i & 1 ? thread_adopt(proxy, i) : 0;
		if (ret != 0)
			die(STATUS_ERROR, "%s (enclave %u): no thread for one of its threads: %s", proxy->program, proxy->id, strerror(-ret));
	}
	if (threads & 1) {
		ret = region_make(proxy, 0, &proxy->first, &step);
		if (ret != 0)
			not_shared(proxy, ret);
		report_open(&proxy->first);
		serve(proxy, &proxy->first);
	}
	/* The process lives on until the last thread does not. */
	for (;;)
		pause();
}
