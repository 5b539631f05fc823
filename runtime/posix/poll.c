/* SPDX-License-Identifier: MIT */
/*
 * ppoll() and pselect6(), by one host call that waits in the proxy. Signal masks are not changed for the wait: no handler of
 * the program runs yet.
 *
 * Attacks considered: only events that were asked for, or that are always reported, reach the program; the count is ours.
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "ring/access.h"

#define POLLIN		0x001
#define POLLPRI		0x002
#define POLLOUT		0x004
#define POLLERR		0x008
#define POLLHUP		0x010
#define POLLNVAL	0x020
#define ALWAYS		(POLLERR | POLLHUP | POLLNVAL)

/* One wait: descriptors are the proxy's. Fills revents; returns 0 or -errno. */
static long host_poll(struct rm_thread *t, struct lx_pollfd *fds, size_t count, struct lx_timespec *timeout)
{
	struct lx_pollfd answer;
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_ppoll), list, time;

	if (result)
		return result;
	list = rm_hostcall_put(&h, 0, fds, count * sizeof(fds[0]));
	h.message.arg[1] = count;
	h.message.arg[2] = RM_HOST_NULL;
	h.message.arg[3] = RM_HOST_NULL;
	time = timeout ? rm_hostcall_put(&h, 2, timeout, sizeof(*timeout)) : 0;
	if (list < 0 || time < 0)
		result = list < 0 ? list : time;
	else
		result = rm_hostcall_do(&h, RM_RULE_COUNT, count);
	for (size_t i = 0; result >= 0 && i < count; i++) {
		const long error = rm_hostcall_take(&h, list + (long)(i * sizeof(answer)), &answer, sizeof(answer));

		fds[i].revents = answer.revents & (int16_t)(fds[i].events | ALWAYS);
		result = error ? error : result;
	}
	rm_hostcall_end(&h);
	return result < 0 ? result : 0;
}

static long get_timeout(unsigned long user, struct lx_timespec *timeout)
{
	if (rm_get_user(timeout, user, sizeof(*timeout)) != 0)
		return -EFAULT;
	return timeout->sec < 0 || timeout->nsec < 0 || timeout->nsec >= 1000000000 ? -EINVAL : 0;
}

/*
 * Translates to the proxy's descriptors, waits, translates back; fds stays the program's view. The descriptions are held for
 * the wait, so that a close() in another thread does not give their numbers to other files meanwhile.
 */
static long poll_ours(struct rm_thread *t, struct lx_pollfd *fds, size_t count, struct lx_timespec *timeout)
{
	static const struct lx_timespec at_once;
	struct rm_desc *held[RM_FD_MAX];
	struct lx_timespec limit = timeout ? *timeout : at_once;
	bool wait = true;
	long result;

	for (size_t i = 0; i < count; i++) {
		held[i] = fds[i].fd < 0 ? NULL : rm_get((unsigned long)fds[i].fd);
		if (fds[i].fd >= 0 && !held[i])
			wait = false;
	}
	if (!wait)
		limit = at_once;
	for (size_t i = 0; i < count; i++)
		fds[i].fd = held[i] ? held[i]->host_fd : -1;
	result = host_poll(t, fds, count, timeout || !wait ? &limit : NULL);
	for (size_t i = 0; i < count; i++)
		if (held[i])
			rm_put(t, held[i]);
	return result;
}

long rm_sys_ppoll(struct rm_thread *t, const struct rm_args *args)
{
	struct lx_pollfd fds[RM_FD_MAX];
	int32_t numbers[RM_FD_MAX];
	struct lx_timespec timeout;
	const size_t count = args->a[1];
	long result, ready = 0;

	if (count > RM_FD_MAX)
		return -EINVAL;
	if (rm_get_user(fds, args->a[0], count * sizeof(fds[0])) != 0)
		return -EFAULT;
	result = args->a[2] ? get_timeout(args->a[2], &timeout) : 0;
	if (result)
		return result;
	for (size_t i = 0; i < count; i++)
		numbers[i] = fds[i].fd;
	result = poll_ours(t, fds, count, args->a[2] ? &timeout : NULL);
	if (result)
		return result;
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] >= 0 && fds[i].fd < 0)
			fds[i].revents = POLLNVAL;
		fds[i].fd = numbers[i];
		ready += fds[i].revents != 0;
	}
	return rm_put_user(args->a[0], fds, count * sizeof(fds[0])) ? -EFAULT : ready;
}

/* The three sets of select(). */
struct sets {
	uint64_t in[3][RM_FD_MAX / 64];
	uint64_t out[3][RM_FD_MAX / 64];
};

static const int16_t asks[3] = { POLLIN, POLLOUT, POLLPRI };
static const int16_t means[3] = { POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI };

static bool has(const uint64_t *set, int fd)
{
	return (set[fd / 64] >> (fd % 64) & 1) != 0;
}

static long select_ours(struct rm_thread *t, struct sets *sets, int limit, struct lx_timespec *timeout)
{
	struct lx_pollfd fds[RM_FD_MAX];
	int16_t numbers[RM_FD_MAX];
	size_t count = 0;
	long result, ready = 0;

	for (int fd = 0; fd < limit; fd++) {
		struct lx_pollfd entry = { .fd = fd };

		for (int s = 0; s < 3; s++)
			entry.events |= has(sets->in[s], fd) ? asks[s] : 0;
		if (entry.events == 0)
			continue;
		if (rm_fd_cloexec(&rm_enclave.fds, fd) < 0)
			return -EBADF;
		numbers[count] = (int16_t)fd;
		fds[count++] = entry;
	}
	result = poll_ours(t, fds, count, timeout);
	for (size_t i = 0; result == 0 && i < count; i++) {
		for (int s = 0; s < 3; s++) {
			if (!has(sets->in[s], numbers[i]) || !(fds[i].revents & means[s]))
				continue;
			sets->out[s][numbers[i] / 64] |= 1ul << (numbers[i] % 64);
			ready++;
		}
	}
	return result ? result : ready;
}

long rm_sys_pselect6(struct rm_thread *t, const struct rm_args *args)
{
	struct sets sets;
	struct lx_timespec timeout;
	const int limit = (int)args->a[0] > (int)RM_FD_MAX ? (int)RM_FD_MAX : (int)args->a[0];
	size_t size;
	long result;

	if (limit < 0)
		return -EINVAL;
	size = ((size_t)limit + 63) / 64 * 8;
	memset(&sets, 0, sizeof(sets));
	for (int s = 0; s < 3; s++)
		if (args->a[s + 1] && rm_get_user(sets.in[s], args->a[s + 1], size) != 0)
			return -EFAULT;
	result = args->a[4] ? get_timeout(args->a[4], &timeout) : 0;
	if (result == 0)
		result = select_ours(t, &sets, limit, args->a[4] ? &timeout : NULL);
	if (result < 0)
		return result;
	for (int s = 0; s < 3; s++)
		if (args->a[s + 1] && rm_put_user(args->a[s + 1], sets.out[s], size) != 0)
			return -EFAULT;
	return result;
}
