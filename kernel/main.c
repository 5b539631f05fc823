/* SPDX-License-Identifier: MIT */
/*
 * The story of the boot. TF-A enters the boot core once (arch/boot.S builds tables and turns the MMU on), later each other core
 * when Linux starts it; each goes back to TF-A, and from then on the kernel only answers: calls, interrupts, power events.
 */
#include "arch/gic.h"
#include "arch/mmu.h"
#include "arch/timer.h"
#include "board.h"
#include "enclave/device.h"
#include "enclave/runtime_image.h"
#include "lib/lock.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/normal.h"
#include "sched/boot.h"
#include "sched/heartbeat.h"
#include "sched/sched.h"

extern char image_end[], stacks_start[];

struct cpu cpus[CORES_MAX];

static void core_init(unsigned int index)
{
	struct cpu *cpu = &cpus[index];

	*cpu = (struct cpu){ .index = index, .online = true };
	cpu->stack_top = (uint64_t)stacks_start + (index + 1) * (STACK_SIZE + PAGE_SIZE);
	cpu->fp_live = &cpu->normal_fp;
	write_sysreg(tpidr_el1, cpu);
	write_sysreg(cpacr_el1, 3ul << 20);	/* FP/SIMD for EL0; the kernel itself is built without */
	write_sysreg(mdscr_el1, 0);
	isb();
	gic_init_core();
}

static void seed_random(void)
{
	uint8_t seed[128];

	random_init(seed, normal_seed(seed, sizeof(seed)));
	memset(seed, 0, sizeof(seed));
}

void kernel_boot(unsigned int index)
{
	kernel_lock();
	gic_init();
	devices_init();
	core_init(index);
	print("Ringmaster secure kernel, board %s\n", BOARD_NAME);
	normal_init(BOARD_DTB);
	frames_init(page_up(kernel_physical(image_end)), BOARD_SECURE_END);
	print("secure memory for enclaves: %lu KiB\n", frames_total() * (PAGE_SIZE / 1024));
	seed_random();
	runtime_image_init();
	heartbeat_start();
	console_flush();
	boot_enclaves_start(&cpus[index]);
	kernel_unlock();
}

void kernel_core_on(unsigned int index)
{
	kernel_lock();
	assert(!cpus[index].online);
	core_init(index);
	print("core %u on\n", index);
	console_drain();
	kernel_unlock();
}
