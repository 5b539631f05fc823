/* SPDX-License-Identifier: MIT */
/*
 * Interval timers: setitimer(ITIMER_REAL) and POSIX timers. Due times are kept here, on our own counter; Linux is only asked to wake a
 * thread of ours at the next one (RM_HOST_TIMER). ITIMER_VIRTUAL and ITIMER_PROF, and timers on CPU-time clocks, are -EOPNOTSUPP.
 *
 * Attacks considered: a wake that comes early finds nothing due; one that never comes delays a timer as long as Linux gives the enclave
 * no time, and not longer: each call that waits looks at the time itself.
 */
#include "posix/signal.h"

#include "lib/string.h"
#include "ring/access.h"

#define NS		1000000000ul
#define US		1000000ul
#define TIMERS		64u
#define REAL		TIMERS		/* the slot of ITIMER_REAL */
#define OVERRUN_MAX	INT32_MAX
#define HOST_SLACK	1000u		/* ns; rather a little late than once for nothing */

enum { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
enum { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 4 };

struct timer {
	bool used, none;		/* none: nobody is told (SIGEV_NONE) */
	int target;			/* index of a thread, or WHOLE_ENCLAVE */
	int32_t clock;
	uint32_t generation;
	uint64_t next, interval;	/* ns of the monotonic clock; next 0: not armed */
	uint64_t missed;		/* expirations since its signal was sent */
	uint32_t overrun;		/* as timer_getoverrun() tells it */
	struct rm_siginfo info;
};

static struct {
	struct rm_lock lock;
	uint64_t next;			/* the earliest, 0: none; read without the lock */
	struct timer timer[TIMERS + 1];
} timers;

/* Under the lock. */
static void find_next(void)
{
	uint64_t next = 0;

	for (unsigned i = 0; i <= REAL; i++)
		if (timers.timer[i].next && !timers.timer[i].none && (next == 0 || timers.timer[i].next < next))
			next = timers.timer[i].next;
	__atomic_store_n(&timers.next, next, __ATOMIC_RELAXED);
}

/* Another thread may ask for something else meanwhile: whoever comes last asks for what holds. */
static void ask_host(struct rm_thread *t)
{
	uint64_t asked, now;
	long result;

	/* Nothing for Linux to know: threads that wait wake up themselves (rm_timer_next()). */
	if (t->resident)
		return;
	do {
		asked = __atomic_load_n(&timers.next, __ATOMIC_SEQ_CST);
		now = rm_time_monotonic();
		result = rm_ring_host(t, RM_HOST_TIMER, asked == 0 ? 0 : (asked > now ? asked - now : 0) + HOST_SLACK, 0);
	} while (result == 0 && asked != __atomic_load_n(&timers.next, __ATOMIC_SEQ_CST) && !t->dead);
}

/* The signal is sent, or one that waits still counts for this time too. Under the lock of timers. */
static bool to_be_sent(struct timer *timer, uint64_t passed)
{
	struct rm_pending *pending = timer->target >= 0 ? &rm_thread_block((uint32_t)timer->target)->signal.pending : &rm_enclave.pending;
	bool waits;

	rm_lock(&rm_enclave.signal_lock);
	waits = timer != &timers.timer[REAL] && rm_pending_of_timer(pending, (uint32_t)timer->info.data[0]) != NULL;
	rm_unlock(&rm_enclave.signal_lock);
	timer->missed = waits ? timer->missed + passed : passed - 1;
	return !waits;
}

/* How often it has come due; armed for its next time, or not any more. */
static uint64_t advance(struct timer *timer, uint64_t now)
{
	uint64_t passed = 1;

	if (timer->interval) {
		passed += (now - timer->next) / timer->interval;
		timer->next += passed * timer->interval;
	} else {
		timer->next = 0;
	}
	return passed;
}

/* One that is due, ready to be sent: false if none is left. */
static bool take_due(uint64_t now, struct rm_siginfo *info, int *target)
{
	bool found = false;

	rm_lock(&timers.lock);
	for (unsigned i = 0; i <= REAL && !found; i++) {
		struct timer *timer = &timers.timer[i];

		if (timer->none || timer->next == 0 || timer->next > now || !to_be_sent(timer, advance(timer, now)))
			continue;
		*info = timer->info;
		*target = timer->target;
		found = true;
	}
	find_next();
	rm_unlock(&timers.lock);
	return found;
}

uint64_t rm_timer_next(const struct rm_thread *t, uint64_t until)
{
	const uint64_t next = t->resident ? __atomic_load_n(&timers.next, __ATOMIC_RELAXED) : 0;

	return next != 0 && next < until ? next : until;
}

void rm_timer_news(struct rm_thread *t)
{
	const uint64_t next = __atomic_load_n(&timers.next, __ATOMIC_RELAXED);
	const uint64_t now = next ? rm_time_monotonic() : 0;
	struct rm_siginfo info;
	int target;

	if (next == 0 || now < next)
		return;
	while (take_due(now, &info, &target))
		rm_signal_send(t, target, &info);
	ask_host(t);
}

bool rm_timer_delivered(struct rm_siginfo *info)
{
	const uint32_t index = (uint32_t)info->data[0];
	struct timer *timer = &timers.timer[index < TIMERS ? index : 0];
	bool alive;

	if (info->data[3] == 0)
		return true;		/* the program's own invention (sigqueue) */
	rm_lock(&timers.lock);
	alive = timer->used && timer->generation == (uint32_t)info->data[3];
	if (alive) {
		timer->overrun = timer->missed > OVERRUN_MAX ? OVERRUN_MAX : (uint32_t)timer->missed;
		timer->missed = 0;
		info->data[0] = index | (uint64_t)timer->overrun << 32;
	}
	rm_unlock(&timers.lock);
	info->data[3] = 0;
	return alive;
}

/* Sets a timer; what it was before: time left and interval. */
static void arm(struct timer *timer, uint64_t next, uint64_t interval, uint64_t *left, uint64_t *was)
{
	const uint64_t now = rm_time_monotonic();

	*left = timer->next == 0 ? 0 : timer->next > now ? timer->next - now : 1;
	if (timer->none && timer->next && timer->next <= now)
		*left = timer->interval ? timer->interval - (now - timer->next) % timer->interval : 0;
	*was = timer->interval;
	if (next == ~0ul)
		return;			/* only asked */
	timer->next = next;
	timer->interval = next ? interval : 0;
	timer->missed = timer->overrun = 0;
	find_next();
}

#define ONLY_ASK	(~0ul)

static uint64_t after_now(uint64_t ns)
{
	uint64_t next;

	if (ns == 0)
		return 0;
	return __builtin_add_overflow(rm_time_monotonic(), ns, &next) || next == ONLY_ASK ? ONLY_ASK - 1 : next;
}

struct itimerval {
	struct { int64_t sec, usec; } interval, value;
};

static bool possible_timeval(int64_t sec, int64_t usec)
{
	return sec >= 0 && usec >= 0 && usec < (int64_t)US;
}

static uint64_t ns_of(int64_t sec, int64_t ns)
{
	return (uint64_t)sec > ~0ul / NS / 4 ? ~0ul / 4 : (uint64_t)sec * NS + (uint64_t)ns;
}

static long itimer(struct rm_thread *t, uint64_t next, uint64_t interval, unsigned long old)
{
	struct timer *real = &timers.timer[REAL];
	struct itimerval before;
	uint64_t left, was;

	rm_lock(&timers.lock);
	real->used = true;
	real->target = WHOLE_ENCLAVE;
	real->info = (struct rm_siginfo){ .signo = LX_SIGALRM, .code = LX_SI_KERNEL };
	arm(real, next, interval, &left, &was);
	rm_unlock(&timers.lock);
	if (next != ONLY_ASK)
		ask_host(t);
	left = (left + 999) / 1000;
	before.value.sec = (int64_t)(left / US);
	before.value.usec = (int64_t)(left % US);
	before.interval.sec = (int64_t)(was / NS);
	before.interval.usec = (int64_t)(was % NS / 1000);
	return old && rm_put_user(old, &before, sizeof(before)) != 0 ? -EFAULT : 0;
}

long rm_sys_setitimer(struct rm_thread *t, const struct rm_args *args)
{
	struct itimerval new = { { 0, 0 }, { 0, 0 } };

	if (args->a[1] && rm_get_user(&new, args->a[1], sizeof(new)) != 0)
		return -EFAULT;
	if (args->a[0] > ITIMER_PROF || !possible_timeval(new.value.sec, new.value.usec) ||
	    !possible_timeval(new.interval.sec, new.interval.usec))
		return -EINVAL;
	if (args->a[0] != ITIMER_REAL)
		return -EOPNOTSUPP;
	return itimer(t, after_now(ns_of(new.value.sec, new.value.usec * 1000)), ns_of(new.interval.sec, new.interval.usec * 1000),
		      args->a[2]);
}

long rm_sys_getitimer(struct rm_thread *t, const struct rm_args *args)
{
	const struct itimerval none = { { 0, 0 }, { 0, 0 } };

	if (args->a[0] > ITIMER_PROF)
		return -EINVAL;
	rm_interrupted(t);
	if (args->a[0] != ITIMER_REAL)		/* never set */
		return rm_put_user(args->a[1], &none, sizeof(none));
	return args->a[1] ? itimer(t, ONLY_ASK, 0, args->a[1]) : -EFAULT;
}

struct sigevent {
	uint64_t value;
	int32_t signo, notify, tid, pad;
};

static long check_event(const struct sigevent *event, int *target)
{
	*target = WHOLE_ENCLAVE;
	switch (event->notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_THREAD_ID:
		if (event->tid < (int32_t)rm_enclave.pid || event->tid >= (int32_t)(rm_enclave.pid + RM_THREAD_MAX))
			return -EINVAL;
		*target = event->tid - (int32_t)rm_enclave.pid;
		if (!(__atomic_load_n(&rm_enclave.threads, __ATOMIC_RELAXED) >> *target & 1))
			return -EINVAL;		/* an index that no thread ever had has no block */
		break;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		break;
	default:
		return -EINVAL;
	}
	return rm_signal_valid((unsigned long)event->signo) ? 0 : -EINVAL;
}

static long check_clock(unsigned long clock)
{
	switch ((int32_t)clock) {
	case LX_CLOCK_REALTIME:
	case LX_CLOCK_MONOTONIC:
	case LX_CLOCK_BOOTTIME:
		return 0;
	case 2:		/* CPU time of the process, of the thread */
	case 3:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* A free slot made a timer, or -EAGAIN. */
static long make(int32_t clock, const struct sigevent *event, int target)
{
	long index = -EAGAIN;

	rm_lock(&timers.lock);
	for (unsigned i = 0; i < TIMERS && index < 0; i++) {
		struct timer *timer = &timers.timer[i];
		const uint32_t generation = timer->generation + 1 ? timer->generation + 1 : 1;

		if (timer->used)
			continue;
		*timer = (struct timer){ .used = true, .none = event->notify == SIGEV_NONE, .target = target, .clock = clock,
					 .generation = generation };
		timer->info = (struct rm_siginfo){ .signo = event->signo, .code = LX_SI_TIMER,
						   .data = { i, event->value, 0, generation } };
		index = i;
	}
	rm_unlock(&timers.lock);
	return index;
}

static void unmake(struct timer *timer)
{
	timer->used = false;
	timer->next = 0;
	find_next();
}

long rm_sys_timer_create(struct rm_thread *t, const struct rm_args *args)
{
	struct sigevent event = { .signo = LX_SIGALRM };
	long error = check_clock(args->a[0]), index;
	int32_t id;
	int target;

	(void)t;
	if (args->a[1] && rm_get_user(&event, args->a[1], sizeof(event)) != 0)
		return -EFAULT;
	if (!error)
		error = check_event(&event, &target);
	if (error)
		return error;
	index = make((int32_t)args->a[0], &event, target);
	if (index < 0)
		return index;
	id = (int32_t)index;
	rm_lock(&timers.lock);
	if (!args->a[1])
		timers.timer[index].info.data[1] = (uint64_t)index;
	error = rm_put_user(args->a[2], &id, sizeof(id));
	if (error)
		unmake(&timers.timer[index]);
	rm_unlock(&timers.lock);
	return error;
}

struct itimerspec {
	struct lx_timespec interval, value;
};

static bool possible_timespec(const struct lx_timespec *ts)
{
	return ts->sec >= 0 && ts->nsec >= 0 && ts->nsec < (int64_t)NS;
}

/* The moment on the monotonic clock that a new setting means. */
static uint64_t moment(const struct timer *timer, const struct lx_timespec *value, bool absolute)
{
	const uint64_t ns = ns_of(value->sec, value->nsec);
	const uint64_t now = timer->clock == LX_CLOCK_REALTIME ? rm_time_real() : rm_time_monotonic();

	if (ns == 0 || !absolute)
		return after_now(ns);
	return ns > now ? after_now(ns - now) : rm_time_monotonic();
}

/* The timer of that number, with the lock held; NULL without. */
static struct timer *get(unsigned long id)
{
	rm_lock(&timers.lock);
	if ((uint32_t)id < TIMERS && timers.timer[(uint32_t)id].used)
		return &timers.timer[(uint32_t)id];
	rm_unlock(&timers.lock);
	return NULL;
}

static struct itimerspec spec(uint64_t left, uint64_t interval)
{
	return (struct itimerspec){ .interval = { (int64_t)(interval / NS), (int64_t)(interval % NS) },
				    .value = { (int64_t)(left / NS), (int64_t)(left % NS) } };
}

long rm_sys_timer_settime(struct rm_thread *t, const struct rm_args *args)
{
	struct itimerspec new, old;
	struct timer *timer;
	uint64_t left, was;

	if (!args->a[2])
		return -EINVAL;
	if (rm_get_user(&new, args->a[2], sizeof(new)) != 0)
		return -EFAULT;
	if (!possible_timespec(&new.interval) || !possible_timespec(&new.value))
		return -EINVAL;
	rm_interrupted(t);
	timer = get(args->a[0]);
	if (!timer)
		return -EINVAL;
	arm(timer, moment(timer, &new.value, args->a[1] & LX_TIMER_ABSTIME), ns_of(new.interval.sec, new.interval.nsec), &left, &was);
	rm_unlock(&timers.lock);
	ask_host(t);
	rm_interrupted(t);
	old = spec(left, was);
	return args->a[3] && rm_put_user(args->a[3], &old, sizeof(old)) != 0 ? -EFAULT : 0;
}

long rm_sys_timer_gettime(struct rm_thread *t, const struct rm_args *args)
{
	struct itimerspec now;
	struct timer *timer;
	uint64_t left, was;

	rm_interrupted(t);
	timer = get(args->a[0]);
	if (!timer)
		return -EINVAL;
	arm(timer, ONLY_ASK, 0, &left, &was);
	rm_unlock(&timers.lock);
	now = spec(left, was);
	return rm_put_user(args->a[1], &now, sizeof(now));
}

long rm_sys_timer_getoverrun(struct rm_thread *t, const struct rm_args *args)
{
	struct timer *timer = get(args->a[0]);
	long overrun;

	(void)t;
	if (!timer)
		return -EINVAL;
	overrun = timer->overrun;
	rm_unlock(&timers.lock);
	return overrun;
}

long rm_sys_timer_delete(struct rm_thread *t, const struct rm_args *args)
{
	struct timer *timer = get(args->a[0]);

	if (!timer)
		return -EINVAL;
	unmake(timer);
	rm_unlock(&timers.lock);
	ask_host(t);
	return 0;
}
