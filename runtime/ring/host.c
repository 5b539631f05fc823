/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: a Linux that comes and goes costs each thread a deadline at most for each time that it went, and nothing while it is away but
 * one deadline in two. It is lost for all when a thread waited in vain and no other had an answer meanwhile: a Linux that
 * serves some threads and not others harms those that it does not serve.
 */
#include "ring/host.h"

#include "ring/ring.h"
#include "sys/svc.h"

static struct {
	uint32_t changes;	/* odd: lost */
	uint64_t answered;	/* the counter when Linux last came back to some thread */
	uint64_t try_after;	/* lost: no sooner is it asked again */
	uint32_t process;	/* the newest that a thread has its ring from */
} host;

void rm_host_start(void)
{
	host.changes = host.process = 0;
	host.answered = host.try_after = 0;
}

uint32_t rm_host_changes(void)
{
	return __atomic_load_n(&host.changes, __ATOMIC_ACQUIRE);
}

static bool lost(void)
{
	return rm_host_changes() & 1;
}

/* To lost, or back; several threads may find the same out. */
static void change(bool to_lost)
{
	uint32_t now = rm_host_changes();

	while ((now & 1) != to_lost && !__atomic_compare_exchange_n(&host.changes, &now, now + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

/* The manifest's deadline: what Linux owes is late after half of it (load/policy.c). */
static uint64_t deadline(const struct rm_thread *t)
{
	return 2 * t->deadline;
}

void rm_host_answered(struct rm_thread *t)
{
	t->silent = false;
	__atomic_store_n(&host.answered, rm_counter(), __ATOMIC_RELAXED);
	change(false);
}

/* What a thread finds out about a process that another thread knows to be succeeded is no news. */
static bool is_news(const struct rm_thread *t)
{
	return t->host_process == __atomic_load_n(&host.process, __ATOMIC_RELAXED);
}

void rm_host_missed(struct rm_thread *t, uint64_t begun)
{
	const bool before = t->silent;

	t->silent = true;
	t->try_after = rm_counter() + deadline(t);
	if (!is_news(t))
		return;
	if (lost() || (!before && (int64_t)(begun - __atomic_load_n(&host.answered, __ATOMIC_RELAXED)) >= 0)) {
		__atomic_store_n(&host.try_after, t->try_after, __ATOMIC_RELAXED);
		change(true);
	}
}

void rm_host_left(const struct rm_thread *t)
{
	if (is_news(t))
		change(true);
}

void rm_host_attached(struct rm_thread *t)
{
	__atomic_store_n(&host.process, t->host_process, __ATOMIC_RELAXED);
	rm_host_answered(t);
}

bool rm_host_silent(struct rm_thread *t)
{
	uint64_t after;

	if (!t->resident || (!t->silent && !lost()))
		return false;
	after = t->silent ? t->try_after : __atomic_load_n(&host.try_after, __ATOMIC_RELAXED);
	return (int64_t)(rm_counter() - after) < 0 || !rm_ring_probe(t);
}

uint32_t rm_host_patience(const struct rm_thread *t)
{
	uint64_t ms;

	if (!t->resident)
		return 0;
	ms = t->deadline * 1000 / rm_counter_hz();
	return ms > 0 ? (uint32_t)ms : 1;
}
