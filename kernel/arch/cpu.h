/* SPDX-License-Identifier: MIT */
/* What each core keeps for itself. TPIDR_EL1 points to it whenever kernel code runs. */
#ifndef KERNEL_ARCH_CPU_H
#define KERNEL_ARCH_CPU_H

#define CPU_STACK	0	/* offsets for assembly, asserted below */
#define CPU_CURRENT	8

#ifndef __ASSEMBLER__
#include "arch/context.h"
#include "arch/layout.h"
#include "arch/sysreg.h"

struct thread;
struct reservation;

/* How the Normal world was left, and so how it is to be returned to. */
enum normal_entry { NORMAL_SMC, NORMAL_INTERRUPT };

struct cpu {
	uint64_t stack_top;
	struct thread *current;		/* whose context an exception from EL0 is saved into; NULL in the Normal world */
	unsigned int index;
	bool online;
	uint64_t affinity;		/* as the interrupt controller names it */
	enum normal_entry entry;
	uint64_t result[4];		/* x0-x3 for the Normal world when entry is NORMAL_SMC */
	struct thread *hosted;		/* the thread that Linux lends this core to */
	uint64_t lent_since;		/* counter when it did */
	struct thread *resident;	/* threads bound to this core (sched/resident.c), */
	struct thread *running;		/* the one of them that has it now, */
	struct reservation *running_for;	/* on whose time, */
	uint64_t running_since;		/* and since when */
	bool look;			/* something changed among them */
	bool booting;			/* boot enclaves load: TF-A waits (sched/boot.c) */
	bool held;			/* Linux wanted power off and never comes back here (call/power.c) */
	struct fp_state *fp_live;	/* whose FP/SIMD state the registers hold */
	struct fp_state normal_fp;
	uint64_t normal_cntkctl;
	uint64_t masked_since;		/* counter when the Normal world's interrupts were masked */
};

_Static_assert(offsetof(struct cpu, stack_top) == CPU_STACK, "assembly");
_Static_assert(offsetof(struct cpu, current) == CPU_CURRENT, "assembly");

extern struct cpu cpus[CORES_MAX];

#ifdef UNIT_TEST
struct cpu *cpu_this(void);
#else
static inline struct cpu *cpu_this(void) { return (struct cpu *)read_sysreg(tpidr_el1); }
#endif

/* Index of this core from MPIDR_EL1 and the board's clusters; may be >= CORES_MAX. */
unsigned int cpu_index(void);

#endif
#endif
