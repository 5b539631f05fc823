/* SPDX-License-Identifier: MIT */
/* Interval timers: alarm(), setitimer(), timer_create() and what their signals say. */
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static volatile sig_atomic_t count;
static volatile int code, value, overrun;

static void told(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	count++;
	code = info->si_code;
	value = info->si_value.sival_int;
	overrun += info->si_overrun;
}

static void set(int signal)
{
	struct sigaction action = { .sa_sigaction = told, .sa_flags = SA_SIGINFO };

	MUST(sigaction(signal, &action, NULL) == 0);
	count = code = value = overrun = 0;
}

/* Until so many signals have come; not for ever, since a case must also fail. */
static void wait_for(int wanted)
{
	for (int64_t end = case_ms() + 3000; count < wanted;) {
		MUST(case_ms() < end);
		usleep(1000);
	}
}

CASE(alarm, "setitimer rt_sigaction")
{
	int64_t start = case_ms();

	set(SIGALRM);
	EXPECT_EQ(alarm(1), 0);
	EXPECT(sleep(4) > 0);
	EXPECT(case_ms() - start >= 999);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SI_KERNEL);
	EXPECT_EQ(alarm(100), 0);
	EXPECT(alarm(0) >= 99);
	EXPECT_EQ(alarm(0), 0);
}

CASE(itimer_interval, "setitimer getitimer")
{
	struct itimerval each = { { 0, 10000 }, { 0, 10000 } }, now, off = { { 0, 0 }, { 0, 0 } };

	set(SIGALRM);
	EXPECT(setitimer(ITIMER_REAL, &each, NULL) == 0);
	EXPECT(getitimer(ITIMER_REAL, &now) == 0);
	EXPECT(now.it_interval.tv_sec == 0 && now.it_interval.tv_usec == 10000 && now.it_value.tv_usec > 0);
	wait_for(5);
	EXPECT(setitimer(ITIMER_REAL, &off, &now) == 0);
	EXPECT_EQ(now.it_interval.tv_usec, 10000);
	EXPECT(getitimer(ITIMER_REAL, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);
	each.it_value.tv_usec = 1000000;
	EXPECT_ERRNO(setitimer(ITIMER_REAL, &each, NULL), EINVAL);
	EXPECT_ERRNO(setitimer(77, &off, NULL), EINVAL);
	EXPECT_ERRNO(getitimer(77, &now), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getitimer, ITIMER_REAL, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_setitimer, ITIMER_REAL, 8, NULL), EFAULT);
}

/* It interrupts a thread that only computes. */
CASE(interrupts_computing, "setitimer rt_sigaction")
{
	struct itimerval once = { { 0, 0 }, { 0, 20000 } };

	set(SIGALRM);
	setitimer(ITIMER_REAL, &once, NULL);
	for (int64_t end = case_ms() + 3000; count == 0 && case_ms() < end;)
		;
	EXPECT_EQ(count, 1);
}

static timer_t make(clockid_t clock, int signal, int number)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal, .sigev_value.sival_int = number };
	timer_t timer;

	MUST(timer_create(clock, &event, &timer) == 0);
	return timer;
}

CASE(timer_once, "timer_create timer_settime timer_gettime timer_delete")
{
	struct itimerspec when = { { 0, 0 }, { 0, 30000000 } }, now;
	timer_t timer = make(CLOCK_MONOTONIC, SIGUSR1, 4711);

	set(SIGUSR1);
	EXPECT(timer_gettime(timer, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
	EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
	wait_for(1);
	EXPECT_EQ(code, SI_TIMER);
	EXPECT_EQ(value, 4711);
	EXPECT(timer_gettime(timer, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
	when.it_value.tv_sec = 100;
	EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
	EXPECT(timer_gettime(timer, &now) == 0 && now.it_value.tv_sec >= 99);
	EXPECT(timer_settime(timer, 0, &when, &now) == 0 && now.it_value.tv_sec >= 99);
	EXPECT(timer_delete(timer) == 0);
	EXPECT_ERRNO(timer_settime(timer, 0, &when, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_delete, timer), EINVAL);
}

CASE(timer_absolute, "timer_create timer_settime timer_delete")
{
	timer_t timer = make(CLOCK_REALTIME, SIGUSR1, 1);
	struct itimerspec when = { { 0, 0 }, { 0, 0 } };
	int64_t start = case_ms();

	set(SIGUSR1);
	case_deadline(&when.it_value, CLOCK_REALTIME, 50);
	EXPECT(timer_settime(timer, TIMER_ABSTIME, &when, NULL) == 0);
	wait_for(1);
	EXPECT(case_ms() - start >= 49);
	when.it_value.tv_sec = 1;	/* long ago */
	EXPECT(timer_settime(timer, TIMER_ABSTIME, &when, NULL) == 0);
	wait_for(2);
	EXPECT(timer_delete(timer) == 0);
}

CASE(timer_overrun, "timer_create timer_settime timer_getoverrun rt_sigprocmask")
{
	struct itimerspec when = { { 0, 1000000 }, { 0, 1000000 } };
	timer_t timer = make(CLOCK_MONOTONIC, SIGUSR1, 1);
	sigset_t usr1;

	set(SIGUSR1);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
	usleep(100000);
	when = (struct itimerspec){ { 0, 0 }, { 0, 0 } };
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	EXPECT(count >= 1);
	EXPECT(overrun >= 50);
	EXPECT(timer_getoverrun(timer) >= 0);
	EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
	EXPECT(timer_delete(timer) == 0);
	EXPECT_ERRNO(timer_getoverrun(timer), EINVAL);
}

static int fired;

static void by_thread(union sigval with)
{
	value = with.sival_int;
	case_set(&fired, 1);
}

CASE(timer_thread, "timer_create timer_settime rt_sigtimedwait")
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = by_thread, .sigev_value.sival_int = 99 };
	struct itimerspec when = { { 0, 0 }, { 0, 10000000 } };
	timer_t timer;

	fired = value = 0;
	MUST(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
	for (int64_t end = case_ms() + 3000; !__atomic_load_n(&fired, __ATOMIC_ACQUIRE);) {
		MUST(case_ms() < end);
		usleep(1000);
	}
	EXPECT_EQ(value, 99);
	EXPECT(timer_delete(timer) == 0);
}

CASE(timer_none, "timer_create timer_settime timer_gettime")
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerspec when = { { 0, 0 }, { 100, 0 } }, now;
	timer_t timer;

	MUST(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
	EXPECT(timer_gettime(timer, &now) == 0 && now.it_value.tv_sec >= 99 && now.it_value.tv_sec <= 100);
	EXPECT(timer_delete(timer) == 0);
}

CASE(timer_errors, "timer_create timer_settime timer_gettime timer_delete")
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
	timer_t timer = make(CLOCK_MONOTONIC, SIGUSR1, 1);
	struct itimerspec when = { { 0, 0 }, { 0, 1000000000 } };
	timer_t other;

	EXPECT_ERRNO(timer_create(CLOCK_MONOTONIC, &event, &other), EINVAL);
	EXPECT_ERRNO(timer_create(77, NULL, &other), EINVAL);
	/* A number that no thread has: the next but many. The structure as Linux has it: value, signal, notify, thread. */
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC,
			     &(struct { long value; int signal, notify, thread, pad[11]; }){ .signal = SIGUSR1, .notify = 4,
					.thread = getpid() + 60 }, &other), EINVAL);
	EXPECT_ERRNO(timer_settime(timer, 0, &when, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_settime, timer, 0, NULL, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_settime, timer, 0, 8, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_timer_gettime, timer, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_timer_gettime, 4000, &when), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, 8), EFAULT);
	EXPECT(timer_delete(timer) == 0);
	EXPECT_ERRNO(syscall(SYS_timer_delete, 4000), EINVAL);
}
