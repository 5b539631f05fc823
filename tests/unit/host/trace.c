/* SPDX-License-Identifier: MIT */
/* Trace records: what is accepted, and how it reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../runtime/sys/numbers.h"
#include "trace/trace.h"

struct builder {
	uint8_t bytes[RM_TRACE_RECORD_MAX];
	struct rm_trace_record record;
};

static void begin(struct builder *b, enum rm_trace_type type, uint32_t number)
{
	memset(b, 0, sizeof(*b));
	b->record = (struct rm_trace_record){ .type = (uint8_t)type, .number = number, .size = sizeof(b->record) };
}

static void add(struct builder *b, int arg, const void *bytes, size_t size, unsigned flags)
{
	struct rm_trace_item item = { .arg = (uint8_t)arg, .flags = (uint8_t)flags, .size = (uint16_t)size };

	memcpy(b->bytes + b->record.size, &item, sizeof(item));
	memcpy(b->bytes + b->record.size + sizeof(item), bytes, size);
	b->record.size = (uint16_t)((b->record.size + sizeof(item) + size + 7) & ~7ul);
}

static int parse(struct builder *b, struct trace_call *call)
{
	memcpy(b->bytes, &b->record, sizeof(b->record));
	return trace_parse(b->bytes, b->record.size, call);
}

static void assert_line(const struct trace_call *enter, const struct trace_call *exit, const char *expected)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	trace_print_call(out, enter, exit);
	fputc(')', out);
	if (exit != NULL)
		trace_print_result(out, enter, exit);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_open(void **state)
{
	struct builder b;
	static struct trace_call enter, exit;

	(void)state;
	begin(&b, RM_TRACE_ENTER, LX_openat);
	b.record.arg[0] = (uint64_t)-100;
	b.record.arg[1] = 0x4000;
	b.record.arg[2] = 0100 | 1 | 02000000;
	b.record.arg[3] = 0644;
	add(&b, 1, "/tmp/a\n", 7, 0);
	assert_int_equal(parse(&b, &enter), b.record.size);
	begin(&b, RM_TRACE_EXIT, LX_openat);
	b.record.ns = 57000;
	b.record.arg[RM_TRACE_RESULT] = (uint64_t)-2;
	b.record.arg[RM_TRACE_OPCODES] = 1 << 18;
	b.record.arg[RM_TRACE_SQES] = 1;
	b.record.arg[RM_TRACE_EXITS] = 1;
	assert_true(parse(&b, &exit) > 0);
	assert_line(&enter, &exit, "openat(AT_FDCWD, \"/tmp/a\\n\", O_WRONLY|O_CREAT|O_CLOEXEC, 0644) = -1 ENOENT (No such file or "
				   "directory) <0.000057; ring OPENAT; 1 exit>\n");
}

static void test_read(void **state)
{
	struct builder b;
	static struct trace_call enter, exit;

	(void)state;
	begin(&b, RM_TRACE_ENTER, LX_read);
	b.record.arg[0] = 3;
	b.record.arg[1] = 0x7000;
	b.record.arg[2] = 100;
	parse(&b, &enter);
	assert_line(&enter, NULL, "read(3, 0x7000, 100)");
	begin(&b, RM_TRACE_EXIT, LX_read);
	b.record.arg[RM_TRACE_RESULT] = 40;
	b.record.arg[RM_TRACE_HOST] = LX_read | 2ul << 32;
	b.record.arg[RM_TRACE_EXITS] = 2;
	add(&b, 1, "ab\"\1", 4, RM_TRACE_CUT);
	parse(&b, &exit);
	assert_line(&enter, &exit, "read(3, \"ab\\\"\\1\"..., 100) = 40 <0.000000; host call read x2; 2 exits>\n");
}

static void test_unknown(void **state)
{
	struct builder b;
	static struct trace_call enter, exit;

	(void)state;
	begin(&b, RM_TRACE_ENTER, 500);
	b.record.arg[0] = 16;
	parse(&b, &enter);
	begin(&b, RM_TRACE_EXIT, 500);
	b.record.flags = RM_TRACE_REFLECTED;
	b.record.arg[RM_TRACE_RESULT] = (uint64_t)-38;
	b.record.arg[RM_TRACE_BY] = RM_TRACE_BY_NOBODY;
	parse(&b, &exit);
	assert_line(&enter, &exit, "call_500(0x10, 0, 0, 0, 0, 0) = -1 ENOSYS (Function not implemented) <0.000000; no handler; svc>\n");
}

static void test_vector(void **state)
{
	const uint64_t vector[4] = { 0x100, 3, 0x200, 5 };
	struct builder b;
	static struct trace_call enter;

	(void)state;
	begin(&b, RM_TRACE_ENTER, LX_writev);
	b.record.arg[0] = 1;
	b.record.arg[1] = 0x50;
	b.record.arg[2] = 2;
	add(&b, 1, vector, sizeof(vector), 0);
	add(&b, 1, "one", 3, 0);
	add(&b, 1, "three", 5, 0);
	parse(&b, &enter);
	assert_line(&enter, NULL, "writev(1, [{\"one\", 3}, {\"three\", 5}], 2)");
}

static void test_refused(void **state)
{
	struct builder b;
	static struct trace_call call;
	struct rm_trace_record *r = (struct rm_trace_record *)(void *)b.bytes;

	(void)state;
	begin(&b, RM_TRACE_ENTER, LX_read);
	add(&b, 1, "x", 1, 0);
	assert_true(parse(&b, &call) > 0);
	assert_int_equal(trace_parse(b.bytes, 63, &call), -1);
	assert_int_equal(trace_parse(b.bytes, b.record.size - 1u, &call), -1);
	r->size = 65;
	assert_int_equal(trace_parse(b.bytes, sizeof(b.bytes), &call), -1);
	r->size = RM_TRACE_RECORD_MAX + 8;
	assert_int_equal(trace_parse(b.bytes, sizeof(b.bytes), &call), -1);
	r->size = b.record.size;
	r->type = 0;
	assert_int_equal(trace_parse(b.bytes, sizeof(b.bytes), &call), -1);
	r->type = RM_TRACE_EXIT;
	b.bytes[64] = 6;	/* argument */
	assert_int_equal(trace_parse(b.bytes, sizeof(b.bytes), &call), -1);
	b.bytes[64] = 0;
	b.bytes[66] = 9;	/* size beyond the record */
	assert_int_equal(trace_parse(b.bytes, sizeof(b.bytes), &call), -1);
	b.bytes[66] = 8;
	assert_true(trace_parse(b.bytes, sizeof(b.bytes), &call) > 0);
}

static void test_ring(void **state)
{
	static uint8_t area[RM_TRACE_BYTES];
	struct rm_trace_ring ring = { 0 };
	struct trace_source source = { .ring = &ring, .data = area, .tail = RM_TRACE_BYTES - 32 };
	struct builder b;
	static struct trace_call call;

	(void)state;
	begin(&b, RM_TRACE_ENTER, LX_close);
	b.record.arg[0] = 7;
	parse(&b, &call);
	ring.head = ring.tail = source.tail;
	assert_int_equal(trace_peek(&source, &call), 0);
	/* Over the edge of the area. */
	memcpy(area + RM_TRACE_BYTES - 32, b.bytes, 32);
	memcpy(area, b.bytes + 32, 32);
	ring.head += 64;
	assert_int_equal(trace_peek(&source, &call), 1);
	assert_int_equal(call.record.arg[0], 7);
	trace_done(&source, &call);
	assert_int_equal(ring.tail, ring.head);
	assert_int_equal(trace_peek(&source, &call), 0);
	/* A head that cannot be, and nonsense, are thrown away. */
	ring.head += RM_TRACE_BYTES + 8;
	assert_int_equal(trace_peek(&source, &call), -1);
	trace_done(&source, &call);
	assert_int_equal(source.tail, ring.head);
	ring.head += 64;
	memset(area, 0xff, sizeof(area));
	assert_int_equal(trace_peek(&source, &call), -1);
	trace_done(&source, &call);
	assert_int_equal(trace_peek(&source, &call), 0);
}

static void test_filter(void **state)
{
	struct trace_filter filter = { { 0 } };
	char error[256];

	(void)state;
	assert_int_equal(trace_filter_parse(&filter, "trace=openat,close", error, sizeof(error)), 0);
	assert_false(filter.hidden[LX_openat]);
	assert_false(filter.hidden[LX_close]);
	assert_true(filter.hidden[LX_read]);
	assert_int_equal(trace_filter_parse(&filter, "!%file", error, sizeof(error)), 0);
	assert_true(filter.hidden[LX_openat]);
	assert_false(filter.hidden[LX_read]);
	assert_int_equal(trace_filter_parse(&filter, "%network", error, sizeof(error)), 0);
	assert_false(filter.hidden[LX_socket]);
	assert_true(filter.hidden[LX_openat]);
	assert_int_equal(trace_filter_parse(&filter, "openat,frobnicate", error, sizeof(error)), -1);
	assert_non_null(strstr(error, "'frobnicate'"));
	assert_int_equal(trace_filter_parse(&filter, "", error, sizeof(error)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open), cmocka_unit_test(test_read), cmocka_unit_test(test_unknown), cmocka_unit_test(test_vector),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_ring), cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
