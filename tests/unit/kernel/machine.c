/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arch/cpu.h"
#include "arch/gic.h"
#include "arch/timer.h"
#include "lib/panic.h"
#include "lib/types.h"
#include "mm/frame.h"

unsigned long test_kernel_offset;
jmp_buf machine_panic;
int machine_expect_panic;

uint64_t machine_time, machine_esr, machine_far;
unsigned int machine_core, machine_kicks;
struct cpu cpus[CORES_MAX];
int machine_enabled;
unsigned int machine_route;

static char *memory;

void machine_reset(void)
{
	free(memory);
	memory = aligned_alloc(PAGE_SIZE, (MACHINE_PAGES + 1) * PAGE_SIZE);
	memset(memory, 0xa5, (MACHINE_PAGES + 1) * PAGE_SIZE);
	test_kernel_offset = (unsigned long)memory - MACHINE_BASE;
	frames_init(MACHINE_BASE, MACHINE_BASE + MACHINE_PAGES * PAGE_SIZE);
}

uint64_t counter(void)
{
	return machine_time;
}

uint64_t machine_sysreg(const char *name)
{
	return strcmp(name, "esr_el1") == 0 ? machine_esr : strcmp(name, "far_el1") == 0 ? machine_far : 0;
}

uint64_t counter_from_ns(uint64_t ns)
{
	return ns;
}

uint64_t counter_to_ns(uint64_t ticks)
{
	return ticks;
}

struct cpu *cpu_this(void)
{
	return &cpus[machine_core];
}

void gic_kick(unsigned int core)
{
	(void)core;
	machine_kicks++;
}

_Noreturn void panic(const char *format, ...)
{
	va_list args;

	if (machine_expect_panic)
		longjmp(machine_panic, 1);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void gic_device_init(uint32_t intid)
{
	machine_enabled = intid != MACHINE_INTID;
}

void gic_device_route(uint32_t intid, unsigned int core)
{
	assert_int_equal(intid, MACHINE_INTID);
	machine_route = core;
}

void gic_device_enable(uint32_t intid)
{
	assert_int_equal(intid, MACHINE_INTID);
	machine_enabled = 1;
}

void gic_device_disable(uint32_t intid)
{
	assert_int_equal(intid, MACHINE_INTID);
	machine_enabled = 0;
}
