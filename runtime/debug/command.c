/* SPDX-License-Identifier: MIT */
/*
 * What gdb asks for while all threads stand still ("GDB Remote Serial Protocol" in gdb's manual), in all-stop mode.
 *
 * Attacks considered: packets are the Normal world's. Each is parsed within its own bytes; numbers are checked before they name
 * anything: a thread must be there, memory must be the program's (memory.c). What is not understood is answered as unknown and
 * changes nothing.
 */
#include "debug/inside.h"

#include "abi/debug.h"
#include "debug/step.h"
#include "lib/string.h"

#define MEMORY_MAX	((RM_PACKET_MAX - RM_FRAME_EXTRA) / 2)	/* bytes of memory in one reply */
#define THREAD_EVERY	0xffffffffu	/* all of them, or any */

static struct rm_debugger *const d = &rm_debugger;

/* What becomes of the conversation after a packet. */
enum then { THEN_REPLY, THEN_REPLY_NOTHING, THEN_GO, THEN_DETACH, THEN_KILL };

/* A packet being answered. */
struct command {
	struct rm_thread *t;
	const char *at, *end;		/* what is left of it; NUL at end */
	struct rm_text reply;
	uint64_t go;			/* THEN_GO: threads that may run */
};

static bool takes(struct command *c, const char *word)
{
	const size_t size = strlen(word);

	if ((size_t)(c->end - c->at) < size || memcmp(c->at, word, size) != 0)
		return false;
	c->at += size;
	return true;
}

static enum then say(struct command *c, const char *text)
{
	rm_text_string(&c->reply, text);
	return THEN_REPLY;
}

static enum then ok(struct command *c, bool done)
{
	return say(c, done ? "OK" : "E01");
}

static bool exists(uint32_t index)
{
	return index < RM_THREAD_MAX && rm_debug_state(index) != RM_DEBUG_ABSENT;
}

/* A thread's number as gdb has it: its index, THREAD_EVERY for -1 and 0. False: there is no such thread. */
static bool thread_number(struct command *c, uint32_t *index)
{
	uint64_t tid;

	*index = THREAD_EVERY;
	if (takes(c, "-1"))
		return true;
	if (!rm_hex_number(&c->at, &tid))
		return false;
	if (tid == 0)
		return true;
	*index = (uint32_t)(tid - rm_enclave.pid);
	return tid - rm_enclave.pid < RM_THREAD_MAX && exists(*index);
}

static void put_thread(struct rm_text *text, uint32_t index)
{
	rm_text_hex(text, rm_enclave.pid + index, 1);
}

/* Why all stopped; with the registers that gdb wants first. */
static enum then why(struct command *c)
{
	static const uint8_t first[] = { 29, 31, 32 };
	const uint8_t signal = (uint8_t)rm_gdb_signal(d->event_signal);

	rm_text_char(&c->reply, 'T');
	rm_hex_put(&c->reply, &signal, 1);
	for (unsigned i = 0; i < sizeof(first); i++) {
		rm_hex_put(&c->reply, &first[i], 1);
		rm_text_char(&c->reply, ':');
		rm_register_put(&c->reply, d->event, first[i]);
		rm_text_char(&c->reply, ';');
	}
	rm_text_string(&c->reply, "thread:");
	put_thread(&c->reply, d->event);
	return say(c, d->event_breakpoint ? ";swbreak:;" : ";");
}

static bool address_and_size(struct command *c, uint64_t *address, uint64_t *size)
{
	return rm_hex_number(&c->at, address) && takes(c, ",") && rm_hex_number(&c->at, size);
}

static enum then read_memory(struct command *c)
{
	uint64_t address, size;
	uint8_t bytes[MEMORY_MAX];

	if (!address_and_size(c, &address, &size))
		return ok(c, false);
	size = rm_debug_peek(bytes, address, rm_smaller(size, sizeof(bytes)));
	if (size == 0)
		return ok(c, false);
	rm_hex_put(&c->reply, bytes, size);
	return THEN_REPLY;
}

static enum then write_memory(struct command *c, bool binary)
{
	uint8_t bytes[MEMORY_MAX];
	uint64_t address, size;

	if (!address_and_size(c, &address, &size) || !takes(c, ":"))
		return ok(c, false);
	if (binary) {
		c->end = d->packet.data + rm_packet_unescape(&d->packet, (size_t)(c->at - d->packet.data));
		return ok(c, size == (size_t)(c->end - c->at) && rm_debug_poke(c->t, address, c->at, size) == size);
	}
	if (size > sizeof(bytes) || 2 * size != (size_t)(c->end - c->at) || !rm_hex_bytes(c->at, bytes, size))
		return ok(c, false);
	return ok(c, rm_debug_poke(c->t, address, bytes, size) == size);
}

static enum then breakpoint(struct command *c, bool set)
{
	uint64_t address, kind;

	if (!takes(c, "0,"))
		return THEN_REPLY;	/* watching memory and the like: unknown */
	if (!address_and_size(c, &address, &kind))
		return ok(c, false);
	return ok(c, (set ? rm_breakpoint_set(address, false) : rm_breakpoint_clear(address)) == 0);
}

static enum then read_register(struct command *c)
{
	uint64_t number;

	if (!rm_hex_number(&c->at, &number) || !rm_register_put(&c->reply, d->selected, number))
		return ok(c, false);
	return THEN_REPLY;
}

static enum then write_register(struct command *c)
{
	uint64_t number;

	return ok(c, rm_hex_number(&c->at, &number) && takes(c, "=") &&
			     rm_register_get(d->selected, number, c->at, (size_t)(c->end - c->at)));
}

/* H: the thread that registers are of. What runs is said by vCont. */
static enum then select(struct command *c)
{
	const bool registers = *c->at == 'g';
	uint32_t index;

	c->at += c->at < c->end;
	if (!thread_number(c, &index))
		return ok(c, false);
	if (registers)
		d->selected = index == THREAD_EVERY ? d->event : index;
	return ok(c, true);
}

static enum then list_threads(struct command *c)
{
	char before = 'm';

	for (uint32_t i = 0; i < RM_THREAD_MAX; i++) {
		if (!exists(i))
			continue;
		rm_text_char(&c->reply, before);
		put_thread(&c->reply, i);
		before = ',';
	}
	return THEN_REPLY;
}

/* qXfer:OBJECT:read:ANNEX:OFFSET,SIZE */
static enum then transfer(struct command *c)
{
	char names[2][16], bytes[RM_PACKET_MAX / 2];
	uint64_t offset, size;
	long result;

	for (unsigned n = 0; n < 2; n++) {
		const char *colon = memchr(c->at, ':', (size_t)(c->end - c->at));

		if (!colon || (size_t)(colon - c->at) >= sizeof(names[0]))
			return THEN_REPLY;
		memcpy(names[n], c->at, (size_t)(colon - c->at));
		names[n][colon - c->at] = 0;
		c->at = colon + 1;
		if (n == 0 && !takes(c, "read:"))
			return THEN_REPLY;
	}
	if (!address_and_size(c, &offset, &size))
		return ok(c, false);
	size = rm_smaller(size, sizeof(bytes));
	result = rm_target_read(c->t, names[0], names[1], offset, bytes, size);
	if (result < 0)
		return say(c, "E00");
	rm_text_char(&c->reply, result > 0 ? 'm' : 'l');
	rm_frame_binary(&c->reply, bytes, (size_t)result);
	return THEN_REPLY;
}

/* QPassSignals: numbers of gdb, with ; between them. */
static enum then pass_signals(struct command *c)
{
	uint64_t number, passed = 0;

	while (rm_hex_number(&c->at, &number)) {
		const unsigned signal = number < 256 ? rm_gdb_to_linux((unsigned)number) : 0;

		passed |= signal ? BIT(signal) : 0;
		if (!takes(c, ";"))
			break;
	}
	d->passed = passed & ~SYNCHRONOUS;
	return ok(c, true);
}

static enum then supported(struct command *c)
{
	rm_text_format(&c->reply, "PacketSize=%x;QStartNoAckMode+;QPassSignals+;swbreak+;vContSupported+;qXfer:features:read+;"
				  "qXfer:auxv:read+;qXfer:threads:read+;qXfer:siginfo:read+", RM_PACKET_MAX);
	return THEN_REPLY;
}

static enum then query(struct command *c)
{
	if (takes(c, "Supported"))
		return supported(c);
	if (takes(c, "Xfer:"))
		return transfer(c);
	if (takes(c, "fThreadInfo"))
		return list_threads(c);
	if (takes(c, "sThreadInfo"))
		return say(c, "l");
	if (takes(c, "Attached"))
		return say(c, "0");	/* the program was started for gdb, and ends with it */
	if (takes(c, "C") && c->at == c->end) {
		rm_text_string(&c->reply, "QC");
		put_thread(&c->reply, d->event);
	}
	return THEN_REPLY;
}

static enum then set(struct command *c)
{
	if (takes(c, "PassSignals:"))
		return pass_signals(c);
	if (!takes(c, "StartNoAckMode"))
		return THEN_REPLY;
	ok(c, true);
	return THEN_REPLY_NOTHING;	/* and from then on none is acknowledged */
}

/* One thread that is to do one instruction. */
static bool step(struct command *c, uint32_t index)
{
	struct rm_thread *t = rm_thread_block(index);
	uint32_t instruction;

	/* In a call, or with a signal to take first: it is done when the thread leaves the runtime. */
	if (rm_debug_state(index) == RM_DEBUG_CALLS || d->signal[index] != 0) {
		t->debug_stepped = true;
		return true;
	}
	d->step = 1ul << index;
	d->after_step = c->go;
	c->go = d->step;
	if (rm_debug_peek(&instruction, t->context.pc, sizeof(instruction)) != sizeof(instruction))
		return true;		/* it faults */
	return rm_breakpoint_set(rm_step_next(&t->context, instruction), true) == 0;
}

/* ACTION[:THREAD][;...]: the first action for a thread counts; without a thread, for all that have none yet. */
static enum then go(struct command *c)
{
	uint64_t rest = ~0ul;		/* threads without an action so far */
	uint32_t steps = THREAD_EVERY, index;

	while (takes(c, ";")) {
		const char action = c->at < c->end ? *c->at++ : 0;
		const bool with_signal = action == 'C' || action == 'S';
		uint64_t signal = 0, threads;

		if (!memchr("cCsS", action, 4) || (with_signal && (!rm_hex_number(&c->at, &signal) || signal > 255)))
			return ok(c, false);
		index = THREAD_EVERY;
		if (takes(c, ":") && !thread_number(c, &index))
			return ok(c, false);
		threads = (index == THREAD_EVERY ? ~0ul : 1ul << index) & rest;
		rest &= ~threads;
		c->go |= threads;
		if (index == THREAD_EVERY)
			index = d->event;
		if (!(threads >> index & 1))
			continue;
		d->signal[index] = (uint8_t)rm_gdb_to_linux((unsigned)signal);
		if ((action == 's' || action == 'S') && steps == THREAD_EVERY)
			steps = index;
	}
	if (c->at != c->end || c->go == 0)
		return ok(c, false);
	if (steps != THREAD_EVERY && !step(c, steps))
		return ok(c, false);
	return THEN_GO;
}

static enum then verbose(struct command *c)
{
	if (takes(c, "Cont?"))
		return say(c, "vCont;c;C;s;S");
	if (takes(c, "Cont"))
		return go(c);
	if (takes(c, "Kill")) {
		ok(c, true);
		return THEN_KILL;
	}
	return THEN_REPLY;
}

static enum then command(struct command *c)
{
	const char first = c->at < c->end ? *c->at++ : 0;
	uint32_t index;

	switch (first) {
	case '?': return why(c);
	case 'g':
		rm_registers_put(&c->reply, d->selected);
		return THEN_REPLY;
	case 'G': return ok(c, rm_registers_get(d->selected, c->at, (size_t)(c->end - c->at)));
	case 'p': return read_register(c);
	case 'P': return write_register(c);
	case 'm': return read_memory(c);
	case 'M': return write_memory(c, false);
	case 'X': return write_memory(c, true);
	case 'Z': return breakpoint(c, true);
	case 'z': return breakpoint(c, false);
	case 'H': return select(c);
	case 'T': return ok(c, thread_number(c, &index) && index != THREAD_EVERY);
	case 'q': return query(c);
	case 'Q': return set(c);
	case 'v': return verbose(c);
	case 'D':
		ok(c, true);
		return THEN_DETACH;
	case 'k': return THEN_KILL;
	default: return THEN_REPLY;
	}
}

/* A thread that steps but could not has been told of by an error: nothing of it stays. */
static void forget_step(void)
{
	d->step = 0;
	rm_breakpoints_clear(true);
	memset(d->signal, 0, sizeof(d->signal));
}

static bool send_reply(struct command *c)
{
	rm_frame_end(&c->reply);
	d->out_size = c->reply.used;
	return rm_wire_send(c->t, d->out, d->out_size);
}

/* The next whole packet. False: gdb is gone. */
static bool next_packet(struct rm_thread *t)
{
	char byte;

	while (rm_wire_byte(t, &byte)) {
		switch (rm_packet_byte(&d->packet, byte)) {
		case RM_PACKET_DONE:
			return !d->acks || rm_wire_send(t, "+", 1);
		case RM_PACKET_BROKEN:
			if (!rm_wire_send(t, "-", 1))
				return false;
			break;
		case RM_PACKET_AGAIN:
			if (!rm_wire_send(t, d->out, d->out_size))
				return false;
			break;
		case RM_PACKET_INTERRUPT:	/* all stand still already */
		case RM_PACKET_NOTHING:
		default:
			break;
		}
	}
	return false;
}

static void kill_program(void)
{
	rm_svc3(RM_SVC_SIGNALED, LX_SIGKILL, 0, ~0ul);
}

static bool tell_stop(struct rm_thread *t)
{
	struct command c = { .t = t };

	rm_frame_begin(&c.reply, d->out, sizeof(d->out));
	why(&c);
	return send_reply(&c);
}

uint64_t rm_debug_converse(struct rm_thread *t, bool first)
{
	bool there = first || tell_stop(t);

	while (there && (there = next_packet(t))) {
		struct command c = { .t = t, .at = d->packet.data, .end = d->packet.data + d->packet.size };
		enum then then;

		rm_frame_begin(&c.reply, d->out, sizeof(d->out));
		then = command(&c);
		if (then == THEN_GO)
			return c.go;
		if (c.go)
			forget_step();
		there = then == THEN_KILL && c.reply.used == 1 ? true : send_reply(&c);
		if (then == THEN_KILL)
			kill_program();
		if (then == THEN_DETACH)
			break;
		if (then == THEN_REPLY_NOTHING)
			d->acks = false;
	}
	rm_debug_detach(t);
	return ~0ul;
}
