/* SPDX-License-Identifier: MIT */
/*
 * Waits with a timeout.
 *
 * Attacks considered: a host that says "time is up" too early, or without a deadline, is asked again for what is left; one that
 * never answers keeps only what it was asked to tell. How often it is asked is bounded by its own turns: each leaves to it.
 */
#include "posix/wait.h"

#include "posix/signal.h"
#include "ring/access.h"

#define NS		1000000000ul
#define LONGEST		(INT64_MAX / 2)	/* ns: 146 years */

static bool valid(const struct lx_timespec *time)
{
	return time->sec >= 0 && time->nsec >= 0 && time->nsec < (int64_t)NS;
}

static void after(struct rm_deadline *deadline, const struct lx_timespec *time)
{
	const uint64_t sec = (uint64_t)time->sec;

	deadline->set = true;
	deadline->ns = rm_time_elapsed() + (sec > LONGEST / NS - 1 ? LONGEST : sec * NS + (uint64_t)time->nsec);
}

long rm_deadline_get(struct rm_deadline *deadline, unsigned long user)
{
	struct lx_timespec timeout;

	deadline->set = false;
	if (user == 0)
		return 0;
	if (rm_get_user(&timeout, user, sizeof(timeout)) != 0)
		return -EFAULT;
	if (!valid(&timeout))
		return -EINVAL;
	after(deadline, &timeout);
	return 0;
}

void rm_deadline_ms(struct rm_deadline *deadline, int ms)
{
	const struct lx_timespec timeout = { ms / 1000, ms % 1000 * 1000000l };

	deadline->set = false;
	if (ms >= 0)
		after(deadline, &timeout);
}

bool rm_deadline_passed(const struct rm_deadline *deadline)
{
	return deadline->set && rm_time_elapsed() >= deadline->ns;
}

struct lx_timespec rm_deadline_left(const struct rm_deadline *deadline)
{
	const uint64_t now = rm_time_elapsed();
	const uint64_t left = deadline->set && deadline->ns > now ? deadline->ns - now : 0;

	return (struct lx_timespec){ (int64_t)(left / NS), (int64_t)(left % NS) };
}

long rm_wait_call(struct rm_hostcall *h, int arg, const struct rm_deadline *deadline, uint64_t limit)
{
	const long room = rm_hostcall_room(h, arg, sizeof(struct lx_timespec));

	if (room < 0)
		return room;
	for (;;) {
		/* A signal that waits already ends the wait, but what is there already comes first. */
		const bool interrupted = rm_interrupted(h->t);
		const struct lx_timespec left = interrupted ? (struct lx_timespec){ 0 } : rm_deadline_left(deadline);
		const bool last = rm_deadline_passed(deadline);
		long result;

		h->message.arg[arg] = deadline->set || interrupted ? (uint64_t)room : RM_HOST_NULL;
		if (rm_copy(h->t->region + room, &left, sizeof(left)) != 0)
			return -EIO;
		result = rm_hostcall_try(h, RM_RULE_COUNT, limit);
		if (result == 0 && last)
			return 0;
		if (result == 0 && interrupted)
			return -LX_ERESTARTSYS;
		if (result != 0 && result != -EINTR)
			return result;
	}
}

long rm_wait_time(struct rm_thread *t, const struct rm_deadline *deadline)
{
	while (!rm_deadline_passed(deadline)) {
		if (rm_interrupted(t))
			return -LX_ERESTARTSYS;
		rm_signal_sleep(t, deadline->set ? rm_time_monotonic() + (deadline->ns - rm_time_elapsed()) : ~0ul);
	}
	return 0;
}
