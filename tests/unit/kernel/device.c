/* SPDX-License-Identifier: MIT */
/* Devices of enclaves: who gets one, when it may interrupt, what is left of it at the end. */
#include "machine.h"
#include <stdio.h>
#include <string.h>
#include "arch/layout.h"
#include "enclave/device.h"
#include "enclave/runtime_image.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "sched/resident.h"

#define MS	1000000ul
#define MASK	(*(uint32_t *)kernel_pointer(MACHINE_DEVICE + 0x38))

static const struct rm_runtime_image image = { .text_size = PAGE_SIZE, .start = RM_RUNTIME_BASE };

const struct rm_runtime_image *runtime_image(void) { return &image; }
int runtime_image_map(struct space *space) { return space ? 0 : -ENOMEM; }
void gic_doorbell(unsigned int core) { (void)core; }
void timer_set(uint64_t at) { (void)at; }

static struct cpu *core;

static void end(struct enclave *e)
{
	enclave_end(e, RM_EXIT_KILLED, 0, 0, 0);
	resident_choose(core);
	while (!enclave_destroy_step(e))
		;
}

static int setup(void **state)
{
	(void)state;
	machine_reset();
	machine_time = 1000 * MS;
	machine_core = 0;
	memset(cpus, 0, sizeof(cpus[0]) * CORES_MAX);
	core = &cpus[0];
	core->online = true;
	devices_init();
	return 0;
}

static struct enclave *create(void)
{
	struct enclave *e;

	assert_int_equal(enclave_create(64, &e), 0);
	return e;
}

static struct thread *become_resident(struct enclave *e)
{
	const struct rm_resident wanted = { .core = RM_CORE_ANY, .count = 1, .deadline = 5, .reservation = { { 50, 10000, 1000 } } };
	int error;

	do
		error = resident_admit(e, &wanted);
	while (error == RESIDENT_AGAIN);
	assert_int_equal(error, 0);
	devices_route(e);
	resident_bind(e->threads[0], &e->reservations[0]);
	return e->threads[0];
}

static void wait_for_device(struct thread *t)
{
	assert_ptr_equal(resident_choose(core), t);
	t->devices = RM_DEVICE_UART0;
	t->interruptible = true;
	t->context.x[0] = 77;
	thread_stop(t, THREAD_WAITING, WAIT_FOREVER);
	devices_listen(t);
}

static void one_enclave_has_it(void **state)
{
	struct enclave *first = create(), *second = create();
	int error;

	(void)state;
	assert_int_equal(devices_claim(first, RM_DEVICE_GPIO0), -ENODEV);
	assert_int_equal(devices_claim(first, 4), -ENODEV);
	assert_int_equal(devices_claim(first, 0), 0);
	assert_int_equal(first->devices, 0);
	assert_int_equal(devices_claim(first, RM_DEVICE_UART0), 0);
	assert_int_equal(devices_claim(first, RM_DEVICE_UART0), 0);
	assert_int_equal(first->devices, RM_DEVICE_UART0);
	assert_int_equal(devices_claim(second, RM_DEVICE_UART0), -EBUSY);
	/* It is there for the enclave, and not for what the kernel copies for it. */
	assert_true(space_present(&first->space, RM_DEVICE_BASE));
	assert_false(space_present(&second->space, RM_DEVICE_BASE));
	assert_int_equal(space_touch(&first->space, RM_DEVICE_BASE, PROT_WRITE), 0);
	assert_int_equal(space_touch(&first->space, RM_DEVICE_BASE, PROT_EXEC), -EFAULT);
	assert_null(space_pointer(&first->space, RM_DEVICE_BASE, PROT_READ, &error));
	assert_int_equal(error, -EFAULT);
	MASK = 0x50;
	end(first);
	assert_int_equal(MASK, 0);
	assert_int_equal(devices_claim(second, RM_DEVICE_UART0), 0);
	end(second);
}

static void a_table_that_there_is_no_frame_for(void **state)
{
	struct enclave *e;

	(void)state;
	assert_int_equal(enclave_create(4, &e), 0);
	while (frame_account(enclave_owner(e))->used < 4)
		frame_alloc(enclave_owner(e));
	assert_int_equal(devices_claim(e, RM_DEVICE_UART0), -ENOMEM);
	assert_int_equal(e->devices, 0);
	struct enclave *other = create();

	assert_int_equal(devices_claim(other, RM_DEVICE_UART0), 0);
	end(other);
	memset(e, 0, sizeof(*e));
	machine_reset();
}

static void it_interrupts_while_somebody_waits(void **state)
{
	struct enclave *e = create();

	(void)state;
	assert_int_equal(devices_claim(e, RM_DEVICE_UART0), 0);
	machine_route = 9;
	struct thread *t = become_resident(e);

	assert_int_equal(machine_route, 0);
	assert_false(machine_enabled);
	wait_for_device(t);
	assert_true(machine_enabled);
	assert_null(resident_choose(core));
	device_interrupt(core, MACHINE_INTID + 1);
	assert_int_equal(t->state, THREAD_WAITING);
	device_interrupt(core, MACHINE_INTID);
	assert_false(machine_enabled);
	assert_int_equal(t->context.x[0], 0);
	assert_int_equal(t->devices, 0);
	assert_ptr_equal(resident_choose(core), t);
	/* Once more for nobody: a core that was told late. */
	device_interrupt(core, MACHINE_INTID);
	assert_ptr_equal(resident_choose(core), t);
	/* Who waits for something else is not meant. */
	thread_stop(t, THREAD_WAITING, WAIT_FOREVER);
	device_interrupt(core, MACHINE_INTID);
	assert_int_equal(t->state, THREAD_WAITING);
	end(e);
	assert_false(machine_enabled);
}

/* Its threads are gone, its memory is not: another enclave may have it now. */
static void it_is_free_when_the_threads_are(void **state)
{
	struct enclave *e = create(), *next = create();

	(void)state;
	assert_int_equal(devices_claim(e, RM_DEVICE_UART0), 0);
	wait_for_device(become_resident(e));
	enclave_end(e, RM_EXIT_KILLED, 0, 0, 0);
	assert_int_equal(devices_claim(next, RM_DEVICE_UART0), -EBUSY);
	MASK = 0x50;
	assert_null(resident_choose(core));
	assert_int_equal(MASK, 0);
	assert_false(machine_enabled);
	assert_int_equal(devices_claim(next, RM_DEVICE_UART0), 0);
	end(e);
	assert_int_equal(next->devices, RM_DEVICE_UART0);
	end(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_enclave_has_it, setup),
		cmocka_unit_test_setup(a_table_that_there_is_no_frame_for, setup),
		cmocka_unit_test_setup(it_interrupts_while_somebody_waits, setup),
		cmocka_unit_test_setup(it_is_free_when_the_threads_are, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
