/* SPDX-License-Identifier: MIT */
/*
 * The vDSO: a small shared object that every enclave finds by AT_SYSINFO_EHDR, with the names and versions of Linux's for arm64. Clocks
 * are read from the physical counter, which Linux cannot change, without leaving the program; what is not such a clock is a
 * system call. The program runs this code: it can do nothing that the program cannot.
 */
#include <stdint.h>

#include "abi/svc.h"
#include "vdso/data.h"

#define NS		1000000000ul
#define EXPORT		__attribute__((visibility("default")))
#define COARSE_NS	4000000

enum { REALTIME = 0, MONOTONIC = 1, MONOTONIC_RAW = 4, REALTIME_COARSE = 5, MONOTONIC_COARSE = 6, BOOTTIME = 7, TAI = 11 };
enum { SYS_clock_gettime = 113, SYS_clock_getres = 114 };

struct timespec { int64_t sec, nsec; };
struct timeval { int64_t sec, usec; };

static const struct rm_vdso_data *data(void)
{
	return (const struct rm_vdso_data *)RM_VDSO_DATA;
}

static uint64_t counter(void)
{
	uint64_t value;

	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
	return value;
}

/* Whole seconds apart, so that nothing overflows; the same as the runtime's (posix/time.c), so that both agree to the nanosecond. */
static uint64_t to_ns(uint64_t ticks)
{
	const uint64_t hz = data()->hz;

	return ticks / hz * NS + ticks % hz * NS / hz;
}

static uint64_t realtime(void)
{
	return data()->realtime_ns + to_ns(counter() - data()->boot_counter);
}

static int call(long number, long a, void *b)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register void *x1 __asm__("x1") = b;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1) : "memory");
	return (int)x0;
}

EXPORT int __kernel_clock_gettime(int clock, struct timespec *now)
{
	uint64_t ns;

	switch (clock) {
	case REALTIME:
	case REALTIME_COARSE:
	case TAI:
		ns = realtime();
		break;
	case MONOTONIC:
	case MONOTONIC_RAW:
	case MONOTONIC_COARSE:
	case BOOTTIME:
		ns = to_ns(counter());
		break;
	default:
		return call(SYS_clock_gettime, clock, now);
	}
	now->sec = (int64_t)(ns / NS);
	now->nsec = (int64_t)(ns % NS);
	return 0;
}

EXPORT int __kernel_gettimeofday(struct timeval *now, int32_t *zone)
{
	const uint64_t ns = realtime();

	if (now)
		*now = (struct timeval){ (int64_t)(ns / NS), (int64_t)(ns % NS / 1000) };
	if (zone)
		zone[0] = zone[1] = 0;
	return 0;
}

EXPORT int __kernel_clock_getres(int clock, struct timespec *resolution)
{
	if (clock < 0 || clock > TAI || ((1u << clock) & (1u << REALTIME | 1u << MONOTONIC | 1u << MONOTONIC_RAW | 1u << REALTIME_COARSE |
							  1u << MONOTONIC_COARSE | 1u << BOOTTIME | 1u << TAI)) == 0)
		return call(SYS_clock_getres, clock, resolution);
	if (resolution)
		*resolution = (struct timespec){ 0, clock == REALTIME_COARSE || clock == MONOTONIC_COARSE ? COARSE_NS : 1 };
	return 0;
}
