/* SPDX-License-Identifier: MIT */
/*
 * When calls are made without an exit, and how. One of the files that touch shared words.
 *
 * Attacks considered: a server that never comes (the call is taken back after a moment, and leaves as ever), that takes a call and does not
 * answer (the thread leaves and waits, as for any call), that changes `posted` or `awake` as it likes (that costs us a wait that is bounded, or
 * the advantage), that answers before or without doing anything (its word, as always). The result is read once, and
 * checked by the caller.
 */
#include "ring/switchless.h"

#include "ring/access.h"
#include "ring/arena.h"
#include "ring/ring.h"
#include "ring/use.h"
#include "sys/linux.h"
#include "sys/svc.h"

#define OFTEN		32u		/* so many calls, */
#define OFTEN_US	200u		/* so far apart at most, are worth a core; about what the server watches in vain */
#define COME_US		1000u		/* it watches, and does not come: Linux has no core for it just now */
#define DONE_US		2000u		/* it came, and takes its time: sleep meanwhile */
#define PAUSE_US	1000u		/* before the next try when it did not come; doubled each time it does not, */
#define PAUSE_MAX_US	1000000u	/* to at most this */

static void *word(const struct rm_thread *t, size_t offset)
{
	return t->region + RM_SWITCHLESS_OFFSET + offset;
}

static uint64_t ticks(uint64_t us)
{
	return rm_counter_hz() / 1000000 * us;
}

static bool awake(struct rm_thread *t)
{
	uint32_t value;

	return rm_load32(word(t, offsetof(struct rm_switchless, awake)), &value) == 0 && value != 0;
}

/* The server did not come: longer and longer. Returns when we may try again. */
static uint64_t pause_from(struct rm_thread *t, uint64_t now)
{
	t->server_pause = t->server_pause ? 2 * t->server_pause : ticks(PAUSE_US);
	if (t->server_pause > ticks(PAUSE_MAX_US))
		t->server_pause = ticks(PAUSE_MAX_US);
	return now + t->server_pause;
}

/* After so many calls: asks for the server if they came fast enough. It takes Linux some time to run it. */
static void ask(struct rm_thread *t)
{
	const uint64_t now = rm_counter(), span = now - t->calls_since;

	t->calls_counted = 0;
	t->calls_since = now;
	if (span > ticks(OFTEN * OFTEN_US) || now < t->server_ask_after)
		return;
	t->server_ask_after = pause_from(t, now);
	rm_ring_host(t, RM_HOST_SERVER, 0, 0);
}

bool rm_switchless_ready(struct rm_thread *t)
{
	if (!t->switchless || (t->server_paused_until != 0 && rm_counter() < t->server_paused_until))
		return false;
	t->server_paused_until = 0;
	return awake(t);
}

static bool served(struct rm_thread *t)
{
	if (rm_switchless_ready(t))
		return true;
	t->calls_counted++;
	if (t->calls_counted >= OFTEN)
		ask(t);
	return false;
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
	return served(t) && rm_copy(rm_arena_here(t, h->slot), &h->message, sizeof(h->message)) == 0 &&
	       rm_set_bits(word(t, offsetof(struct rm_switchless, posted)), 1ul << h->slot) == 0;
}

bool rm_switchless_collect(struct rm_hostcall *h, int64_t *result)
{
	struct rm_thread *t = h->t;
	const uint8_t *at = (uint8_t *)rm_arena_here(t, h->slot) + offsetof(struct rm_host_call, result);
	const uint64_t start = rm_counter();

	if (!watch(t, at, start + ticks(COME_US), result)) {
		if (!t->dead && rm_clear_bits(word(t, offsetof(struct rm_switchless, posted)), 1ul << h->slot) > 0) {
			rm_use(t, RM_USE_TAKEN_BACK, 1);
			t->server_paused_until = pause_from(t, rm_counter());
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
	rm_use(t, RM_USE_SWITCHLESS, 1);
	return true;
}
