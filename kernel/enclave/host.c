/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: a Linux that never comes, comes too late, comes back without having done anything (the runtime finds that out by what
 * it reads), enters for threads that asked for nothing, or from several cores.
 */
#include "enclave/host.h"
#include "arch/timer.h"
#include "enclave/enclave.h"
#include "lib/errno.h"
#include "lib/panic.h"

bool host_ask(struct thread *t, const uint64_t request[3])
{
	assert(t->enclave->resident && t->state == THREAD_RUNNING && !t->host.asked);
	if (t->enclave->detached)
		return false;
	for (int i = 0; i < 3; i++)
		t->host.request[i] = request[i];
	t->host.asked = true;
	t->context.x[0] = (uint64_t)-ETIMEDOUT;
	thread_stop(t, THREAD_HOST, counter() + t->enclave->host_deadline);
	thread_tell_linux(t);
	return true;
}

void host_done(struct thread *t)
{
	if (!t->host.taken)
		return;
	t->host.taken = false;
	if (t->state == THREAD_HOST && !t->host.asked) {
		t->context.x[0] = 0;
		thread_go_on(t, counter());
	}
}

bool host_take(struct thread *t, uint64_t request[3])
{
	assert(!t->host.taken);
	if (!t->host.asked)
		return false;
	t->host.asked = false;
	t->host.taken = true;
	for (int i = 0; i < 3; i++)
		request[i] = t->host.request[i];
	return true;
}

void host_late(struct thread *t)
{
	assert(t->state == THREAD_HOST);
	t->host.asked = false;
	thread_go_on(t, t->wait_until);
}
