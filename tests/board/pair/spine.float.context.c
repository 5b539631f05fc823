/* SPDX-License-Identifier: MIT */
/*
 * Vector registers survive system calls by trap and a second of Linux's interrupts. All 32 hold values that only this
 * program has; FPCR's rounding mode is the program's own too.
 */
#include <fenv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "t.h"

/* Loads q0-q31 from `in`, traps or spins, stores them to `out`. */
static void hold(const void *in, void *out, long number, long spins)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = 0;

	__asm__ volatile(
		"mov x9, %[in]\n"
		".irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30\n"
		"ldr q\\n, [x9], #16\n"
		".endr\n"
		".irp n, 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31\n"
		"ldr q\\n, [x9], #16\n"
		".endr\n"
		"mov x10, %[spins]\n"
		"1: subs x10, x10, #1\n"
		"b.gt 1b\n"
		"svc #0\n"
		"mov x9, %[out]\n"
		".irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30\n"
		"str q\\n, [x9], #16\n"
		".endr\n"
		".irp n, 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31\n"
		"str q\\n, [x9], #16\n"
		".endr\n"
		: "+r"(x0)
		: [in] "r"(in), [out] "r"(out), [spins] "r"(spins), "r"(x8)
		: "memory", "cc", "x9", "x10", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",
		  "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
		  "v29", "v30", "v31");
}

int main(void)
{
	static uint64_t in[64], out[64];
	uint64_t state = 7;

	for (int i = 0; i < 64; i++)
		in[i] = t_random(&state);
	fesetround(FE_UPWARD);
	for (int round = 0; round < 50; round++) {
		memset(out, 0, sizeof(out));
		hold(in, out, round % 2 ? SYS_sched_yield : SYS_getpid, 1);
		MUST(memcmp(in, out, sizeof(in)) == 0);
	}
	for (int64_t end = t_now_ns() + 1000000000; t_now_ns() < end; ) {
		memset(out, 0, sizeof(out));
		hold(in, out, SYS_sched_yield, 3000000);
		MUST(memcmp(in, out, sizeof(in)) == 0);
	}
	CHECK(fegetround() == FE_UPWARD);
	puts("kept");
	return t_done();
}
