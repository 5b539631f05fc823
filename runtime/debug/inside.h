/* SPDX-License-Identifier: MIT */
/* What the files of debug/ share. */
#ifndef RUNTIME_DEBUG_INSIDE_H
#define RUNTIME_DEBUG_INSIDE_H

#include "debug/debug.h"
#include "debug/packet.h"
#include "posix/signal.h"

#define RM_BREAKPOINTS	256u
#define RM_BRK		0xd4200000u	/* brk #0 */

enum rm_debug_state { RM_DEBUG_ABSENT, RM_DEBUG_RUNS, RM_DEBUG_CALLS, RM_DEBUG_STOPPED };

struct rm_breakpoint {
	uint64_t address;		/* 0: none */
	uint32_t instruction;		/* that stood there */
	bool hidden;			/* ours, to step */
};

struct rm_debugger {
	bool core;			/* a core file is wanted */
	bool attached;			/* gdb is there */
	bool ready, first;		/* there is a program; it has done no instruction */
	bool acks;			/* packets are acknowledged */
	int fd;				/* of the proxy */
	struct rm_lock lock;		/* of may_run, where it is changed by whoever would have the turn */
	uint64_t may_run;		/* bit i: thread i; 0: somebody talks to gdb */
	uint32_t turn, changes;		/* futexes: may_run, or some state, has changed */
	uint8_t state[RM_THREAD_MAX];	/* enum rm_debug_state */
	uint8_t signal[RM_THREAD_MAX];	/* that gdb wants the thread to have when it goes on */
	uint64_t passed;		/* signals that gdb does not want to hear of */
	/* While all threads stand still: */
	uint32_t selected;		/* thread that registers are read and written of */
	uint32_t event, event_signal;	/* thread that had the event; what it was */
	bool event_breakpoint;
	struct rm_siginfo event_info;
	uint64_t step;			/* bit i: thread i is to do one instruction, alone */
	uint64_t after_step;		/* may_run once it is in a call */
	unsigned breakpoints;
	struct rm_breakpoint breakpoint[RM_BREAKPOINTS];
	char in[256];			/* bytes from gdb that nobody has looked at */
	uint32_t in_at, in_size;
	struct rm_packet packet;
	char out[RM_PACKET_MAX + RM_FRAME_EXTRA];
	size_t out_size;
};
extern struct rm_debugger rm_debugger;

static inline enum rm_debug_state rm_debug_state(uint32_t index)
{
	return (enum rm_debug_state)__atomic_load_n(&rm_debugger.state[index], __ATOMIC_SEQ_CST);
}

/* stop.c: an event of the calling thread: stops the others, talks to gdb, comes back when the thread may run. The signal it is to have. */
struct rm_debug_event {
	int signal;
	const struct rm_siginfo *info;	/* of it, or NULL */
	bool breakpoint;		/* one of ours, at t->context.pc */
};
int rm_debug_event(struct rm_thread *t, struct rm_debug_event event);
/* All others stand still from now on, for good. */
void rm_debug_stop(struct rm_thread *t);
/* Ends all debugging: whoever waits runs on. Nobody runs. */
void rm_debug_detach(struct rm_thread *t);

/* memory.c: of the program alone. Bytes that could be read or written from the start. */
size_t rm_debug_peek(void *to, uint64_t from, size_t size);
size_t rm_debug_poke(struct rm_thread *t, uint64_t to, const void *from, size_t size);
/* 0 or -errno. */
long rm_breakpoint_set(uint64_t address, bool hidden);
long rm_breakpoint_clear(uint64_t address);
bool rm_breakpoint_at(uint64_t address);
/* Takes out those that step, or all. */
void rm_breakpoints_clear(bool hidden);

/* wire.c: false: gdb is gone. */
bool rm_wire_send(struct rm_thread *t, const char *from, size_t size);
/* The next byte; waits for it. */
bool rm_wire_byte(struct rm_thread *t, char *byte);
/* Without waiting: has gdb asked for a stop? Negative: it is gone. */
int rm_wire_interrupt(struct rm_thread *t);

/* command.c: answers gdb until it lets the program go on; the calling thread had the event. What threads may run: not 0. */
uint64_t rm_debug_converse(struct rm_thread *t, bool first);

/* registers.c: of a thread that stands still, in gdb's order. */
#define RM_REGISTERS_HEX	1576u	/* digits of all of them */
void rm_registers_put(struct rm_text *text, uint32_t index);
bool rm_registers_get(uint32_t index, const char *digits, size_t size);
bool rm_register_put(struct rm_text *text, uint32_t index, uint64_t number);
bool rm_register_get(uint32_t index, uint64_t number, const char *digits, size_t size);

/* target.c: objects that gdb reads in pieces (qXfer). Bytes of it from an offset; negative: there is no such object. */
long rm_target_read(struct rm_thread *t, const char *object, const char *annex, uint64_t offset, void *to, size_t size);

#endif
