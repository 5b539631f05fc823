/* SPDX-License-Identifier: MIT */
/*
 * Handlers run: at the end of a reflected call, in an upcall by the thread's flag, and after a fault of the program. In each case
 * the runtime's stack is empty but for this, so a handler may return, jump away, or never come back.
 */
#include "posix/signal.h"

#include "debug/debug.h"
#include "load/policy.h"
#include "posix/map.h"
#include "ring/access.h"

#define SVC_SIZE	4u

/* A reflected call that a signal interrupted: made again, or -EINTR. */
struct interrupted {
	long result;
	unsigned long first;		/* argument, as it was */
};

static bool restarts(long result)
{
	return result == -LX_ERESTARTSYS || result == -LX_ERESTARTNOINTR || result == -LX_ERESTARTNOHAND;
}

static void make_again(struct rm_context *c, struct interrupted *call)
{
	c->x[0] = call->first;
	c->pc -= SVC_SIZE;
	call->result = 0;
}

static void decide(struct rm_context *c, struct interrupted *call, const struct lx_sigaction *action)
{
	if (!restarts(call->result))
		return;
	if (call->result == -LX_ERESTARTNOINTR || (call->result == -LX_ERESTARTSYS && (action->flags & LX_SA_RESTART))) {
		make_again(c, call);
	} else {
		c->x[0] = (uint64_t)-EINTR;
		call->result = 0;
	}
}

/* Ends the enclave for a fault nobody handles; the report names the place, if that may be known. */
static void end_by_fault(struct rm_thread *t, const struct rm_context *c, const struct rm_siginfo *info, const struct rm_frame_extra *extra)
{
	rm_map_flush_all(t);
	if (rm_debug_on)
		rm_core_write(t, info);
	rm_death(t, info->signo, extra->address, c);
	if (rm_policy_debug())
		rm_svc(RM_SVC_SIGNALED, (unsigned long)info->signo, extra->address, c->pc, extra->esr, 0, 0);
	else
		rm_svc3(RM_SVC_SIGNALED, info->signo, 0, ~0ul);
}

/* The disposition for one delivery; SA_RESETHAND takes effect. */
static struct lx_sigaction action_of(int signal)
{
	struct lx_sigaction action;

	rm_lock(&rm_enclave.signal_lock);
	action = rm_enclave.signals[signal - 1];
	if (action.handler > LX_SIG_IGN && (action.flags & LX_SA_RESETHAND))
		rm_enclave.signals[signal - 1].handler = LX_SIG_DFL;
	rm_unlock(&rm_enclave.signal_lock);
	return action;
}

/* Sends the program into the handler: false if its frame cannot be written. */
static bool enter_handler(struct rm_thread *t, struct rm_context *c, const struct lx_sigaction *action,
			  const struct rm_siginfo *info, struct rm_frame_extra *extra)
{
	struct rm_signal_state *s = &t->signal;
	uint64_t during = s->mask | action->mask;

	extra->mask = s->mask_lent ? s->mask_after : s->mask;
	if (rm_frame_push(t, c, action, info, extra) != 0)
		return false;
	if (t->trace != 0)
		rm_trace_signal(t, info->signo, info->code, action->handler, extra->address);
	if (!(action->flags & LX_SA_NODEFER))
		during |= BIT(info->signo);
	s->mask_lent = false;
	rm_signal_set_mask(t, during);
	return true;
}

/* A fault, or a frame that cannot be: a handler that may run has it, or it is the end. */
static void force(struct rm_thread *t, struct rm_context *c, const struct rm_siginfo *info, struct rm_frame_extra *extra)
{
	const bool blocked = (t->signal.mask & BIT(info->signo)) != 0;
	const struct lx_sigaction action = action_of(info->signo);

	if (blocked || action.handler <= LX_SIG_IGN || !enter_handler(t, c, &action, info, extra))
		end_by_fault(t, c, info, extra);
}

/* The stack has no room for a frame: Linux's answer is SIGSEGV, unless that was it. */
static void no_room(struct rm_thread *t, struct rm_context *c, int signal)
{
	const struct rm_siginfo info = { .signo = LX_SIGSEGV, .code = LX_SEGV_MAPERR, .data = { c->sp } };
	struct rm_frame_extra extra = { .address = c->sp };

	if (signal == LX_SIGSEGV)
		end_by_fault(t, c, &info, &extra);
	force(t, c, &info, &extra);
}

static void deliver_one(struct rm_thread *t, struct rm_context *c, struct rm_siginfo *info, struct interrupted *call)
{
	struct rm_frame_extra extra = { .esr = 0 };
	struct lx_sigaction action;

	if (info->code == LX_SI_TIMER && !rm_timer_delivered(info))
		return;
	if (rm_debug_on) {
		info->signo = rm_debug_signal(t, info);
		if (info->signo == 0)
			return;
	}
	action = action_of(info->signo);
	if (action.handler == LX_SIG_DFL)
		rm_signal_do_default(t, info);
	if (action.handler <= LX_SIG_IGN)
		return;
	decide(c, call, &action);
	if (!enter_handler(t, c, &action, info, &extra))
		no_room(t, c, info->signo);
}

/* All that the mask lets through, one handler over the other, as Linux does it. A lent mask ends here. */
static void deliver(struct rm_thread *t, struct rm_context *c, struct interrupted *call)
{
	struct rm_siginfo info;
	bool again, any = false;

	rm_interrupted(t);
	do {
		while (rm_signal_take(t, ~t->signal.mask, &info)) {
			any = true;
			deliver_one(t, c, &info, call);
		}
		again = t->signal.mask_lent;
		if (again) {
			t->signal.mask_lent = false;
			rm_signal_set_mask(t, t->signal.mask_after);
		}
	} while (again);
	if (any)
		rm_signalfd_settle(t);
	if (restarts(call->result))
		make_again(c, call);
}

static unsigned long resume_with(const struct rm_context *c)
{
	rm_svc1(RM_SVC_SET_CONTEXT, c);
	return c->x[0];
}

unsigned long rm_signal_after(struct rm_thread *t, const struct rm_args *args, long result)
{
	const bool whole = args->number == RM_SVC_DELIVER || args->number == LX_rt_sigreturn;
	struct interrupted call = { .result = whole ? 0 : result, .first = args->a[0] };
	struct rm_context *c = &t->context;

	if (!restarts(call.result) && !t->signal.mask_lent && !rm_signal_ready(t))
		return (unsigned long)result;
	if (rm_svc1(RM_SVC_GET_CONTEXT, c) != 0)
		return (unsigned long)-EINTR;
	c->x[0] = (uint64_t)result;
	deliver(t, c, &call);
	return resume_with(c);
}

struct rm_outcome rm_signal_after_direct(const struct rm_thread *t, long result)
{
	if (restarts(result))
		return (struct rm_outcome){ 0, RM_CALL_RESTART };
	if (t->signal.mask_lent || rm_signal_ready(t))
		return (struct rm_outcome){ result, RM_CALL_DELIVER };
	return (struct rm_outcome){ result, RM_CALL_DONE };
}

unsigned long rm_signal_upcall(struct rm_thread *t)
{
	struct interrupted call = { .result = 0 };
	struct rm_context *c = &t->context;

	if (rm_svc1(RM_SVC_GET_CONTEXT, c) != 0)
		return 0;
	deliver(t, c, &call);
	return resume_with(c);
}

#define ESR_CLASS(esr)	((esr) >> 26 & 0x3f)
#define ESR_FAULT(esr)	((esr) & 0x3c)

/* si_code, as Linux derives it (arch/arm64/mm/fault.c, kernel/traps.c). */
static int fault_code(int signal, uint64_t esr, bool reserved)
{
	switch (signal) {
	case LX_SIGSEGV:
		return reserved ? LX_SEGV_ACCERR : LX_SEGV_MAPERR;
	case LX_SIGBUS:
		return (esr & 0x3f) == 0x21 || ESR_CLASS(esr) == 0x22 || ESR_CLASS(esr) == 0x26 ? LX_BUS_ADRALN : LX_BUS_ADRERR;
	case LX_SIGTRAP:
		return ESR_CLASS(esr) == 0x3c ? LX_TRAP_BRKPT : LX_TRAP_TRACE;
	case LX_SIGFPE:
		return esr & 1 ? LX_FPE_FLTINV : esr & 2 ? LX_FPE_FLTDIV : esr & 4 ? LX_FPE_FLTOVF : esr & 8 ? LX_FPE_FLTUND :
		       esr & 16 ? LX_FPE_FLTRES : LX_FPE_FLTUNK;
	default:
		return LX_ILL_ILLOPC;
	}
}

unsigned long rm_signal_fault(struct rm_thread *t, int signal, uint64_t address, uint64_t esr, bool reserved)
{
	const struct rm_siginfo info = { .signo = signal, .code = fault_code(signal, esr, reserved), .data = { address } };
	struct rm_frame_extra extra = { .address = address, .esr = esr };
	struct interrupted call = { .result = 0 };
	struct rm_context *c = &t->context;

	if (rm_svc1(RM_SVC_GET_CONTEXT, c) != 0)
		return 0;
	if (!rm_debug_on || rm_debug_fault(t, &info))
		force(t, c, &info, &extra);
	deliver(t, c, &call);
	return resume_with(c);
}

/* Reached by svc only: musl's and everybody's restorer makes it that way. */
long rm_sys_rt_sigreturn(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_context *c = &t->context;
	uint64_t mask;

	if (args->direct || rm_svc1(RM_SVC_GET_CONTEXT, c) != 0)
		return -ENOSYS;
	if (rm_frame_pop(t, c, &mask) == 0)
		rm_signal_set_mask(t, mask);
	else
		no_room(t, c, 0);
	return (long)resume_with(c);
}
