/* SPDX-License-Identifier: MIT */
/* gdb's remote protocol in the runtime: frames, what follows an instruction, and conversations over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "abi/debug.h"
#include "debug/inside.h"
#include "debug/step.h"
#include "load/policy.h"
#include "model/linux.h"

#define SIZE	8192u

static int wire[2];
static uint8_t *memory;		/* of the program: a page of data, a page of text */
static uint32_t *text;

static int setup(void **state)
{
	struct rm_boot boot = { .flags = RM_BOOT_DEBUG };

	(void)state;
	model_attach(false, 7);
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	text = (uint32_t *)(void *)(memory + 4096);
	for (unsigned i = 0; i < 1024; i++)
		text[i] = 0xd503201f;
	mprotect(text, 4096, PROT_READ);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, wire) != 0)
		return -1;
	memset(&rm_debugger, 0, sizeof(rm_debugger));
	boot.debug_fd = (uint32_t)wire[0];
	rm_policy.debug = true;
	rm_debug_init(model.thread, &boot);
	model.thread->context = (struct rm_context){ .pc = (uint64_t)text, .sp = (uint64_t)memory + 4096 };
	for (unsigned i = 0; i < 31; i++)
		model.thread->context.x[i] = i;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rm_debug_on = false;
	memset(&rm_debugger, 0, sizeof(rm_debugger));
	close(wire[0]);
	close(wire[1]);
	munmap(memory, SIZE);
	model_stop();
	return 0;
}

static void send_packet(const char *data, size_t size)
{
	uint8_t sum = 0;
	char tail[8];

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + (uint8_t)data[i]);
	snprintf(tail, sizeof(tail), "#%02x", sum);
	assert_int_equal(write(wire[1], "$", 1), 1);
	assert_int_equal(write(wire[1], data, size), (ssize_t)size);
	assert_int_equal(write(wire[1], tail, 3), 3);
}

static void say(const char *packet)
{
	send_packet(packet, strlen(packet));
}

/* What came back so far, as one string. */
static const char *replies(void)
{
	static char all[65536];
	ssize_t n = recv(wire[1], all, sizeof(all) - 1, MSG_DONTWAIT);

	all[n > 0 ? n : 0] = '\0';
	return all;
}

/* One packet and its answer, without what frames it. */
static const char *ask(const char *packet)
{
	static char answer[8192];
	const char *all, *start, *end;

	say(packet);
	say("vCont;c");
	assert_int_equal(rm_debug_converse(model.thread, true), ~0ul);
	all = replies();
	start = strchr(all, '$');
	assert_non_null(start);
	end = strchr(start, '#');
	assert_non_null(end);
	memcpy(answer, start + 1, (size_t)(end - start - 1));
	answer[end - start - 1] = '\0';
	return answer;
}

static enum rm_packet_event feed(struct rm_packet *p, const char *bytes)
{
	enum rm_packet_event event = RM_PACKET_NOTHING;

	while (*bytes)
		event = rm_packet_byte(p, *bytes++);
	return event;
}

static void test_frames(void **state)
{
	static struct rm_packet p;
	char out[32], large[2 * RM_PACKET_MAX];
	struct rm_text frame;

	(void)state;
	assert_int_equal(feed(&p, "+$OK#9a"), RM_PACKET_DONE);
	assert_string_equal(p.data, "OK");
	assert_int_equal(feed(&p, "$OK#9A"), RM_PACKET_DONE);
	assert_int_equal(feed(&p, "$OK#9b"), RM_PACKET_BROKEN);
	assert_int_equal(feed(&p, "$OK#x"), RM_PACKET_BROKEN);
	assert_int_equal(feed(&p, "9a\003"), RM_PACKET_INTERRUPT);
	assert_int_equal(feed(&p, "-"), RM_PACKET_AGAIN);
	assert_int_equal(feed(&p, "$cut$OK#9a"), RM_PACKET_DONE);
	assert_int_equal(p.size, 2);
	assert_int_equal(feed(&p, "$#00"), RM_PACKET_DONE);
	assert_int_equal(p.size, 0);
	memset(large, 0, sizeof(large));
	for (unsigned i = 0; i < sizeof(large) - 1; i++)
		large[i] = i == 0 ? '$' : 'a';
	assert_int_equal(feed(&p, large), RM_PACKET_NOTHING);
	assert_int_equal(p.size, RM_PACKET_MAX);
	feed(&p, "#00");
	assert_int_equal(feed(&p, "$OK#9a"), RM_PACKET_DONE);
	assert_int_equal(feed(&p, "$X}\x03}]#"), RM_PACKET_NOTHING);
	p.size = 5;
	assert_int_equal(rm_packet_unescape(&p, 1), 3);
	assert_memory_equal(p.data, "X#}", 3);

	rm_frame_begin(&frame, out, sizeof(out));
	assert_int_equal(rm_frame_binary(&frame, "a#b*", 4), 4);
	rm_frame_end(&frame);
	assert_int_equal(frame.used, 1 + 6 + 3);
	assert_memory_equal(out, "$a}\x03" "b}\n#", 8);
	rm_frame_begin(&frame, out, 8);
	assert_int_equal(rm_frame_binary(&frame, "abcdefgh", 8), 3);
	rm_frame_end(&frame);
	assert_int_equal(frame.used, 7);
	assert_false(frame.full);
}

static void test_signals(void **state)
{
	(void)state;
	assert_int_equal(rm_gdb_signal(7), 10);
	assert_int_equal(rm_gdb_signal(10), 30);
	assert_int_equal(rm_gdb_signal(34), 46);
	assert_int_equal(rm_gdb_signal(64), 78);
	assert_int_equal(rm_gdb_signal(1000), 143);
	for (unsigned i = 1; i <= 64; i++)
		assert_int_equal(rm_gdb_to_linux(rm_gdb_signal(i)), i == 16 ? 0 : i);
	assert_int_equal(rm_gdb_to_linux(0), 0);
}

#define N	(1ul << 31)
#define Z	(1ul << 30)
#define C	(1ul << 29)

static void test_step(void **state)
{
	static const struct {
		uint32_t instruction;
		int64_t next;		/* from 0x400000 */
		uint64_t pstate;
	} table[] = {
		{ 0xd503201f, 4, 0 },			/* nop */
		{ 0x14000002, 8, 0 },			/* b +8 */
		{ 0x17ffffff, -4, 0 },			/* b -4 */
		{ 0x94000040, 0x100, 0 },		/* bl */
		{ 0x54000040, 8, Z }, { 0x54000040, 4, 0 },	/* b.eq +8 */
		{ 0x54000041, 4, Z }, { 0x54000041, 8, 0 },	/* b.ne */
		{ 0x54000048, 8, C }, { 0x54000048, 4, C | Z },	/* b.hi */
		{ 0x5400004b, 8, N }, { 0x5400004b, 4, 0 },	/* b.lt */
		{ 0x5400004d, 8, Z }, { 0x5400004c, 8, 0 },	/* b.le, b.gt */
		{ 0x5400004e, 8, 0 },			/* b.al */
		{ 0x34000040, 8, 0 }, { 0x35000040, 4, 0 },	/* cbz, cbnz w0: 0 */
		{ 0xb4000041, 4, 0 }, { 0xb5ffffc1, -8, 0 },	/* cbz, cbnz x1 */
		{ 0x34000041, 8, 0 },			/* cbz w1: its upper half does not count */
		{ 0xb6080042, 4, 0 }, { 0xb7080042, 8, 0 },	/* tbz, tbnz x2, #33 */
		{ 0x3707ffe3, 4, 0 }, { 0x36000043, 8, 0 },	/* tbnz w3, #0, -4; tbz */
		{ 0xd61f00a0, 0x1000, 0 },		/* br x5 */
		{ 0xd63f00a0, 0x1000, 0 },		/* blr x5 */
		{ 0xd65f03c0, 0x2000, 0 },		/* ret */
		{ 0xd65f00a0, 0x1000, 0 },		/* ret x5 */
		{ 0xd65f0bff, 0x2000, 0 },		/* retaa */
		{ 0xd71f08c2, 0x1000, 0 },		/* braa x6, x2: signed */
		{ 0xd63f08df, 0x1000, 0 },		/* blraaz x6 */
		{ 0xd69f03e0, 4, 0 },			/* eret: a fault */
	};
	struct rm_context c = { .pc = 0x400000 };

	(void)state;
	c.x[1] = 1ul << 32;
	c.x[2] = 1ul << 33;
	c.x[5] = 0x401000;
	c.x[6] = 0x401000 | 0x1234ul << 48;
	c.x[30] = 0x402000;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		c.pstate = table[i].pstate;
		if (rm_step_next(&c, table[i].instruction) != c.pc + (uint64_t)table[i].next)
			fail_msg("%08x: %lx", table[i].instruction, rm_step_next(&c, table[i].instruction));
	}
}

static void test_questions(void **state)
{
	char expected[64];

	(void)state;
	snprintf(expected, sizeof(expected), "m%x", rm_enclave.pid);
	assert_string_equal(ask("qfThreadInfo"), expected);
	assert_string_equal(ask("qsThreadInfo"), "l");
	snprintf(expected, sizeof(expected), "QC%x", rm_enclave.pid);
	assert_string_equal(ask("qC"), expected);
	assert_string_equal(ask("vMustReplyEmpty"), "");
	assert_string_equal(ask(""), "");
	assert_string_equal(ask("qXfer:features:write:target.xml:0,10"), "");
	assert_string_equal(ask("qXfer:features:read:other.xml:0,10"), "E00");
	assert_string_equal(ask("qXfer:features:read:target.xml:0,5"), "m<?xml");
	assert_string_equal(ask("qXfer:features:read:target.xml:ffffffffffffffff,5"), "l");
	assert_non_null(strstr(ask("qXfer:threads:read::0,7ff"), "<threads><thread id=\""));
	assert_non_null(strstr(ask("qSupported:swbreak+"), "vContSupported+"));
	assert_string_equal(ask("Hg99999"), "E01");
	assert_string_equal(ask("T0"), "E01");
	assert_string_equal(ask("vCont;z"), "E01");
	assert_string_equal(ask("vCont;s:77777"), "E01");
}

static void test_registers(void **state)
{
	char packet[64];

	(void)state;
	assert_int_equal(strlen(ask("g")), RM_REGISTERS_HEX);
	assert_string_equal(ask("p2"), "0200000000000000");
	assert_string_equal(ask("P2=efcdab8967452301"), "OK");
	assert_int_equal(model.thread->context.x[2], 0x0123456789abcdef);
	assert_true(model.thread->debug_written && !model.thread->debug_x0 && !model.thread->debug_fp);
	assert_string_equal(ask("P22=000102030405060708090a0b0c0d0e0f"), "OK");
	assert_int_equal(model.thread->fp.v[1], 0x0f0e0d0c0b0a0908);
	assert_true(model.thread->debug_fp);
	assert_string_equal(ask("P44=00000000"), "E01");	/* there are 68 */
	assert_string_equal(ask("p44"), "E01");
	assert_string_equal(ask("P2=00"), "E01");
	snprintf(packet, sizeof(packet), "P20=%s", "000000007f000000");	/* the program counter in the runtime */
	assert_string_equal(ask(packet), "E01");
	assert_string_equal(ask("G00"), "E01");
}

static void test_memory(void **state)
{
	char packet[80], binary[80];
	int size;

	(void)state;
	model.only = (struct rm_region){ (uint64_t)memory, (uint64_t)memory + SIZE, RM_REGION_READ | RM_REGION_WRITE, 0 };
	snprintf(packet, sizeof(packet), "M%lx,3:616263", (uint64_t)memory);
	assert_string_equal(ask(packet), "OK");
	assert_memory_equal(memory, "abc", 3);
	snprintf(packet, sizeof(packet), "m%lx,4", (uint64_t)memory);
	assert_string_equal(ask(packet), "61626300");
	snprintf(packet, sizeof(packet), "m%lx,4", (uint64_t)memory + SIZE - 2);	/* as far as it goes */
	assert_string_equal(ask(packet), "03d5");
	snprintf(packet, sizeof(packet), "m%lx,4", (uint64_t)memory + SIZE);
	assert_string_equal(ask(packet), "E01");
	assert_string_equal(ask("m0,4"), "E01");
	assert_string_equal(ask("mffffffffffffffff,ffffffffffffffff"), "E01");
	assert_string_equal(ask("m12345678901234567,4"), "E01");
	snprintf(packet, sizeof(packet), "M%lx,3:6162", (uint64_t)memory);
	assert_string_equal(ask(packet), "E01");
	snprintf(packet, sizeof(packet), "M%lx,ffffffffffffffff:6162", (uint64_t)memory);
	assert_string_equal(ask(packet), "E01");
	size = snprintf(binary, sizeof(binary), "X%lx,3:x}%cy", (uint64_t)memory + 8, '#' ^ 0x20);
	send_packet(binary, (size_t)size);
	assert_string_equal(ask("?"), "OK");	/* the answer to the first of the two */
	assert_memory_equal(memory + 8, "x#y", 3);
}

static void test_breakpoints(void **state)
{
	char packet[64];

	(void)state;
	model.only = (struct rm_region){ (uint64_t)memory, (uint64_t)memory + SIZE, RM_REGION_READ | RM_REGION_EXEC, 0 };
	mprotect(memory, SIZE, PROT_READ);
	snprintf(packet, sizeof(packet), "Z0,%lx,4", (uint64_t)&text[5]);
	assert_string_equal(ask(packet), "OK");
	assert_int_equal(text[5], RM_BRK);
	assert_int_equal(text[4], 0xd503201f);
	snprintf(packet, sizeof(packet), "m%lx,8", (uint64_t)&text[4]);
	assert_string_equal(ask(packet), "1f2003d51f2003d5");		/* gdb does not see it */
	snprintf(packet, sizeof(packet), "M%lx,4:01020304", (uint64_t)&text[5]);
	assert_string_equal(ask(packet), "OK");
	assert_int_equal(text[5], RM_BRK);
	snprintf(packet, sizeof(packet), "z0,%lx,4", (uint64_t)&text[5]);
	assert_string_equal(ask(packet), "OK");
	assert_int_equal(text[5], 0x04030201);
	snprintf(packet, sizeof(packet), "Z0,%lx,4", (uint64_t)&text[5] + 1);
	assert_string_equal(ask(packet), "E01");
	assert_string_equal(ask("Z0,7f00000000,4"), "E01");
	assert_string_equal(ask("Z1,400000,4"), "");
	for (unsigned i = 0; i < RM_BREAKPOINTS; i++)
		assert_int_equal(rm_breakpoint_set((uint64_t)&text[i], false), 0);
	assert_true(rm_breakpoint_set((uint64_t)&text[RM_BREAKPOINTS], false) != 0);
	rm_debug_detach(model.thread);
	for (unsigned i = 0; i < RM_BREAKPOINTS; i++)
		assert_true(text[i] != RM_BRK);
}

/* A step is a breakpoint behind the instruction, and the thread alone. */
static void test_steps(void **state)
{
	(void)state;
	model.only = (struct rm_region){ (uint64_t)memory, (uint64_t)memory + SIZE, RM_REGION_READ | RM_REGION_EXEC, 0 };
	say("vCont;s");
	rm_debugger.state[0] = RM_DEBUG_STOPPED;
	assert_int_equal(rm_debug_converse(model.thread, true), 1);
	assert_int_equal(text[1], RM_BRK);
	model.thread->context.pc += 4;
	assert_true(rm_breakpoint_at(model.thread->context.pc));
	rm_breakpoints_clear(true);
	assert_int_equal(text[1], 0xd503201f);
	rm_debugger.state[0] = RM_DEBUG_CALLS;		/* over a system call, or with a signal: when it leaves the runtime */
	say("vCont;s");
	assert_int_equal(rm_debug_converse(model.thread, true), ~0ul);
	assert_true(model.thread->debug_stepped);
	assert_int_equal(text[1], 0xd503201f);
}

static int told(int signal)
{
	const struct rm_siginfo info = rm_siginfo_of(signal, LX_SI_USER);

	return rm_debug_signal(model.thread, &info);
}

/* An event: gdb is told, and its answer is what becomes of the signal. */
static void test_event(void **state)
{
	(void)state;
	say("QPassSignals:e;1e");
	say("vCont;C1f:-1");	/* SIGUSR2 */
	assert_int_equal(rm_debug_event(model.thread, (struct rm_debug_event){ .signal = 10 }), 12);
	assert_non_null(strstr(replies(), "$T1e1d:"));
	assert_int_equal(told(10), 10);	/* not told of, as asked */
	say("vCont;c");
	assert_int_equal(told(12), 0);
	shutdown(wire[1], SHUT_WR);
	assert_int_equal(told(12), 0);		/* the end of gdb is a detach */
	assert_false(rm_debugger.attached);
	assert_int_equal(told(12), 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_step),
		cmocka_unit_test_setup_teardown(test_questions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_breakpoints, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_event, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
