/* SPDX-License-Identifier: MIT */
/* Upcalls: when a thread enters its runtime instead of its program, and when not. */
#include "machine.h"
#include <string.h>
#include "enclave/enclave.h"
#include "enclave/runtime_image.h"
#include "enclave/upcall.h"
#include "lib/errno.h"

#define TEXT	0x4000ul
#define SIGNAL	(RM_RUNTIME_BASE + 0x100)
#define FAULT	(RM_RUNTIME_BASE + 0x200)
#define PROGRAM	0x400000ul

static const struct rm_runtime_image image = { .text_size = TEXT, .signal = SIGNAL, .fault = FAULT };
static struct enclave enclave;
static struct thread thread;
static int64_t woken;

const struct rm_runtime_image *runtime_image(void)
{
	return &image;
}

void thread_wake(struct thread *t, int64_t result)
{
	t->state = THREAD_READY;
	woken = result;
}

static int setup(void **state)
{
	(void)state;
	machine_reset();
	memset(&enclave, 0, sizeof(enclave));
	enclave.state = ENCLAVE_LIVE;
	regions_init(&enclave.space.regions, 1);
	thread = (struct thread){ .enclave = &enclave, .index = 3, .state = THREAD_RUNNING };
	thread.context.pc = PROGRAM;
	thread.context.sp = 0x1234;
	thread.context.x[7] = 77;
	woken = 1;
	return 0;
}

static void the_program_is_left_once(void **state)
{
	(void)state;
	upcall_if_notified(&thread);
	assert_int_equal(thread.context.pc, PROGRAM);
	upcall_notify(&thread);
	upcall_if_notified(&thread);
	assert_int_equal(thread.context.pc, SIGNAL);
	assert_int_equal(thread.context.sp, thread_block(3));
	assert_true(thread.reflected && !thread.notify);
	assert_int_equal(thread.program.pc, PROGRAM);
	assert_int_equal(thread.program.x[7], 77);
	/* In the runtime now: the flag waits for the program. */
	upcall_notify(&thread);
	upcall_if_notified(&thread);
	assert_int_equal(thread.context.pc, SIGNAL);
	assert_true(thread.notify);
	assert_int_equal(thread.program.pc, PROGRAM);
}

static void not_in_the_runtime_or_between_steps(void **state)
{
	(void)state;
	upcall_notify(&thread);
	thread.context.pc = RM_RUNTIME_BASE + TEXT - 4;	/* a direct call */
	upcall_if_notified(&thread);
	assert_int_equal(thread.context.pc, RM_RUNTIME_BASE + TEXT - 4);
	thread.context.pc = PROGRAM;
	thread.progress = 4096;
	upcall_if_notified(&thread);
	assert_int_equal(thread.context.pc, PROGRAM);
	thread.progress = 0;
	upcall_if_notified(&thread);
	assert_int_equal(thread.context.pc, SIGNAL);
}

static void waits_end_if_they_may(void **state)
{
	(void)state;
	thread.state = THREAD_WAITING;
	thread.interruptible = false;
	upcall_notify(&thread);
	assert_int_equal(thread.state, THREAD_WAITING);
	assert_true(thread.notify);
	thread.notify = false;
	thread.interruptible = true;
	upcall_notify(&thread);
	assert_int_equal(woken, -EINTR);
	assert_false(thread.notify);
	/* One that begins with the flag set ends at once, and that spends it. */
	thread.state = THREAD_RUNNING;
	upcall_notify(&thread);
	assert_true(upcall_take(&thread));
	assert_false(upcall_take(&thread));
}

static void faults_go_to_the_runtime_but_its_own(void **state)
{
	(void)state;
	assert_int_equal(regions_add(&enclave.space.regions, 0x10000, 0x20000, PROT_READ), 0);
	assert_true(upcall_fault(&thread, 11, 0x10008, 0x92000047));
	assert_int_equal(thread.context.pc, FAULT);
	assert_int_equal(thread.context.x[0], 11);
	assert_int_equal(thread.context.x[1], 0x10008);
	assert_int_equal(thread.context.x[2], 0x92000047);
	assert_int_equal(thread.context.x[3], 1);
	assert_false(upcall_fault(&thread, 11, 0x10008, 0x92000047));	/* while it serves the first */
	thread.reflected = false;
	thread.context.pc = RM_RUNTIME_BASE;
	assert_false(upcall_fault(&thread, 11, 0x10008, 0x92000047));
	thread.context.pc = PROGRAM;
	assert_true(upcall_fault(&thread, 11, ~0ul, 0x92000047));
	assert_int_equal(thread.context.x[3], 0);
}

static void never_a_built_in_thread(void **state)
{
	(void)state;
	enclave.builtin = true;
	assert_panics(upcall_notify(&thread));
	thread.notify = true;
	upcall_if_notified(&thread);
	assert_int_equal(thread.context.pc, PROGRAM);
	assert_false(upcall_fault(&thread, 11, 0, 0));
}

static void linux_may_bother_a_resident_thread_now_and_then(void **state)
{
	(void)state;
	machine_time = 100 * NOTIFY_NS;
	machine_core = 1;
	machine_kicks = 0;
	enclave.core = 2;
	thread.resident = true;
	upcall_notify_by_linux(&thread);
	assert_true(thread.notify && !thread.notify_later);
	thread.notify = false;
	/* Too soon: kept, and its core is told once, however often it happens. */
	for (int i = 0; i < 1000; i++) {
		machine_time++;
		upcall_notify_by_linux(&thread);
		assert_true(!thread.notify && thread.notify_later);
	}
	assert_int_equal(machine_kicks, 1);
	machine_time += NOTIFY_NS;
	upcall_notify_by_linux(&thread);
	assert_true(thread.notify && !thread.notify_later);
	/* A hosted one lives on Linux's time: at once. */
	thread.resident = thread.notify = false;
	upcall_notify_by_linux(&thread);
	assert_true(thread.notify);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_program_is_left_once), TEST(not_in_the_runtime_or_between_steps), TEST(waits_end_if_they_may),
		TEST(faults_go_to_the_runtime_but_its_own), TEST(never_a_built_in_thread),
		TEST(linux_may_bother_a_resident_thread_now_and_then),
	};

	return cmocka_run_group_tests_name("kernel.upcall", tests, NULL, NULL);
}
