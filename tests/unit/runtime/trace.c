/* SPDX-License-Identifier: MIT */
/* Trace records as the runtime writes them, with an honest reader, none, and one that lies. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "abi/trace.h"
#include "load/policy.h"
#include "model/linux.h"
#include "ring/ring.h"

static struct rm_trace_ring *ring(void)
{
	return (struct rm_trace_ring *)(model.region + model.boot.trace);
}

/* The model with a trace area. */
static void start(uint32_t string)
{
	struct rm_boot boot;

	model_start(false, 7);
	model.region = realloc(model.region, model.size + RM_TRACE_SIZE);
	memset(model.region + model.size, 0, RM_TRACE_SIZE);
	model.boot.flags |= RM_BOOT_TRACE;
	model.boot.trace = (uint32_t)model.size;
	model.boot.trace_string = string;
	model.boot.address = (uint64_t)model.region;
	model.shared = model.size += RM_TRACE_SIZE;
	memcpy(model.region, &model.boot, sizeof(model.boot));
	assert_int_equal(rm_ring_attach(model.thread, 0, model.region, model.size, &boot), 0);
	memset(&rm_enclave, 0, sizeof(rm_enclave));
	rm_posix_init(&boot);
	rm_policy = (struct rm_policy){ .debug = false };
	assert_int_equal(rm_policy_thread(model.thread), -1);
	rm_policy.debug = true;
	assert_int_equal(rm_policy_thread(model.thread), 0);
}

static uint32_t position;

static struct rm_trace_record *next(enum rm_trace_type type, uint32_t number)
{
	struct rm_trace_record *r =
		(struct rm_trace_record *)(model.region + model.boot.trace + RM_TRACE_DATA + (position & (RM_TRACE_BYTES - 1)));

	assert_true(ring()->head - position >= sizeof(*r));
	assert_int_equal(r->type, type);
	assert_int_equal(r->number, number);
	position += r->size;
	return r;
}

static const struct rm_trace_item *item(const struct rm_trace_record *r, int arg, size_t size)
{
	const struct rm_trace_item *i = (const struct rm_trace_item *)(r + 1);

	assert_true(r->size > sizeof(*r));
	assert_int_equal(i->arg, arg);
	assert_int_equal(i->size, size);
	return i;
}

static void test_call(void **state)
{
	char path[] = "/etc/passwd", buffer[64];
	const struct rm_trace_record *r;
	long fd;

	(void)state;
	start(8);
	position = 0;
	fd = model_call(LX_openat, (unsigned long)-100, (unsigned long)path, 0, 0, 0, 0);
	assert_true(fd >= 0);
	r = next(RM_TRACE_ENTER, LX_openat);
	assert_int_equal(r->arg[1], (unsigned long)path);
	assert_int_equal(item(r, 1, 8)->flags, RM_TRACE_CUT);
	assert_memory_equal(item(r, 1, 8) + 1, "/etc/pas", 8);
	r = next(RM_TRACE_EXIT, LX_openat);
	assert_int_equal(r->arg[RM_TRACE_RESULT], fd);
	assert_int_equal(r->arg[RM_TRACE_OPCODES], 0);
	assert_int_equal(r->arg[RM_TRACE_SQES], 0);
	assert_int_equal(r->arg[RM_TRACE_EXITS], 1);
	assert_int_equal(r->arg[RM_TRACE_BY], RM_TRACE_BY_RUNTIME);

	assert_int_equal(model_call(LX_read, (unsigned long)fd, (unsigned long)buffer, 5, 0, 0, 0), 5);
	r = next(RM_TRACE_ENTER, LX_read);
	assert_int_equal(r->size, sizeof(*r));
	r = next(RM_TRACE_EXIT, LX_read);
	assert_memory_equal(item(r, 1, 5) + 1, buffer, 5);
	assert_int_equal(r->arg[RM_TRACE_HOST], 2ul << 32 | LX_pread64);	/* what kind of file it is, and its bytes */

	assert_int_equal(model_call(LX_read, (unsigned long)fd, 16, 5, 0, 0, 0), -EFAULT);
	next(RM_TRACE_ENTER, LX_read);
	r = next(RM_TRACE_EXIT, LX_read);
	assert_int_equal(r->size, sizeof(*r));

	assert_int_equal(model_call(LX_memfd_secret, 1, 2, 3, 4, 5, 6), -ENOSYS);
	r = next(RM_TRACE_ENTER, LX_memfd_secret);
	assert_int_equal(r->arg[5], 6);
	r = next(RM_TRACE_EXIT, LX_memfd_secret);
	assert_int_equal(r->arg[RM_TRACE_BY], RM_TRACE_BY_NOBODY);

	assert_int_equal(model_call(LX_openat, (unsigned long)-100, 16, 0, 0, 0, 0), -EFAULT);
	r = next(RM_TRACE_ENTER, LX_openat);
	assert_int_equal(item(r, 1, 0)->flags, RM_TRACE_FAULT);
	next(RM_TRACE_EXIT, LX_openat);
	assert_int_equal(ring()->head, position);
	assert_int_equal(ring()->dropped, 0);
	model_call(LX_close, (unsigned long)fd, 0, 0, 0, 0, 0);
	model_stop();
}

/* A reader that reads when it is asked to: nothing is lost. */
static void test_full(void **state)
{
	(void)state;
	start(0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(model_call(LX_getpid, 0, 0, 0, 0, 0, 0), getpid());
	assert_true(model.traces > 0 && model.traces < 10);
	assert_int_equal(ring()->head, 2000 * 128);
	assert_int_equal(ring()->dropped, 0);
	model_stop();
}

/* No reader, or a tail that cannot be: records are counted and dropped, the calls are as ever. */
static void test_no_reader(void **state)
{
	(void)state;
	for (int lie = 0; lie < 2; lie++) {
		start(0);
		model.hostile = true;
		ring()->tail = lie ? 1u << 31 : 0;
		for (int i = 0; i < 2000; i++)
			assert_int_equal(model_call(LX_getpid, 0, 0, 0, 0, 0, 0), getpid());
		assert_int_equal(ring()->dropped, lie ? 4000 : 4000 - RM_TRACE_BYTES / 64);
		assert_int_equal(ring()->head, lie ? 0 : RM_TRACE_BYTES);
		model_stop();
	}
}

/* The area vanishes at any moment: the calls are as ever, but for what they need of Linux. */
static void test_vanishes(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 12; n++) {
		start(0);
		model.loss = LOSS_SHARED;
		model.lost_at = model.moments[LOSS_SHARED] + n;
		assert_int_equal(model_call(LX_getpid, 0, 0, 0, 0, 0, 0), getpid());
		assert_int_equal(model_call(LX_getpid, 0, 0, 0, 0, 0, 0), getpid());
		assert_true(model.thread->trace_head % 64 == 0 && model.thread->trace_head < 256);
		model_stop();
	}
}

static void test_layout(void **state)
{
	struct rm_boot boot;
	const struct {
		uint32_t trace, string;
	} wrong[] = { { 0, 0 }, { 4097, 0 }, { RM_ARENA_SIZE, 0 }, { 0xfffff000, 0 }, { 0, RM_TRACE_STRING_MAX + 1 } };

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		start(0);
		if (wrong[i].trace != 0 || wrong[i].string == 0)
			model.boot.trace = wrong[i].trace;
		model.boot.trace_string = wrong[i].string;
		memcpy(model.region, &model.boot, sizeof(model.boot));
		assert_int_not_equal(rm_ring_attach(model.thread, 0, model.region, model.size, &boot), 0);
		model_stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call), cmocka_unit_test(test_full), cmocka_unit_test(test_no_reader), cmocka_unit_test(test_layout), cmocka_unit_test(test_vanishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
