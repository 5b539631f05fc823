/* SPDX-License-Identifier: MIT */
/* Signals that the program's own instructions raise, and what their handlers learn. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "case.h"

static volatile sig_atomic_t count, number, code;
static void *volatile address;
static volatile int *volatile nowhere = (volatile int *)16;
static sigjmp_buf back;

static void leave(int signal, siginfo_t *info, void *context)
{
	(void)context;
	count++;
	number = signal;
	code = info->si_code;
	address = info->si_addr;
	siglongjmp(back, 1);
}

static void set(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	MUST(sigaction(signal, &action, NULL) == 0);
	count = 0;
}

CASE(segv_unmapped, "rt_sigaction")
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page, 4096);
	set(SIGSEGV, leave, 0);
	if (sigsetjmp(back, 1) == 0)
		*(volatile char *)(page + 5) = 1;
	EXPECT_EQ(count, 1);
	EXPECT_EQ(number, SIGSEGV);
	EXPECT_EQ(code, SEGV_MAPERR);
	EXPECT(address == page + 5);
}

CASE(segv_protected, "rt_sigaction mprotect")
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	page[0] = 1;
	MUST(mprotect(page, 4096, PROT_READ) == 0);
	set(SIGSEGV, leave, 0);
	if (sigsetjmp(back, 1) == 0)
		*(volatile char *)(page + 8) = 1;
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SEGV_ACCERR);
	EXPECT(address == page + 8);
	munmap(page, 4096);
}

static char *repaired;

static void repair(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info, (void)context;
	count++;
	mprotect(repaired, 4096, PROT_READ | PROT_WRITE);
}

CASE(segv_repaired, "rt_sigaction mprotect")
{
	repaired = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	set(SIGSEGV, repair, 0);
	for (int i = 0; i < 50; i++) {
		MUST(mprotect(repaired, 4096, PROT_NONE) == 0);
		*(volatile int *)repaired += 1;
	}
	EXPECT_EQ(count, 50);
	EXPECT_EQ(*(int *)repaired, 50);
	munmap(repaired, 4096);
}

static volatile int end;	/* never comes */

static int overflow(int n)
{
	volatile char room[4096];

	room[0] = (char)n;
	return n == end ? 0 : overflow(n + 1) + room[0];
}

CASE(stack_overflow, "rt_sigaction sigaltstack")
{
	static char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };

	MUST(sigaltstack(&stack, NULL) == 0);
	set(SIGSEGV, leave, SA_ONSTACK);
	if (sigsetjmp(back, 1) == 0)
		overflow(1);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(number, SIGSEGV);
	stack = (stack_t){ .ss_flags = SS_DISABLE };
	EXPECT(sigaltstack(&stack, NULL) == 0);
}

static void skip(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	count++;
	number = signal;
	code = info->si_code;
	address = info->si_addr;
	repaired = (char *)uc->uc_mcontext.pc;
	uc->uc_mcontext.pc += 4;
}

CASE(trap, "rt_sigaction")
{
	set(SIGTRAP, skip, 0);
	__asm__ volatile("brk #7");
	EXPECT_EQ(count, 1);
	EXPECT_EQ(number, SIGTRAP);
	EXPECT_EQ(code, TRAP_BRKPT);
	EXPECT(address == repaired);
}

CASE(illegal, "rt_sigaction")
{
	set(SIGILL, skip, 0);
	__asm__ volatile(".inst 0x00000000");
	EXPECT_EQ(count, 1);
	EXPECT_EQ(number, SIGILL);
	EXPECT_EQ(code, ILL_ILLOPC);
	EXPECT(address == repaired);
}

/* What only the kernel may do. */
CASE(privileged, "rt_sigaction")
{
	set(SIGILL, skip, 0);
	__asm__ volatile("mrs x0, sctlr_el1" : : : "x0");
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, ILL_ILLOPC);
	EXPECT(address == repaired);
	__asm__ volatile("msr daifset, #2");
	EXPECT_EQ(count, 2);
	__asm__ volatile(".inst 0xd4000003");	/* smc #0 */
	EXPECT_EQ(count, 3);
	EXPECT_EQ(code, ILL_ILLOPC);
}

/* Beyond the last page of a file. */
CASE(bus_beyond_file, "rt_sigaction mmap ftruncate")
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	char *page;

	MUST(fd >= 0 && ftruncate(fd, 5000) == 0);
	page = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(page != MAP_FAILED && page);
	set(SIGBUS, leave, 0);
	if (sigsetjmp(back, 1) == 0)
		*(volatile char *)(page + 8200) = 1;
	EXPECT_EQ(count, 1);
	EXPECT_EQ(number, SIGBUS);
	EXPECT_EQ(code, BUS_ADRERR);
	EXPECT(address == page + 8200);
	/* What was there is not any more. */
	page[4096] = 1;
	MUST(ftruncate(fd, 100) == 0);
	if (sigsetjmp(back, 1) == 0)
		count += *(volatile char *)(page + 4096);
	EXPECT_EQ(count, 2);
	EXPECT(code == BUS_ADRERR && address == page + 4096);
	EXPECT_ERRNO(ftruncate(fd, -1), EINVAL);
}

CASE(bus_unaligned_jump, "rt_sigaction")
{
	char *where = (char *)(void *)leave + 2;
	void (*astray)(void) = (void (*)(void))(void *)where;

	set(SIGBUS, leave, 0);
	if (sigsetjmp(back, 1) == 0)
		astray();
	EXPECT_EQ(count, 1);
	EXPECT_EQ(number, SIGBUS);
	EXPECT_EQ(code, BUS_ADRALN);
	EXPECT(address == where);
}

CASE(bus_unaligned_exclusive, "rt_sigaction")
{
	static char room[32] __attribute__((aligned(16)));
	unsigned long value;

	set(SIGBUS, leave, 0);
	if (sigsetjmp(back, 1) == 0)
		__asm__ volatile("ldxr %0, [%1]" : "=r"(value) : "r"(room + 3) : "memory");
	EXPECT_EQ(count, 1);
	EXPECT_EQ(number, SIGBUS);
	EXPECT_EQ(code, BUS_ADRALN);
	EXPECT(address == room + 3);
}

/* Arithmetic raises no SIGFPE on these cores, whatever is asked for: one that comes was sent. */
CASE(fpe, "rt_sigaction tkill")
{
	volatile double zero = 0;
	volatile int none = 0;
	unsigned long asked, control;

	set(SIGFPE, leave, 0);
	__asm__ volatile("mrs %0, fpcr" : "=r"(control));
	__asm__ volatile("msr fpcr, %1\n\tmrs %0, fpcr" : "=r"(asked) : "r"(control | 0x9f00));
	SAY("traps that the cores have: %#lx", asked & 0x9f00);
	EXPECT(1 / zero > 1e300);
	__asm__ volatile("msr fpcr, %0" : : "r"(control));
	EXPECT_EQ(1 / none, 0);
	EXPECT_EQ(count, 0);
	if (sigsetjmp(back, 1) == 0)
		raise(SIGFPE);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SI_TKILL);
}

CASE(segv_far_away, "rt_sigaction")
{
	static const unsigned long places[] = { 0x0000700000000000, 0x0070000000001000, 0xffff800000001000, 0xffffffffffffff00 };

	for (int i = 0; i < 4; i++) {
		set(SIGSEGV, leave, 0);
		if (sigsetjmp(back, 1) == 0)
			*(volatile int *)places[i] = 1;
		EXPECT_EQ(count, 1);
		EXPECT_EQ(code, SEGV_MAPERR);
		SAY("%d: %#lx", i, (unsigned long)address);
	}
}

CASE(jump_astray, "rt_sigaction")
{
	static int data[4];
	void (*astray)(void) = (void (*)(void))(void *)data;

	set(SIGSEGV, leave, 0);
	if (sigsetjmp(back, 1) == 0)
		astray();
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SEGV_ACCERR);
	EXPECT(address == data);
}

CASE(sent_segv, "rt_sigaction tkill")
{
	set(SIGSEGV, leave, 0);
	if (sigsetjmp(back, 1) == 0)
		raise(SIGSEGV);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SI_TKILL);
}

/* A pointer that a system call is given is its own affair. */
CASE(bad_pointer_is_efault, "rt_sigaction write")
{
	int ends[2];

	set(SIGSEGV, leave, 0);
	MUST(pipe(ends) == 0);
	if (sigsetjmp(back, 1) == 0)
		EXPECT_ERRNO(write(ends[1], (void *)nowhere, 10), EFAULT);
	EXPECT_EQ(count, 0);
	if (sigsetjmp(back, 1) == 0)
		*nowhere = 1;
	EXPECT_EQ(count, 1);
}

static void nested(int signal, siginfo_t *info, void *context)
{
	(void)info, (void)context;
	if (++count < 4)
		*(volatile int *)(unsigned long)(16 * count) = signal;
	siglongjmp(back, 1);
}

CASE(nested_faults, "rt_sigaction")
{
	set(SIGSEGV, nested, SA_NODEFER);
	if (sigsetjmp(back, 1) == 0)
		*nowhere = 1;
	EXPECT_EQ(count, 4);
}
