/* SPDX-License-Identifier: MIT */
/*
 * Users, groups and capabilities: Linux's, of the proxy's thread that stands for the calling one. Linux changes them for one thread; a libc
 * makes every thread ask. What an enclave may do to files is decided by them, nothing inside is.
 *
 * A polling thread of Linux works with the identity that the ring was made with: with --poll, changes are refused (EPERM).
 *
 * Attacks considered: numbers only, handed to the program.
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "ring/access.h"

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

/* getresuid or getresgid: real, effective and saved. */
static long ask(struct rm_thread *t, uint32_t number, uint32_t ids[3])
{
	struct rm_hostcall h;
	long room[3] = { 0, 0, 0 }, result = rm_hostcall_begin(&h, t, number);

	if (result)
		return result;
	for (int i = 0; i < 3; i++)
		room[i] = rm_hostcall_room(&h, i, sizeof(ids[i]));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	for (int i = 0; i < 3 && result == 0; i++)
		result = rm_hostcall_take(&h, room[i], &ids[i], sizeof(ids[i]));
	rm_hostcall_end(&h);
	return result;
}

long rm_sys_getres(struct rm_thread *t, const struct rm_args *args)
{
	uint32_t ids[3];
	long result = ask(t, (uint32_t)args->number, ids);

	for (int i = 0; i < 3 && result == 0; i++)
		result = rm_put_user(args->a[i], &ids[i], sizeof(ids[i]));
	return result;
}

/* After a change: what getuid() and its kin answer. */
static long refresh(struct rm_thread *t)
{
	uint32_t users[3], groups[3];
	long result = ask(t, LX_getresuid, users);

	if (result == 0)
		result = ask(t, LX_getresgid, groups);
	if (result)
		return result;
	rm_enclave.uid = users[0];
	rm_enclave.euid = users[1];
	rm_enclave.gid = groups[0];
	rm_enclave.egid = groups[1];
	return 0;
}

/* setuid and all others that take up to three numbers. setfsuid and setfsgid return the old one and never fail. */
long rm_sys_set_id(struct rm_thread *t, const struct rm_args *args)
{
	const bool old = args->number == LX_setfsuid || args->number == LX_setfsgid;
	struct rm_hostcall h;
	long result;

	if (t->poll && !(old && (uint32_t)args->a[0] == ~0u))
		return -EPERM;
	result = rm_hostcall_begin(&h, t, (uint32_t)args->number);
	if (result)
		return result;
	memcpy(h.message.arg, args->a, 3 * sizeof(args->a[0]));
	result = rm_hostcall_do(&h, RM_RULE_COUNT, old ? UINT32_MAX : 0);
	rm_hostcall_end(&h);
	if (result == 0 && !old)
		result = refresh(t);
	return result;
}

struct capability_header {
	uint32_t version;
	int32_t pid;
};

#define CAPABILITY_V1	0x19980330u
#define CAPABILITY_V3	0x20080522u

/* capget and capset. Linux writes the version that it likes if it does not like ours. */
long rm_sys_capability(struct rm_thread *t, const struct rm_args *args)
{
	const bool get = args->number == LX_capget;
	struct capability_header header, answer;
	uint32_t data[6] = { 0 };
	size_t size;
	struct rm_hostcall h;
	long result, head, room = 0;

	if (rm_get_user(&header, args->a[0], sizeof(header)) != 0)
		return -EFAULT;
	if (!get && t->poll)
		return -EPERM;
	size = header.version == CAPABILITY_V1 ? sizeof(data) / 2 : sizeof(data);
	if (!get && rm_get_user(data, args->a[1], size) != 0)
		return -EFAULT;
	answer = header;
	if (answer.pid == (int32_t)rm_tid(t))
		answer.pid = 0;
	result = rm_hostcall_begin(&h, t, (uint32_t)args->number);
	if (result)
		return result;
	head = rm_hostcall_put(&h, 0, &answer, sizeof(answer));
	if (args->a[1])
		room = rm_hostcall_put(&h, 1, data, sizeof(data));
	else
		h.message.arg[1] = RM_HOST_NULL;
	result = head < 0 || room < 0 ? -EIO : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (head >= 0 && rm_hostcall_take(&h, head, &answer, sizeof(answer)) != 0)
		result = -EIO;
	if (result == 0 && get && args->a[1])
		result = rm_hostcall_take(&h, room, data, sizeof(data));
	rm_hostcall_end(&h);
	if (answer.version != header.version && answer.version == CAPABILITY_V3 &&
	    rm_put_user(args->a[0], &answer.version, sizeof(answer.version)) != 0)
		return -EFAULT;
	return result == 0 && get && args->a[1] ? rm_put_user(args->a[1], data, size) : result;
}

/* Linux's default for the execution domain is the only one; 0xffffffff only asks. */
long rm_sys_personality(struct rm_thread *t, const struct rm_args *args)
{
	(void)t;
	return (uint32_t)args->a[0] == 0 || (uint32_t)args->a[0] == ~0u ? 0 : -EINVAL;
}

enum {
	PR_SET_PDEATHSIG = 1, PR_GET_PDEATHSIG = 2, PR_GET_DUMPABLE = 3, PR_SET_DUMPABLE = 4, PR_GET_KEEPCAPS = 7, PR_SET_KEEPCAPS = 8,
	PR_SET_NAME = 15, PR_GET_NAME = 16, PR_CAPBSET_READ = 23, PR_CAPBSET_DROP = 24, PR_GET_SECUREBITS = 27, PR_SET_SECUREBITS = 28,
	PR_SET_TIMERSLACK = 29, PR_GET_TIMERSLACK = 30, PR_SET_CHILD_SUBREAPER = 36, PR_GET_CHILD_SUBREAPER = 37, PR_SET_NO_NEW_PRIVS = 38,
	PR_GET_NO_NEW_PRIVS = 39, PR_CAP_AMBIENT = 47,
};

static long host_prctl(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_prctl);

	if (result)
		return result;
	memcpy(h.message.arg, args->a, 5 * sizeof(args->a[0]));
	result = rm_hostcall_do(&h, RM_RULE_COUNT, INT32_MAX);
	rm_hostcall_end(&h);
	return result;
}

/* With a number that Linux writes behind argument 1. */
static long prctl_number(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_hostcall h;
	int32_t number;
	long result = rm_hostcall_begin(&h, t, LX_prctl), room;

	if (result)
		return result;
	h.message.arg[0] = args->a[0];
	room = rm_hostcall_room(&h, 1, sizeof(number));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, &number, sizeof(number));
	rm_hostcall_end(&h);
	return result ? result : rm_put_user(args->a[1], &number, sizeof(number));
}

/* The name is ours; Linux hears of it, so that ps shows it. */
static long set_name(struct rm_thread *t, unsigned long user)
{
	char name[RM_THREAD_NAME] = { 0 };
	struct rm_hostcall h;
	const long result = rm_copy_string(name, (const char *)user, sizeof(name));

	if (result == -EFAULT)
		return result;
	name[sizeof(name) - 1] = 0;
	memcpy(t->name, name, sizeof(name));
	if (rm_hostcall_begin(&h, t, LX_prctl) == 0) {
		h.message.arg[0] = PR_SET_NAME;
		if (rm_hostcall_put(&h, 1, name, sizeof(name)) >= 0)
			rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		rm_hostcall_end(&h);
	}
	return 0;
}

long rm_sys_prctl(struct rm_thread *t, const struct rm_args *args)
{
	switch ((uint32_t)args->a[0]) {
	case PR_SET_NAME:
		return set_name(t, args->a[1]);
	case PR_GET_NAME:
		return rm_put_user(args->a[1], t->name, sizeof(t->name));
	case PR_GET_PDEATHSIG:
	case PR_GET_CHILD_SUBREAPER:
		return prctl_number(t, args);
	case PR_SET_PDEATHSIG:
	case PR_GET_DUMPABLE:
	case PR_SET_DUMPABLE:
	case PR_GET_KEEPCAPS:
	case PR_SET_KEEPCAPS:
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
	case PR_GET_SECUREBITS:
	case PR_SET_SECUREBITS:
	case PR_SET_TIMERSLACK:
	case PR_GET_TIMERSLACK:
	case PR_SET_CHILD_SUBREAPER:
	case PR_SET_NO_NEW_PRIVS:
	case PR_GET_NO_NEW_PRIVS:
	case PR_CAP_AMBIENT:
		return host_prctl(t, args);
	default:
		return -EINVAL;
	}
}
