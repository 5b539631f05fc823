/* SPDX-License-Identifier: MIT */
/* The admission test: its sums against sums made in the plainest way, and against deferrable servers that run, tick by tick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "admission.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define TICK		10u	/* microseconds: all times in the simulation are multiples */

static uint32_t cost(const struct rm_reservation *r) { return r->budget + RM_RESIDENT_SWITCH; }

/* R(i) of resident.h, by trying every microsecond; 0: more than the period. */
static uint32_t response(const struct rm_reservation *all, uint32_t count, uint32_t i)
{
	for (uint32_t r = 1; r <= all[i].period; r++) {
		uint64_t sum = RM_RESIDENT_BLOCKING + cost(&all[i]);

		for (uint32_t j = 0; j < count; j++)
			if (j != i && all[j].priority >= all[i].priority)
				sum += (r + all[j].period - cost(&all[j]) + all[j].period - 1) / all[j].period * cost(&all[j]);
		if (sum <= r)
			return r;
	}
	return 0;
}

struct server {
	uint32_t left, next;		/* budget left; when it is filled up */
	bool wants;
	uint32_t begun, used;		/* of its period; begun: it has wanted without a break since the start of it */
};

struct seen {
	uint32_t response[RM_RESERVATIONS_CORE], longest, window;
};

/* Fixed priorities; of equal ones, the first goes on until it has nothing to do, and which is first changes from run to run. */
static uint32_t chosen(const struct rm_reservation *all, const struct server *s, uint32_t count, uint32_t running, uint32_t first)
{
	uint32_t best = count;

	for (uint32_t k = 0; k < count; k++) {
		uint32_t i = (k + first) % count;

		if (s[i].wants && s[i].left > 0 && (best == count || all[i].priority > all[best].priority ||
						    (all[i].priority == all[best].priority && i == running)))
			best = i;
	}
	return best;
}

#define RANDOM	UINT32_MAX

/* Servers that want time from a moment on, or at random times, filled up first at phase[], and with each period. */
static void simulate(const struct rm_reservation *all, uint32_t count, const uint32_t *phase, uint32_t from, uint32_t ticks, struct seen *seen)
{
	struct server s[RM_RESERVATIONS_CORE];
	uint8_t *taken = calloc(ticks, 1);
	uint32_t stretch = 0, window = 0, running = count, first = (uint32_t)rand() % count;

	for (uint32_t i = 0; i < count; i++)
		s[i] = (struct server){ .left = cost(&all[i]), .next = phase[i], .used = UINT32_MAX };
	for (uint32_t t = 0; t < ticks; t++) {
		for (uint32_t i = 0; i < count; i++) {
			s[i].wants = s[i].wants || t * TICK == from;
			if (t * TICK == s[i].next) {
				s[i].left = cost(&all[i]);
				s[i].begun = t * TICK;
				s[i].used = s[i].wants ? 0 : UINT32_MAX;
				s[i].next += all[i].period;
			}
			if (from == RANDOM && rand() % 40 == 0)
				s[i].wants = !s[i].wants;
			if (!s[i].wants)
				s[i].used = UINT32_MAX;
		}
		running = chosen(all, s, count, running, first);
		if (running < count) {
			struct server *r = &s[running];

			taken[t] = 1;
			r->left -= TICK;
			if (r->used != UINT32_MAX && (r->used += TICK) == cost(&all[running]) &&
			    (t + 1) * TICK - r->begun > seen->response[running])
				seen->response[running] = (t + 1) * TICK - r->begun;
		}
		stretch = taken[t] ? stretch + TICK : 0;
		window += taken[t] ? TICK : 0;
		if (t >= RM_RESIDENT_WINDOW / TICK && taken[t - RM_RESIDENT_WINDOW / TICK])
			window -= TICK;
		seen->longest = stretch > seen->longest ? stretch : seen->longest;
		seen->window = window > seen->window ? window : seen->window;
	}
	free(taken);
}

static uint32_t below(uint32_t n) { return (uint32_t)rand() % n; }

static uint32_t make(struct rm_reservation *all)
{
	uint32_t count = 1 + below(5);

	for (uint32_t i = 0; i < count; i++) {
		all[i].period = RM_PERIOD_MIN + TICK * below(below(2) ? 100 : 2000);
		all[i].budget = RM_BUDGET_MIN + TICK * below(all[i].period / TICK / (2 + below(12)));
		all[i].priority = 1 + below(3);
		if (all[i].budget > all[i].period)
			all[i].budget = all[i].period;
	}
	return count;
}

static void sums_are_what_they_say(void **state)
{
	unsigned int good = 0, refused[RM_ADMISSION_RESPONSE + 1] = { 0 };

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		struct rm_reservation all[5];
		struct rm_admission why;
		uint32_t count = make(all), steps = 0;

		for (rm_admission_begin(&why); !rm_admission_step(all, count, &why); steps++)
			assert_true(steps < count * 700);
		assert_true(rm_admission(all, count, &why) == (why.limit == RM_ADMISSION_GOOD));
		refused[why.limit]++;
		if (why.limit == RM_ADMISSION_RESPONSE) {
			assert_int_equal(response(all, count, why.index), 0);
			assert_true(why.response > all[why.index].period);
		} else if (why.limit == RM_ADMISSION_GOOD) {
			good++;
			for (uint32_t i = 0; i < count; i++) {
				uint32_t r = response(all, count, i);

				assert_true(r > 0 && (uint64_t)r * all[why.index].period <= (uint64_t)why.response * all[i].period);
			}
			assert_int_equal(response(all, count, why.index), why.response);
		}
	}
	assert_true(good > 1000 && refused[RM_ADMISSION_SHARE] > 100 && refused[RM_ADMISSION_LONGEST] > 100 && refused[RM_ADMISSION_WINDOW] > 10 &&
		    refused[RM_ADMISSION_RESPONSE] > 100);
}

static void no_run_takes_more(void **state)
{
	(void)state;
	srand(2);
	for (int round = 0, admitted = 0; admitted < 300; round++) {
		struct rm_reservation all[5];
		uint32_t count = make(all), phase[5];
		struct rm_admission why;

		assert_true(round < 100000);
		if (!rm_admission(all, count, &why))
			continue;
		admitted++;
		for (int run = 0; run < 8; run++) {
			struct seen seen = { 0 };

			for (uint32_t i = 0; i < count; i++)
				phase[i] = TICK * (run == 0 ? cost(&all[i]) / TICK : below(all[i].period / TICK));
			simulate(all, count, phase, run < 2 ? 0 : run == 2 ? 5000 : RANDOM, 25000, &seen);
			for (uint32_t i = 0; i < count; i++)
				assert_true(seen.response[i] + RM_RESIDENT_BLOCKING <= response(all, count, i));
			assert_true(seen.longest <= why.longest);
			assert_true(seen.window <= why.window);
		}
	}
}

/* The worst case happens: one that saved its budget until the end of its period gets the next one at once. */
static void the_bound_is_reached(void **state)
{
	const struct rm_reservation all[] = { { 2, 1000, 190 }, { 1, 5000, 1490 } };
	struct rm_admission why;
	struct seen two = { 0 }, one = { 0 };

	(void)state;
	assert_true(rm_admission(all, 2, &why));
	assert_int_equal(why.index, 1);
	simulate(all, 2, (uint32_t[]){ 5200, 5000 }, 5000, 30000, &two);
	assert_int_equal(two.response[1] + RM_RESIDENT_BLOCKING, why.response);
	assert_true(rm_admission(all, 1, &why));
	assert_int_equal(why.longest, 400);
	assert_int_equal(why.utilisation, 200000);
	assert_int_equal(why.window, 20200);
	assert_int_equal(why.response, 250);
	simulate(all, 1, (uint32_t[]){ 5200 }, 5000, 30000, &one);
	assert_int_equal(one.longest, why.longest);
	assert_int_equal(one.window, why.window);
}

static void limits_have_names(void **state)
{
	static const struct {
		struct rm_reservation all[3];
		uint32_t count, limit, index;
	} cases[] = {
		{ { { 0 } }, 0, RM_ADMISSION_GOOD, 0 },
		{ { { 50, 1000, 200 } }, 1, RM_ADMISSION_GOOD, 0 },
		{ { { 0, 1000, 200 } }, 1, RM_ADMISSION_VALUES, 0 },
		{ { { 1, 1000, 200 }, { 100, 1000, 200 } }, 2, RM_ADMISSION_VALUES, 1 },
		{ { { 1, RM_PERIOD_MIN - 1, 20 } }, 1, RM_ADMISSION_VALUES, 0 },
		{ { { 1, RM_PERIOD_MAX + 1, 20 } }, 1, RM_ADMISSION_VALUES, 0 },
		{ { { 1, UINT32_MAX, UINT32_MAX } }, 1, RM_ADMISSION_VALUES, 0 },
		{ { { 1, 1000, RM_BUDGET_MIN - 1 } }, 1, RM_ADMISSION_VALUES, 0 },
		{ { { 1, 1000, 1001 } }, 1, RM_ADMISSION_VALUES, 0 },
		{ { { 1, 1000, 1000 } }, 1, RM_ADMISSION_SHARE, 0 },
		{ { { 1, 1000, 740 } }, 1, RM_ADMISSION_GOOD, 0 },
		{ { { 1, 1000, 741 } }, 1, RM_ADMISSION_SHARE, 0 },
		{ { { 1, RM_PERIOD_MAX, 9990 } }, 1, RM_ADMISSION_WINDOW, 0 },
		{ { { 1, RM_PERIOD_MAX, 9991 } }, 1, RM_ADMISSION_LONGEST, 0 },
		{ { { 3, 1000, 200 }, { 2, 2000, 400 }, { 1, 300, 20 } }, 3, RM_ADMISSION_RESPONSE, 2 },
		{ { { 1, 1000, 200 }, { 2, 2000, 400 }, { 3, 300, 20 } }, 3, RM_ADMISSION_RESPONSE, 0 },
		{ { { 2, 1000, 200 }, { 2, 300, 20 } }, 2, RM_ADMISSION_RESPONSE, 1 },
	};

	(void)state;
	for (unsigned int i = 0; i < COUNT(cases); i++) {
		struct rm_admission why;

		assert_true(rm_admission(cases[i].all, cases[i].count, &why) == (cases[i].limit == RM_ADMISSION_GOOD));
		assert_int_equal(why.limit, cases[i].limit);
		assert_int_equal(why.index, cases[i].index);
	}
}

static void a_core_has_so_many(void **state)
{
	struct rm_reservation all[RM_RESERVATIONS_CORE + 1];
	struct rm_admission why;

	(void)state;
	for (unsigned int i = 0; i < COUNT(all); i++)
		all[i] = (struct rm_reservation){ 1 + i % 99, 10000, 50 };
	assert_true(rm_admission(all, RM_RESERVATIONS_CORE, &why));
	assert_int_equal(why.utilisation, RM_RESERVATIONS_CORE * 6000);
	assert_false(rm_admission(all, RM_RESERVATIONS_CORE + 1, &why));
	assert_int_equal(why.limit, RM_ADMISSION_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_what_they_say),
		cmocka_unit_test(no_run_takes_more),
		cmocka_unit_test(the_bound_is_reached),
		cmocka_unit_test(limits_have_names),
		cmocka_unit_test(a_core_has_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
