/* SPDX-License-Identifier: MIT */
/*
 * When calls are made without an exit, and how. One of the files that touch shared words.
 *
 * Attacks considered: a server that never comes, or says that it is there and is not (the call is taken back after a moment, and leaves as
 * ever), that takes a call and does not answer (the thread leaves and waits, as for any call), that changes `posted` or `awake` as it likes
 * (that costs us a wait that is bounded, or the advantage), that answers before or without doing anything (its word, as always). The result
 * is read once, and checked by the caller.
 */
#include "ring/switchless.h"

#include "ring/access.h"
#include "ring/arena.h"
#include "ring/ring.h"
#include "ring/use.h"
#include "sys/linux.h"
#include "sys/svc.h"

#define FEW		8u		/* calls that leave, after which we look whether a server would be worth a core: */
#define SHARE		8u		/* it is if they took one part in so many of the time */
#define LONG_US		1000u		/* of a call at most this counts: what is longer is Linux's work, not the way there */
#define WAIT_US		100u		/* likewise, of what may have waited for somebody else */
#define COME_MIN_US	50u		/* so long at least we wait for the server to come, */
#define COME_MAX_US	1000u		/* at most this, and between them as long as it takes to leave instead */
#define DONE_US		2000u		/* it came, and takes its time: sleep meanwhile */
#define OTHER_TURN	256u		/* the choice that took longer is tried again so seldom */
#define PAUSE_US	1000u		/* before it is asked again when it does not come; doubled each time, */
#define PAUSE_MAX_US	1000000u	/* to at most this */

static void *word(const struct rm_thread *t, size_t offset)
{
	return t->region + RM_SWITCHLESS_OFFSET + offset;
}

static uint64_t ticks(uint64_t us)
{
	return rm_counter_hz() / 1000000 * us;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What the server says of itself; 0: it does not watch. */
static uint32_t beat(struct rm_thread *t)
{
	uint32_t value;

	return rm_load32(word(t, offsetof(struct rm_switchless, awake)), &value) == 0 ? value : 0;
}

/* Unless that helped nothing a moment ago: longer and longer moments. It was of use before, or would be as it seems. */
bool rm_switchless_wanted(struct rm_thread *t)
{
	const uint64_t now = rm_counter();
	const bool wanted = t->server_wanted || t->server_served >= FEW;

	t->server_served = 0;
	if (!wanted || now < t->server_ask_after)
		return false;
	t->server_wanted = false;
	t->server_pause = t->server_pause ? smaller(2 * t->server_pause, ticks(PAUSE_MAX_US)) : ticks(PAUSE_US);
	t->server_ask_after = now + t->server_pause;
	return true;
}

void rm_switchless_left(struct rm_thread *t, uint64_t spent, bool waits)
{
	const uint64_t now = rm_counter();

	if (t->calls_counted == 0) {
		t->calls_since = now - spent;
		t->calls_spent = 0;
	}
	spent = smaller(spent, ticks(waits ? WAIT_US : LONG_US));
	t->exit_ticks += (spent >> 3) - (t->exit_ticks >> 3);
	t->calls_spent += spent;
	if (++t->calls_counted < FEW)
		return;
	t->calls_counted = 0;
	t->server_wanted = t->calls_spent * SHARE >= now - t->calls_since;
}

uint64_t rm_switchless_patience(const struct rm_thread *t)
{
	const uint64_t least = ticks(COME_MIN_US);

	return t->exit_ticks < least ? least : smaller(t->exit_ticks, ticks(COME_MAX_US));
}

bool rm_choice_serve(struct rm_choice *choice)
{
	const bool served = choice->served <= choice->left;

	return ++choice->turn % OTHER_TURN == 0 ? !served : served;
}

void rm_choice_learn(struct rm_choice *choice, bool served, uint64_t spent)
{
	uint64_t *average = served ? &choice->served : &choice->left;

	spent = smaller(spent, ticks(LONG_US));
	*average = *average == 0 ? spent : *average - *average / 8 + spent / 8;
}

/* What was posted was not taken. Until its beat changes, the server has no CPU: others need it, or its own became ours. */
static void absent(struct rm_thread *t)
{
	rm_use(t, RM_USE_TAKEN_BACK, 1);
	t->server_missed = beat(t);
	t->server_wanted = true;
}

bool rm_switchless_ready(struct rm_thread *t)
{
	uint32_t now;

	if (!rm_switchless(t))
		return false;
	now = beat(t);
	return now != 0 && now != t->server_missed;
}

/* Watches the result word for so long: true if there is a result. */
static bool watch(struct rm_thread *t, const uint8_t *at, uint64_t until, int64_t *result)
{
	do {
		for (int i = 0; i < 32; i++) {
			if (rm_load64_acquire(at, (uint64_t *)result) != 0) {
				rm_count(t, RM_COUNT_VANISHED);
				rm_ring_kill(t);
				return false;
			}
			if (*result != RM_HOSTCALL_UNANSWERED)
				return true;
			rm_relax();
		}
	} while (!t->dead && (int64_t)(rm_counter() - until) < 0);
	return false;
}

bool rm_switchless_post(struct rm_hostcall *h)
{
	struct rm_thread *t = h->t;

	h->message.result = RM_HOSTCALL_UNANSWERED;
	return rm_switchless_ready(t) && rm_copy(rm_arena_here(t, h->slot), &h->message, sizeof(h->message)) == 0 &&
	       rm_set_bits(word(t, offsetof(struct rm_switchless, posted)), 1ul << h->slot) == 0;
}

bool rm_switchless_collect(struct rm_hostcall *h, int64_t *result)
{
	struct rm_thread *t = h->t;
	const uint8_t *at = (uint8_t *)rm_arena_here(t, h->slot) + offsetof(struct rm_host_call, result);
	const uint64_t start = rm_counter();

	if (!watch(t, at, start + rm_switchless_patience(t), result)) {
		if (!t->dead && rm_clear_bits(word(t, offsetof(struct rm_switchless, posted)), 1ul << h->slot) > 0) {
			absent(t);
			return false;
		}
		while (!t->dead && !watch(t, at, start + ticks(DONE_US), result))
			rm_ring_host(t, RM_HOST_AWAIT, rm_arena_offset(t, h->slot), 0);
	}
	if (t->dead) {
		*result = -EIO;
		return true;
	}
	t->server_pause = 0;
	t->server_served++;
	rm_use(t, RM_USE_SWITCHLESS, 1);
	return true;
}
