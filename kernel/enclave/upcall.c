/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: the flag is set by the proxy (ENTER) and by the enclave's own threads at any moment and as often as they like:
 * it is one bit, and an entry for nothing is the runtime's to shrug off. Nothing here is told to the runtime that the enclave does not
 * know of itself; what a signal means is decided in the enclave.
 */
#include "enclave/upcall.h"
#include "arch/cpu.h"
#include "arch/gic.h"
#include "arch/timer.h"
#include "enclave/enclave.h"
#include "enclave/runtime_image.h"
#include "lib/errno.h"
#include "lib/panic.h"

static bool runs_program(const struct thread *t)
{
	return !t->enclave->builtin && !t->reflected && !runtime_image_holds(t->context.pc);
}

void upcall_enter(struct thread *t, uint64_t entry)
{
	assert(!t->enclave->builtin && runtime_image_holds(entry));
	t->program = t->context;
	t->reflected = true;
	t->context.pc = entry;
	t->context.sp = thread_block(t->index);
}

void upcall_notify(struct thread *t)
{
	assert(!t->enclave->builtin);
	t->notify = true;
	/* A resident one that is due is released first: nobody takes that from it. */
	if (t->state == THREAD_WAITING && t->interruptible && !(t->resident && t->wait_until <= counter())) {
		t->notify = false;
		t->interrupted = t->wait_until;
		thread_wake(t, -EINTR);
	}
}

/* For a resident thread each is work that Linux makes it do: what comes too soon is done later, and only the first of those told to its core. */
void upcall_notify_by_linux(struct thread *t)
{
	struct cpu *cpu = &cpus[t->enclave->core];

	if (t->resident && counter() - t->notified < counter_from_ns(NOTIFY_NS)) {
		if (!t->notify_later && cpu != cpu_this())
			gic_kick(cpu->index);
		t->notify_later = cpu->look = true;
		return;
	}
	t->notify_later = false;
	t->notified = counter();
	upcall_notify(t);
}

bool upcall_take(struct thread *t)
{
	bool notified = t->notify;

	assert(t->state == THREAD_RUNNING);
	t->notify = false;
	return notified;
}

void upcall_if_notified(struct thread *t)
{
	assert(t->state == THREAD_RUNNING);
	/* Not between the steps of a call: what is left of it stands in t. */
	if (!t->notify || !runs_program(t) || t->progress || t->target || t->phase)
		return;
	t->notify = false;
	upcall_enter(t, runtime_image()->signal);
}

bool upcall_fault(struct thread *t, uint64_t signal, uint64_t address, uint64_t esr)
{
	assert(t->state == THREAD_RUNNING);
	/* In the middle of a change of its own memory, which took the code away: what is half done can only be thrown away. */
	if (!runs_program(t) || t->enclave->space.changer == t)
		return false;
	t->progress = t->target = t->phase = 0;		/* of a call whose code another thread took away */
	upcall_enter(t, runtime_image()->fault);
	t->context.x[0] = signal;
	t->context.x[1] = address;
	t->context.x[2] = esr;
	t->context.x[3] = address < USER_END && regions_find(&t->enclave->space.regions, address) != NULL;
	return true;
}
