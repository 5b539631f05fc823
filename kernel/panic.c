/* SPDX-License-Identifier: MIT */
#include "lib/panic.h"
#include "arch/cpu.h"
#include "enclave/enclave.h"
#include "lib/print.h"

static bool panicking;

_Noreturn static void stop(void)
{
	for (;;)
		__asm__ volatile("wfe");
}

/* Return addresses along the frame pointers, as long as they stay on this core's stack. */
static void backtrace(uint64_t top)
{
	const uint64_t *frame = __builtin_frame_address(0);

	for (int i = 0; i < 16 && (uint64_t)frame < top && (uint64_t)frame > top - STACK_SIZE; i++) {
		print("  %lx\n", frame[1]);
		frame = (const uint64_t *)frame[0];
	}
}

_Noreturn void panic(const char *format, ...)
{
	struct cpu *cpu = cpu_this();
	va_list args;

	if (__atomic_exchange_n(&panicking, true, __ATOMIC_ACQUIRE))
		stop();
	print("\npanic: ");
	va_start(args, format);
	print_args(format, args);
	va_end(args);
	print("\n  core %u esr %lx far %lx elr %lx spsr %lx\n", cpu ? cpu->index : 0, read_sysreg(esr_el1), read_sysreg(far_el1),
	      read_sysreg(elr_el1), read_sysreg(spsr_el1));
	if (cpu && cpu->current)
		print("  enclave %u thread %u pc %lx\n", cpu->current->enclave->slot, cpu->current->index,
		      cpu->current->context.pc);
	if (cpu)
		backtrace(cpu->stack_top);
	console_flush();
	stop();
}

/* An exception in the kernel itself, from arch/exception.S. */
_Noreturn void kernel_exception(uint64_t kind, uint64_t lr, uint64_t sp);

_Noreturn void kernel_exception(uint64_t kind, uint64_t lr, uint64_t sp)
{
	panic("exception %lu in the kernel, lr %lx sp %lx", kind, lr, sp);
}
