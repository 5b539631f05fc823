/* SPDX-License-Identifier: MIT */
/*
 * Another process of Linux in the place of the one that is gone, or that never was (a boot enclave).
 *
 * Attacks considered: the new process is trusted no more than the old one was: its boot page is copied and checked as at the start, and one that is not
 * acceptable leaves things as they are. A thread says that it is ready only here, between two calls, when it holds nothing of what it knew of the old
 * process: no number of a descriptor, no promise. So nothing that was meant for a file of the old one is done to a file of the new one that has the same number, and a
 * Linux that lets go and comes back as often as it likes costs a call each time. Who does not need Linux does not look, and is not held up by a new process.
 */
#include "load/policy.h"
#include "posix/posix.h"
#include "posix/signal.h"
#include "promise/ticket.h"
#include "ring/host.h"

/* The program has promises that are not kept or not taken: what they were made of is the old process's. */
static bool has_promises(struct rm_thread *t)
{
	rm_ticket_sweep(t);
	return rm_tickets(t) && rm_tickets(t)->used != 0;
}

void rm_attach_look(struct rm_thread *t)
{
	struct rm_boot boot;
	long answer;
	bool news;

	if (has_promises(t))
		return;
	t->missed = false;
	answer = rm_svc0(RM_SVC_ATTACH);
	if (answer <= 0)
		return;
	if (rm_ring_attach_again(t, (uint32_t)answer, &boot) != 0) {
		rm_count(t, RM_COUNT_CONTENT);
		return;
	}
	t->host_process = (uint32_t)(answer >> 32);
	rm_policy_thread(t);
	news = rm_fd_lose(&rm_enclave.fds, t->host_process, boot.fds);
	rm_host_attached(t);
	if (news) {
		rm_enclave.exec_fd = -1;
		rm_signal_host_again(t);
	}
}
