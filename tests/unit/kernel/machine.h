/* SPDX-License-Identifier: MIT */
/* "Physical memory" of a native test: a buffer that kernel_pointer() leads to, starting at MACHINE_BASE. */
#ifndef TESTS_UNIT_KERNEL_MACHINE_H
#define TESTS_UNIT_KERNEL_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MACHINE_BASE	0x20000000ul
#define MACHINE_PAGES	2048u
#define MACHINE_DEVICE	(MACHINE_BASE + MACHINE_PAGES * 4096ul)	/* a page of registers behind it */
#define MACHINE_INTID	41u

/* Fresh memory, filled with junk, and frames_init() over all of it. */
void machine_reset(void);

/* What the counter says, in nanoseconds; the core that this is; how often another one was kicked. */
extern uint64_t machine_time;
/* Registers of an exception. */
extern uint64_t machine_esr, machine_far;
extern unsigned int machine_core, machine_kicks;

/* Of the device's interrupt: whether it can come, and where to. */
extern int machine_enabled;
extern unsigned int machine_route;

/* Runs `statement`, which must panic. */
#define assert_panics(statement) do { \
	machine_expect_panic = 1; \
	if (setjmp(machine_panic) == 0) { \
		statement; \
		machine_expect_panic = 0; \
		fail_msg("no panic: %s", #statement); \
	} \
	machine_expect_panic = 0; \
} while (0)

extern jmp_buf machine_panic;
extern int machine_expect_panic;

#endif
