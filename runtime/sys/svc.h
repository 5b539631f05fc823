/* SPDX-License-Identifier: MIT */
/*
 * The machine below the runtime: calls of the secure kernel, the system counter, this thread's private block. On the
 * enclave's processor these are single instructions; tests on the build machine provide functions of the same names.
 */
#ifndef RUNTIME_SYS_SVC_H
#define RUNTIME_SYS_SVC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/svc.h"

struct rm_thread;

#ifdef RM_HOSTED_TEST

/* Calls the (faked) secure kernel; result or -errno. */
long rm_svc(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
	    unsigned long f);
/* The system counter and its frequency in Hz. */
uint64_t rm_counter(void);
uint64_t rm_counter_hz(void);
/* The calling thread's private block. */
struct rm_thread *rm_self(void);
/* The block of thread `index`, which may not have started. */
struct rm_thread *rm_thread_block(uint32_t index);
static inline void rm_relax(void)
{
}
/* Whether a program may name [address, address + size): tests use all of their own memory. */
static inline bool rm_user_range(unsigned long address, size_t size)
{
	return size <= 1ul << 48 && address <= (1ul << 48) - size;
}

#else

static inline long rm_svc(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
			  unsigned long e, unsigned long f)
{
	register long x8 __asm__("x8") = number;
	register unsigned long x0 __asm__("x0") = a;
	register unsigned long x1 __asm__("x1") = b;
	register unsigned long x2 __asm__("x2") = c;
	register unsigned long x3 __asm__("x3") = d;
	register unsigned long x4 __asm__("x4") = e;
	register unsigned long x5 __asm__("x5") = f;

	__asm__ __volatile__("svc #0"
			     : "+r"(x0)
			     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			     : "memory", "cc");
	return (long)x0;
}

/* The physical counter: Linux can shift the virtual one under us. */
static inline uint64_t rm_counter(void)
{
	uint64_t value;

	__asm__ __volatile__("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
	return value;
}

static inline uint64_t rm_counter_hz(void)
{
	uint64_t value;

	__asm__("mrs %0, cntfrq_el0" : "=r"(value));
	return value;
}

static inline struct rm_thread *rm_self(void)
{
	struct rm_thread *value;

	__asm__("mrs %0, tpidrro_el0" : "=r"(value));
	return value;
}

static inline struct rm_thread *rm_thread_block(uint32_t index)
{
	return (struct rm_thread *)(RM_THREAD_BASE + index * RM_THREAD_STRIDE + RM_THREAD_BLOCK);
}

static inline void rm_relax(void)
{
	__asm__ __volatile__("yield" : : : "memory");
}

/* Only what is below RM_USER_TOP is a program's to name: not the runtime, not the shared pages. */
static inline bool rm_user_range(unsigned long address, size_t size)
{
	return size <= RM_USER_TOP && address <= RM_USER_TOP - size;
}

#endif

#define rm_svc0(n)		rm_svc(n, 0, 0, 0, 0, 0, 0)
#define rm_svc1(n, a)		rm_svc(n, (unsigned long)(a), 0, 0, 0, 0, 0)
#define rm_svc2(n, a, b)	rm_svc(n, (unsigned long)(a), (unsigned long)(b), 0, 0, 0, 0)
#define rm_svc3(n, a, b, c)	rm_svc(n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), 0, 0, 0)

/* Ends the enclave with RM_EXIT_FAILED: reason is an enum rm_failure. */
__attribute__((noreturn)) void rm_fail(int reason, unsigned long detail);

#endif
