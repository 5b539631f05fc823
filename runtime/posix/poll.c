/* SPDX-License-Identifier: MIT */
/*
 * ppoll() and pselect6(): one host call a wait, however many descriptors; for time alone the secure kernel waits.
 *
 * Attacks considered: only events that were asked for, or that are always reported, reach the program; counts are ours; time is up
 * when our own counter says so (wait.c).
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "posix/device.h"
#include "posix/wait.h"
#include "ring/access.h"
#include "ring/arena.h"

#define POLLIN		0x001
#define POLLPRI		0x002
#define POLLOUT		0x004
#define POLLERR		0x008
#define POLLHUP		0x010
#define POLLNVAL	0x020
#define POLLRDNORM	0x040
#define POLLRDBAND	0x080
#define POLLWRNORM	0x100
#define POLLWRBAND	0x200
#define ALWAYS		(POLLERR | POLLHUP | POLLNVAL)

/*
 * One wait. Descriptors are the proxy's, negative ones do not count. Fills revents; how many are not 0, 0 when time is up, or -errno.
 */
static long host_poll(struct rm_thread *t, struct lx_pollfd *fds, size_t count, const struct rm_deadline *deadline)
{
	const size_t size = count * sizeof(fds[0]);
	struct lx_pollfd answer;
	struct rm_hostcall h;
	long result = rm_hostcall_begin_large(&h, t, LX_ppoll, rm_arena_slots(size + 256)), room, ready = 0;

	if (result)
		return result;
	room = rm_hostcall_put(&h, 0, fds, size);
	h.message.arg[1] = count;
	h.message.arg[3] = RM_HOST_NULL;
	result = room < 0 ? room : rm_wait_call(&h, 2, deadline, count);
	for (size_t i = 0; result >= 0 && i < count; i++) {
		const long error = rm_hostcall_take(&h, room + (long)(i * sizeof(answer)), &answer, sizeof(answer));

		result = error ? error : result;
		fds[i].revents = fds[i].fd < 0 || result <= 0 ? 0 : answer.revents & (int16_t)(fds[i].events | ALWAYS);
		ready += fds[i].revents != 0;
	}
	rm_hostcall_end(&h);
	return result > 0 ? ready : result;
}

long rm_poll_host(struct rm_thread *t, struct lx_pollfd *fds, size_t count, const struct rm_deadline *deadline)
{
	bool any = false;
	long result;

	for (size_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		any |= fds[i].fd >= 0;
	}
	if (!any)
		return rm_wait_time(t, deadline);
	do {
		result = host_poll(t, fds, count, deadline);
	} while (result == 0 && !rm_deadline_passed(deadline));
	return result;
}

/*
 * Descriptions behind descriptors, held for the wait, so that a close() in another thread does not give their numbers to other files
 * meanwhile. fds then has the proxy's numbers, or -1. How many name nothing.
 */
static unsigned hold(struct rm_desc **held, struct lx_pollfd *fds, size_t count)
{
	unsigned missing = 0;

	for (size_t i = 0; i < count; i++) {
		held[i] = fds[i].fd < 0 ? NULL : rm_get((unsigned long)fds[i].fd);
		missing += fds[i].fd >= 0 && !held[i];
		fds[i].fd = held[i] ? held[i]->host_fd : -1;
	}
	return missing;
}

/* One wait for what is held. */
static long wait_held(struct rm_thread *t, struct rm_desc **held, struct lx_pollfd *fds, size_t count, const struct rm_deadline *deadline)
{
	return rm_device_among(held, count) ? rm_device_poll(t, held, fds, count, deadline) : rm_poll_host(t, fds, count, deadline);
}

static void let_go(struct rm_thread *t, struct rm_desc **held, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (held[i])
			rm_put(t, held[i]);
}

/* A signal that ended the wait: the call is never made again. */
static long outcome(long result)
{
	return result == -LX_ERESTARTSYS ? -EINTR : result;
}

/* As Linux does, and whether or not the program may write there. */
static void give_back_time(const struct rm_deadline *deadline, unsigned long user)
{
	const struct lx_timespec left = rm_deadline_left(deadline);

	if (deadline->set)
		rm_put_user(user, &left, sizeof(left));
}

static long poll_ours(struct rm_thread *t, unsigned long user, size_t count, struct rm_deadline *deadline)
{
	struct lx_pollfd fds[RM_FD_MAX];
	int32_t numbers[RM_FD_MAX];
	struct rm_desc *held[RM_FD_MAX];
	long result, missing;

	if (count > RM_FD_MAX)
		return -EINVAL;
	if (rm_get_user(fds, user, count * sizeof(fds[0])) != 0)
		return -EFAULT;
	for (size_t i = 0; i < count; i++)
		numbers[i] = fds[i].fd;
	missing = hold(held, fds, count);
	if (missing > 0)
		rm_deadline_ms(deadline, 0);
	result = wait_held(t, held, fds, count, deadline);
	let_go(t, held, count);
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] >= 0 && !held[i])
			fds[i].revents = POLLNVAL;
		fds[i].fd = numbers[i];
	}
	if (result < 0 && result != -LX_ERESTARTSYS)
		return result;
	if (rm_put_user(user, fds, count * sizeof(fds[0])) != 0)
		return -EFAULT;
	return result < 0 ? outcome(result) : result + missing;
}

long rm_sys_ppoll(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_deadline deadline, now;
	long result = rm_deadline_get(&deadline, args->a[2]);

	if (result == 0)
		result = rm_mask_push(t, args->a[3], args->a[4]);
	if (result)
		return result;
	now = deadline;
	result = poll_ours(t, args->a[0], (uint32_t)args->a[1], &now);
	rm_mask_pop(t, result);
	give_back_time(&deadline, args->a[2]);
	return result;
}

/* The three sets of select(). */
struct sets {
	uint64_t in[3][RM_FD_MAX / 64];
	uint64_t out[3][RM_FD_MAX / 64];
};

static const int16_t asks[3] = { POLLIN | POLLRDNORM | POLLRDBAND, POLLOUT | POLLWRNORM | POLLWRBAND, POLLPRI };
static const int16_t means[3] = { POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
				  POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR, POLLPRI };

static bool has(const uint64_t *set, int fd)
{
	return (set[fd / 64] >> (fd % 64) & 1) != 0;
}

static size_t list(const struct sets *sets, int limit, struct lx_pollfd *fds, int16_t *numbers)
{
	size_t count = 0;

	for (int fd = 0; fd < limit; fd++) {
		struct lx_pollfd entry = { .fd = fd };

		for (int s = 0; s < 3; s++)
			entry.events |= has(sets->in[s], fd) ? asks[s] : 0;
		if (entry.events == 0)
			continue;
		numbers[count] = (int16_t)fd;
		fds[count++] = entry;
	}
	return count;
}

/* Bits of one descriptor. */
static long mark(struct sets *sets, int fd, int16_t revents)
{
	long marked = 0;

	for (int s = 0; s < 3; s++) {
		if (!has(sets->in[s], fd) || !(revents & means[s]))
			continue;
		sets->out[s][fd / 64] |= 1ul << (fd % 64);
		marked++;
	}
	return marked;
}

static long select_held(struct rm_thread *t, struct sets *sets, struct rm_desc **held, struct lx_pollfd *fds, const int16_t *numbers,
			size_t count, const struct rm_deadline *deadline)
{
	long result, ready = 0;

	for (;;) {
		result = wait_held(t, held, fds, count, deadline);
		if (result <= 0)
			return result;
		for (size_t i = 0; i < count; i++)
			ready += mark(sets, numbers[i], fds[i].revents);
		if (ready > 0)
			return ready;
		/* A hang-up that select() was not asked for, and poll() always tells: that descriptor has no more to say. */
		for (size_t i = 0; i < count; i++)
			if (fds[i].revents != 0)
				fds[i].fd = -1;
	}
}

static long select_ours(struct rm_thread *t, struct sets *sets, int limit, const struct rm_deadline *deadline)
{
	struct lx_pollfd fds[RM_FD_MAX];
	int16_t numbers[RM_FD_MAX];
	struct rm_desc *held[RM_FD_MAX];
	const size_t count = list(sets, limit, fds, numbers);
	long result = -EBADF;

	if (hold(held, fds, count) == 0)
		result = select_held(t, sets, held, fds, numbers, count, deadline);
	let_go(t, held, count);
	return result;
}

static long select_user(struct rm_thread *t, const struct rm_args *args, const struct rm_deadline *deadline)
{
	const int limit = (int)args->a[0] > (int)RM_FD_MAX ? (int)RM_FD_MAX : (int)args->a[0];
	const size_t size = limit < 0 ? 0 : ((size_t)limit + 63) / 64 * 8;
	struct sets sets;
	long result;

	if (limit < 0)
		return -EINVAL;
	memset(&sets, 0, sizeof(sets));
	for (int s = 0; s < 3; s++)
		if (args->a[s + 1] && rm_get_user(sets.in[s], args->a[s + 1], size) != 0)
			return -EFAULT;
	result = select_ours(t, &sets, limit, deadline);
	if (result < 0)
		return outcome(result);
	for (int s = 0; s < 3; s++)
		if (args->a[s + 1] && rm_put_user(args->a[s + 1], sets.out[s], size) != 0)
			return -EFAULT;
	return result;
}

long rm_sys_pselect6(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_deadline deadline;
	uint64_t mask[2] = { 0, 0 };	/* where the set is, and its size */
	long result;

	if (args->a[5] && rm_get_user(mask, args->a[5], sizeof(mask)) != 0)
		return -EFAULT;
	result = rm_deadline_get(&deadline, args->a[4]);
	if (result == 0)
		result = rm_mask_push(t, mask[0], mask[1]);
	if (result)
		return result;
	result = select_user(t, args, &deadline);
	rm_mask_pop(t, result);
	give_back_time(&deadline, args->a[4]);
	return result;
}
