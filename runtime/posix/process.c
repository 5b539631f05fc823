/* SPDX-License-Identifier: MIT */
/*
 * Who the enclave is: the proxy's process on Linux, whose numbers it has, so that kill(1) and ps(1) work.
 *
 * Attacks considered: the numbers come from the boot page, once; nothing is decided by them inside. uname's strings end with NUL
 * whatever Linux wrote.
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "ring/access.h"

long rm_sys_getpid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.pid;
}

long rm_sys_getppid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.ppid;
}

long rm_sys_getuid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.uid;
}

long rm_sys_geteuid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.euid;
}

long rm_sys_getgid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.gid;
}

long rm_sys_getegid(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return rm_enclave.egid;
}

long rm_sys_gettid(struct rm_thread *t, const struct rm_args *args)
{
	(void)args;
	return (long)rm_enclave.pid + t->index;
}

long rm_sys_set_tid_address(struct rm_thread *t, const struct rm_args *args)
{
	rm_svc1(LX_set_tid_address, args->a[0]);
	return (long)rm_enclave.pid + t->index;
}

long rm_sys_getcpu(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t zero = 0;

	(void)t;
	for (int i = 0; i < 2; i++)
		if (args->a[i] && rm_put_user(args->a[i], &zero, sizeof(zero)) != 0)
			return -EFAULT;
	return 0;
}

/* There are never any children. */
long rm_sys_wait4(struct rm_thread *t, const struct rm_args *args)
{
	(void)t, (void)args;
	return -ECHILD;
}

#define UTS_FIELD	65u
#define UTS_FIELDS	6u

long rm_sys_uname(struct rm_thread *t, const struct rm_args *args)
{
	char names[UTS_FIELDS * UTS_FIELD];
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_uname), room;

	if (result)
		return result;
	room = rm_hostcall_room(&h, 0, sizeof(names));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, names, sizeof(names));
	rm_hostcall_end(&h);
	if (result)
		return result;
	for (unsigned i = 1; i <= UTS_FIELDS; i++)
		names[i * UTS_FIELD - 1] = 0;
	return rm_put_user(args->a[0], names, sizeof(names));
}

#define PR_SET_NAME	15
#define PR_GET_NAME	16

long rm_sys_prctl(struct rm_thread *t, const struct rm_args *args)
{
	char name[sizeof(rm_enclave.name)];
	long result;

	(void)t;
	switch (args->a[0]) {
	case PR_SET_NAME:
		result = rm_copy_string(name, (const char *)args->a[1], sizeof(name));
		if (result == -EFAULT)
			return result;
		name[sizeof(name) - 1] = 0;
		memcpy(rm_enclave.name, name, sizeof(name));
		return 0;
	case PR_GET_NAME:
		return rm_put_user(args->a[1], rm_enclave.name, sizeof(rm_enclave.name));
	default:
		return -EINVAL;
	}
}
