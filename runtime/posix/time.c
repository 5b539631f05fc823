/* SPDX-License-Identifier: MIT */
/*
 * Clocks: the system counter, which Linux cannot touch, and for the time of day what the proxy said at the start, carried on by
 * that counter. The counter is CNTPCT_EL0: Linux can shift the virtual one.
 *
 * CPU time is what the secure kernel accounts: time that a thread of the enclave had a core. What Linux did for it is not in it.
 *
 * Attacks considered: the time of day is Linux's word and can be anything; it moves forward as the counter does.
 */
#include "posix/signal.h"

#include "abi/smc.h"

#define NS		1000000000ul
#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC	1
#define CLOCK_PROCESS_CPU	2
#define CLOCK_THREAD_CPU	3
#define CLOCK_MONOTONIC_RAW	4
#define CLOCK_REALTIME_COARSE	5
#define CLOCK_MONOTONIC_COARSE	6
#define CLOCK_BOOTTIME	7
#define CLOCK_TAI	11
#define TIMER_ABSTIME	1
#define COARSE_NS	4000000		/* as Linux's tick of 250 Hz; ours are as fine as the others */
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

/* Nanoseconds of a core's time: of one thread, or of all (~0). false: there is no such thread. */
static bool cpu_time(uint64_t index, uint64_t *ns)
{
	const long result = rm_svc1(RM_SVC_CPU_TIME, index);

	*ns = (uint64_t)result;
	return result >= 0;
}

/* Clocks of a process or thread are negative: ~number << 3, thread bit, kind (0 to 2). We know ourselves and our threads. */
static bool read_cpu_clock(struct rm_thread *t, int32_t clock, uint64_t *ns)
{
	const uint32_t id = (uint32_t)~(clock >> 3);

	if ((clock & 3) == 3)
		return false;
	if (!(clock & 4))
		return (id == 0 || id == rm_enclave.pid) && cpu_time(~0ul, ns);
	if (id == 0)
		return cpu_time(t->index, ns);
	return id >= rm_enclave.pid && cpu_time(id - rm_enclave.pid, ns);
}

/* A clock's time in nanoseconds: false if there is no such clock. */
static bool read_clock(struct rm_thread *t, int32_t clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = rm_time_real();
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = to_ns(rm_counter());
		return true;
	case CLOCK_PROCESS_CPU:
		return cpu_time(~0ul, ns);
	case CLOCK_THREAD_CPU:
		return cpu_time(t->index, ns);
	default:
		return clock < 0 && read_cpu_clock(t, clock, ns);
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

	if (!read_clock(t, (int32_t)args->a[0], &ns))
		return -EINVAL;
	now = timespec(ns);
	return rm_put_user(args->a[1], &now, sizeof(now));
}

long rm_sys_clock_getres(struct rm_thread *t, const struct rm_args *args)
{
	const int32_t clock = (int32_t)args->a[0];
	const bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
	const struct lx_timespec resolution = { .nsec = coarse ? COARSE_NS : 1 };
	uint64_t ns;

	if (!read_clock(t, clock, &ns))
		return -EINVAL;
	return args->a[1] ? rm_put_user(args->a[1], &resolution, sizeof(resolution)) : 0;
}

/* The day's time is Linux's, and not for an enclave to set; no other clock can be set by anybody. */
long rm_sys_clock_settime(struct rm_thread *t, const struct rm_args *args)
{
	const int32_t clock = (int32_t)args->a[0];
	struct lx_timespec wanted;
	uint64_t ns;

	if (!read_clock(t, clock, &ns) || clock > CLOCK_REALTIME)
		return -EINVAL;
	if (rm_get_user(&wanted, args->a[1], sizeof(wanted)) != 0)
		return -EFAULT;
	if (clock == CLOCK_REALTIME && (wanted.sec < 0 || wanted.nsec < 0 || wanted.nsec >= (int64_t)NS))
		return -EINVAL;
	return -EPERM;
}

long rm_sys_settimeofday(struct rm_thread *t, const struct rm_args *args)
{
	int64_t wanted[2] = { 0, 0 };

	(void)t;
	if (args->a[0] && rm_get_user(wanted, args->a[0], sizeof(wanted)) != 0)
		return -EFAULT;
	return wanted[1] < 0 || wanted[1] >= 1000000 || wanted[0] < 0 ? -EINVAL : -EPERM;
}

#define TIMEX_SIZE	208u

/* What Linux's clock does may be asked; changing it is refused as to any user without the right. */
static long adjust(struct rm_thread *t, unsigned long user)
{
	uint8_t timex[TIMEX_SIZE] __attribute__((aligned(8)));
	struct rm_hostcall h;
	uint32_t modes;
	long result = rm_get_user(timex, user, sizeof(timex)), room;

	if (result)
		return result;
	__builtin_memcpy(&modes, timex, sizeof(modes));
	if (modes != 0)
		return -EPERM;
	result = rm_hostcall_begin(&h, t, LX_adjtimex);
	if (result)
		return result;
	room = rm_hostcall_put(&h, 0, timex, sizeof(timex));
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_COUNT, 5);
	if (result >= 0 && rm_hostcall_take(&h, room, timex, sizeof(timex)) != 0)
		result = -EIO;
	rm_hostcall_end(&h);
	if (result >= 0 && rm_put_user(user, timex, sizeof(timex)) != 0)
		result = -EFAULT;
	return result;
}

long rm_sys_adjtimex(struct rm_thread *t, const struct rm_args *args)
{
	return adjust(t, args->a[0]);
}

long rm_sys_clock_adjtime(struct rm_thread *t, const struct rm_args *args)
{
	uint64_t ns;

	if (!read_clock(t, (int32_t)args->a[0], &ns))
		return -EINVAL;
	return (int32_t)args->a[0] == CLOCK_REALTIME ? adjust(t, args->a[1]) : -EOPNOTSUPP;
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

/*
 * Sleeps until that moment of the monotonic clock: 0, or -EINTR because of a signal. The kernel counts what resident threads are released
 * from, and what they miss: it has to be told of a moment that passed while it did not wait for it, at first (`untold`) or after a notification.
 */
static long sleep_until(struct rm_thread *t, uint64_t until, bool untold)
{
	for (;;) {
		const bool passed = rm_time_monotonic() >= until;

		if (passed && !untold)
			return 0;
		if (rm_interrupted(t) && !passed)
			return -LX_ERESTARTNOHAND;
		untold = rm_signal_sleep(t, until);
	}
}

/* What is left goes to the program, which may have handed in the same structure for both. */
static long sleep_for(struct rm_thread *t, const struct lx_timespec *wanted, unsigned long rest)
{
	const uint64_t now = rm_time_monotonic();
	const uint64_t until = (uint64_t)wanted->sec > ~0ul / NS / 4 ? ~0ul : now + (uint64_t)wanted->sec * NS + (uint64_t)wanted->nsec;
	const long result = sleep_until(t, until, false);
	struct lx_timespec left;

	if (result == 0 || rest == 0)
		return result == 0 ? 0 : -EINTR;
	left = timespec(until > rm_time_monotonic() ? until - rm_time_monotonic() : 0);
	return rm_put_user(rest, &left, sizeof(left)) ? -EFAULT : -EINTR;
}

static long get_time(struct lx_timespec *wanted, unsigned long user)
{
	if (rm_get_user(wanted, user, sizeof(*wanted)) != 0)
		return -EFAULT;
	return wanted->sec < 0 || wanted->nsec < 0 || wanted->nsec >= (int64_t)NS ? -EINVAL : 0;
}

long rm_sys_nanosleep(struct rm_thread *t, const struct rm_args *args)
{
	struct lx_timespec wanted;
	const long error = get_time(&wanted, args->a[0]);

	return error ? error : sleep_for(t, &wanted, args->a[1]);
}

/* Until other threads have used so much CPU time: as much has to pass at least, then we look again. */
static long sleep_cpu(struct rm_thread *t, int32_t clock, const struct rm_args *args)
{
	struct lx_timespec wanted;
	uint64_t now, until;
	long result = get_time(&wanted, args->a[2]);

	if (result)
		return result;
	if (!read_clock(t, clock, &now))
		return -EINVAL;
	if (__builtin_mul_overflow((uint64_t)wanted.sec, NS, &until) || __builtin_add_overflow(until, (uint64_t)wanted.nsec, &until))
		until = INT64_MAX;
	if (!(args->a[1] & TIMER_ABSTIME) && __builtin_add_overflow(until, now, &until))
		until = INT64_MAX;
	while (result == 0 && now < until) {
		result = sleep_until(t, rm_time_monotonic() + (until - now), false);
		if (!read_clock(t, clock, &now))
			break;
	}
	return result;
}

/* The kernel sleeps on the monotonic clock; moments of the other clocks are turned into ones of it. */
long rm_sys_clock_nanosleep(struct rm_thread *t, const struct rm_args *args)
{
	const int32_t clock = (int32_t)args->a[0];
	struct lx_timespec wanted;
	uint64_t now, until;
	long error;

	if (!read_clock(t, clock, &now))
		return -EINVAL;
	if (clock == CLOCK_THREAD_CPU || (clock >= CLOCK_MONOTONIC_RAW && clock <= CLOCK_MONOTONIC_COARSE))
		return -EOPNOTSUPP;
	if (clock < 0 || clock == CLOCK_PROCESS_CPU)
		return sleep_cpu(t, clock, args);
	error = get_time(&wanted, args->a[2]);
	if (error)
		return error;
	if (!(args->a[1] & TIMER_ABSTIME))
		return sleep_for(t, &wanted, args->a[3]);
	until = (uint64_t)wanted.sec > ~0ul / NS / 4 ? ~0ul : (uint64_t)wanted.sec * NS + (uint64_t)wanted.nsec;
	if (clock == CLOCK_MONOTONIC)
		return sleep_until(t, until, t->resident);
	return sleep_until(t, until == ~0ul ? until : rm_time_monotonic() + (until > now ? until - now : 0), false);
}

long rm_sys_times(struct rm_thread *t, const struct rm_args *args)
{
	int64_t times[4] = { 0 };
	uint64_t used;

	(void)t;
	if (cpu_time(~0ul, &used))
		times[0] = (int64_t)(used / (NS / CLK_TCK));
	if (args->a[0] && rm_put_user(args->a[0], times, sizeof(times)) != 0)
		return -EFAULT;
	return (long)(to_ns(rm_counter()) / (NS / CLK_TCK));
}

/* As Linux orders them: microseconds and counts. */
enum { USER_S = 0, USER_US = 1, MAX_RSS = 4, MINOR_FAULTS = 8, VOLUNTARY = 16, INVOLUNTARY = 17, RUSAGE_FIELDS = 18 };

static void fill_usage(int64_t *usage)
{
	usage[MAX_RSS] = rm_svc1(RM_SVC_STAT, RM_STAT_FRAMES_PEAK) * 4;
	usage[MINOR_FAULTS] = rm_svc1(RM_SVC_STAT, RM_STAT_FAULTS);
	usage[VOLUNTARY] = rm_svc1(RM_SVC_STAT, RM_STAT_EXITS_VOLUNTARY);
	usage[INVOLUNTARY] = rm_svc1(RM_SVC_STAT, RM_STAT_EXITS_INTERRUPT);
}

/* What Linux did for the enclave (its system time, its blocks) is not known here: zero. Counts are the whole enclave's, a thread's too. */
long rm_sys_getrusage(struct rm_thread *t, const struct rm_args *args)
{
	enum { CHILDREN = -1, SELF = 0, THREAD = 1 };
	const int who = (int)args->a[0];
	int64_t usage[RUSAGE_FIELDS] = { 0 };
	uint64_t used;

	if (who != CHILDREN && who != SELF && who != THREAD)
		return -EINVAL;
	if (who != CHILDREN && cpu_time(who == SELF ? ~0ul : t->index, &used)) {
		usage[USER_S] = (int64_t)(used / NS);
		usage[USER_US] = (int64_t)(used % NS / 1000);
		fill_usage(usage);
	}
	return rm_put_user(args->a[1], usage, sizeof(usage));
}
