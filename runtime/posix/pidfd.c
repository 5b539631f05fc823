/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of processes: pidfd_open(), pidfd_send_signal(). One of the enclave itself names the proxy.
 *
 * Attacks considered: what stands behind the new descriptor is Linux's word, as for any file that it opens.
 */
#include "posix/posix.h"

#define SIGINFO_SIZE	128u

long rm_sys_pidfd_open(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[1];
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_pidfd_open);

	if (result)
		return result;
	h.message.arg[0] = args->a[0];
	h.message.arg[1] = flags;
	result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	return rm_new_fd(t, result, (flags & LX_O_NONBLOCK) | LX_O_CLOEXEC, RM_KIND_OTHER);
}

long rm_sys_pidfd_send_signal(struct rm_thread *t, const struct rm_args *args)
{
	uint8_t info[SIGINFO_SIZE];
	struct rm_desc *desc;
	struct rm_hostcall h;
	long result;

	if (args->a[2] && rm_get_user(info, args->a[2], sizeof(info)) != 0)
		return -EFAULT;
	desc = rm_get(args->a[0]);
	if (!desc)
		return -EBADF;
	result = rm_hostcall_begin(&h, t, LX_pidfd_send_signal);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)desc->host_fd;
		h.message.arg[1] = args->a[1];
		h.message.arg[2] = RM_HOST_NULL;
		h.message.arg[3] = args->a[3];
		result = args->a[2] ? rm_hostcall_put(&h, 2, info, sizeof(info)) : 0;
		if (result >= 0)
			result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		rm_hostcall_end(&h);
	}
	rm_put(t, desc);
	return result;
}
