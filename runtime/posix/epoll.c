/* SPDX-License-Identifier: MIT */
/*
 * epoll: Linux's own object in the proxy does the watching, so that several threads, edges, one-shots and nested sets are what
 * they are on Linux; the runtime keeps who watches what (watch.c). Changes go through the ring, a wait is one host call
 * (docs/decisions says why).
 *
 * Attacks considered: those of watch.c; the number of events is bounded by what was asked for; events are copied once. A host that
 * reports only events that do not count is asked again, one exit each time, until time is up.
 */
#include "posix/posix.h"

#include "posix/wait.h"
#include "posix/watch.h"
#include "ring/access.h"
#include "ring/arena.h"

#define EPOLL_CLOEXEC	(uint32_t)LX_O_CLOEXEC
#define EPOLLEXCLUSIVE	(1u << 28)
#define EVENTS_MAX	RM_FD_MAX	/* that one wait brings */
#define STRANGE_ROUNDS	16u	/* events that name no watch of ours are passed over so often, when time is up */

enum { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3 };

_Static_assert(sizeof(struct rm_event) == 16, "Linux's ABI");

long rm_sys_epoll_create1(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_hostcall h;
	long result;

	if ((uint32_t)args->a[0] & ~EPOLL_CLOEXEC)
		return -EINVAL;
	result = rm_hostcall_begin(&h, t, LX_epoll_create1);
	if (result)
		return result;
	h.message.arg[0] = EPOLL_CLOEXEC;
	result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	return rm_new_fd(t, result, (uint32_t)args->a[0], RM_KIND_EPOLL);
}

/* One change of Linux's set. */
static long tell(struct rm_thread *t, const struct rm_watch_key *key, int op, int index, uint32_t events)
{
	struct rm_fd_table *fds = &rm_enclave.fds;
	const struct rm_event event = { .events = events, .data = rm_watch_word(fds, index) };
	struct rm_sqe sqe = { .opcode = RM_OP_EPOLL_CTL, .fd = key->epoll->host_fd, .len = (uint32_t)op };
	const int slot = rm_arena_take(t, 1);
	long result;

	if (slot < 0)
		return slot;
	sqe.off = (uint64_t)rm_watch_host_fd(fds, index, key->desc->host_fd);
	sqe.addr = rm_arena_there(t, slot);
	result = rm_copy(rm_arena_here(t, slot), &event, sizeof(event));
	if (result == 0)
		result = rm_ring_call(t, &sqe, RM_RULE_ZERO, 0);
	rm_arena_give(t, slot, 1);
	return result;
}

static void forget(struct rm_thread *t, int index)
{
	int orphan;

	rm_watch_remove(&rm_enclave.fds, index);
	while ((orphan = rm_watch_orphan(&rm_enclave.fds)) >= 0)
		rm_close_host(t, orphan);
}

static long add(struct rm_thread *t, const struct rm_watch_key *key, const struct rm_event *event)
{
	bool again;
	long result;
	const int index = rm_watch_add(&rm_enclave.fds, key, event, &again);

	if (index < 0)
		return index;
	result = again ? rm_host_fcntl(t, key->desc->host_fd, LX_F_DUPFD_CLOEXEC, 0) : 0;
	if (result >= 0) {
		if (again)
			rm_watch_duplicate(&rm_enclave.fds, index, (int)result);
		result = tell(t, key, EPOLL_CTL_ADD, index, event->events);
	}
	if (result < 0)
		forget(t, index);
	return result;
}

/* What the program asks for now counts before Linux looks at it: an event of the new kind must find its watch. */
static long modify(struct rm_thread *t, const struct rm_watch_key *key, const struct rm_event *event)
{
	const int index = rm_watch_find(&rm_enclave.fds, key);
	struct rm_event old, new;
	long result;

	if (index < 0)
		return index;
	rm_watch_set(&rm_enclave.fds, index, event, &old);
	result = tell(t, key, EPOLL_CTL_MOD, index, event->events);
	if (result < 0)
		rm_watch_set(&rm_enclave.fds, index, &old, &new);
	return result;
}

static long delete(struct rm_thread *t, const struct rm_watch_key *key)
{
	const int index = rm_watch_find(&rm_enclave.fds, key);
	long result;

	if (index < 0)
		return index;
	result = tell(t, key, EPOLL_CTL_DEL, index, 0);
	if (result == 0)
		forget(t, index);
	return result;
}

/* In the order in which Linux looks at it. */
static long change(struct rm_thread *t, const struct rm_watch_key *key, int op, const struct rm_event *event)
{
	const long kind = rm_kind(t, key->desc);
	long result;

	if (kind < 0)
		return kind;
	if (kind == RM_KIND_REGULAR || kind == RM_KIND_DIRECTORY || kind == RM_KIND_MADE || kind == RM_KIND_DEVICE)
		return -EPERM;
	if (key->epoll == key->desc || key->epoll->kind != RM_KIND_EPOLL)
		return -EINVAL;
	if (op == EPOLL_CTL_MOD && (event->events & EPOLLEXCLUSIVE))
		return -EINVAL;
	/* As Linux does: one change of a set at a time. */
	rm_lock(&key->epoll->lock);
	switch (op) {
	case EPOLL_CTL_ADD:
		result = add(t, key, event);
		break;
	case EPOLL_CTL_MOD:
		result = modify(t, key, event);
		break;
	case EPOLL_CTL_DEL:
		result = delete(t, key);
		break;
	default:
		result = -EINVAL;
	}
	rm_unlock(&key->epoll->lock);
	return result;
}

long rm_sys_epoll_ctl(struct rm_thread *t, const struct rm_args *args)
{
	const int op = (int)args->a[1];
	struct rm_event event = { 0 };
	struct rm_watch_key key = { .fd = (int)args->a[2] };
	long result;

	if (op != EPOLL_CTL_DEL && rm_get_user(&event, args->a[3], sizeof(event)) != 0)
		return -EFAULT;
	key.epoll = rm_get(args->a[0]);
	if (!key.epoll)
		return -EBADF;
	key.desc = rm_get(args->a[2]);
	result = key.desc ? change(t, &key, op, &event) : -EBADF;
	if (key.desc)
		rm_put(t, key.desc);
	rm_put(t, key.epoll);
	return result;
}

/* The events that count, to the program; how many, or -errno. */
static long hand_over(struct rm_hostcall *h, const struct rm_desc *epoll, long room, long count, unsigned long user)
{
	struct rm_event event;
	long given = 0, error;

	for (long i = 0; i < count; i++) {
		error = rm_hostcall_take(h, room + i * (long)sizeof(event), &event, sizeof(event));
		if (error)
			return error;
		if (!rm_watch_event(&rm_enclave.fds, epoll, &event))
			continue;
		error = rm_put_user(user + (unsigned long)given * sizeof(event), &event, sizeof(event));
		if (error)
			return given > 0 ? given : error;
		given++;
	}
	return given;
}

static long wait(struct rm_thread *t, const struct rm_desc *epoll, unsigned long user, size_t count,
		 const struct rm_deadline *deadline)
{
	const size_t size = count * sizeof(struct rm_event);
	struct rm_hostcall h;
	unsigned rounds = 0;
	long result, room;

	do {
		result = rm_hostcall_begin_large(&h, t, LX_epoll_pwait2, rm_arena_slots(size + 256));
		if (result)
			return result;
		h.message.arg[0] = (uint64_t)epoll->host_fd;
		room = rm_hostcall_room(&h, 1, size);
		h.message.arg[2] = count;
		h.message.arg[4] = RM_HOST_NULL;
		result = room < 0 ? room : rm_wait_call(&h, 3, deadline, count);
		if (result > 0) {
			result = hand_over(&h, epoll, room, result, user);
			result = result == 0 ? -EAGAIN : result;
		}
		rm_hostcall_end(&h);
	} while (result == -EAGAIN && (++rounds < STRANGE_ROUNDS || !rm_deadline_passed(deadline)));
	if (result == -EAGAIN)
		return 0;
	return result == -LX_ERESTARTSYS ? -EINTR : result;
}

static long wait_on(struct rm_thread *t, const struct rm_args *args, const struct rm_deadline *deadline)
{
	const size_t most = (int)args->a[2] > (int)EVENTS_MAX ? EVENTS_MAX : args->a[2];
	struct rm_desc *epoll;
	long result;

	if ((int)args->a[2] <= 0 || (int)args->a[2] > INT32_MAX / (int)sizeof(struct rm_event))
		return -EINVAL;
	if (!rm_user_range(args->a[1], (unsigned)args->a[2] * sizeof(struct rm_event)))
		return -EFAULT;
	epoll = rm_get(args->a[0]);
	if (!epoll)
		return -EBADF;
	result = epoll->kind == RM_KIND_EPOLL ? wait(t, epoll, args->a[1], most, deadline) : -EINVAL;
	rm_put(t, epoll);
	return result;
}

long rm_sys_epoll_pwait(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_deadline deadline;
	long result = rm_mask_push(t, args->a[4], args->a[5]);

	if (result)
		return result;
	rm_deadline_ms(&deadline, (int)args->a[3]);
	result = wait_on(t, args, &deadline);
	rm_mask_pop(t, result);
	return result;
}

long rm_sys_epoll_pwait2(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_deadline deadline;
	long result = rm_deadline_get(&deadline, args->a[3]);

	if (result == 0)
		result = rm_mask_push(t, args->a[4], args->a[5]);
	if (result)
		return result;
	result = wait_on(t, args, &deadline);
	rm_mask_pop(t, result);
	return result;
}
