/* SPDX-License-Identifier: MIT */
/*
 * Clocks: the system counter, which Linux cannot touch, and for the time of day what the proxy said at the start, carried on by
 * that counter. The counter is CNTPCT_EL0: Linux can shift the virtual one.
 *
 * CPU-time clocks are approximated by the time since the enclave started: no part of the system accounts them yet.
 *
 * Attacks considered: the time of day is Linux's word and can be anything; it moves forward as the counter does.
 */
#include "posix/posix.h"

#define NS		1000000000ul
#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC	1
#define CLOCK_PROCESS_CPU	2
#define CLOCK_THREAD_CPU	3
#define CLOCK_MONOTONIC_RAW	4
#define CLOCK_REALTIME_COARSE	5
#define CLOCK_MONOTONIC_COARSE	6
#define CLOCK_BOOTTIME	7
#define TIMER_ABSTIME	1
#define CLK_TCK		100u

static uint64_t to_ns(uint64_t ticks)
{
	const uint64_t hz = rm_counter_hz();

	/* Whole seconds apart, so that nothing overflows for centuries. */
	return ticks / hz * NS + ticks % hz * NS / hz;
}

uint64_t rm_time_elapsed(void)
{
	return to_ns(rm_counter() - rm_enclave.start_counter);
}

uint64_t rm_time_real(void)
{
	return rm_enclave.realtime_ns + to_ns(rm_counter() - rm_enclave.boot_counter);
}

uint64_t rm_time_real_to_counter(uint64_t ns)
{
	const uint64_t real = rm_time_real();
	uint64_t until;

	if (ns <= real)
		return 0;
	return __builtin_add_overflow(to_ns(rm_counter()), ns - real, &until) ? UINT64_MAX : until;
}

uint64_t rm_time_monotonic(void)
{
	return to_ns(rm_counter());
}

/* A clock's time in nanoseconds: false if there is no such clock. */
static bool read_clock(unsigned long clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = rm_time_real();
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = to_ns(rm_counter());
		return true;
	case CLOCK_PROCESS_CPU:
	case CLOCK_THREAD_CPU:
		*ns = rm_time_elapsed();
		return true;
	default:
		return false;
	}
}

static struct lx_timespec timespec(uint64_t ns)
{
	return (struct lx_timespec){ .sec = (int64_t)(ns / NS), .nsec = (int64_t)(ns % NS) };
}

long rm_sys_clock_gettime(struct rm_thread *t, const struct rm_args *args)
{
	struct lx_timespec now;
	uint64_t ns;

	(void)t;
	if (!read_clock((uint32_t)args->a[0], &ns))
		return -EINVAL;
	now = timespec(ns);
	return rm_put_user(args->a[1], &now, sizeof(now));
}

long rm_sys_clock_getres(struct rm_thread *t, const struct rm_args *args)
{
	const struct lx_timespec resolution = { .nsec = 1 };
	uint64_t ns;

	(void)t;
	if (!read_clock((uint32_t)args->a[0], &ns))
		return -EINVAL;
	return args->a[1] ? rm_put_user(args->a[1], &resolution, sizeof(resolution)) : 0;
}

long rm_sys_gettimeofday(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t ns = rm_time_real();
	const int64_t now[2] = { (int64_t)(ns / NS), (int64_t)(ns % NS / 1000) };
	const int32_t zone[2] = { 0, 0 };

	(void)t;
	if (args->a[0] && rm_put_user(args->a[0], now, sizeof(now)) != 0)
		return -EFAULT;
	return args->a[1] ? rm_put_user(args->a[1], zone, sizeof(zone)) : 0;
}

/* The kernel sleeps on the monotonic clock; the other clocks are turned into a stretch of it. */
long rm_sys_clock_nanosleep(struct rm_thread *t, const struct rm_args *args)
{
	struct lx_timespec wanted, stretch;
	uint64_t now;

	(void)t;
	if (!read_clock((uint32_t)args->a[0], &now) || args->a[0] == CLOCK_THREAD_CPU)
		return -EINVAL;
	if (args->a[0] == CLOCK_MONOTONIC)
		return rm_svc(LX_clock_nanosleep, args->a[0], args->a[1], args->a[2], args->a[3], 0, 0);
	if (!(args->a[1] & TIMER_ABSTIME))
		return rm_svc(LX_clock_nanosleep, CLOCK_MONOTONIC, 0, args->a[2], args->a[3], 0, 0);
	if (rm_get_user(&wanted, args->a[2], sizeof(wanted)) != 0)
		return -EFAULT;
	if (wanted.sec < 0 || wanted.nsec < 0 || wanted.nsec >= (int64_t)NS)
		return -EINVAL;
	stretch = timespec(now);
	stretch.sec = wanted.sec - stretch.sec;
	stretch.nsec = wanted.nsec - stretch.nsec;
	if (stretch.nsec < 0) {
		stretch.nsec += (int64_t)NS;
		stretch.sec--;
	}
	if (stretch.sec < 0)
		return 0;
	return rm_svc(LX_clock_nanosleep, CLOCK_MONOTONIC, 0, (unsigned long)&stretch, 0, 0, 0);
}

long rm_sys_times(struct rm_thread *t, const struct rm_args *args)
{
	const int64_t used = (int64_t)(rm_time_elapsed() / (NS / CLK_TCK));
	const int64_t times[4] = { used, 0, 0, 0 };

	(void)t;
	if (args->a[0] && rm_put_user(args->a[0], times, sizeof(times)) != 0)
		return -EFAULT;
	return (long)(to_ns(rm_counter()) / (NS / CLK_TCK));
}

/* Only the user time is known; Linux's other fields are zero, as for a process that did nothing else. */
long rm_sys_getrusage(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t used = rm_time_elapsed();
	int64_t usage[18] = { (int64_t)(used / NS), (int64_t)(used % NS / 1000) };

	(void)t;
	if ((int)args->a[0] < -1 || (int)args->a[0] > 1)
		return -EINVAL;
	if ((int)args->a[0] == -1)	/* RUSAGE_CHILDREN: there are none */
		usage[0] = usage[1] = 0;
	return rm_put_user(args->a[1], usage, sizeof(usage));
}
