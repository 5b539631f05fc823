/* SPDX-License-Identifier: MIT */
/*
 * Signals of the runtime on the build machine: queues, frames and how they are taken apart, and what a host can and cannot do by
 * records that it forges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "load/policy.h"
#include "debug/debug.h"
#include "model/linux.h"

#define USR1	10
#define USR2	12
#define RT	40

static uint8_t *stack;		/* of the program: 64 KiB */
static uint64_t top;

static int setup(void **state)
{
	(void)state;
	model_attach(false, 7);
	stack = calloc(1, 65536);
	top = ((uint64_t)stack + 65536) & ~15ul;
	model.context = (struct rm_context){ .sp = top, .pc = 0x4000, .pstate = 0x60000000 };
	for (unsigned i = 0; i < 31; i++)
		model.context.x[i] = 100 + i;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rm_pending_drop(&rm_enclave.pending, ~0ul);
	rm_pending_drop(&model.thread->signal.pending, ~0ul);
	free(stack);
	model_stop();
	return 0;
}

static void handle(int signal, uint64_t flags, uint64_t mask)
{
	const struct lx_sigaction action = { .handler = 0x1000 + (uint64_t)signal, .flags = flags | LX_SA_RESTORER, .restorer = 0x9000,
					     .mask = mask };

	assert_int_equal(model_call(LX_rt_sigaction, (unsigned long)signal, (unsigned long)&action, 0, 8, 0, 0), 0);
}

static unsigned long after(long number, long result)
{
	const struct rm_args args = { .a = { 55 }, .number = (unsigned long)number };

	return rm_signal_after(model.thread, &args, result);
}

static void test_queue(void **state)
{
	struct rm_pending pending = { 0 };
	struct rm_siginfo info = { .signo = USR1, .code = LX_SI_USER };
	unsigned taken = 0;

	(void)state;
	assert_true(rm_pending_add(&pending, &info));
	info.code = LX_SI_TKILL;
	assert_true(rm_pending_add(&pending, &info));		/* the same signal: the first counts */
	for (uint64_t i = 0; i < 5; i++) {
		info = (struct rm_siginfo){ .signo = RT, .code = LX_SI_QUEUE, .data = { 0, i } };
		assert_true(rm_pending_add(&pending, &info));
	}
	info = (struct rm_siginfo){ .signo = LX_SIGSEGV };
	assert_true(rm_pending_add(&pending, &info));
	assert_false(rm_pending_take(&pending, BIT(USR2), &info));
	assert_true(rm_pending_take(&pending, ~0ul, &info));
	assert_int_equal(info.signo, LX_SIGSEGV);		/* faults first */
	assert_true(rm_pending_take(&pending, ~0ul, &info));
	assert_int_equal(info.signo, USR1);
	assert_int_equal(info.code, LX_SI_USER);
	for (uint64_t i = 0; i < 5; i++) {
		assert_true(rm_pending_take(&pending, BIT(RT), &info));
		assert_int_equal(info.data[1], i);
	}
	assert_int_equal(pending.set, 0);
	info = (struct rm_siginfo){ .signo = RT, .code = LX_SI_QUEUE };
	while (rm_pending_add(&pending, &info))
		taken++;
	assert_int_equal(taken, 1024);
	info.signo = USR1;
	assert_true(rm_pending_add(&pending, &info));		/* a standard one always has room */
	rm_pending_drop(&pending, BIT(RT));
	assert_true(rm_pending_take(&pending, ~0ul, &info));
	assert_int_equal(info.signo, USR1);
	assert_false(rm_pending_take(&pending, ~0ul, &info));
}

/* A handler runs over the call's result, and sigreturn brings everything back. */
static void test_frame(void **state)
{
	const struct rm_args back = { .number = LX_rt_sigreturn };
	struct rm_context before = model.context;

	(void)state;
	handle(USR1, LX_SA_SIGINFO, BIT(USR2));
	for (unsigned i = 0; i < 64; i++)
		model.fp.v[i] = i * 3;
	model.fp.fpcr = 0x3000000;
	assert_int_equal(rm_signal_raise(model.thread, USR1), 0);
	assert_int_equal(after(LX_getpid, 4711), USR1);
	assert_int_equal(model.context.pc, 0x1000 + USR1);
	assert_int_equal(model.context.x[30], 0x9000);
	assert_int_equal(model.context.sp % 16, 0);
	assert_int_equal(model.context.x[1], model.context.sp);
	assert_int_equal(model.context.x[2], model.context.sp + 128);
	assert_int_equal(((struct rm_siginfo *)model.context.x[1])->code, LX_SI_USER);
	assert_int_equal(model.thread->signal.mask, BIT(USR1) | BIT(USR2));
	memset(&model.fp, 0xff, sizeof(model.fp));
	assert_int_equal(rm_sys_rt_sigreturn(model.thread, &back), 4711);
	before.x[0] = 4711;
	assert_memory_equal(&model.context, &before, sizeof(before));
	assert_int_equal(model.fp.v[63], 63 * 3);
	assert_int_equal(model.fp.fpcr, 0x3000000);
	assert_int_equal(model.thread->signal.mask, 0);
}

static void test_restart(void **state)
{
	(void)state;
	handle(USR1, LX_SA_RESTART, 0);
	handle(USR2, 0, 0);
	/* Nobody's signal after all: the call is simply made again. */
	assert_int_equal(after(LX_read, -LX_ERESTARTSYS), 55);
	assert_int_equal(model.context.pc, 0x4000 - 4);
	model.context.pc = 0x4000;
	rm_signal_raise(model.thread, USR1);
	after(LX_read, -LX_ERESTARTSYS);
	assert_int_equal(*(uint64_t *)(model.context.sp + 128 + 176 + 264), 0x4000 - 4);
	assert_int_equal(*(uint64_t *)(model.context.sp + 128 + 176 + 8), 55);
	model.context = (struct rm_context){ .sp = top, .pc = 0x4000 };
	rm_signal_raise(model.thread, USR2);
	after(LX_read, -LX_ERESTARTSYS);
	assert_int_equal(*(uint64_t *)(model.context.sp + 128 + 176 + 264), 0x4000);
	assert_int_equal(*(int64_t *)(model.context.sp + 128 + 176 + 8), -EINTR);
	/* Never for calls of which only a part was done. */
	model.context = (struct rm_context){ .sp = top, .pc = 0x4000 };
	model.thread->signal.mask = 0;
	rm_signal_raise(model.thread, USR1);
	after(LX_ppoll, -LX_ERESTARTNOHAND);
	assert_int_equal(*(int64_t *)(model.context.sp + 128 + 176 + 8), -EINTR);
	/* What a handler interrupted long ago may look like a restart. */
	assert_int_equal(after(LX_rt_sigreturn, -LX_ERESTARTSYS), (unsigned long)-LX_ERESTARTSYS);
}

/* The frame of a handler that is running, for the forger. */
static uint8_t *frame(void)
{
	handle(USR1, LX_SA_SIGINFO, 0);
	model.thread->signal.mask = 0;
	model.context = (struct rm_context){ .sp = top, .pc = 0x4000 };
	rm_signal_raise(model.thread, USR1);
	after(LX_getpid, 0);
	return (uint8_t *)model.context.sp;
}

static void refused(const char *what)
{
	const struct rm_args back = { .number = LX_rt_sigreturn };
	jmp_buf end;

	model.end = &end;
	model.signaled = 0;
	if (setjmp(end) == 0) {
		rm_sys_rt_sigreturn(model.thread, &back);
		fail_msg("a forged frame was taken: %s", what);
	}
	assert_int_equal(model.signaled, LX_SIGSEGV);
}

#define AT(offset)	(*(uint64_t *)(frame() + 128 + 176 + (offset)))
#define RECORD(offset)	(*(uint32_t *)(frame() + 592 + (offset)))

static void test_forged_frames(void **state)
{
	const struct rm_args back = { .number = LX_rt_sigreturn };

	(void)state;
	AT(272) = 0x5;				/* EL1h */
	refused("privileged mode");
	/* What is told of it depends on the program's consent. */
	assert_int_equal(model.deaths, 1);
	rm_policy.debug = false;
	AT(272) = 0x10;
	refused("AArch32");
	assert_int_equal(model.deaths, 1);
	rm_policy.debug = true;
	AT(272) = 0x3c0;
	refused("masked interrupts");
	AT(264) = RM_RUNTIME_BASE + 0x100;
	refused("pc in the runtime");
	AT(264) = RM_RUNTIME_BASE + RM_RUNTIME_MAX - 4;
	refused("pc at the runtime's end");
	RECORD(0) = 0x12345678;
	refused("unknown record");
	RECORD(4) = 8;
	refused("record too short");
	RECORD(4) = 17;
	refused("record of odd size");
	RECORD(4) = 0x7ffffff0;
	refused("record too long");
	RECORD(0) = 0;
	refused("no floating point");
	RECORD(528) = 0x46508001;
	refused("floating point twice");
	frame();
	model.context.sp += 8;
	refused("misaligned");
	model.context.sp = 16;
	refused("nowhere");
	/* Everything else is the program's own to say. */
	AT(256) = RM_RUNTIME_BASE;		/* sp */
	assert_int_equal(rm_sys_rt_sigreturn(model.thread, &back), 0);
	assert_int_equal(model.context.sp, RM_RUNTIME_BASE);
	*(uint64_t *)(frame() + 128 + 40) = ~0ul;	/* mask */
	rm_sys_rt_sigreturn(model.thread, &back);
	assert_int_equal(model.thread->signal.mask, ~(BIT(LX_SIGKILL) | BIT(LX_SIGSTOP)));
}

/* A direct call is never allowed to return from a handler. */
static void test_no_direct_sigreturn(void **state)
{
	(void)state;
	assert_int_equal(model_call(LX_rt_sigreturn, 0, 0, 0, 0, 0, 0), -ENOSYS);
}

static void test_stack(void **state)
{
	struct lx_stack new = { .sp = (uint64_t)stack, .size = 16384 }, old;
	const struct rm_args args = { .a = { (unsigned long)&new, (unsigned long)&old }, .direct = true, .sp = top };
	jmp_buf end;

	(void)state;
	assert_int_equal(rm_sys_sigaltstack(model.thread, &args), 0);
	assert_int_equal(old.flags, 2);
	handle(USR1, LX_SA_ONSTACK, 0);
	rm_signal_raise(model.thread, USR1);
	after(LX_getpid, 0);
	assert_true(model.context.sp > (uint64_t)stack && model.context.sp < (uint64_t)stack + 16384);
	assert_int_equal(rm_signal_stack(model.thread, model.context.sp).flags, 1);
	assert_int_equal(rm_signal_set_stack(model.thread, &new, model.context.sp), -EPERM);
	/* No room for the frame: SIGSEGV, which nobody handles. */
	model.thread->signal.mask = 0;
	model.context.sp = 2000;
	handle(USR2, 0, 0);
	rm_signal_raise(model.thread, USR2);
	model.end = &end;
	if (setjmp(end) == 0) {
		after(LX_getpid, 0);
		fail_msg("a frame was written nowhere");
	}
	assert_int_equal(model.signaled, LX_SIGSEGV);
}

static void test_fault(void **state)
{
	struct rm_siginfo *info;
	jmp_buf end;

	(void)state;
	handle(LX_SIGSEGV, LX_SA_SIGINFO, 0);
	rm_signal_fault(model.thread, LX_SIGSEGV, 0x1234, 0x92000046, true);
	info = (struct rm_siginfo *)model.context.x[1];
	assert_int_equal(info->code, LX_SEGV_ACCERR);
	assert_int_equal(info->data[0], 0x1234);
	assert_int_equal(*(uint64_t *)(model.context.sp + 128 + 176), 0x1234);
	model.end = &end;
	model.signaled = 0;
	if (setjmp(end) == 0) {		/* blocked now: the end, handler or not */
		rm_signal_fault(model.thread, LX_SIGSEGV, 0x1234, 0x92000046, false);
		fail_msg("a blocked fault was survived");
	}
	assert_int_equal(model.signaled, LX_SIGSEGV);
}

static uint32_t *word(size_t offset)
{
	return (uint32_t *)(model.region + RM_BOOT_SIGNALS + offset);
}

static void test_host_signals(void **state)
{
	struct rm_siginfo *info;

	(void)state;
	handle(USR1, LX_SA_SIGINFO, 0);
	handle(RT, LX_SA_SIGINFO, 0);
	assert_int_equal(model.hosted, 1ul << USR1 | 1ul << RT);
	model_signal(USR1, LX_SI_USER, 77, 0xdead);
	assert_int_equal(rm_signal_upcall(model.thread), USR1);
	info = (struct rm_siginfo *)model.context.x[1];
	assert_int_equal(info->code, LX_SI_USER);
	assert_int_equal(info->data[0], 77);
	assert_int_equal(info->data[1], 0);
	assert_int_equal(*word(offsetof(struct rm_host_signals, tail)), 1);
	model.thread->signal.mask = 0;
	model_signal(RT, LX_SI_QUEUE, 77, 4711);
	assert_int_equal(rm_signal_upcall(model.thread), RT);
	info = (struct rm_siginfo *)model.context.x[1];
	assert_int_equal(info->data[1], 4711);
	/* A child: its code, and no more of the status than there is. */
	handle(LX_SIGCHLD, LX_SA_SIGINFO, 0);
	model.thread->signal.mask = 0;
	model_signal(LX_SIGCHLD, 1, 77, 0xdeadbeef00000300);
	assert_int_equal(rm_signal_upcall(model.thread), LX_SIGCHLD);
	info = (struct rm_siginfo *)model.context.x[1];
	assert_int_equal(info->code, 1);
	assert_int_equal(info->data[1], 0x300);
}

/* A receive with a timeout is not begun again after a signal. */
static void test_timed_receive(void **state)
{
	const struct { int64_t sec, usec; } timeout = { 5, 0 };
	int32_t pair[2];
	char byte;

	(void)state;
	handle(USR1, LX_SA_RESTART, 0);
	assert_int_equal(model_call(LX_socketpair, 1, 1, 0, (unsigned long)pair, 0, 0), 0);
	assert_int_equal(model_call(LX_setsockopt, (unsigned long)pair[0], 1, LX_SO_RCVTIMEO, (unsigned long)&timeout, 16, 0), 0);
	model_signal(USR1, LX_SI_USER, 77, 0);
	assert_int_equal(model_call(LX_read, (unsigned long)pair[0], (unsigned long)&byte, 1, 0, 0, 0), -EINTR);
	assert_int_equal(rm_signal_upcall(model.thread), USR1);
}

/* Bytes from gdb are no signal; and pages that are gone bring none. */
static void test_no_signals(void **state)
{
	(void)state;
	handle(USR1, LX_SA_SIGINFO, 0);
	rm_debug_on = true;
	model_signal(0, 0, 0, 0);
	rm_signal_news(model.thread);
	rm_debug_on = false;
	assert_true(model.thread->debug_input);
	assert_int_equal(model.thread->count[RM_COUNT_SIGNALS], 0);
	model_signal(USR1, LX_SI_USER, 77, 0);
	model.loss = LOSS_SHARED;
	model.lost_at = model.moments[LOSS_SHARED] + 2;
	rm_signal_news(model.thread);
	assert_int_equal(model.thread->signal.host_next, 1);
	model.withdrawn = false;
	rm_signal_news(model.thread);
	assert_int_equal(model.thread->signal.host_next, 2);
	assert_int_equal(rm_signal_upcall(model.thread), USR1);
}

static void test_forged_host_signals(void **state)
{
	const uint64_t pc = model.context.pc;
	struct rm_siginfo *info;

	(void)state;
	handle(LX_SIGSEGV, LX_SA_SIGINFO, 0);
	handle(USR1, LX_SA_SIGINFO, 0);
	handle(32, LX_SA_SIGINFO, 0);
	/* Nobody asked for these: not the default action of the first, no fault, no cancellation. */
	model_signal(15, LX_SI_USER, 1, 0);
	model_signal(LX_SIGSEGV, LX_SEGV_ACCERR, 1, 0);
	model_signal(32, LX_SI_TKILL, 1, 0);
	model_signal(LX_SIGKILL, LX_SI_USER, 1, 0);
	model_signal(0, 0, 0, 0);
	model_signal(65, 0, 0, 0);
	model_signal(0xffffffff, 0, 0, 0);
	rm_signal_upcall(model.thread);
	assert_int_equal(model.context.pc, pc);
	assert_int_equal(model.thread->count[RM_COUNT_SIGNALS], 7);
	/* A code that only the inside may give becomes a plain one. */
	model_signal(USR1, LX_SI_TIMER, 1, ~0ul);
	rm_signal_upcall(model.thread);
	info = (struct rm_siginfo *)model.context.x[1];
	assert_int_equal(info->code, LX_SI_USER);
	assert_int_equal(info->data[1], 0);
	assert_int_equal(info->data[3], 0);
	/* Counts that cannot be. */
	*word(offsetof(struct rm_host_signals, head)) += RM_HOST_SIGNALS + 1;
	rm_signal_upcall(model.thread);
	assert_int_equal(model.thread->count[RM_COUNT_SIGNALS], 8);
	*word(offsetof(struct rm_host_signals, head)) = 0;
	rm_signal_upcall(model.thread);
	assert_int_equal(model.thread->count[RM_COUNT_SIGNALS], 9);
	model.withdrawn = true;
	rm_signal_upcall(model.thread);
}

/* Any records at any time: no memory error, and only signals that were asked for. */
static void test_flood(void **state)
{
	uint64_t seed = 1;

	(void)state;
	handle(USR1, LX_SA_SIGINFO | LX_SA_NODEFER, 0);
	handle(RT, LX_SA_SIGINFO, 0);
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t *at = model.region + RM_BOOT_SIGNALS;

		for (unsigned i = 0; i < sizeof(struct rm_host_signals); i += 8) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			at[i + seed % 8] = (uint8_t)(seed >> 40);
		}
		*word(offsetof(struct rm_host_signals, head)) = model.thread->signal.host_next + (uint32_t)(seed >> 33) % 70;
		model.context = (struct rm_context){ .sp = top, .pc = 0x4000 };
		model.thread->signal.mask = 0;
		rm_signal_upcall(model.thread);
		assert_true(model.context.pc == 0x4000 || model.context.pc == 0x1000 + USR1 || model.context.pc == 0x1000 + RT);
	}
}

static void test_mask_lent(void **state)
{
	const uint64_t usr1 = BIT(USR1), none = 0;

	(void)state;
	handle(USR1, 0, 0);
	rm_signal_set_mask(model.thread, usr1);
	rm_signal_raise(model.thread, USR1);
	assert_false(rm_interrupted(model.thread));
	assert_int_equal(rm_mask_push(model.thread, (unsigned long)&none, 8), 0);
	assert_true(rm_interrupted(model.thread));
	rm_mask_pop(model.thread, -EINTR);		/* stays for the handler */
	assert_int_equal(model.thread->signal.mask, 0);
	assert_int_equal(rm_mask_push(model.thread, (unsigned long)&none, 8), 0);
	after(LX_ppoll, -EINTR);
	assert_int_equal(*(uint64_t *)(model.context.sp + 128 + 40), usr1);
	assert_int_equal(rm_mask_push(model.thread, (unsigned long)&none, 4), -EINVAL);
	assert_int_equal(rm_mask_push(model.thread, 8, 8), -EFAULT);
	rm_signal_set_mask(model.thread, usr1);
	rm_mask_push(model.thread, (unsigned long)&none, 8);
	rm_mask_pop(model.thread, 3);
	assert_int_equal(model.thread->signal.mask, usr1);
}

/* A signal that waits cancels what Linux would interrupt, and lets alone what it would not. */
static void test_interrupts(void **state)
{
	int32_t fds[2];
	char text[4];

	(void)state;
	handle(USR1, 0, 0);
	assert_int_equal(model_call(LX_pipe2, (unsigned long)fds, 0, 0, 0, 0, 0), 0);
	assert_int_equal(model_call(LX_write, (unsigned long)fds[1], (unsigned long)"abc", 3, 0, 0, 0), 3);
	rm_signal_raise(model.thread, USR1);
	assert_int_equal(model_call(LX_read, (unsigned long)fds[0], (unsigned long)text, 3, 0, 0, 0), 3);	/* data first */
	assert_int_equal(model_call(LX_read, (unsigned long)fds[0], (unsigned long)text, 3, 0, 0, 0), -LX_ERESTARTSYS);
	assert_int_equal(model_call(LX_close, (unsigned long)fds[0], 0, 0, 0, 0, 0), 0);
	assert_int_equal(model_call(LX_close, (unsigned long)fds[1], 0, 0, 0, 0, 0), 0);
}

static void test_timer(void **state)
{
	const uint64_t spec[4] = { 0, 1000, 0, 1000 };	/* each microsecond */
	int32_t id = -1;

	(void)state;
	handle(14, LX_SA_SIGINFO, 0);
	assert_int_equal(model_call(LX_timer_create, 1, 0, (unsigned long)&id, 0, 0, 0), 0);
	assert_int_equal(model_call(LX_timer_settime, (unsigned long)id, 0, (unsigned long)spec, 0, 0, 0), 0);
	assert_true(model.timer > 0);
	while (model.context.pc == 0x4000)
		rm_signal_upcall(model.thread);
	assert_int_equal(((struct rm_siginfo *)model.context.x[1])->code, LX_SI_TIMER);
	assert_int_equal((uint32_t)((struct rm_siginfo *)model.context.x[1])->data[0], id);
	assert_int_equal(((struct rm_siginfo *)model.context.x[1])->data[3], 0);
	assert_int_equal(model_call(LX_timer_delete, (unsigned long)id, 0, 0, 0, 0, 0), 0);
	assert_int_equal(model.timer, 0);
	assert_int_equal(model_call(LX_timer_delete, (unsigned long)id, 0, 0, 0, 0, 0), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_queue), TEST(test_frame), TEST(test_restart), TEST(test_forged_frames), TEST(test_no_direct_sigreturn),
		TEST(test_stack), TEST(test_fault), TEST(test_host_signals), TEST(test_no_signals), TEST(test_timed_receive), TEST(test_forged_host_signals), TEST(test_flood),
		TEST(test_mask_lent), TEST(test_interrupts), TEST(test_timer),
	};

	return cmocka_run_group_tests_name("runtime.signals", tests, NULL, NULL);
}
