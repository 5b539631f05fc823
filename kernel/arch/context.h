/* SPDX-License-Identifier: MIT */
/* Register state of a thread, and the ways out of the kernel. */
#ifndef KERNEL_ARCH_CONTEXT_H
#define KERNEL_ARCH_CONTEXT_H

#define CONTEXT_SP	(31 * 8)	/* offsets for assembly, asserted below */
#define CONTEXT_PC	(32 * 8)
#define CONTEXT_PSTATE	(33 * 8)

#ifndef __ASSEMBLER__
#include "lib/types.h"

struct context {
	uint64_t x[31];
	uint64_t sp, pc, pstate;
};

_Static_assert(offsetof(struct context, sp) == CONTEXT_SP, "assembly");
_Static_assert(offsetof(struct context, pc) == CONTEXT_PC, "assembly");
_Static_assert(offsetof(struct context, pstate) == CONTEXT_PSTATE, "assembly");

struct fp_state {
	__uint128_t v[32];
	uint64_t fpcr, fpsr;
};

void fp_save(struct fp_state *state);
void fp_load(const struct fp_state *state);

/* Leaves the kernel for EL0. Interrupts masked, kernel lock dropped, TTBR0 and thread registers set. */
_Noreturn void context_resume(const struct context *context, uint64_t stack_top);

/* Leaves the Secure world by SMC to TF-A's OP-TEE dispatcher (services/spd/opteed/teesmc_opteed.h): x0 = function, x1-x4. */
_Noreturn void monitor_call(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4);
#endif

#define OPTEED_ENTRY_DONE	0xbe000000
#define OPTEED_ON_DONE		0xbe000001
#define OPTEED_OFF_DONE		0xbe000002
#define OPTEED_SUSPEND_DONE	0xbe000003
#define OPTEED_RESUME_DONE	0xbe000004
#define OPTEED_CALL_DONE	0xbe000005
#define OPTEED_FIQ_DONE		0xbe000006
#define OPTEED_SYSTEM_OFF_DONE	0xbe000007
#define OPTEED_SYSTEM_RESET_DONE 0xbe000008

#endif
