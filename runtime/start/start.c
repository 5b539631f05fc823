/* SPDX-License-Identifier: MIT */
/*
 * Entries in C: the first thread's way from nothing to a running program, a further thread's set-up, and system calls.
 *
 * Attacks considered: the boot page is checked whole before any of it is used (ring/attach.c). The strings are copied to the
 * program's stack once and counted there. Whatever is wrong ends the enclave with a reason that the launcher can explain.
 */
#include "abi/hostcall.h"
#include "debug/debug.h"
#include "load/load.h"
#include "lib/string.h"
#include "load/policy.h"
#include "posix/posix.h"
#include "ring/access.h"
#include "ring/arena.h"
#include "ring/host.h"
#include "vdso/data.h"

#define PAGE		4096ul
#define STACK_MIN	0x20000ul	/* 128 KiB */
#define RANDOM_SIZE	16ul
#define BRK_GAP		0x1000000ul
#define CORES_MAX		64u		/* that are tried */
#define STACK_PLACES	0x4000u		/* pages: 64 MiB */

extern const char rm_entry_call[];

static const char boot_name[] = "boot";		/* of a program that no file is known of */

void rm_fail(int reason, unsigned long detail)
{
	for (;;)
		rm_svc2(RM_SVC_FAIL, reason, detail);
}

/*
 * Where the first stack begins, by chance as on Linux. A place that is always the same invites those who know it, and the top of all
 * mappings is as round a number: the pages most in use would want the same entries of each TLB.
 */
static uint64_t choose_stack_top(void)
{
	uint32_t pages = 0;

	rm_svc3(LX_getrandom, (unsigned long)&pages, sizeof(pages), 0);
	return RM_USER_STACK_TOP - pages % STACK_PLACES * PAGE;
}

/* Maps the first stack: its lowest address. Pages come as they are touched. */
static uint64_t map_stack(uint64_t top, uint32_t limit_kib)
{
	uint64_t size = (uint64_t)limit_kib * 1024 & ~(PAGE - 1);

	if (size == 0 || size > RM_USER_STACK_SIZE)
		size = RM_USER_STACK_SIZE;
	if (size < STACK_MIN)
		size = STACK_MIN;
	if (rm_svc(LX_mmap, top - size, size, LX_PROT_READ | LX_PROT_WRITE,
		   LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED | LX_MAP_NORESERVE | RM_MAP_KIND(RM_REGION_STACK),
		   (unsigned long)-1, 0) < 0)
		rm_fail(RM_FAIL_MEMORY, size);
	return top - size;
}

/* Brings arguments and environment from there to the top of the stack; fills in where they are. Returns the lowest address used. */
static uint64_t bring_strings(const struct rm_boot *boot, const void *from, uint64_t top, uint64_t bottom, struct rm_stack *stack)
{
	const uint64_t size = boot->strings_size;

	/* As Linux: no more than a quarter of the stack. */
	if (size > (top - bottom) / 4)
		rm_fail(RM_FAIL_ARGS, size);
	stack->strings = (top - 16 - size) & ~15ul;
	stack->strings_size = size;
	stack->argc = boot->argc;
	stack->envc = boot->envc;
	stack->exec_name = stack->strings + boot->exec_name;
	if (rm_copy((void *)stack->strings, from, size) != 0)
		rm_fail(RM_FAIL_HOST, __LINE__);
	if (*(const char *)(stack->strings + size - 1) != 0)
		rm_fail(RM_FAIL_HOST, __LINE__);
	if (rm_policy.manifest && rm_strings_choose(rm_policy.manifest, stack, bottom + STACK_MIN / 4) != 0)
		rm_fail(RM_FAIL_ARGS, size);
	stack->random = stack->strings - RANDOM_SIZE;
	rm_svc3(LX_getrandom, stack->random, RANDOM_SIZE, 0);
	return stack->random;
}

/* As Linux: a thread is called as the program's file until it says otherwise. */
static void name_thread(struct rm_thread *t, const char *path)
{
	const char *name = path;
	size_t n = 0;

	while (*path)
		if (*path++ == '/')
			name = path;
	while (n + 1 < sizeof(t->name) && name[n]) {
		t->name[n] = name[n];
		n++;
	}
}

static void load_program(struct rm_thread *t, const struct rm_boot *boot, uint64_t high, struct rm_stack *stack)
{
	struct rm_elf_plan plan;
	struct rm_elf_error error;

	if (rm_load(t, (int)boot->exec_fd, high, &plan, &error) != 0)
		rm_fail(error.reason, error.detail);
	rm_policy_loaded();
	stack->entry = plan.entry;
	stack->phdr = plan.phdr;
	stack->phnum = plan.phnum;
	stack->features = (uint64_t)rm_svc0(RM_SVC_FEATURES) & RM_FEATURES;
	rm_enclave.exec_bias = plan.bias;
	rm_enclave.exec_start = plan.start + plan.bias;
	rm_enclave.exec_end = plan.end + plan.bias;
	rm_enclave.brk_start = plan.end + plan.bias;
	rm_enclave.brk_now = rm_enclave.brk_start;
	rm_enclave.brk_limit = high > BRK_GAP ? high - BRK_GAP : 0;
}

/* What /proc/self tells of the start. A new process has the name of its file. */
static void remember(struct rm_thread *t, const struct rm_stack *stack)
{
	const char *path = (const char *)stack->exec_name, *name = path;

	rm_enclave.args_start = stack->strings;
	rm_enclave.args_end = stack->args_end;
	rm_enclave.environ_end = stack->environ_end;
	rm_enclave.aux_start = stack->aux;
	rm_enclave.aux_size = stack->aux_size;
	for (const char *c = path; *c != 0; c++)
		if (*c == '/')
			name = c + 1;
	for (unsigned i = 0; i + 1 < sizeof(t->name) && name[i] != 0; i++)
		t->name[i] = name[i];
}

/* An order is carried out, and that is all. */
static __attribute__((noreturn)) void obey(const struct rm_manifest *order)
{
	if (rm_svc2(RM_SVC_SHUTDOWN, order->nonce[0], order->nonce[1]) != 0)
		rm_fail(RM_FAIL_ORDER, 0);
	for (;;)
		rm_svc1(LX_exit_group, 0);
}

/* On the core that it names, or the first that admits it: which one that is, the program may ask. */
static uint32_t take_core(struct rm_resident *resident)
{
	const bool any = resident->core == RM_CORE_ANY;
	long result, refused = -ENODEV;

	if (any)
		resident->core = 0;
	while ((result = rm_svc1(RM_SVC_RESIDENT, resident)) != 0) {
		if (!any || (result != -EDQUOT && result != -ENODEV))
			rm_fail(RM_FAIL_RESIDENT, (unsigned long)-result);
		refused = result == -EDQUOT ? result : refused;
		if (++resident->core == CORES_MAX)
			rm_fail(RM_FAIL_RESIDENT, (unsigned long)-refused);
	}
	return resident->core;
}

/* From here on the thread runs on the secure kernel's time. What the arena lacks is shared before, while Linux has to be there anyway. */
static void become_resident(struct rm_thread *t, const struct rm_manifest *manifest)
{
	struct rm_resident resident = manifest->resident;

	rm_arena_whole(t);
	rm_sched_start(t, resident.reservation[0].priority, take_core(&resident));
	t->resident = true;
	if (t->dead)
		rm_host_left(t);		/* there never was one */
}

__attribute__((noreturn)) void rm_start(uint32_t index, void *region, uint64_t size, uint64_t image_size);
__attribute__((noreturn)) void rm_start_thread(uint32_t index, void *region, uint64_t size);
__attribute__((noreturn)) void rm_reflect(unsigned long a, unsigned long b, unsigned long c, unsigned long d,
					  unsigned long e, unsigned long f, unsigned long number);
__attribute__((noreturn)) void rm_signal(void);
__attribute__((noreturn)) void rm_fault(int signal, uint64_t address, uint64_t esr, bool reserved);
struct rm_outcome rm_direct(const struct rm_args *args);

/* Without a host there is no boot page. What a program is told instead: only the standard streams are open, for whoever attaches, and it is the first process. */
static void boot_without_host(struct rm_thread *t, uint32_t index, void *region, uint64_t image_size, struct rm_boot *boot)
{
	rm_ring_none(t, index, region);
	rm_policy_firmware((const uint8_t *)RM_IMAGE_BASE, image_size);
	memset(boot, 0, sizeof(*boot));
	boot->flags = RM_BOOT_IMAGE;
	boot->pid = 1;
	boot->umask = 022;
	boot->fds[0] = 7;
	boot->file_limit = ~0ul;
	boot->descriptor_limit = RM_FD_MAX;
	boot->argc = 1;
	boot->strings_size = sizeof(boot_name);
}

void rm_start(uint32_t index, void *region, uint64_t size, uint64_t image_size)
{
	struct rm_thread *t = rm_self();
	struct rm_stack stack = { 0 };
	struct rm_elf_error error;
	struct rm_boot boot;
	uint64_t bottom, top, used, sp;
	const bool hostless = size == 0 && image_size != 0;
	int line = 0;

	if (hostless)
		boot_without_host(t, index, region, image_size, &boot);
	else
		line = rm_ring_attach(t, index, region, size, &boot);
	if (line != 0)
		rm_fail(RM_FAIL_HOST, (unsigned long)line);
	rm_posix_init(&boot);
	rm_arena_hold(t, boot.strings, boot.strings_size);
	if (rm_policy_start(t, &boot, &error) != 0)
		rm_fail(error.reason, error.detail);
	if (rm_policy.order)
		obey(rm_policy.manifest);
	top = choose_stack_top();
	bottom = map_stack(top, boot.stack_limit);
	used = bring_strings(&boot, hostless ? (const void *)boot_name : t->region + boot.strings, top, bottom, &stack);
	t->slots = t->absent;	/* what was held is free */
	if (rm_debug_init(t, &boot) != 0)
		rm_fail(RM_FAIL_DEBUG, RM_BOOT_DEBUG);
	name_thread(t, (const char *)stack.exec_name);
	load_program(t, &boot, bottom - PAGE, &stack);
	stack.call = rm_debug_on ? 0 : (uint64_t)rm_entry_call;
	stack.vdso = rm_vdso_map();
	stack.uid = boot.uid;
	stack.euid = boot.euid;
	stack.gid = boot.gid;
	stack.egid = boot.egid;
	sp = rm_stack_build(&stack, used, bottom + STACK_MIN / 4);
	if (sp == 0)
		rm_fail(RM_FAIL_ARGS, boot.strings_size);
	remember(t, &stack);
	if (rm_debug_on)
		rm_debug_first(t);
	if (rm_policy.resident)
		become_resident(t, rm_policy.manifest);
	for (;;)
		rm_svc2(RM_SVC_START, stack.entry, sp);
}

/* The program goes on. */
static __attribute__((noreturn)) void resume(struct rm_thread *t, unsigned long x0)
{
	if (rm_debug_on)
		x0 = rm_debug_leave(t, x0);
	for (;;)
		rm_svc1(RM_SVC_RESUME, x0);
}

static void attach_hosted(uint32_t index, void *region, uint64_t size)
{
	struct rm_boot boot;
	int line = rm_ring_attach(rm_self(), index, region, size, &boot);

	if (line != 0)
		rm_fail(RM_FAIL_HOST, (unsigned long)line);
	if (rm_policy_thread(rm_self()) != 0)
		rm_fail(RM_FAIL_DEBUG, RM_BOOT_TRACE);
}

/* A resident enclave is not Linux's to end: a thread whose region is not acceptable does without. */
static void attach_resident(uint32_t index, void *region, uint64_t size)
{
	struct rm_thread *t = rm_self();
	struct rm_boot boot;

	if (size != 0 && rm_ring_attach(t, index, region, size, &boot) == 0 && rm_policy_thread(t) == 0)
		return;
	rm_ring_none(t, index, region);
	rm_policy_thread(t);
	if (size != 0)
		rm_count(t, RM_COUNT_CONTENT);
}

void rm_start_thread(uint32_t index, void *region, uint64_t size)
{
	unsigned long x0;

	if (rm_policy.resident) {
		attach_resident(index, region, size);
		rm_self()->resident = true;
		rm_arena_whole(rm_self());
	} else {
		attach_hosted(index, region, size);
	}
	x0 = rm_debug_on ? rm_debug_thread_begins(rm_self()) : 0;
	for (;;)
		rm_svc1(RM_SVC_RESUME, x0);
}

void rm_reflect(unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e, unsigned long f,
		unsigned long number)
{
	const struct rm_args args = { .a = { a, b, c, d, e, f }, .number = number, .direct = false };
	struct rm_thread *t = rm_self();
	unsigned long x0;
	long result;

	if (rm_debug_on)
		rm_debug_enter(t, &args);
	result = number == RM_SVC_DELIVER ? (long)a : rm_posix_call(t, &args);
	if (rm_debug_on)
		result = rm_debug_called(t, result);
	x0 = rm_signal_after(t, &args, result);
	resume(t, x0);
}

struct rm_outcome rm_direct(const struct rm_args *args)
{
	struct rm_thread *t = rm_self();

	return rm_signal_after_direct(t, rm_posix_call(t, args));
}

void rm_signal(void)
{
	resume(rm_self(), rm_signal_upcall(rm_self()));
}

void rm_fault(int signal, uint64_t address, uint64_t esr, bool reserved)
{
	resume(rm_self(), rm_signal_fault(rm_self(), signal, address, esr, reserved));
}
