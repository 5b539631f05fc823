/* SPDX-License-Identifier: MIT */
/*
 * Signals from outside: the proxy records those that it was told to hand over (struct rm_host_signals). One of the files that touch
 * shared words.
 *
 * Attacks considered: records are copied once; a count that cannot be is taken as "nothing new" and counted. A signal that was not
 * asked for or that the manifest does not permit, or that speaks of something only the inside can know (a fault, a timer, a thread's own signal), is dropped or becomes a
 * plain one of kill(): forging those that a program handles is within what any process of the user may do natively. A flood is bounded
 * by the queue of the enclave.
 */
#include "posix/signal.h"

#include "debug/debug.h"
#include "load/policy.h"
#include "ring/access.h"

#define AT(field)	(t->region + RM_BOOT_SIGNALS + offsetof(struct rm_host_signals, field))

/* What the host says of it, as far as it may. */
static struct rm_siginfo siginfo_from(const struct rm_host_signal *record)
{
	struct rm_siginfo info = { .signo = (int32_t)record->signal, .code = record->code,
				   .data = { record->pid | (uint64_t)record->uid << 32, record->value } };
	const bool child = record->signal == LX_SIGCHLD && record->code >= 1 && record->code <= 6;

	if (!child && info.code != LX_SI_QUEUE && info.code != LX_SI_KERNEL)
		info.code = LX_SI_USER;
	if (info.code == LX_SI_USER)
		info.data[1] = 0;
	if (child)
		info.data[1] = (uint32_t)record->value;
	return info;
}

static void receive(struct rm_thread *t, const struct rm_host_signal *record)
{
	struct rm_siginfo info;

	if (record->signal == 0 && rm_debug_on) {
		rm_debug_input(t);
		return;
	}
	if (!rm_signal_valid(record->signal) || !(rm_policy.signals & BIT(record->signal)) ||
	    !(__atomic_load_n(&rm_enclave.signals_hosted, __ATOMIC_RELAXED) & BIT(record->signal))) {
		rm_count(t, RM_COUNT_SIGNALS);
		return;
	}
	info = siginfo_from(record);
	rm_signal_send(t, WHOLE_ENCLAVE, &info);
}

void rm_signal_news(struct rm_thread *t)
{
	struct rm_signal_state *s = &t->signal;
	struct rm_host_signal record;
	uint32_t head;

	if (t->dead || rm_load32_acquire(AT(head), &head) != 0 || head == s->host_next)
		return;
	if (head - s->host_next > RM_HOST_SIGNALS) {
		rm_count(t, RM_COUNT_SIGNALS);
		return;
	}
	while (s->host_next != head) {
		const uint32_t at = s->host_next % RM_HOST_SIGNALS;

		if (rm_copy(&record, AT(record[0]) + at * sizeof(record), sizeof(record)) != 0)
			return;
		s->host_next++;
		rm_store32_release(AT(tail), s->host_next);
		receive(t, &record);
	}
}
