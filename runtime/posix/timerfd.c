/* SPDX-License-Identifier: MIT */
/*
 * timerfd: Linux's object wakes, and makes the descriptor readable; when the timer is due, and how often it was, is told by our own
 * counter. Only absolute times of the clock that is the host's anyway (CLOCK_REALTIME) are left to the host.
 *
 * Attacks considered: an expiration that comes early is not reported: the host's timer is set again to what is left, and the read waits
 * on (or is -EAGAIN). A count from the host is not used, but for absolute wall-clock times, where it is as true as that clock.
 */
#include "posix/io.h"

#include "lib/string.h"
#include "ring/access.h"

#define NS		1000000000ul
#define CLOCK_REALTIME	0
#define CLOCK_REALTIME_ALARM	8
#define TFD_ABSTIME	1u
#define TFD_CANCEL	2u	/* TFD_TIMER_CANCEL_ON_SET */
#define LONGEST		(INT64_MAX / 2)

struct setting {
	struct lx_timespec interval, value;
};

static bool valid(const struct lx_timespec *time)
{
	return time->sec >= 0 && time->nsec >= 0 && time->nsec < (int64_t)NS;
}

static uint64_t to_ns(const struct lx_timespec *time)
{
	return (uint64_t)time->sec > LONGEST / NS - 1 ? LONGEST : (uint64_t)time->sec * NS + (uint64_t)time->nsec;
}

static struct lx_timespec timespec(uint64_t ns)
{
	return (struct lx_timespec){ (int64_t)(ns / NS), (int64_t)(ns % NS) };
}

static bool wall_clock(const struct rm_desc *desc)
{
	return desc->timer.clock == CLOCK_REALTIME || desc->timer.clock == CLOCK_REALTIME_ALARM;
}

long rm_sys_timerfd_create(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[1];
	struct rm_hostcall h;
	struct rm_desc *desc;
	long result = rm_hostcall_begin(&h, t, LX_timerfd_create);

	if (result)
		return result;
	h.message.arg[0] = args->a[0];
	h.message.arg[1] = flags | LX_O_CLOEXEC;
	result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	result = rm_new_fd(t, result, flags, RM_KIND_TIMER);
	desc = result < 0 ? NULL : rm_get((unsigned long)result);
	if (desc) {
		desc->timer.clock = (uint8_t)args->a[0];
		rm_put(t, desc);
	}
	return result;
}

/* Sets Linux's timer; *old is what it says it was, checked. */
static long host_set(struct rm_thread *t, const struct rm_desc *desc, uint32_t flags, const struct setting *new,
		     struct setting *old)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_timerfd_settime), room;

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	h.message.arg[1] = flags;
	result = rm_hostcall_put(&h, 2, new, sizeof(*new));
	room = rm_hostcall_room(&h, 3, sizeof(*old));
	if (result >= 0)
		result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, old, sizeof(*old));
	rm_hostcall_end(&h);
	if (result == 0 && !(valid(&old->interval) && valid(&old->value))) {
		rm_count(t, RM_COUNT_CONTENT);
		result = -EIO;
	}
	return result;
}

/* Makes the host wake us when the timer is due, by our counter. */
static long host_arm(struct rm_thread *t, const struct rm_desc *desc, struct setting *old)
{
	const uint64_t now = rm_time_monotonic(), due = desc->timer.due;
	struct setting new = { .interval = timespec(desc->timer.interval) };

	if (due != 0)
		new.value = timespec(due > now ? due - now : 1);
	return host_set(t, desc, 0, &new, old);
}

/* What is left until the next expiration. */
static struct setting state_of(const struct rm_desc *desc)
{
	const uint64_t now = rm_time_monotonic(), due = desc->timer.due, interval = desc->timer.interval;
	struct setting setting = { .interval = timespec(interval) };

	if (due > now)
		setting.value = timespec(due - now);
	else if (due != 0 && interval != 0)
		setting.value = timespec(interval - (now - due) % interval);
	return setting;
}

/* When a setting is due first; 0: never. */
static uint64_t due_of(const struct setting *setting, uint32_t flags)
{
	const uint64_t value = to_ns(&setting->value);

	return value == 0 || (flags & TFD_ABSTIME) ? value : rm_time_monotonic() + value;
}

static long set(struct rm_thread *t, struct rm_desc *desc, uint32_t flags, const struct setting *new, struct setting *old)
{
	struct rm_timer *timer = &desc->timer;
	const bool was_host = timer->host;
	const struct rm_timer saved = *timer;
	const struct setting before = state_of(desc);
	long result;

	timer->host = wall_clock(desc) && (flags & TFD_ABSTIME);
	if (timer->host) {
		result = host_set(t, desc, flags, new, old);
	} else {
		timer->due = due_of(new, flags);
		timer->interval = to_ns(&new->interval);
		result = host_arm(t, desc, old);
	}
	if (result)
		*timer = saved;
	if (!was_host)
		*old = before;
	return result;
}

long rm_sys_timerfd_settime(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[1];
	struct setting new, old = { 0 };
	struct rm_desc *desc;
	long result;

	if (rm_get_user(&new, args->a[2], sizeof(new)) != 0)
		return -EFAULT;
	if (flags & ~(TFD_ABSTIME | TFD_CANCEL) || !valid(&new.value) || !valid(&new.interval))
		return -EINVAL;
	desc = rm_get(args->a[0]);
	if (!desc)
		return -EBADF;
	result = -EINVAL;
	if (desc->kind == RM_KIND_TIMER) {
		rm_lock(&desc->lock);
		result = set(t, desc, flags, &new, &old);
		rm_unlock(&desc->lock);
	}
	rm_put(t, desc);
	if (result == 0 && args->a[3] && rm_put_user(args->a[3], &old, sizeof(old)) != 0)
		return -EFAULT;
	return result;
}

static long host_get(struct rm_thread *t, const struct rm_desc *desc, struct setting *now)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_timerfd_gettime), room;

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	room = rm_hostcall_room(&h, 1, sizeof(*now));
	result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, now, sizeof(*now));
	rm_hostcall_end(&h);
	if (result == 0 && !(valid(&now->interval) && valid(&now->value))) {
		rm_count(t, RM_COUNT_CONTENT);
		result = -EIO;
	}
	return result;
}

long rm_sys_timerfd_gettime(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc = rm_get(args->a[0]);
	struct setting now = { 0 };
	long result = -EINVAL;

	if (!desc)
		return -EBADF;
	if (desc->kind == RM_KIND_TIMER) {
		rm_lock(&desc->lock);
		now = state_of(desc);
		result = desc->timer.host ? host_get(t, desc, &now) : 0;
		rm_unlock(&desc->lock);
	}
	rm_put(t, desc);
	return result ? result : rm_put_user(args->a[1], &now, sizeof(now));
}

/* Takes the expirations that are due; 0: it is too early, and the host was told so. */
static uint64_t expirations(struct rm_thread *t, struct rm_desc *desc, uint64_t told)
{
	struct rm_timer *timer = &desc->timer;
	struct setting old;
	uint64_t now, count = 0;

	rm_lock(&desc->lock);
	now = rm_time_monotonic();
	if (timer->host)
		count = told;
	else if (timer->due != 0 && now >= timer->due)
		count = timer->interval ? (now - timer->due) / timer->interval + 1 : 1;
	if (!timer->host && count > 0)
		timer->due = timer->interval ? timer->due + count * timer->interval : 0;
	else if (!timer->host && timer->due != 0)
		host_arm(t, desc, &old);
	rm_unlock(&desc->lock);
	return count;
}

long rm_timer_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size)
{
	uint64_t count = 0;
	long result;

	if (size < sizeof(count))
		return -EINVAL;
	do {
		result = rm_read_private(t, desc, &count, sizeof(count));
		if (result < 0)
			return result;
		count = result == sizeof(count) ? expirations(t, desc, count) : 0;
	} while (count == 0 && !desc->nonblock);
	if (count == 0)
		return -EAGAIN;
	result = rm_iter_scatter(iter, &count, sizeof(count));
	return result ? result : (long)sizeof(count);
}
