/* SPDX-License-Identifier: MIT */
/* posix_spawn() where the manifest lists programs. */
#ifndef RUNTIME_POSIX_SPAWN_H
#define RUNTIME_POSIX_SPAWN_H

#include "posix/posix.h"

/* A request that may go to the proxy, in private memory. */
struct rm_permitted {
	void *request;
	size_t size;
	unsigned long memory;		/* where it stands: address and size of a mapping, or 0 */
	size_t memory_size;
};

/*
 * Copies a request of the program (abi/spawn.h), and puts in place of the program it names the path of the list that is meant: 0; -EACCES,
 * counted, if there is none, -EINVAL, -EFAULT, -ENOMEM. rm_spawn_permitted() gives the memory back in any case.
 */
long rm_spawn_permit(struct rm_thread *t, unsigned long request, size_t size, struct rm_permitted *permitted);
void rm_spawn_permitted(struct rm_permitted *permitted);

#endif
