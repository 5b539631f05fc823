/* SPDX-License-Identifier: MIT */
/* Core files: the runtime writes them (runtime/debug/core.c), into a file that is opened here. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cli/cli.h"
#include "../cli/message.h"
#include "debug.h"
#include "gdb.h"
#include "proxy.h"

/* The program may change its working directory. */
void core_name(struct proxy *proxy, const char *path)
{
	char here[PATH_MAX] = "";
	char *full;

	if (*path == '\0')
		die(STATUS_ERROR, "--core: a file has a name");
	if (*path != '/' && getcwd(here, sizeof(here)) == NULL)
		die(STATUS_ERROR, "--core: the working directory cannot be told: %s", strerror(errno));
	if (asprintf(&full, "%s%s%s", here, *here != '\0' ? "/" : "", path) < 0)
		die(STATUS_ERROR, "--core: no memory");
	proxy->core = full;
}

int64_t core_serve(const struct proxy *proxy, uint64_t operation)
{
	int fd;

	if (proxy->core == NULL)
		return -ENOSYS;
	if (operation != RM_CORE_OPEN) {
		warn("%s (enclave %u): %s %s", proxy->program, proxy->id,
		     operation == RM_CORE_DONE ? "core dumped to" : "the core file could not be written whole:", proxy->core);
		return 0;
	}
	fd = open(proxy->core, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		fd = -errno;
		warn("%s (enclave %u): no core file %s: %s", proxy->program, proxy->id, proxy->core, strerror(-fd));
		return fd;
	}
	return descriptor_out_of_the_way(fd);
}
