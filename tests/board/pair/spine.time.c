/* SPDX-License-Identifier: MIT */
/* Clocks agree with each other, never go back, and sleeping takes as long as asked. */
#include <sys/time.h>
#include <unistd.h>

#include "t.h"

static void check_monotonic(clockid_t clock)
{
	struct timespec last, now;

	CHECK(clock_gettime(clock, &last) == 0);
	for (int i = 0; i < 20000; i++) {
		clock_gettime(clock, &now);
		if (now.tv_sec < last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec))
			T_FAIL("clock went back");
		last = now;
	}
}

static void check_sleep(long ns)
{
	int64_t start = t_now_ns();
	struct timespec wait = { .tv_sec = 0, .tv_nsec = ns };

	CHECK(nanosleep(&wait, NULL) == 0);
	int64_t took = t_now_ns() - start;
	CHECK(took >= ns);
	CHECK(took < ns + 2000000000);
}

int main(void)
{
	struct timespec now, resolution, until;
	struct timeval tv;

	check_monotonic(CLOCK_MONOTONIC);
	check_monotonic(CLOCK_REALTIME);
	check_monotonic(CLOCK_MONOTONIC_RAW);
	check_monotonic(CLOCK_BOOTTIME);
	CHECK(clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_sec == 0);
	CHECK_ERRNO(clock_gettime(12345, &now), EINVAL);

	clock_gettime(CLOCK_REALTIME, &now);
	gettimeofday(&tv, NULL);
	CHECK(tv.tv_sec - now.tv_sec <= 1 && tv.tv_sec >= now.tv_sec);
	CHECK(labs((long)(time(NULL) - now.tv_sec)) <= 1);

	check_sleep(1000000);
	check_sleep(30000000);
	usleep(1000);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += 0;
	until.tv_nsec += 20000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	CHECK(now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec));

	struct tm broken = { 0 };
	time_t fixed = 1800000000;
	gmtime_r(&fixed, &broken);
	char text[64];
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %a %j", &broken);
	puts(text);
	return t_done();
}
