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

static void adopt(struct proxy *proxy)
{
	static char name[RM_NAME_SIZE];
	struct rm_ioc_adopt adopt = { .id = proxy->id };

	if (ioctl(proxy->device, RM_IOC_ADOPT, &adopt) == 0) {
		snprintf(name, sizeof(name), "%s", adopt.name);
		proxy->program = proxy->path = name;
		return;
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

void proxy_attach(struct proxy *proxy, uint32_t id)
{
	int ret;

	proxy->id = id;
	proxy->adopted = true;
	proxy->exec_fd = -1;
	rseq_leave();
	kick_init(&proxy->ignored, &proxy->blocked);
	adopt(proxy);
	prctl(PR_SET_NAME, proxy->program);
	if (proxy->verbose)
		warn("%s (enclave %u): attached, process %d", proxy->program, proxy->id, (int)getpid());
	ret = threads_adopt(proxy);
	if (ret != -ENOENT)
		die(STATUS_ERROR, "%s (enclave %u): no thread for one of its threads: %s", proxy->program, proxy->id, strerror(-ret));
	/* Whoever serves one of its threads ends the process, with its status. */
	threads_join();
	die(STATUS_ERROR, "%s (enclave %u): ended before it noticed", proxy->program, proxy->id);
}
