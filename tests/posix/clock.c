/* SPDX-License-Identifier: MIT */
/* Clocks as system calls (libc's functions ask the vDSO): the time, CPU time, and what may be done with them. */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

#define NS 1000000000ll

static int64_t now_ns(int clock)
{
	struct timespec ts = { -1, -1 };

	MUST(syscall(SYS_clock_gettime, clock, &ts) == 0 && ts.tv_sec >= 0 && ts.tv_nsec >= 0 && ts.tv_nsec < NS);
	return ts.tv_sec * NS + ts.tv_nsec;
}

static volatile uint64_t sink;

/* Uses CPU time: so many milliseconds of the calling thread's. */
static void burn(int ms)
{
	int64_t until = now_ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000ll;

	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		for (int i = 0; i < 10000; i++)
			sink += (uint64_t)i;
}

CASE(go_forward, "clock_gettime")
{
	static const int clocks[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_REALTIME };

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		int64_t before = now_ns(clocks[i]), after;

		usleep(2000);
		after = now_ns(clocks[i]);
		EXPECT(after - before >= 2000000);
		EXPECT(after - before < 20 * NS);
	}
}

CASE(vdso_and_call_agree, "clock_gettime")
{
	struct timespec a;
	int64_t before = now_ns(CLOCK_MONOTONIC), after;

	MUST(clock_gettime(CLOCK_MONOTONIC, &a) == 0);
	after = now_ns(CLOCK_MONOTONIC);
	EXPECT(before <= a.tv_sec * NS + a.tv_nsec && a.tv_sec * NS + a.tv_nsec <= after);
	EXPECT(now_ns(CLOCK_REALTIME) / NS - time(NULL) <= 2);
}

CASE(errors, "clock_gettime")
{
	struct timespec ts;

	EXPECT_ERRNO(syscall(SYS_clock_gettime, 77, &ts), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_clock_gettime, -7999998, &ts), EINVAL);
}

CASE(resolution, "clock_getres")
{
	struct timespec ts = { 5, 5 };

	EXPECT_EQ(clock_getres(CLOCK_MONOTONIC, &ts), 0);
	EXPECT(ts.tv_sec == 0 && ts.tv_nsec == 1);
	EXPECT_EQ(syscall(SYS_clock_getres, CLOCK_REALTIME, NULL), 0);
	EXPECT_ERRNO(syscall(SYS_clock_getres, 77, &ts), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_getres, CLOCK_REALTIME, 8), EFAULT);
	EXPECT_EQ(clock_getres(CLOCK_PROCESS_CPUTIME_ID, &ts), 0);
	EXPECT(ts.tv_sec == 0 && ts.tv_nsec > 0);
}

CASE(cpu_time_counts_work, "clock_gettime")
{
	int64_t before = now_ns(CLOCK_PROCESS_CPUTIME_ID), thread = now_ns(CLOCK_THREAD_CPUTIME_ID);

	burn(20);
	EXPECT(now_ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 20000000);
	EXPECT(now_ns(CLOCK_THREAD_CPUTIME_ID) - thread >= 20000000);
}

CASE(cpu_time_stops_in_sleep, "clock_gettime")
{
	int64_t before = now_ns(CLOCK_PROCESS_CPUTIME_ID), start = now_ns(CLOCK_MONOTONIC);

	usleep(300000);
	EXPECT(now_ns(CLOCK_MONOTONIC) - start >= 300000000);
	EXPECT(now_ns(CLOCK_PROCESS_CPUTIME_ID) - before < 200000000);
}

static void *burner(void *arg)
{
	clockid_t clock;
	struct timespec ts;

	(void)arg;
	burn(30);
	MUST(pthread_getcpuclockid(pthread_self(), &clock) == 0 && clock_gettime(clock, &ts) == 0);
	EXPECT(ts.tv_sec * NS + ts.tv_nsec >= 30000000);
	return NULL;
}

CASE(threads_have_their_own, "clock_gettime")
{
	int64_t process = now_ns(CLOCK_PROCESS_CPUTIME_ID), thread = now_ns(CLOCK_THREAD_CPUTIME_ID);

	case_join(case_thread(burner, NULL));
	thread = now_ns(CLOCK_THREAD_CPUTIME_ID) - thread;
	EXPECT(now_ns(CLOCK_PROCESS_CPUTIME_ID) - process >= thread + 30000000);
}

CASE(process_clock_id, "clock_gettime clock_getres")
{
	clockid_t clock = 0;
	struct timespec ts = { 0 };

	EXPECT_EQ(clock_getcpuclockid(0, &clock), 0);
	EXPECT_EQ(syscall(SYS_clock_gettime, clock, &ts), 0);
	EXPECT(ts.tv_sec > 0 || ts.tv_nsec > 0);
	EXPECT_EQ(clock_getcpuclockid(getpid(), &clock), 0);
	EXPECT_ERROR(clock_getcpuclockid(0x3fffff, &clock), ESRCH);
}

CASE(settime_errors, "clock_settime")
{
	struct timespec ts = { 1000, 0 };

	EXPECT_ERRNO(syscall(SYS_clock_settime, 77, &ts), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &ts), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_REALTIME, 8), EFAULT);
	ts.tv_nsec = NS;
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts), EINVAL);
	ts.tv_nsec = 0;
	EXPECT_ERRNO(syscall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &ts), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_settime, -6, &ts), EPERM);
}

CASE(gettimeofday_and_zone, "gettimeofday")
{
	struct timeval day = { 0 };
	int zone[2] = { 7, 7 };

	EXPECT_EQ(syscall(SYS_gettimeofday, &day, zone), 0);
	EXPECT(day.tv_sec > 1000000000 && day.tv_usec >= 0 && day.tv_usec < 1000000);
	EXPECT(zone[0] == 0 && zone[1] == 0);
	EXPECT_ERRNO(syscall(SYS_gettimeofday, 8, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_gettimeofday, NULL, 8), EFAULT);
}

CASE(sleeps, "clock_nanosleep")
{
	struct timespec ts = { 0, 20000000 }, until;
	int64_t start = now_ns(CLOCK_MONOTONIC);

	EXPECT_ERROR(clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL), 0);
	EXPECT(now_ns(CLOCK_MONOTONIC) - start >= 20000000);
	case_deadline(&until, CLOCK_REALTIME, 20);
	start = now_ns(CLOCK_MONOTONIC);
	EXPECT_ERROR(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL), 0);
	EXPECT(now_ns(CLOCK_MONOTONIC) - start >= 19000000);
	EXPECT_ERROR(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){ 1, 0 }, NULL), 0);
	EXPECT_ERROR(clock_nanosleep(CLOCK_BOOTTIME, 0, &ts, NULL), 0);
}

CASE(sleep_errors, "clock_nanosleep")
{
	struct timespec ts = { 0, NS };

	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &ts, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, 8, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, 77, 0, &ts, NULL), EINVAL);
	ts = (struct timespec){ -1, 0 };
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL), EINVAL);
	ts = (struct timespec){ 0, 1000 };
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL), EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &ts, NULL), EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &ts, NULL), EOPNOTSUPP);
}

CASE(usage, "getrusage")
{
	struct rusage before = { 0 }, after = { 0 }, children;

	EXPECT_EQ(getrusage(RUSAGE_SELF, &before), 0);
	burn(20);
	EXPECT_EQ(getrusage(RUSAGE_SELF, &after), 0);
	EXPECT((after.ru_utime.tv_sec + after.ru_stime.tv_sec) * 1000000ll + after.ru_utime.tv_usec + after.ru_stime.tv_usec -
	       ((before.ru_utime.tv_sec + before.ru_stime.tv_sec) * 1000000ll + before.ru_utime.tv_usec + before.ru_stime.tv_usec) >= 15000);
	EXPECT(after.ru_minflt > 0);
	EXPECT_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
	EXPECT_EQ(getrusage(1, &after), 0);
	EXPECT_ERRNO(getrusage(7, &after), EINVAL);
	EXPECT_ERRNO(getrusage(RUSAGE_SELF, (struct rusage *)8), EFAULT);
}

CASE(ticks, "times")
{
	struct tms before = { 0 }, after = { 0 };
	clock_t start = times(&before), end;

	MUST(start != 0 && start != (clock_t)-1);
	burn(60);
	end = times(&after);
	EXPECT(end - start >= 5);
	EXPECT(after.tms_utime + after.tms_stime - before.tms_utime - before.tms_stime >= 4);
	EXPECT_ERRNO(syscall(SYS_times, 8), EFAULT);
}

CASE(clock_function, "clock_gettime")
{
	clock_t before = clock();

	burn(20);
	EXPECT(before != (clock_t)-1 && clock() - before >= 15000);
}

CASE(adjust_asks, "adjtimex")
{
	struct timex tx = { 0 };

	EXPECT(adjtimex(&tx) >= 0);
	EXPECT(tx.tick > 0);
	EXPECT_ERRNO(syscall(SYS_adjtimex, 8), EFAULT);
}
