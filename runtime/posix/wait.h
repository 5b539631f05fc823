/* SPDX-License-Identifier: MIT */
/*
 * Waits with a timeout: the host's timer only wakes, our own counter says when time is up.
 */
#ifndef RUNTIME_POSIX_WAIT_H
#define RUNTIME_POSIX_WAIT_H

#include "posix/posix.h"

/* A moment of rm_time_elapsed(), or none. */
struct rm_deadline {
	bool set;
	uint64_t ns;
};

/* From a timeout of a program, at most once a call: 0 (user 0: no deadline), -EFAULT, -EINVAL. */
long rm_deadline_get(struct rm_deadline *deadline, unsigned long user);
/* So many milliseconds from now; negative: none. */
void rm_deadline_ms(struct rm_deadline *deadline, int ms);
bool rm_deadline_passed(const struct rm_deadline *deadline);
/* What is left, zero if none. */
struct lx_timespec rm_deadline_left(const struct rm_deadline *deadline);

/*
 * Makes a host call that waits, with the time left as its argument `arg`, until its result is positive or an error (a signal:
 * -LX_ERESTARTSYS), or the deadline passed: 0. Results are at most `limit`.
 */
long rm_wait_call(struct rm_hostcall *h, int arg, const struct rm_deadline *deadline, uint64_t limit);
/*
 * poll() on descriptors of the proxy (negative ones do not count): how many have revents, which are among what was asked for, or 0 when
 * time is up, -LX_ERESTARTSYS for a signal, -errno.
 */
long rm_poll_host(struct rm_thread *t, struct lx_pollfd *fds, size_t count, const struct rm_deadline *deadline);
/* Waits for the deadline or a signal alone: 0 or -LX_ERESTARTSYS. The proxy is not asked. */
long rm_wait_time(struct rm_thread *t, const struct rm_deadline *deadline);

#endif
