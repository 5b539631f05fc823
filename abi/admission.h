/* SPDX-License-Identifier: MIT */
/*
 * The admission test of resident.h, for the kernel, which decides, and for `ringmaster pack`, which says early what cannot be. Integers only; all times
 * are microseconds. A step is one pass over the reservations; a sum that does not come to rest ends at its limit, so the steps are few: at most 700 for a
 * reservation, as each but the last adds a budget, and what a core takes at a stretch is limited first.
 */
#ifndef RINGMASTER_ABI_ADMISSION_H
#define RINGMASTER_ABI_ADMISSION_H

#include <stdbool.h>
#include "resident.h"

/* What refuses, in the order of the tests. */
enum rm_admission_limit {
	RM_ADMISSION_GOOD,
	RM_ADMISSION_COUNT,		/* more than RM_RESERVATIONS_CORE */
	RM_ADMISSION_VALUES,		/* reservation `index` is out of range */
	RM_ADMISSION_SHARE,		/* all together more than RM_RESIDENT_SHARE */
	RM_ADMISSION_LONGEST,		/* at a stretch more than RM_RESIDENT_LONGEST */
	RM_ADMISSION_WINDOW,		/* in some RM_RESIDENT_WINDOW more than their share + RM_RESIDENT_EXTRA */
	RM_ADMISSION_RESPONSE,		/* reservation `index` may have its budget only behind its period */
};

struct rm_admission {
	uint32_t limit;			/* enum rm_admission_limit */
	uint32_t index;			/* VALUES, RESPONSE: the reservation. Good: the one that comes closest to its period */
	uint32_t response;		/* of it; RESPONSE: more than its period, and no more was summed */
	uint32_t utilisation;		/* parts in a million of the core, rounded up */
	uint32_t longest;		/* that all together may take at a stretch; LONGEST: at least */
	uint32_t window;		/* that all together may take of any RM_RESIDENT_WINDOW */
	/* Where the steps are. */
	uint32_t stage;			/* enum rm_admission_limit: what is summed */
	uint32_t next;			/* RESPONSE: whose */
	uint32_t sum;			/* as far as it came; 0: not begun */
};

static inline uint32_t rm_reservation_cost(const struct rm_reservation *r)
{
	return r->budget + RM_RESIDENT_SWITCH;
}

static inline bool rm_reservation_good(const struct rm_reservation *r)
{
	return r->priority >= RM_PRIORITY_MIN && r->priority <= RM_PRIORITY_MAX && r->period >= RM_PERIOD_MIN && r->period <= RM_PERIOD_MAX &&
		r->budget >= RM_BUDGET_MIN && r->budget <= r->period;
}

/* In parts of a million, rounded up. Of a good reservation. */
static inline uint32_t rm_reservation_share(const struct rm_reservation *r)
{
	return (uint32_t)((rm_reservation_cost(r) * 1000000ull + r->period - 1) / r->period);
}

static inline bool rm_admission_refuse(struct rm_admission *a, uint32_t limit, uint32_t index)
{
	a->limit = limit;
	a->index = index;
	return true;
}

/* All are good; together they have at most RM_RESIDENT_SHARE: so a cost is less than its period. */
static inline bool rm_admission_share(const struct rm_reservation *all, uint32_t count, struct rm_admission *a)
{
	uint64_t share = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (!rm_reservation_good(&all[i]))
			return rm_admission_refuse(a, RM_ADMISSION_VALUES, i);
		share += rm_reservation_share(&all[i]);
	}
	a->utilisation = (uint32_t)share;
	a->stage = RM_ADMISSION_LONGEST;
	return share > RM_RESIDENT_SHARE * 10000u ? rm_admission_refuse(a, RM_ADMISSION_SHARE, 0) : false;
}

/* From a moment at which each has its budget, and gets another one as soon as that is used, until all have used all they got. */
static inline bool rm_admission_longest(const struct rm_reservation *all, uint32_t count, struct rm_admission *a)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t cost = rm_reservation_cost(&all[i]);

		sum += ((a->sum + all[i].period - cost) / all[i].period + 1ull) * cost;
	}
	if (sum > RM_RESIDENT_LONGEST) {
		a->longest = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
		return rm_admission_refuse(a, RM_ADMISSION_LONGEST, 0);
	}
	if (sum == a->sum) {
		a->longest = a->sum;
		a->stage = RM_ADMISSION_WINDOW;
	}
	a->sum = (uint32_t)sum;
	return false;
}

static inline bool rm_admission_window(const struct rm_reservation *all, uint32_t count, struct rm_admission *a)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t cost = rm_reservation_cost(&all[i]), span = RM_RESIDENT_WINDOW + all[i].period - cost, rest = span % all[i].period;

		sum += (uint64_t)(span / all[i].period) * cost + (rest < cost ? rest : cost);
	}
	a->window = (uint32_t)sum;
	a->stage = RM_ADMISSION_RESPONSE;
	a->next = a->sum = 0;
	return sum > a->utilisation / (1000000u / RM_RESIDENT_WINDOW) + RM_RESIDENT_EXTRA ? rm_admission_refuse(a, RM_ADMISSION_WINDOW, 0) : false;
}

static inline bool rm_admission_response(const struct rm_reservation *all, uint32_t count, struct rm_admission *a)
{
	const struct rm_reservation *r = &all[a->next], *least = &all[a->index];
	uint32_t before = a->sum ? a->sum : RM_RESIDENT_BLOCKING + rm_reservation_cost(r);
	uint64_t sum = RM_RESIDENT_BLOCKING + rm_reservation_cost(r);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t period = all[i].period, cost = rm_reservation_cost(&all[i]);

		if (i != a->next && all[i].priority >= r->priority)
			sum += (before + 2ull * period - cost - 1) / period * cost;
	}
	if (sum > r->period) {
		a->response = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
		return rm_admission_refuse(a, RM_ADMISSION_RESPONSE, a->next);
	}
	a->sum = (uint32_t)sum;
	if (sum != before)
		return false;
	if (a->next == 0 || sum * least->period > (uint64_t)a->response * r->period) {
		a->index = a->next;
		a->response = (uint32_t)sum;
	}
	a->next++;
	a->sum = 0;
	return a->next == count;
}

static inline void rm_admission_begin(struct rm_admission *a)
{
	*a = (struct rm_admission){ .stage = RM_ADMISSION_SHARE };
}

/* One pass over all reservations of a core. True: done, and a->limit says how it ended; else to be called again with the same reservations. */
static inline bool rm_admission_step(const struct rm_reservation *all, uint32_t count, struct rm_admission *a)
{
	if (count > RM_RESERVATIONS_CORE)
		return rm_admission_refuse(a, RM_ADMISSION_COUNT, 0);
	if (count == 0)
		return true;
	switch (a->stage) {
	case RM_ADMISSION_SHARE:
		return rm_admission_share(all, count, a);
	case RM_ADMISSION_LONGEST:
		return rm_admission_longest(all, count, a);
	case RM_ADMISSION_WINDOW:
		return rm_admission_window(all, count, a);
	default:
		return rm_admission_response(all, count, a);
	}
}

/* Whether these reservations of one core may be, in any order; *why has the sums. */
static inline bool rm_admission(const struct rm_reservation *all, uint32_t count, struct rm_admission *why)
{
	rm_admission_begin(why);
	while (!rm_admission_step(all, count, why))
		;
	return why->limit == RM_ADMISSION_GOOD;
}

#endif
