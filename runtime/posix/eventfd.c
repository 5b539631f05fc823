/* SPDX-License-Identifier: MIT */
/*
 * eventfd2(): Linux's object; reads and writes go as any file's (io.c).
 *
 * Attacks considered: a counter that comes back is the host's word, eight bytes that only the program looks at.
 */
#include "posix/posix.h"

long rm_sys_eventfd2(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[1];
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_eventfd2);

	if (result)
		return result;
	h.message.arg[0] = args->a[0];
	h.message.arg[1] = flags | LX_O_CLOEXEC;
	result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	return rm_new_fd(t, result, flags, RM_KIND_OTHER);
}
