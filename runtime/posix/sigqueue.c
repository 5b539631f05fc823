/* SPDX-License-Identifier: MIT */
/*
 * Sets of waiting signals with what is known of each. Entries of all sets come from one bounded pool, so that no sender can take more
 * memory than that; a standard signal that finds it empty is kept without details, as by Linux.
 */
#include "posix/signal.h"

#define FIRST_REAL_TIME	32
#define ENTRIES		1024u

struct entry {
	struct rm_siginfo info;
	uint16_t next;			/* index + 1 */
};

static struct entry pool[ENTRIES];
static uint16_t unused;			/* index + 1 of free entries, chained by next */
static uint16_t fresh;			/* entries never used start here */

static struct entry *entry(uint16_t number)
{
	return number ? &pool[number - 1] : NULL;
}

static uint16_t take_entry(void)
{
	const uint16_t number = unused;

	if (number == 0)
		return fresh < ENTRIES ? ++fresh : 0;
	unused = entry(number)->next;
	return number;
}

static void give_entry(uint16_t number)
{
	entry(number)->next = unused;
	unused = number;
}

struct rm_siginfo rm_siginfo_of(int signal, int code)
{
	return (struct rm_siginfo){ .signo = signal, .code = code,
				    .data = { rm_enclave.pid | (uint64_t)rm_enclave.uid << 32 } };
}

static void append(struct rm_pending *pending, uint16_t number, const struct rm_siginfo *info)
{
	entry(number)->info = *info;
	entry(number)->next = 0;
	if (pending->last)
		entry(pending->last)->next = number;
	else
		pending->first = number;
	pending->last = number;
}

bool rm_pending_add(struct rm_pending *pending, const struct rm_siginfo *info)
{
	const uint64_t bit = BIT(info->signo);
	uint16_t number;

	if ((pending->set & bit) && info->signo < FIRST_REAL_TIME)
		return true;
	number = take_entry();
	if (number == 0 && info->signo >= FIRST_REAL_TIME && info->code != LX_SI_USER)
		return false;
	if (number != 0)
		append(pending, number, info);
	__atomic_store_n(&pending->set, pending->set | bit, __ATOMIC_RELAXED);
	return true;
}

/* Unlinks the entry behind `before` (0: the first). */
static void unlink_after(struct rm_pending *pending, uint16_t before)
{
	uint16_t *link = before ? &entry(before)->next : &pending->first;
	const uint16_t number = *link;

	*link = entry(number)->next;
	if (pending->last == number)
		pending->last = before;
	give_entry(number);
}

static int next_signal(uint64_t ready)
{
	return __builtin_ctzll(ready & SYNCHRONOUS ? ready & SYNCHRONOUS : ready) + 1;
}

bool rm_pending_take(struct rm_pending *pending, uint64_t allowed, struct rm_siginfo *info)
{
	const uint64_t ready = pending->set & allowed;
	const int signal = ready ? next_signal(ready) : 0;
	bool found = false, more = false;
	uint16_t before = 0;

	if (signal == 0)
		return false;
	for (uint16_t at = pending->first, next; at != 0; at = next) {
		next = entry(at)->next;
		if (entry(at)->info.signo == signal && !found) {
			found = true;
			*info = entry(at)->info;
			unlink_after(pending, before);
			continue;
		}
		more = more || entry(at)->info.signo == signal;
		before = at;
	}
	if (!found)
		*info = (struct rm_siginfo){ .signo = signal, .code = LX_SI_USER };
	if (!more)
		__atomic_store_n(&pending->set, pending->set & ~BIT(signal), __ATOMIC_RELAXED);
	return true;
}

void rm_pending_drop(struct rm_pending *pending, uint64_t signals)
{
	struct rm_siginfo info;

	while (rm_pending_take(pending, signals, &info))
		;
}

struct rm_siginfo *rm_pending_of_timer(struct rm_pending *pending, uint32_t timer)
{
	for (uint16_t at = pending->first; at != 0; at = entry(at)->next)
		if (entry(at)->info.code == LX_SI_TIMER && (uint32_t)entry(at)->info.data[0] == timer)
			return &entry(at)->info;
	return NULL;
}
