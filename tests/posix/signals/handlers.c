/* SPDX-License-Identifier: MIT */
/* Handlers: run, nested, masked, on another stack, left by a jump; what they are told. */
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "case.h"

static volatile sig_atomic_t count, last, depth, deepest;
static volatile int code, sender;
static volatile long value;

static void counted(int signal)
{
	count++;
	last = signal;
}

static void told(int signal, siginfo_t *info, void *context)
{
	(void)context;
	count++;
	last = signal;
	code = info->si_code;
	sender = info->si_pid;
	value = info->si_value.sival_int;
}

static void set(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	MUST(sigaction(signal, &action, NULL) == 0);
	count = 0;
}

static void set_info(int signal, int flags)
{
	struct sigaction action = { .sa_sigaction = told, .sa_flags = flags | SA_SIGINFO };

	MUST(sigaction(signal, &action, NULL) == 0);
	count = 0;
}

CASE(raise, "rt_sigaction tkill")
{
	set(SIGUSR1, counted, 0);
	EXPECT(raise(SIGUSR1) == 0);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(last, SIGUSR1);
}

CASE(kill_self, "rt_sigaction kill")
{
	set_info(SIGUSR2, 0);
	EXPECT(kill(getpid(), SIGUSR2) == 0);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SI_USER);
	EXPECT_EQ(sender, getpid());
	EXPECT_ERRNO(kill(getpid(), 65), EINVAL);
	EXPECT_ERRNO(kill(0x3ffffffe, 0), ESRCH);
}

CASE(tgkill_self, "rt_sigaction tgkill")
{
	set_info(SIGUSR2, 0);
	EXPECT(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2) == 0);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SI_TKILL);
	EXPECT_ERRNO(syscall(SYS_tgkill, getpid(), -1, SIGUSR2), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tgkill, getpid(), gettid(), 65), EINVAL);
}

CASE(queue_value, "rt_sigaction rt_sigqueueinfo")
{
	const union sigval with = { .sival_int = 4711 };

	set_info(SIGUSR1, 0);
	EXPECT(sigqueue(getpid(), SIGUSR1, with) == 0);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(code, SI_QUEUE);
	EXPECT_EQ(value, 4711);
	EXPECT_EQ(sender, getpid());
	EXPECT_ERRNO(sigqueue(getpid(), 65, with), EINVAL);
}

CASE(action_kept, "rt_sigaction")
{
	struct sigaction action = { .sa_handler = counted, .sa_flags = SA_RESTART | SA_NODEFER }, old;

	sigaddset(&action.sa_mask, SIGHUP);
	sigaddset(&action.sa_mask, SIGKILL);
	EXPECT(sigaction(SIGUSR1, &action, &old) == 0);
	EXPECT(old.sa_handler == SIG_DFL);
	EXPECT(sigaction(SIGUSR1, NULL, &old) == 0);
	EXPECT(old.sa_handler == counted && (old.sa_flags & (SA_RESTART | SA_NODEFER)) == (SA_RESTART | SA_NODEFER));
	EXPECT(sigismember(&old.sa_mask, SIGHUP) == 1 && sigismember(&old.sa_mask, SIGKILL) == 0);
	EXPECT_ERRNO(sigaction(SIGKILL, &action, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(SIGSTOP, &action, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(0, &action, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, (void *)8, NULL, 8), EFAULT);
}

CASE(ignored, "rt_sigaction tkill")
{
	struct sigaction old;

	set(SIGTERM, SIG_IGN, 0);
	EXPECT(raise(SIGTERM) == 0);
	EXPECT(sigaction(SIGTERM, NULL, &old) == 0 && old.sa_handler == SIG_IGN);
	set(SIGTERM, counted, 0);
	EXPECT(raise(SIGTERM) == 0);
	EXPECT_EQ(count, 1);
}

static void deeper(int signal)
{
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (++count < 3)
		raise(signal);
	depth--;
}

CASE(deferred, "rt_sigaction tkill")
{
	depth = deepest = 0;
	set(SIGUSR1, deeper, 0);
	raise(SIGUSR1);
	EXPECT_EQ(count, 3);
	EXPECT_EQ(deepest, 1);
}

CASE(nodefer, "rt_sigaction tkill")
{
	depth = deepest = 0;
	set(SIGUSR1, deeper, SA_NODEFER);
	raise(SIGUSR1);
	EXPECT_EQ(count, 3);
	EXPECT_EQ(deepest, 3);
}

CASE(resethand, "rt_sigaction tkill")
{
	struct sigaction old;

	set(SIGCHLD, counted, SA_RESETHAND);
	raise(SIGCHLD);
	EXPECT_EQ(count, 1);
	EXPECT(sigaction(SIGCHLD, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
	raise(SIGCHLD);
	EXPECT_EQ(count, 1);
}

static volatile sig_atomic_t order[4], ordered;

static void in_order(int signal)
{
	order[ordered++] = signal;
	if (signal == SIGUSR1) {
		raise(SIGUSR2);
		order[ordered++] = -signal;
	}
}

CASE(action_mask, "rt_sigaction tkill")
{
	struct sigaction action = { .sa_handler = in_order };
	sigset_t now;

	ordered = 0;
	set(SIGUSR2, in_order, 0);
	sigaddset(&action.sa_mask, SIGUSR2);
	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	raise(SIGUSR1);
	EXPECT_EQ(ordered, 3);
	EXPECT(order[0] == SIGUSR1 && order[1] == -SIGUSR1 && order[2] == SIGUSR2);
	EXPECT(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && !sigismember(&now, SIGUSR1) && !sigismember(&now, SIGUSR2));
}

static sigjmp_buf back;

static void jump(int signal)
{
	siglongjmp(back, signal);
}

CASE(siglongjmp, "rt_sigaction rt_sigprocmask tkill")
{
	volatile int times = 0;
	sigset_t now;

	set(SIGUSR1, jump, 0);
	for (int i = 0; i < 1000; i++) {
		if (sigsetjmp(back, 1) == 0)
			raise(SIGUSR1);
		else
			times++;
	}
	EXPECT_EQ(times, 1000);
	EXPECT(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && !sigismember(&now, SIGUSR1));
}

static char *stack_used;

static void where(int signal)
{
	char here;
	stack_t now;

	counted(signal);
	stack_used = (char *)__builtin_frame_address(0);
	depth = sigaltstack(NULL, &now) == 0 ? now.ss_flags : -1;
	stack_t other = { .ss_sp = &here, .ss_size = SIGSTKSZ };
	deepest = depth == SS_ONSTACK && sigaltstack(&other, NULL) == -1 ? errno : 0;
}

CASE(altstack, "sigaltstack rt_sigaction tkill")
{
	static char room[32768];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) }, old;

	EXPECT(sigaltstack(NULL, &old) == 0 && old.ss_flags == SS_DISABLE);
	EXPECT(sigaltstack(&stack, &old) == 0);
	EXPECT(sigaltstack(NULL, &old) == 0 && old.ss_flags == 0 && old.ss_sp == room && old.ss_size == sizeof(room));
	set(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1);
	EXPECT_EQ(count, 1);
	EXPECT(stack_used > room && stack_used < room + sizeof(room));
	EXPECT_EQ(depth, SS_ONSTACK);
	EXPECT_EQ(deepest, EPERM);
	set(SIGUSR1, where, 0);
	raise(SIGUSR1);
	EXPECT(stack_used < room || stack_used > room + sizeof(room));
	EXPECT_EQ(depth, 0);
	stack.ss_size = 1000;
	EXPECT_ERRNO(sigaltstack(&stack, NULL), ENOMEM);
	stack.ss_size = sizeof(room);
	stack.ss_flags = 76;
	EXPECT_ERRNO(sigaltstack(&stack, NULL), EINVAL);
	stack = (stack_t){ .ss_flags = SS_DISABLE };
	EXPECT(sigaltstack(&stack, NULL) == 0);
}

CASE(altstack_autodisarm, "sigaltstack rt_sigaction tkill")
{
	static char room[32768];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room), .ss_flags = (int)(1u << 31) }, old;

	MUST(sigaltstack(&stack, NULL) == 0);
	set(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1);
	EXPECT(stack_used > room && stack_used < room + sizeof(room));
	EXPECT_EQ(depth, SS_DISABLE);
	EXPECT(sigaltstack(NULL, &old) == 0 && old.ss_sp == room && old.ss_size == sizeof(room) && old.ss_flags == (int)(1u << 31));
	stack = (stack_t){ .ss_flags = SS_DISABLE };
	EXPECT(sigaltstack(&stack, NULL) == 0);
}

static volatile unsigned long seen[3];

/* Registers that the handler spoils must come back. */
static void spoil(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	counted(signal);
	seen[0] = uc->uc_mcontext.sp;
	seen[1] = uc->uc_mcontext.pc;
	seen[2] = sigismember(&uc->uc_sigmask, SIGHUP);
	__asm__ volatile("movi v0.16b, #0x11\n\tmovi v8.16b, #0x22\n\tmovi v31.16b, #0x33\n\tmov x9, #1\n\tmov x15, #2" :::
			 "v0", "v8", "v31", "x9", "x15");
}

CASE(context, "rt_sigaction rt_sigprocmask kill")
{
	struct sigaction action = { .sa_sigaction = spoil, .sa_flags = SA_SIGINFO };
	double a = 1.5, b = 2.25, c = 3.125;
	sigset_t hup;

	count = 0;
	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hup, NULL);
	for (int i = 0; i < 100; i++) {
		__asm__ volatile("" : "+w"(a), "+w"(b), "+w"(c));
		kill(getpid(), SIGUSR1);
		__asm__ volatile("" : "+w"(a), "+w"(b), "+w"(c));
	}
	EXPECT(a == 1.5 && b == 2.25 && c == 3.125);
	EXPECT_EQ(count, 100);
	EXPECT_EQ(seen[2], 1);
	EXPECT(seen[0] % 16 == 0 && seen[1] != 0);
}

/* A handler that changes the context changes what goes on. */
static void skip(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	counted(signal);
	uc->uc_mcontext.pc += 4;
	uc->uc_mcontext.regs[3] = 77;
}

CASE(context_changed, "rt_sigaction")
{
	struct sigaction action = { .sa_sigaction = skip, .sa_flags = SA_SIGINFO };
	register unsigned long x3 __asm__("x3") = 5;

	count = 0;
	MUST(sigaction(SIGTRAP, &action, NULL) == 0);
	x3 = 5;
	__asm__ volatile("brk #1" : "+r"(x3));
	unsigned long after = x3;
	EXPECT_EQ(count, 1);
	EXPECT_EQ(after, 77);
	EXPECT_EQ(last, SIGTRAP);
}
