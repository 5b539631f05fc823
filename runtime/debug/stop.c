/* SPDX-License-Identifier: MIT */
/*
 * Who runs and who stands still. A thread that would run its program says so first (RUNS) and then looks whether it may; whoever stops
 * the others says that first and then looks who runs: one of the two sees the other.
 *
 * Attacks considered: Linux may never give a thread time, so that it never stops and gdb waits for ever: availability is Linux's to
 * give. What gdb sends decides only what this program, whose user asked for it, does.
 */
#include "debug/inside.h"

#include "abi/hostcall.h"
#include "load/policy.h"
#include "ring/arena.h"

#define FUTEX_WAIT_PRIVATE	128
#define FUTEX_WAKE_PRIVATE	129
#define EVERYBODY		0x7fffffff

bool rm_debug_on;
struct rm_debugger rm_debugger;
static struct rm_debugger *const d = &rm_debugger;

static bool may_run(const struct rm_thread *t)
{
	return (__atomic_load_n(&d->may_run, __ATOMIC_SEQ_CST) >> t->index & 1) != 0;
}

/* Runtime memory: no signal ends such a wait. */
static void wait_while(uint32_t *word, uint32_t value)
{
	rm_svc(LX_futex, (unsigned long)word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
}

static void change(uint32_t *word)
{
	__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
	rm_svc(LX_futex, (unsigned long)word, FUTEX_WAKE_PRIVATE, EVERYBODY, 0, 0, 0);
}

static void set_state(const struct rm_thread *t, enum rm_debug_state state)
{
	__atomic_store_n(&d->state[t->index], (uint8_t)state, __ATOMIC_SEQ_CST);
	if (state != RM_DEBUG_RUNS && !may_run(t))
		change(&d->changes);
}

static void let_run(uint64_t threads)
{
	__atomic_store_n(&d->may_run, threads, __ATOMIC_SEQ_CST);
	change(&d->turn);
}

static void await_turn(const struct rm_thread *t)
{
	for (;;) {
		const uint32_t turn = __atomic_load_n(&d->turn, __ATOMIC_SEQ_CST);

		if (may_run(t))
			return;
		wait_while(&d->turn, turn);
	}
}

/* From a state in which the registers stand still to RUNS, once the thread may. */
static void run_on(const struct rm_thread *t, enum rm_debug_state still)
{
	for (;;) {
		set_state(t, RM_DEBUG_RUNS);
		if (may_run(t))
			return;
		set_state(t, still);
		await_turn(t);
	}
}

/* Whoever may run may stop all. What may run before; 0: not now. */
static uint64_t take_turn(const struct rm_thread *t)
{
	uint64_t before;

	rm_lock(&d->lock);
	before = may_run(t) ? d->may_run : 0;
	if (before)
		__atomic_store_n(&d->may_run, 0, __ATOMIC_SEQ_CST);
	rm_unlock(&d->lock);
	return before;
}

static bool somebody_runs(const struct rm_thread *t)
{
	for (uint32_t i = 0; i < RM_THREAD_MAX; i++)
		if (i != t->index && rm_debug_state(i) == RM_DEBUG_RUNS)
			return true;
	return false;
}

static void stop_others(struct rm_thread *t)
{
	for (uint32_t i = 0; i < RM_THREAD_MAX; i++)
		if (i != t->index && rm_debug_state(i) == RM_DEBUG_RUNS && rm_svc1(RM_SVC_NOTIFY, i) == 1)
			rm_ring_host(t, RM_HOST_KICK, i, 0);
	for (;;) {
		const uint32_t changes = __atomic_load_n(&d->changes, __ATOMIC_SEQ_CST);

		if (!somebody_runs(t))
			return;
		wait_while(&d->changes, changes);
	}
}

/*
 * Steps: a thread in its program does one instruction alone, up to a breakpoint behind it; one in a call steps by leaving it.
 */

static void end_step(void)
{
	rm_breakpoints_clear(true);
	d->step = 0;
}

/* The thread that steps made a call, which may wait for others. */
static void step_into_call(struct rm_thread *t)
{
	const uint64_t then = d->after_step | 1ul << t->index;

	if (!take_turn(t))
		return;
	end_step();
	t->debug_stepped = true;
	let_run(then);
}

/* Is this breakpoint of ours gone since the thread ran into it? Then the instruction is still to be done. */
static bool gone(const struct rm_thread *t, struct rm_debug_event event)
{
	uint32_t instruction;

	return event.signal == LX_SIGTRAP && event.breakpoint && !rm_breakpoint_at(t->context.pc) &&
	       rm_debug_peek(&instruction, t->context.pc, sizeof(instruction)) == sizeof(instruction) &&
	       (instruction & 0xffe0001f) != RM_BRK;
}

/* All stand still: gdb has the word. */
static void tell(struct rm_thread *t, struct rm_debug_event event)
{
	const bool first = d->first;

	stop_others(t);
	d->event_breakpoint = event.breakpoint && rm_breakpoint_at(t->context.pc) && !(d->step >> t->index & 1);
	end_step();
	d->first = false;
	d->event = d->selected = t->index;
	d->event_signal = (uint32_t)event.signal;
	d->event_info = event.info ? *event.info : rm_siginfo_of(event.signal, LX_SI_USER);
	let_run(rm_debug_converse(t, first));
}

int rm_debug_event(struct rm_thread *t, struct rm_debug_event event)
{
	const enum rm_debug_state before = rm_debug_state(t->index);
	int signal;

	rm_fp_save(&t->fp);
	if (before == RM_DEBUG_RUNS)
		set_state(t, RM_DEBUG_STOPPED);
	do {
		await_turn(t);
		if (!d->attached || gone(t, event)) {
			signal = gone(t, event) ? 0 : event.signal;
			break;
		}
		if (!take_turn(t))
			continue;
		d->signal[t->index] = 0;
		tell(t, event);
		await_turn(t);
		signal = d->signal[t->index];
		d->signal[t->index] = 0;
		break;
	} while (true);
	if (before == RM_DEBUG_RUNS)
		run_on(t, RM_DEBUG_STOPPED);
	if (t->debug_fp)
		rm_fp_load(&t->fp);
	t->debug_fp = false;
	return signal;
}

void rm_debug_stop(struct rm_thread *t)
{
	set_state(t, RM_DEBUG_STOPPED);
	do {
		await_turn(t);
	} while (!take_turn(t));
	stop_others(t);
}

void rm_debug_detach(struct rm_thread *t)
{
	(void)t;
	rm_breakpoints_clear(false);
	d->step = 0;
	d->attached = false;
}

/* A signal that gdb sends, instead of the one that stopped the thread. It is not asked about it again. */
static void send(struct rm_thread *t, int signal)
{
	const struct rm_siginfo info = rm_siginfo_of(signal, LX_SI_USER);

	if (signal == 0)
		return;
	t->debug_told |= BIT(signal);
	rm_signal_send(t, (int)t->index, &info);
	rm_svc1(RM_SVC_NOTIFY, t->index);
}

/*
 * The hooks.
 */

long rm_debug_init(struct rm_thread *t, const struct rm_boot *boot)
{
	if (!(boot->flags & (RM_BOOT_DEBUG | RM_BOOT_CORE)))
		return 0;
	if (!rm_policy_debug())
		return -EPERM;
	rm_debug_on = true;
	d->core = (boot->flags & RM_BOOT_CORE) != 0;
	d->attached = d->acks = (boot->flags & RM_BOOT_DEBUG) != 0;
	d->fd = (int)boot->debug_fd;
	d->may_run = ~0ul;
	d->state[t->index] = RM_DEBUG_RUNS;
	t->debug_slot = rm_arena_take(t, 1);
	return 0;
}

void rm_debug_first(struct rm_thread *t)
{
	t->debug_input = d->ready = d->first = true;
	rm_svc1(RM_SVC_NOTIFY, t->index);
}

void rm_debug_enter(struct rm_thread *t, const struct rm_args *args)
{
	rm_svc1(RM_SVC_GET_CONTEXT, &t->context);
	rm_fp_save(&t->fp);
	if (d->step >> t->index & 1)
		step_into_call(t);
	if (args->number != LX_rt_sigreturn)
		set_state(t, RM_DEBUG_CALLS);
	rm_interrupted(t);	/* what came before the call is known when it begins */
}

long rm_debug_called(struct rm_thread *t, long result)
{
	run_on(t, RM_DEBUG_CALLS);
	if (t->debug_fp)
		rm_fp_load(&t->fp);
	t->debug_fp = false;
	if (!t->debug_written)
		return result;
	if (result <= -LX_ERESTARTSYS)
		result = -EINTR;	/* it is not made again from another place */
	t->context.x[0] = t->debug_x0 ? t->context.x[0] : (uint64_t)result;
	t->debug_written = t->debug_x0 = false;
	rm_svc1(RM_SVC_SET_CONTEXT, &t->context);
	return (long)t->context.x[0];
}

unsigned long rm_debug_leave(struct rm_thread *t, unsigned long x0)
{
	t->context.x[0] = x0;
	if (t->debug_stepped) {
		t->debug_stepped = false;
		send(t, rm_debug_event(t, (struct rm_debug_event){ .signal = LX_SIGTRAP }));
	}
	rm_fp_save(&t->fp);
	run_on(t, RM_DEBUG_STOPPED);
	send(t, d->signal[t->index]);
	d->signal[t->index] = 0;
	if (t->debug_fp)
		rm_fp_load(&t->fp);
	if (t->debug_written)
		rm_svc1(RM_SVC_SET_CONTEXT, &t->context);
	t->debug_written = t->debug_x0 = t->debug_fp = false;
	return t->context.x[0];
}

unsigned long rm_debug_thread_begins(struct rm_thread *t)
{
	t->debug_slot = rm_arena_take(t, 1);
	t->debug_input = t->debug_stepped = t->debug_written = t->debug_x0 = t->debug_fp = false;
	t->debug_told = 0;
	d->signal[t->index] = 0;
	rm_svc1(RM_SVC_GET_CONTEXT, &t->context);
	return rm_debug_leave(t, 0);
}

void rm_debug_ends(struct rm_thread *t)
{
	run_on(t, RM_DEBUG_CALLS);
	set_state(t, RM_DEBUG_ABSENT);
	while (!may_run(t)) {		/* stopped at this very moment: gdb may still want its registers */
		set_state(t, RM_DEBUG_CALLS);
		await_turn(t);
		set_state(t, RM_DEBUG_ABSENT);
	}
}

bool rm_debug_fault(struct rm_thread *t, const struct rm_siginfo *info)
{
	const bool breakpoint = info->signo == LX_SIGTRAP && rm_breakpoint_at(t->context.pc);
	const int then = rm_debug_event(t, (struct rm_debug_event){ info->signo, info, breakpoint });

	if (then != info->signo)
		send(t, then);
	return then == info->signo;
}

int rm_debug_signal(struct rm_thread *t, const struct rm_siginfo *info)
{
	const int signal = info->signo;

	if (((d->passed | t->debug_told) & BIT(signal)) || !d->attached) {
		t->debug_told &= ~BIT(signal);
		return signal;
	}
	return rm_debug_event(t, (struct rm_debug_event){ .signal = signal, .info = info });
}

void rm_debug_input(struct rm_thread *t)
{
	t->debug_input = true;
}

static void look(struct rm_thread *t)
{
	const uint64_t before = take_turn(t);
	int interrupt;

	if (!before)
		return;
	interrupt = rm_wire_interrupt(t);
	if (interrupt < 0) {
		stop_others(t);
		rm_debug_detach(t);
	}
	let_run(interrupt < 0 ? ~0ul : before);
	if (interrupt > 0)
		send(t, rm_debug_event(t, (struct rm_debug_event){ .signal = LX_SIGINT }));
}

void rm_debug_look(struct rm_thread *t)
{
	if (!t->debug_input || !d->attached || !d->ready)
		return;
	t->debug_input = false;
	if (d->first)
		rm_debug_event(t, (struct rm_debug_event){ .signal = LX_SIGTRAP });
	else
		look(t);
}
