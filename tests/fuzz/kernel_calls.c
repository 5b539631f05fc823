/* SPDX-License-Identifier: MIT */
/*
 * The secure kernel above arch/, with a Normal world and enclaves that make what calls they like on three cores: SMCs, svcs, faults and
 * interrupts, with arguments that are right, half right or anything. After each of them: no assertion failed, no frame has two owners or two
 * places, what an enclave maps is its own memory or Normal RAM, nothing is writable and executable; and in the end all frames come back.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "machine.h"
#include "arch/gic.h"
#include "arch/mmu.h"
#include "arch/timer.h"
#include "board.h"
#include "call/svc.h"
#include "enclave/enclave.h"
#include "enclave/runtime_image.h"
#include "lib/errno.h"
#include "lib/lock.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/random.h"
#include "mm/frame.h"
#include "mm/normal.h"
#include "sched/boot.h"
#include "sched/heartbeat.h"
#include "sched/resident.h"

#define CORES		3u
#define NORMAL_BASE	0x40000000ul
#define NORMAL_PAGES	64u
#define DEVICE		0x09000000ul
#define SMALL		0x48000000ul	/* Normal RAM that does not begin or end at a page, behind a hole */
#define SMALL_PAGES	4u
#define HANDLES		8u

_Noreturn void normal_smc(const uint64_t *args);
_Noreturn void normal_interrupt(void);
_Noreturn void user_synchronous(void);
_Noreturn void user_irq(void);
_Noreturn void user_fiq(void);
_Noreturn void user_serror(void);
_Noreturn void power_core_off(void);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const uint8_t *script;
static size_t script_left;

static uint8_t normal[NORMAL_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t *small;
static bool scramble;		/* Normal memory changes as soon as it was read */
static jmp_buf left;		/* the kernel is left, by any way */
static uint64_t answer[5];	/* what it said to the Normal world */
static struct { struct thread *runs; bool off; } core[CORES];
static uint64_t handle[HANDLES];
static uint64_t mapped;		/* what an mmap() has given last */
static bool locked;
static uint32_t pending;		/* an interrupt, or 0 */
static uint64_t frames_at_start;

static uint8_t byte(void)
{
	if (script_left == 0)
		return 0;
	script_left--;
	return *script++;
}

static uint64_t number(unsigned int bytes)
{
	uint64_t n = 0;

	while (bytes--)
		n = n << 8 | byte();
	return n;
}

static void check(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

/*
 * What stands for the hardware.
 */

const struct rm_runtime_image *runtime_image(void)
{
	static const struct rm_runtime_image image = {
		.text_size = 0x4000, .start = RM_RUNTIME_BASE, .start_thread = RM_RUNTIME_BASE + 64, .reflect = RM_RUNTIME_BASE + 128,
		.signal = RM_RUNTIME_BASE + 192, .fault = RM_RUNTIME_BASE + 256, .access_start = RM_RUNTIME_BASE + 0x1000,
		.access_end = RM_RUNTIME_BASE + 0x1100, .access_fixup = RM_RUNTIME_BASE + 0x1200,
	};

	return &image;
}

/* Its data, 2 pages that are copied; its text is nobody's memory here. */
int runtime_image_map(struct space *space)
{
	int error = regions_add(&space->regions, RM_RUNTIME_BASE + 0x10000, RM_RUNTIME_BASE + 0x12000, PROT_READ | PROT_WRITE);

	return error ? error : space_write(space, RM_RUNTIME_BASE + 0x10000, "data", 4);
}

void kernel_lock(void) { check(!locked, "the lock is taken twice"); locked = true; }
void kernel_unlock(void) { check(locked, "the lock is not taken"); locked = false; }
bool kernel_locked(void) { return locked; }
void fp_save(struct fp_state *state) { if (state) state->fpcr = 0; }
void fp_load(const struct fp_state *state) { check(state != NULL, "no floating-point state"); }
void gic_doorbell(unsigned int index) { check(index < CORES_MAX, "doorbell"); }
void gic_doorbell_leave(unsigned int index) { check(index < CORES_MAX, "doorbell"); }
void gic_ignore_normal(void) { }
bool gic_pending(void) { return pending != 0; }
void gic_end(uint32_t intid) { check(intid == TIMER_INTID || intid == MACHINE_INTID, "end of another interrupt"); }

uint32_t gic_acknowledge(void)
{
	const uint32_t intid = pending ? pending : 1023;

	pending = 0;
	return intid;
}

void timer_set(uint64_t at) { (void)at; }
uint64_t heartbeat_count(void) { return 0; }
void console_drain(void) { }
void console_flush(void) { }
void print(const char *format, ...) { (void)format; }
void random_bytes(void *to, size_t size) { memset(to, 0x5a, size); }
paddr_t mmu_identity(void) { return 0; }

_Noreturn void power_hold(struct cpu *cpu)
{
	(void)cpu;
	abort();	/* SYSTEM_OFF is none of what is called here */
}

_Noreturn void boot_finish(struct cpu *cpu)
{
	(void)cpu;
	abort();	/* nor boot enclaves */
}

void *mmu_window_open(unsigned int index, paddr_t page)
{
	check(index == machine_core && page_aligned(page), "window");
	if (page >= SMALL && page < SMALL + SMALL_PAGES * PAGE_SIZE)
		return small + (page - SMALL);
	check(page >= NORMAL_BASE && page < NORMAL_BASE + sizeof(normal), "the kernel looks at what is no Normal RAM");
	return normal + (page - NORMAL_BASE);
}

void mmu_window_close(unsigned int index)
{
	(void)index;
	/* Whatever was read is something else now. */
	if (scramble)
		for (size_t i = 0; i < PAGE_SIZE / 8; i++)
			((uint64_t *)normal)[i] = BOARD_SECURE_BASE + i * PAGE_SIZE;
}

_Noreturn void context_resume(const struct context *context, uint64_t stack_top)
{
	struct cpu *cpu = cpu_this();

	(void)stack_top;
	check(!locked && cpu->current && context == &cpu->current->context, "a thread that is not this core's");
	check((context->pstate & 0xf) == 0, "not EL0");
	core[machine_core].runs = cpu->current;
	longjmp(left, 1);
}

_Noreturn void monitor_call(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4)
{
	const uint64_t said[5] = { function, x1, x2, x3, x4 };

	check(!locked, "left with the lock");
	memcpy(answer, said, sizeof(answer));
	core[machine_core].runs = NULL;
	longjmp(left, 1);
}

/*
 * What must hold.
 */

static struct enclave *enclave_at(unsigned int slot)
{
	/* Any generation. */
	for (unsigned int i = 0; i < HANDLES; i++)
		if (handle[i] && (handle[i] & 0xff) == slot && enclave_find(handle[i]))
			return enclave_find(handle[i]);
	return NULL;
}

static uint8_t seen[MACHINE_PAGES];

static void once(paddr_t frame, unsigned int owner)
{
	check(frame >= MACHINE_BASE && frame < MACHINE_BASE + MACHINE_PAGES * PAGE_SIZE && page_aligned(frame), "a frame that is no secure memory");
	check(frame_owned(frame, owner), "a frame of somebody else");
	check(!seen[(frame - MACHINE_BASE) / PAGE_SIZE], "a frame has two places");
	seen[(frame - MACHINE_BASE) / PAGE_SIZE] = 1;
}

static bool small_ram(paddr_t page)
{
	return page >= SMALL && page < SMALL + SMALL_PAGES * PAGE_SIZE;
}

static uint64_t check_entry(const struct enclave *e, vaddr_t va, pte_t entry)
{
	const paddr_t pa = pte_address(entry);
	const bool nonsecure = entry >> 5 & 1;

	check(!(pte_allows(entry, PROT_WRITE) && pte_allows(entry, PROT_EXEC)), "writable and executable");
	check(entry >> 53 & 1, "executable by the kernel");
	if (!pte_borrowed(entry)) {
		check(!nonsecure, "secure memory mapped as Normal memory");
		check(va < RM_SHARE_BASE, "secure memory where shares are");
		once(pa, e->space.owner);
		return 0;
	}
	if (pte_is_device(entry)) {
		check(pa == MACHINE_DEVICE && va >= RM_DEVICE_BASE && va < RM_DEVICE_BASE + RM_DEVICES * PAGE_SIZE, "a device that is none");
		check(e->devices != 0 || e->state == ENCLAVE_ENDED, "a device of somebody else");
		check(!pte_allows(entry, PROT_EXEC), "a device that is executable");
		return 0;
	}
	check(nonsecure, "another's secure memory");
	check(va >= RM_SHARE_BASE, "Normal memory where a program has its own");
	check(!pte_allows(entry, PROT_EXEC), "Normal memory that is executable");
	check(va < RM_WINDOW_BASE || !pte_allows(entry, PROT_WRITE), "a window that is writable");
	check((pa >= NORMAL_BASE && pa < NORMAL_BASE + sizeof(normal)) || small_ram(pa), "shared what is no Normal RAM");
	return 1;
}

static void check_space(const struct enclave *e)
{
	uint64_t shared = 0;

	if (e->space.root == FRAME_NONE)
		return;
	once(e->space.root, e->space.owner);
	for (vaddr_t va = 0; va < USER_END; va += TABLE_SPAN) {
		const pte_t *table;

		va = table_next(e->space.root, va, USER_END);
		if (va >= USER_END)
			break;
		va -= va % TABLE_SPAN;
		table = table_entry(e->space.root, va, e->space.owner, false);
		for (unsigned int i = 0; table && i < TABLE_ENTRIES; i++)
			if (pte_used(table[i]))
				shared += check_entry(e, va + i * PAGE_SIZE, table[i]);
	}
	check(shared == e->space.shared_pages, "shared pages are counted wrong");
}

static void check_all(void)
{
	uint64_t used = 0;

	memset(seen, 0, sizeof(seen));
	for (unsigned int owner = 1; owner < OWNERS_MAX; owner++)
		used += frame_account(owner)->used;
	check(used <= frames_at_start, "more frames than there are");
	for (unsigned int slot = 0; slot < ENCLAVES_MAX; slot++)
		if (enclave_at(slot))
			check_space(enclave_at(slot));
	for (unsigned int i = 0; i < CORES; i++) {
		check(!cpus[i].hosted || cpus[i].hosted->state == THREAD_RUNNING, "a core has a thread that does not run");
		for (unsigned int j = 0; j < i; j++)
			check(!cpus[i].hosted || cpus[i].hosted != cpus[j].hosted, "a thread has two cores");
	}
}

/*
 * What is called, with what.
 */

static uint64_t some_handle(void)
{
	const uint8_t how = byte();

	if (how < 0xe0)
		return handle[how % HANDLES];
	return how < 0xf0 ? handle[how % HANDLES] ^ 1ul << byte() % 64 : number(how % 9);
}

static uint64_t some_page(void)
{
	switch (byte() % 12) {
	case 0: return BOARD_SECURE_BASE + number(2) * PAGE_SIZE;
	case 1: return DEVICE;
	case 2: return number(8);
	case 3: return NORMAL_BASE + sizeof(normal);
	case 4: return SMALL + (uint64_t)(byte() % 6) * PAGE_SIZE - PAGE_SIZE;
	case 5: return NORMAL_BASE + number(2);
	case 6: return ~0ul << 12;
	default: return NORMAL_BASE + (uint64_t)(byte() % NORMAL_PAGES) * PAGE_SIZE;
	}
}

/* A list in the first Normal page, most of it right. */
static uint64_t some_list(unsigned int count)
{
	uint64_t *list = (uint64_t *)normal;
	const uint8_t how = byte();

	for (unsigned int i = 0; i < count && i < 130; i++)
		list[i] = (how & 7) == 0 && (i & 3) == (how >> 3 & 3) ? some_page() : NORMAL_BASE + (1 + i) % NORMAL_PAGES * PAGE_SIZE;
	scramble = how & 0x20;
	return how < 0xc0 ? NORMAL_BASE : some_page() + (how & 1 ? byte() : 0);
}

static uint64_t some_size(void)
{
	const uint8_t how = byte();

	return how < 0xa0 ? (how & 0xf) * (how & 0x40 ? PAGE_SIZE : 1) : how < 0xe0 ? (uint64_t)how * PAGE_SIZE : number(how % 9);
}

/* Addresses that an enclave might name. */
static uint64_t some_address(void)
{
	static const uint64_t places[] = {
		0x400000, 0x10000000, RM_USER_MIN, RM_USER_TOP, RM_USER_PIE, RM_USER_STACK_TOP, RM_RUNTIME_BASE, RM_RUNTIME_BASE + 0x10000,
		RM_THREAD_BASE + RM_THREAD_BLOCK, RM_SHARE_BASE, RM_WINDOW_BASE, USER_END, 0xffff000000000000, 0x100000000, 0x7fffffff000, 0,
	};
	const uint8_t how = byte(), much = byte();

	if (how >= 0xf8)
		return number(8);
	if (how >= 0xa0)
		return mapped + (how & 0x10 ? (uint64_t)(much & 31) * PAGE_SIZE : (uint64_t)(much & 7) * 4);
	return places[how & 15] + ((how & 0x10 ? (uint64_t)much * PAGE_SIZE : (uint64_t)much * 8) * (how & 0x20 ? 1 : 0)) - (how & 0x40 ? PAGE_SIZE : 0);
}

static void smc_arguments(uint64_t x[8])
{
	static const uint32_t functions[] = {
		RM_SMC_UID, RM_SMC_REVISION, RM_SMC_VERSION, RM_SMC_WAKES, RM_SMC_STAT, RM_SMC_ATTACH, RM_SMC_CREATE, RM_SMC_DESTROY, RM_SMC_DETACH,
		RM_SMC_SHARE, RM_SMC_UNSHARE, RM_SMC_WINDOW_MAP, RM_SMC_WINDOW_UNMAP, RM_SMC_CORE, RM_SMC_HISTOGRAM, RM_SMC_ENTER,
		RM_SMC_ENTER, RM_SMC_ENTER, RM_SMC_CREATE, RM_SMC_SHARE, RM_SMC_ADOPT, RM_SMC_ADOPT, RM_SMC_RESIDENT, RM_SMC_NAME,
	};
	const uint8_t which = byte();

	x[0] = which < 0xf8 ? functions[which % (sizeof(functions) / sizeof(functions[0]))] : number(4);
	for (unsigned int i = 1; i < 8; i++)
		x[i] = 0;
	switch (x[0]) {
	case RM_SMC_STAT:
	case RM_SMC_HISTOGRAM:
		x[1] = byte() & 1 ? byte() & 3 : some_handle();
		x[2] = byte() < 0xf0 ? byte() % 40 : number(8);
		break;
	case RM_SMC_ATTACH:
		x[1] = byte() < 0x40 ? RM_ABI_VERSION : number(2);
		break;
	case RM_SMC_CREATE:
		x[1] = byte() & 1 ? (20 + (uint64_t)byte()) * PAGE_SIZE : some_size();
		break;
	case RM_SMC_SHARE:
		x[1] = some_handle();
		x[2] = byte() < 0xc0 ? byte() & 1 : number(2);
		x[4] = byte() < 0xe0 ? byte() % 26 : number(8);
		x[3] = some_list((unsigned int)(x[4] < 130 ? x[4] : 130));
		x[5] = byte() < 0xc0 ? byte() % 64 : byte() & 1 ? RM_SHARE_STRIDE / PAGE_SIZE - byte() % 30 : number(8);
		break;
	case RM_SMC_UNSHARE:
		x[1] = some_handle();
		x[2] = byte() < 0xc0 ? byte() & 1 : number(2);
		x[3] = byte() < 0xe0 ? byte() % 64 : number(8);
		x[4] = byte() < 0xe0 ? byte() % 26 : number(8);
		break;
	case RM_SMC_WINDOW_MAP:
		x[1] = some_handle();
		x[3] = byte() < 0xe0 ? byte() % 130 : number(8);
		x[2] = some_list((unsigned int)(x[3] < 130 ? x[3] : 130));
		x[4] = byte() < 0xe0 ? (uint64_t)(byte() & 1) * 512 + byte() : number(8);
		break;
	case RM_SMC_WINDOW_UNMAP:
		x[1] = some_handle();
		x[2] = byte() < 0xe0 ? (uint64_t)(byte() & 1) * 512 + byte() : number(8);
		x[3] = byte() < 0xe0 ? byte() + (uint64_t)(byte() & 1) * 300 : number(8);
		break;
	case RM_SMC_ENTER:
		x[1] = some_handle();
		x[2] = byte() < 0xe0 ? byte() & 3 : number(2);
		x[3] = byte() < 0xe0 ? byte() & 1 : number(8);
		break;
	default:
		x[1] = some_handle();
		for (unsigned int i = 2; i < 8; i++)
			x[i] = number(byte() % 3);
		break;
	}
}

static void svc_arguments(struct thread *t)
{
	static const uint16_t calls[] = {
		93, 94, 96, 98, 98, 98, 115, 124, 215, 216, 222, 222, 222, 226, 228, 229, 230, 231, 232, 233, 278, 284,
		RM_SVC_HOST, RM_SVC_RESUME, RM_SVC_START, RM_SVC_THREAD, RM_SVC_THREAD_ABORT, RM_SVC_FAIL, RM_SVC_RESIDENT, RM_SVC_RESERVE,
		RM_SVC_SHUTDOWN, RM_SVC_MEMORY_LIMIT, RM_SVC_REGIONS, RM_SVC_SIZE_LIMIT, RM_SVC_FUTEX_PI, RM_SVC_SIGNALED, RM_SVC_NOTIFY,
		RM_SVC_GET_CONTEXT, RM_SVC_SET_CONTEXT, RM_SVC_ADDRESS, RM_SVC_STAT, RM_SVC_FLUSH_CODE, RM_SVC_CPU_TIME, RM_SVC_THREADS,
		RM_SVC_FEATURES, RM_SVC_THREAD, RM_SVC_HOST, RM_SVC_DEVICE_WAIT, RM_SVC_RESIDENT, RM_SVC_RESERVE, RM_SVC_SHUTDOWN, RM_SVC_DELIVER,
		RM_SVC_ATTACH, RM_SVC_ATTACH, RM_SVC_RUN,
	};
	const uint8_t which = byte();
	uint64_t *x = t->context.x;

	x[8] = which < 0xf8 ? calls[which % (sizeof(calls) / sizeof(calls[0]))] : number(2);
	t->context.pc = byte() & 1 ? RM_RUNTIME_BASE + 0x104 : 0x400104;
	for (unsigned int i = 0; i < 6; i++) {
		const uint8_t how = byte();

		switch (how & 7) {
		case 0: x[i] = some_address(); break;
		case 1: x[i] = some_size(); break;
		case 2: x[i] = how >> 3; break;
		case 3: x[i] = number(1 + (how >> 3) % 8); break;
		case 4: x[i] = ~0ul; break;
		default: break;		/* as it was */
		}
	}
	/* So that some get further: a mapping, waits that end, and what one asks for to be resident. */
	if (x[8] == 222 && byte() < 0xc0) {
		x[2] &= 7;
		x[3] = 0x22 | (x[3] & 0x10c110);
		x[4] = ~0ul;
		x[5] = 0;
	}
	if (x[8] == RM_SVC_RESIDENT) {
		const struct rm_resident wanted = {
			.core = byte() & 1 ? RM_CORE_ANY : byte() & 3, .count = byte() < 0xe0 ? 1 + byte() % 2 : byte(), .deadline = byte(), .devices = byte() & 1,
			.attach = byte() & 3,
			.reservation = { { 1 + byte() % 40, 1000 + (uint32_t)number(2), 50 + byte() },
					 { 50 + byte() % 40, byte() < 0xe0 ? 5000 + (uint32_t)number(2) : (uint32_t)number(4), byte() < 0xe0 ? 100 : (uint32_t)number(4) } },
		};

		x[0] = RM_RUNTIME_BASE + 0x10000;
		space_write(&t->enclave->space, x[0], &wanted, sizeof(wanted));
		t->context.pc = RM_RUNTIME_BASE + 0x104;
	}
	if (x[8] == RM_SVC_SHUTDOWN && byte() & 1) {
		x[0] = resident_nonce(0);
		x[1] = resident_nonce(1);
	}
}

static void fault_arguments(struct thread *t)
{
	static const uint8_t classes[] = { 0x24, 0x24, 0x24, 0x20, 0x18, 0x22, 0x26, 0x2c, 0x30, 0x0e, 0x3c };

	t->context.pc = byte() & 1 ? RM_RUNTIME_BASE + 0x1004 : 0x400104;
	machine_esr = (uint64_t)classes[byte() % sizeof(classes)] << 26 | (byte() & 3 ? 0x06u | (byte() & 0x40) : number(3) & 0x1ffffff);
	machine_far = some_address();
}

/* The program stores a word: locks and futexes of its threads, small numbers, anything. */
static void store(struct thread *t)
{
	const uint8_t how = byte();
	const uint32_t word = how < 0x80 ? how & 7 : how < 0xc0 ? (how & 7) | 0x80000000 : (uint32_t)number(4);

	space_write(&t->enclave->space, some_address() & ~3ul, &word, sizeof(word));
}

static void keep_handle(uint64_t function)
{
	if (function != RM_SMC_CREATE || answer[1] != 0)
		return;
	for (unsigned int i = 0; i < HANDLES; i++) {
		if (handle[i] && enclave_find(handle[i]))
			continue;
		handle[i] = answer[2];
		return;
	}
	/* Nobody would look after it: it is the first's now, whose own goes on with the rest (enclave_any_left()). */
	handle[0] = answer[2];
}

/* One way into the kernel on this core, and out of it. */
static void enter(void (*volatile how)(void))
{
	struct cpu *cpu = cpu_this();

	if (setjmp(left) == 0)
		how();
	check(!locked, "left with the lock");
	check(core[machine_core].runs == cpu->current, "current");
}

static uint64_t smc[8];

static void enter_smc(void)
{
	normal_smc(smc);
}

static void make_smc(void)
{
	enter(enter_smc);
	if (!core[machine_core].runs)
		keep_handle(smc[0]);
	scramble = false;
}

/*
 * Steps of one call. Whoever is in the middle of a change of memory makes the same call again, since nobody can change its code meanwhile; in the
 * middle of others, another thread may have put other code there.
 */
static void make_svc(struct thread *t)
{
	if (t->enclave->space.changer == t)
		t->context.pc += 4;
	else
		svc_arguments(t);
	machine_esr = 0x15ul << 26;
	for (int again = 0; again < 50; again++) {
		const uint64_t pc = t->context.pc;

		enter(user_synchronous);
		if (core[machine_core].runs != t)
			break;
		if (t->context.pc != pc - 4) {
			if (t->context.x[8] == 222 && t->context.x[0] < RM_USER_TOP)
				mapped = t->context.x[0];
			break;
		}
		t->context.pc = pc;
		if (again == 49)
			t->context.pc -= 4;
	}
}

static void step(void)
{
	const uint8_t what = byte();
	struct thread *t;

	if ((what & 0x0f) == 0)
		machine_core = (machine_core + 1) % CORES;
	machine_time += what & 0x10 ? number(3) : 100;
	t = core[machine_core].runs;
	if (what >= 0xe8) {
		pending = what >= 0xfc ? MACHINE_INTID : TIMER_INTID;
		enter(t ? user_irq : normal_interrupt);
	} else if (!t) {
		smc_arguments(smc);
		make_smc();
	} else if (what >= 0xd8 && t == cpu_this()->hosted) {
		enter(user_fiq);
	} else if (what >= 0xb0) {
		fault_arguments(t);
		enter(what == 0xb0 ? user_serror : user_synchronous);
	} else if (what >= 0xa4) {
		store(t);
	} else {
		make_svc(t);
	}
}

/* All enclaves end, and a new Linux attaches: nothing is left. */
static void end_all(void)
{
	struct enclave *e;

	/* Only Linux's interrupts take a core from a hosted thread, only the end from a resident one. */
	while ((e = enclave_next_resident(NULL)))
		enclave_end(e, RM_EXIT_KILLED, 0, 0, 0);
	for (int round = 0; round < 4; round++)
		for (machine_core = 0; machine_core < CORES; machine_core++) {
			cpu_this()->look = true;
			pending = TIMER_INTID;
			if (core[machine_core].runs && core[machine_core].runs == cpu_this()->hosted)
				enter(user_fiq);
			else
				enter(core[machine_core].runs ? user_irq : normal_interrupt);
			check(round < 3 || !core[machine_core].runs, "a thread goes on after the end");
		}
	machine_core = 0;
	for (unsigned int tries = 0;; tries++) {
		check(tries < 2000000, "ATTACH does not end");
		memset(smc, 0, sizeof(smc));
		smc[0] = RM_SMC_ATTACH;
		smc[1] = RM_ABI_VERSION;
		enter(enter_smc);
		if (answer[1] == 0)
			break;
		check((int64_t)answer[1] == -RM_EAGAIN_WORK, "ATTACH fails");
	}
	memset(handle, 0, sizeof(handle));
	check(enclaves_count() == 0 && frames_free() == frames_at_start, "frames are lost");
	for (unsigned int i = 0; i < CORES; i++)
		check(resident_reserved(&cpus[i]) == 0 && !resident_on(&cpus[i]), "time is lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	script = data;
	script_left = size;
	machine_core = 0;
	mapped = 0x10000000;
	for (unsigned int i = 0; script_left > 0 && i < 400; i++) {
		step();
		if (i % 8 == 7 || script_left == 0)
			check_all();
	}
	check_all();
	end_all();
	return 0;
}

/*
 * One enclave's life, in which nobody does anything wrong, before all those in which somebody does: what is refused or given then does not hang on
 * what the fuzzer happens to find.
 */
#define STORY	(RM_RUNTIME_BASE + 0x10000)

static int64_t ask(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	const uint64_t arguments[8] = { function, a, b, c, d, e };

	memcpy(smc, arguments, sizeof(smc));
	enter(enter_smc);
	return (int64_t)answer[1];
}

static void call(struct thread *t, uint64_t number, uint64_t a, uint64_t b, uint64_t c, const void *data, size_t size)
{
	check(core[machine_core].runs == t, "it does not run");
	if (size > 0)
		space_write(&t->enclave->space, STORY, data, size);
	t->context.x[8] = number;
	t->context.x[0] = a;
	t->context.x[1] = b;
	t->context.x[2] = c;
	t->context.x[3] = 0;
	machine_esr = 0x15ul << 26;
	do {	/* its steps */
		t->context.pc = RM_RUNTIME_BASE + 0x104;
		enter(user_synchronous);
	} while (core[machine_core].runs == t && t->context.pc == RM_RUNTIME_BASE + 0x100);
}

static struct thread *story_begins(uint64_t h)
{
	((uint64_t *)normal)[0] = NORMAL_BASE + PAGE_SIZE;
	check(ask(RM_SMC_SHARE, h, 0, NORMAL_BASE, 1, 0) == 0, "SHARE");
	for (unsigned int i = 0; i < 100 && !core[0].runs; i++)
		check(ask(RM_SMC_ENTER, h, 0, 0, 0, 0) == RM_EXIT_PREEMPTED || core[0].runs, "ENTER");
	return core[0].runs;
}

/* Asleep for a moment, and until it is told. */
static void story_waits(uint64_t h, struct thread *t)
{
	const uint64_t moment[2] = { 0, machine_time + 1000 };
	const uint64_t ever[2] = { INT64_MAX, 0 };

	call(t, 115, 1, 1, STORY, moment, sizeof(moment));
	check(!core[0].runs && ask(RM_SMC_ENTER, h, 0, 0, 0, 0) == RM_EXIT_WAIT && answer[2] > 0 && answer[2] <= 1000, "a moment");
	machine_time += 1000;
	ask(RM_SMC_ENTER, h, 0, 0, 0, 0);
	check(core[0].runs == t && t->context.x[0] == 0, "the moment is over");
	call(t, 115, 1, 1, STORY, ever, sizeof(ever));
	check(!core[0].runs && ask(RM_SMC_ENTER, h, 0, 0, 0, 0) == RM_EXIT_WAIT && answer[2] == ~0ul, "for ever");
	ask(RM_SMC_ENTER, h, 0, RM_ENTER_NOTIFY, 0, 0);
	check(core[0].runs == t && (int64_t)t->context.x[0] == -EINTR, "it is told");
}

/* It asks Linux, which hears of it, fetches that, and comes back. */
static void story_asks_linux(uint64_t h, struct thread *t)
{
	machine_core = 0;
	call(t, RM_SVC_HOST, 4, 5, 6, NULL, 0);
	check(core[0].runs != t, "it waits for Linux");
	machine_core = 1;
	while (ask(RM_SMC_WAKES, 0, 0, 0, 0, 0) == 0 && answer[2] != h)
		;
	check(answer[1] == 0 && answer[2] == h && answer[3] == 0, "WAKES");
	check(ask(RM_SMC_ENTER, h, 0, 0, 0, 0) == RM_EXIT_HOST && answer[2] == 4 && answer[3] == 5 && answer[4] == 6, "what it asks for");
	check(ask(RM_SMC_ENTER, h, 0, 0, 0, 0) == RM_EXIT_WAIT, "no more");
	machine_core = 0;
	pending = TIMER_INTID;
	enter(normal_interrupt);
	check(core[0].runs == t && t->context.x[0] == 0, "Linux came back");
	machine_core = 1;
}

/* The program's clone(), by its runtime: the further thread begins when one of Linux's has come for it. */
static void story_makes_a_thread(uint64_t h, struct thread *t)
{
	machine_core = 0;
	t->context.x[8] = 220;
	t->context.pc = 0x400104;
	machine_esr = 0x15ul << 26;
	enter(user_synchronous);
	check(core[0].runs == t && t->reflected, "clone() is the runtime's");
	call(t, RM_SVC_THREAD, 0, 0, 0, NULL, 0);
	check(t->context.x[0] == 1, "THREAD");
	machine_core = 1;
	check(ask(RM_SMC_ENTER, h, 1, 0, 0, 0) == -EBUSY, "its maker is not ready");
	machine_core = 0;
	call(t, RM_SVC_RUN, 1, 0, 0, NULL, 0);
	machine_core = 1;
	check(ask(RM_SMC_ENTER, h, 1, 0, 0, 0) == RM_EXIT_WAIT && t->enclave->threads[1]->resident, "it begins");
}

/* It has its turn, and ends: whoever of Linux's enters it is told so. */
static void story_ends_a_thread(uint64_t h, struct thread *t)
{
	struct thread *other = t->enclave->threads[1];

	machine_core = 0;
	call(t, 124, 0, 0, 0, NULL, 0);
	call(other, 93, 0, 0, 0, NULL, 0);
	check(core[0].runs == t && other->ended, "it ended alone");
	call(t, RM_SVC_RUN, 1, 1, 0, NULL, 0);
	check(t->context.x[0] == 0, "it has begun");
	machine_core = 1;
	check(ask(RM_SMC_ENTER, h, 1, 0, 0, 0) == RM_EXIT_THREAD, "nobody is there any more");
	check(ask(RM_SMC_SHARE, h, 1, NORMAL_BASE, 1, 0) == -ENOENT && ask(RM_SMC_ENTER, h, 2, 0, 0, 0) == -ESRCH, "and nobody was");
}

/* Resident, while one process lets go of it and another comes. */
static void story_is_resident(uint64_t h, struct thread *t)
{
	const struct rm_resident wanted = { .core = 0, .count = 1, .deadline = 10, .attach = RM_ATTACH_USER, .reservation = { { 20, 1000, 100 } } };

	call(t, RM_SVC_RESIDENT, STORY, 0, 0, &wanted, sizeof(wanted));
	check(t->resident, "RESIDENT");
	machine_core = 1;
	check(ask(RM_SMC_STAT, 0, RM_STAT_RESIDENTS, 0, 0, 0) == 0 && answer[2] == 1, "one is resident");
	check(ask(RM_SMC_STAT, 0, RM_STAT_RESERVED, 0, 0, 0) == 0 && answer[2] >= 100000, "a tenth is reserved");
	check(ask(RM_SMC_ENTER, h, 0, 0, 0, 0) == RM_EXIT_WAIT && answer[2] == ~0ul, "it asks for nothing");
	check(ask(RM_SMC_RESIDENT, 0, 0, 0, 0, 0) == 0 && answer[2] == h && answer[3] == RM_ATTACH_USER && answer[4] == 0, "whose it is");
	check(ask(RM_SMC_RESIDENT, ENCLAVES_MAX - 1, 0, 0, 0, 0) == -ENOENT, "none behind it");
	story_asks_linux(h, t);
	story_makes_a_thread(h, t);
	story_ends_a_thread(h, t);
	check(ask(RM_SMC_DESTROY, h, 0, 0, 0, 0) == -EPERM, "DESTROY");
	while (ask(RM_SMC_DETACH, h, 0, 0, 0, 0) == -RM_EAGAIN_WORK)
		;
	check(answer[1] == 0, "DETACH");
	check(ask(RM_SMC_SHARE, h, 0, NORMAL_BASE, 1, 0) == -EBUSY && ask(RM_SMC_ENTER, h, 0, 0, 0, 0) == -ENOENT, "nobody's");
	check(ask(RM_SMC_ADOPT, h, 0, 0, 0, 0) == 0, "ADOPT");
	check(ask(RM_SMC_AWAITED, h, 0, 0, 0, 0) == 0 && answer[2] == 0, "nobody knows yet");
	check(ask(RM_SMC_SHARE, h, 0, NORMAL_BASE, 1, 0) == -ESTALE, "it does not know yet");
	machine_core = 0;
	call(t, RM_SVC_ATTACH, 0, 0, 0, NULL, 0);
	check((int64_t)t->context.x[0] == -EAGAIN, "nobody serves it so far");
	machine_core = 1;
	check(ask(RM_SMC_AWAITED, h, 0, 0, 0, 0) == 0 && answer[2] == 1 && ask(RM_SMC_AWAITED, ~0ul, 0, 0, 0, 0) == -ENOENT, "it knows");
	machine_core = 0;
}

/* Another Linux comes, and it ends: what it had is given back by whoever makes the next. */
static void story_ends(uint64_t h, struct thread *t)
{
	machine_core = 1;
	while (ask(RM_SMC_ATTACH, RM_ABI_VERSION, 0, 0, 0, 0) == -RM_EAGAIN_WORK)
		;
	check(answer[1] == 0 && t->enclave->detached, "ATTACH");
	for (uint64_t stat = 0; stat < RM_STAT_COUNT; stat++)
		check(ask(RM_SMC_STAT, 0, stat, 0, 0, 0) == 0, "STAT");
	machine_core = 0;
	call(t, 94, 0, 0, 0, NULL, 0);
	check(core[0].runs != t && ask(RM_SMC_CREATE, PAGE_SIZE * 64, 0, 0, 0, 0) == -RM_EAGAIN_WORK, "CREATE gives back first");
	while (ask(RM_SMC_CREATE, PAGE_SIZE * 64, 0, 0, 0, 0) == -RM_EAGAIN_WORK)
		;
	check(answer[1] == 0 && !enclave_find(h) && enclaves_count() == 1, "CREATE");
}

static void story(void)
{
	struct thread *t;

	check(ask(RM_SMC_CREATE, 256 * PAGE_SIZE, 0, 0, 0, 0) == 0, "CREATE");
	handle[0] = answer[2];
	t = story_begins(handle[0]);
	check(t != NULL, "it begins");
	story_waits(handle[0], t);
	story_is_resident(handle[0], t);
	story_ends(handle[0], t);
	check_all();
	end_all();
}

/* RAM as a firmware tells of it, some of it not for us. */
static void make_tree(void)
{
	static const struct { uint64_t start, size; const char *status; } ram[] = {
		{ NORMAL_BASE, sizeof(normal), NULL }, { 0x60000000, 0x10000, "disabled" }, { SMALL - 8, SMALL_PAGES * PAGE_SIZE + 16, "okay" },
		{ UINT64_MAX - 100, 4096, "okay" }, { 0x70000100, 0x200, NULL },
	};
	char name[32];

	check(fdt_create(normal, sizeof(normal)) == 0, "tree");
	fdt_finish_reservemap(normal);
	fdt_begin_node(normal, "");
	fdt_property_u32(normal, "#address-cells", 2);
	fdt_property_u32(normal, "#size-cells", 2);
	for (unsigned int i = 0; i < sizeof(ram) / sizeof(ram[0]); i++) {
		const fdt64_t reg[2] = { cpu_to_fdt64(ram[i].start), cpu_to_fdt64(ram[i].size) };

		snprintf(name, sizeof(name), "memory@%lx", ram[i].start);
		fdt_begin_node(normal, name);
		fdt_property_string(normal, "device_type", "memory");
		if (ram[i].status)
			fdt_property_string(normal, "status", ram[i].status);
		fdt_property(normal, "reg", reg, sizeof(reg));
		fdt_end_node(normal);
	}
	fdt_end_node(normal);
	fdt_finish(normal);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	small = calloc(SMALL_PAGES, PAGE_SIZE);
	machine_reset();
	make_tree();
	normal_init(BOARD_DTB);
	check(normal_is_ram(NORMAL_BASE, sizeof(normal)) && !normal_is_ram(NORMAL_BASE, sizeof(normal) + 1), "RAM");
	check(!normal_is_ram(0x60000000, 1) && !normal_is_ram(BOARD_SECURE_BASE, 1) && !normal_is_ram(~0ul - 50, 1), "no RAM");
	for (unsigned int i = 0; i < CORES; i++) {
		cpus[i].index = i;
		cpus[i].online = true;
		cpus[i].fp_live = &cpus[i].normal_fp;
	}
	machine_time = 1000000;
	frames_at_start = frames_free();
	story();
	return 0;
}
