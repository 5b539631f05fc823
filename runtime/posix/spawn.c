/* SPDX-License-Identifier: MIT */
/*
 * Other processes: posix_spawn() of our libc (abi/spawn.h), and waiting for what was started. They are the proxy's children; which of them are
 * enclaves is decided there.
 *
 * Attacks considered: a process is Linux's, and so is what is told of it: its number, its end, its status can be forged, but are numbers and
 * statuses such as Linux gives. A child's number that nobody asked for is -EIO. What is handed to a process that is no enclave is no secret.
 */
#include "posix/posix.h"

#include "load/policy.h"
#include "posix/spawn.h"
#include "ring/access.h"
#include "ring/arena.h"

#define RUSAGE_SIZE	144u
#define SIGINFO_SIZE	128u
#define PID_MAX		(1u << 22)	/* Linux's own limit */

#define WNOHANG		1u
#define P_PID		1u
#define CLD_EXITED	1
#define CLD_CONTINUED	6
#define SIGCHLD		17

/* The program's descriptors as the proxy has them; how many. */
static unsigned list_descriptors(struct rm_spawn_fd *fds, struct rm_desc **held)
{
	unsigned count = 0;

	for (int fd = 0; fd < (int)RM_FD_MAX; fd++) {
		struct rm_desc *desc = rm_fd_get(&rm_enclave.fds, fd);

		if (!desc)
			continue;
		if (desc->host_fd < 0) {	/* a device of this enclave's */
			rm_put(rm_self(), desc);
			continue;
		}
		held[count] = desc;
		fds[count] = (struct rm_spawn_fd){ .fd = fd, .host_fd = desc->host_fd,
						   .cloexec = rm_fd_cloexec(&rm_enclave.fds, fd) == 1 };
		count++;
	}
	return count;
}

/* The request and the descriptors into the slots of a host call, and the call. */
static long spawn(struct rm_hostcall *h, const void *request, size_t size, const struct rm_spawn_fd *fds, unsigned count)
{
	long result = rm_hostcall_put(h, 0, request, size);

	h->message.arg[1] = size;
	if (result >= 0)
		result = rm_hostcall_put(h, 2, fds, count * sizeof(*fds));
	h->message.arg[3] = count;
	if (result >= 0)
		result = rm_hostcall_do(h, RM_RULE_COUNT, PID_MAX);
	return result == 0 ? -EIO : result;
}

/* Too large for a stack; one process is started at a time. */
static struct {
	struct rm_lock lock;
	struct rm_spawn_fd fds[RM_FD_MAX];
	struct rm_desc *held[RM_FD_MAX];
} work;

static long start(struct rm_thread *t, const void *request, size_t size)
{
	struct rm_hostcall h;
	unsigned count;
	long result = rm_hostcall_begin_large(&h, t, RM_CALL_SPAWN, rm_arena_slots(size + sizeof(work.fds) + RM_SLOT_SIZE));
	if (result)
		return result;
	rm_lock(&work.lock);
	count = list_descriptors(work.fds, work.held);
	result = spawn(&h, request, size, work.fds, count);
	rm_hostcall_end(&h);
	for (unsigned i = 0; i < count; i++)
		rm_put(t, work.held[i]);
	rm_unlock(&work.lock);
	return result;
}

long rm_sys_spawn(struct rm_thread *t, const struct rm_args *args)
{
	const size_t size = args->a[1];
	struct rm_permitted permitted;
	long result;

	if (size < sizeof(struct rm_spawn))
		return -EINVAL;
	if (size > RM_SPAWN_MAX)
		return -E2BIG;
	if (!rm_user_range(args->a[0], size))
		return -EFAULT;
	if (!rm_policy.spawn)
		return rm_policy.files ? rm_policy_refuse(t) : start(t, (const void *)args->a[0], size);
	result = rm_spawn_permit(t, args->a[0], size, &permitted);
	if (result == 0)
		result = start(t, permitted.request, permitted.size);
	rm_spawn_permitted(&permitted);
	return result;
}

/* A status as wait4() gives it. */
static bool possible_status(uint32_t status)
{
	const uint32_t low = status & 0x7f, high = status >> 8;

	if (status == 0xffff)
		return true;				/* continued */
	if (low == 0x7f)
		return (status & 0x80) == 0 && (high & 0xff) >= 1 && (high & 0xff) <= LX_SIGNALS;
	return low == 0 ? high <= 0xff && (status & 0x80) == 0 : low <= LX_SIGNALS && high == 0;
}

/* Is that an answer to waiting for `pid`? */
static bool possible_child(int pid, long child, unsigned long options)
{
	if (child == 0)
		return options & WNOHANG;
	return child != (long)rm_enclave.pid && (pid <= 0 || child == pid);
}

long rm_sys_wait4(struct rm_thread *t, const struct rm_args *args)
{
	uint8_t usage[RUSAGE_SIZE];
	struct rm_hostcall h;
	uint32_t status = 0;
	long result = rm_hostcall_begin(&h, t, LX_wait4), room, usage_room;

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)(int)args->a[0];
	h.message.arg[2] = args->a[2];
	room = rm_hostcall_room(&h, 1, sizeof(status));
	usage_room = rm_hostcall_room(&h, 3, sizeof(usage));
	result = rm_hostcall_do(&h, RM_RULE_COUNT, PID_MAX);
	if (result >= 0 && (!possible_child((int)args->a[0], result, args->a[2]) ||
			    rm_hostcall_take(&h, room, &status, sizeof(status)) != 0 ||
			    rm_hostcall_take(&h, usage_room, usage, sizeof(usage)) != 0 || (result > 0 && !possible_status(status))))
		result = -EIO;
	rm_hostcall_end(&h);
	if (result > 0 && args->a[1] && rm_put_user(args->a[1], &status, sizeof(status)) != 0)
		return -EFAULT;
	if (result > 0 && args->a[3] && rm_put_user(args->a[3], usage, sizeof(usage)) != 0)
		return -EFAULT;
	return result;
}

/* The fields of a siginfo_t that waitid() fills. */
struct child_info {
	int32_t signal, error, code, pad;
	int32_t pid;
	uint32_t uid;
	int32_t status;
	uint8_t rest[SIGINFO_SIZE - 28];
};
_Static_assert(sizeof(struct child_info) == SIGINFO_SIZE, "as Linux");

static bool possible_info(const struct child_info *info, unsigned long kind, unsigned long id, unsigned long options)
{
	if (info->pid == 0)
		return info->signal == 0 && (options & WNOHANG);
	return info->signal == SIGCHLD && info->code >= CLD_EXITED && info->code <= CLD_CONTINUED && info->pid > 0 &&
	       (uint32_t)info->pid <= PID_MAX && (kind != P_PID || info->pid == (int)id) && info->status >= 0 && info->status <= 0xff;
}

long rm_sys_waitid(struct rm_thread *t, const struct rm_args *args)
{
	struct child_info info = { 0 };
	uint8_t usage[RUSAGE_SIZE];
	struct rm_hostcall h;
	long result, room, usage_room;
	struct rm_desc *desc = NULL;

	if ((int)args->a[0] == 3 /* P_PIDFD */ && !(desc = rm_get(args->a[1])))
		return -EBADF;
	result = rm_hostcall_begin(&h, t, LX_waitid);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)(int)args->a[0];
		h.message.arg[1] = desc ? (uint64_t)desc->host_fd : (uint64_t)(int)args->a[1];
		h.message.arg[3] = args->a[3];
		room = rm_hostcall_put(&h, 2, &info, sizeof(info));
		usage_room = rm_hostcall_room(&h, 4, sizeof(usage));
		result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		if (result == 0 && (rm_hostcall_take(&h, room, &info, sizeof(info)) != 0 ||
				    rm_hostcall_take(&h, usage_room, usage, sizeof(usage)) != 0 ||
				    !possible_info(&info, args->a[0], args->a[1], args->a[3])))
			result = -EIO;
		rm_hostcall_end(&h);
	}
	if (desc)
		rm_put(t, desc);
	if (result == 0 && args->a[2] && rm_put_user(args->a[2], &info, 28) != 0)
		return -EFAULT;
	if (result == 0 && info.pid && args->a[4] && rm_put_user(args->a[4], usage, sizeof(usage)) != 0)
		return -EFAULT;
	return result;
}
