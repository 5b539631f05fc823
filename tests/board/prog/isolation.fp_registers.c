/* SPDX-License-Identifier: MIT */
/* Entering the Secure world changes no vector register of the Linux program that does it, and shows none of the enclave's. */
#include <sys/syscall.h>

#include "hostile.h"

/* Fills q0-q31 from `in`, makes one ioctl by trap, stores them to `out`. */
static long call_with_registers(const uint64_t *in, uint64_t *out, long fd, long command, void *argument)
{
	register long x8 __asm__("x8") = SYS_ioctl;
	register long x0 __asm__("x0") = fd;
	register long x1 __asm__("x1") = command;
	register long x2 __asm__("x2") = (long)argument;

	__asm__ volatile(
		"mov x9, %[in]\n"
		".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
		"ldr q\\n, [x9], #16\n"
		".endr\n"
		"svc #0\n"
		"mov x9, %[out]\n"
		".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
		"str q\\n, [x9], #16\n"
		".endr\n"
		: "+r"(x0)
		: [in] "r"(in), [out] "r"(out), "r"(x8), "r"(x1), "r"(x2)
		: "memory", "cc", "x9", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",
		  "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30",
		  "v31");
	return x0;
}

int main(void)
{
	static uint64_t in[64], out[64];
	uint64_t state = 12;

	smc_open();
	for (int round = 0; round < 200; round++) {
		struct rm_attack_smc r = { { RM_SMC_ENTER, smc_enclave, 0 } };

		if (round % 2)
			r = (struct rm_attack_smc){ { RM_SMC_STAT, 0, RM_STAT_ENTRIES } };
		for (int i = 0; i < 64; i++)
			in[i] = t_random(&state);
		memset(out, 0, sizeof(out));
		MUST(call_with_registers(in, out, attack_fd, RM_ATTACK_SMC, &r) == 0);
		MUST(memcmp(in, out, sizeof(in)) == 0);
	}
	return smc_close();
}
