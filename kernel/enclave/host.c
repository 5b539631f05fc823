/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: a Linux that never comes, comes too late, comes back without having done anything (the runtime finds that out by what
 * it reads), enters for threads that asked for nothing, or from several cores. One that lets go and comes back as another process while a thread
 * is in the middle of a call: it shares nothing with that thread before that has seen it.
 */
#include "enclave/host.h"
#include "arch/timer.h"
#include "enclave/enclave.h"
#include "lib/errno.h"
#include "lib/panic.h"

bool host_ask(struct thread *t, const uint64_t request[3])
{
	assert(t->enclave->resident && t->state == THREAD_RUNNING && !t->host.asked);
	if (t->host.state != HOST_SERVES)
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

void host_leave(struct thread *t)
{
	if (t->state == THREAD_HOST)
		host_late(t);
	t->host.taken = false;
	t->host.state = HOST_GONE;
	t->shared_end = 0;
}

int64_t host_await(struct thread *t)
{
	switch (t->host.state) {
	case HOST_GONE:
		t->host.state = HOST_AWAITED;
		if (!t->enclave->detached)
			thread_tell_linux(t);
		return -EAGAIN;
	case HOST_AWAITED: return -EAGAIN;
	case HOST_OFFERED:
		t->host.state = HOST_SERVES;
		return (int64_t)t->shared_end;
	default: return -EINVAL;
	}
}

void host_enter(struct thread *t)
{
	if (t->host.state == HOST_AWAITED && t->shared_end)
		t->host.state = HOST_OFFERED;
}
