/* SPDX-License-Identifier: MIT */
/*
 * The scheduler of resident threads against a clock of the test's: who runs when, whose budget is used up, and that no admitted set of threads that keep
 * to their budgets is ever late, whatever else goes on.
 */
#include "machine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "enclave/enclave.h"
#include "enclave/host.h"
#include "enclave/runtime_image.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "sched/latency.h"
#include "sched/resident.h"

#define US	1000ul
#define MS	1000000ul

static const struct rm_runtime_image image = { .text_size = PAGE_SIZE, .start = RM_RUNTIME_BASE };
static uint64_t timer;		/* what the secure timer of core 0 is set to */

const struct rm_runtime_image *runtime_image(void) { return &image; }
int runtime_image_map(struct space *space) { return space ? 0 : -ENOMEM; }
void gic_doorbell(unsigned int core) { (void)core; }
void timer_set(uint64_t at) { timer = at; }

static struct cpu *core;

static int setup(void **state)
{
	struct enclave *e;

	(void)state;
	/* What the last test left goes with its memory. */
	while (thread_next_wake())
		;
	while ((e = enclave_any_left()) || (e = enclave_next_resident(NULL)))
		memset(e, 0, sizeof(*e));
	machine_reset();
	machine_time = 1000 * MS;
	machine_core = 0;
	memset(cpus, 0, sizeof(cpus[0]) * CORES_MAX);
	core = &cpus[0];
	core->online = true;
	timer = UINT64_MAX;
	return 0;
}

static int admit(struct enclave **e, const struct rm_resident *wanted)
{
	int error;

	assert_int_equal(enclave_create(64, e), 0);
	do
		error = resident_admit(*e, wanted);
	while (error == RESIDENT_AGAIN);
	return error;
}

static struct thread *resident(uint32_t priority, uint32_t period, uint32_t budget)
{
	const struct rm_resident wanted = { .core = RM_CORE_ANY, .count = 1, .deadline = 5, .reservation = { { priority, period, budget } } };
	struct enclave *e;

	assert_int_equal(admit(&e, &wanted), 0);
	resident_bind(e->threads[0], &e->reservations[0]);
	return e->threads[0];
}

static void sleep_until(struct thread *t, uint64_t until)
{
	assert_ptr_equal(core->running, t);
	t->interruptible = true;
	thread_stop(t, THREAD_WAITING, until);
}

/* The timer's interrupt, when it is due before `at`; else nothing until then. */
static struct thread *run_until(uint64_t at)
{
	machine_time = timer < at ? timer : at;
	resident_tick(core);
	return resident_choose(core);
}

static void the_most_urgent_runs(void **state)
{
	struct thread *low = resident(10, 10000, 1000), *high = resident(50, 10000, 1000);

	(void)state;
	assert_ptr_equal(resident_choose(core), high);
	sleep_until(high, machine_time + 300 * US);
	assert_ptr_equal(resident_choose(core), low);
	assert_int_equal(timer, machine_time + 300 * US);
	assert_ptr_equal(run_until(UINT64_MAX), high);
	assert_int_equal(low->state, THREAD_READY);
	assert_int_equal(low->reservation->left, 700 * US);
	sleep_until(high, WAIT_FOREVER);
	assert_ptr_equal(resident_choose(core), low);
	sleep_until(low, WAIT_FOREVER);
	assert_null(resident_choose(core));
	assert_int_equal(timer, UINT64_MAX);
	assert_int_equal(low->enclave->running + high->enclave->running, 0);
}

static void who_used_up_its_budget_waits_for_the_next_period(void **state)
{
	struct thread *t = resident(50, 10000, 1000);
	uint64_t start = machine_time, before = enclave_stat(NULL, RM_STAT_THROTTLED);

	(void)state;
	assert_ptr_equal(resident_choose(core), t);
	assert_int_equal(timer, start + 1 * MS);
	assert_null(run_until(UINT64_MAX));
	assert_int_equal(t->state, THREAD_READY);
	assert_int_equal(enclave_stat(t->enclave, RM_STAT_THROTTLED), 1);
	assert_int_equal(enclave_stat(NULL, RM_STAT_THROTTLED), before + 1);
	assert_int_equal(timer, start + 10 * MS);
	assert_ptr_equal(run_until(UINT64_MAX), t);
	assert_int_equal(t->reservation->left, 1 * MS);
	assert_int_equal(machine_time, start + 10 * MS);
}

static void an_idle_reservation_begins_its_period_with_its_thread(void **state)
{
	struct thread *t = resident(50, 10000, 1000);
	uint64_t wake = machine_time + 13 * MS;

	(void)state;
	resident_choose(core);
	sleep_until(t, wake);
	assert_null(resident_choose(core));
	/* Late, but the period counts from when it was to begin. */
	machine_time = wake + 20 * US;
	resident_tick(core);
	assert_ptr_equal(resident_choose(core), t);
	assert_int_equal(t->reservation->next, wake + 10 * MS);
	assert_int_equal(enclave_stat(t->enclave, RM_STAT_RELEASE_MAX_NS), 20 * US);
}

static void threads_of_one_reservation_take_turns(void **state)
{
	struct thread *first = resident(50, 10000, 1000), *second;

	(void)state;
	assert_int_equal(thread_create(first->enclave, RM_RUNTIME_BASE, &second), 0);
	resident_bind(second, first->reservation);
	assert_ptr_equal(resident_choose(core), first);
	assert_ptr_equal(resident_choose(core), first);
	resident_yield(first);
	assert_ptr_equal(resident_choose(core), second);
	/* Its time goes to the one that is in the middle of what it waits for. */
	second->gives_way = true;
	second->enclave->space.changer = first;
	assert_ptr_equal(resident_choose(core), first);
	second->enclave->space.changer = NULL;
	assert_ptr_equal(resident_choose(core), second);
	core->look = false;
	resident_unbind(second);
	assert_true(core->look);
	assert_ptr_equal(resident_choose(core), first);
	assert_int_equal(first->enclave->bound, 1);
}

static void a_request_ends_at_its_deadline_and_no_later_answer_counts(void **state)
{
	struct thread *t = resident(50, 10000, 1000);
	const uint64_t ask[3] = { 1, 2, 3 }, again[3] = { 4, 5, 6 };
	uint64_t got[3], start;

	(void)state;
	resident_choose(core);
	start = machine_time;
	assert_true(host_ask(t, ask));
	assert_null(resident_choose(core));
	assert_int_equal(timer, start + 5 * MS);
	assert_true(host_take(t, got));
	assert_int_equal(got[2], 3);
	assert_false(t->host.asked);
	assert_ptr_equal(run_until(UINT64_MAX), t);
	assert_int_equal(t->context.x[0], (uint64_t)-ETIMEDOUT);
	/* Linux has the first in hand: what it says now is not about the second. */
	assert_true(host_ask(t, again));
	assert_null(resident_choose(core));
	host_done(t);
	assert_int_equal(t->state, THREAD_HOST);
	assert_true(host_take(t, got));
	assert_int_equal(got[0], 4);
	host_done(t);
	assert_ptr_equal(resident_choose(core), t);
	assert_int_equal(t->context.x[0], 0);
	host_done(t);			/* once too often */
	assert_int_equal(t->state, THREAD_RUNNING);
	/* What Linux never fetched it does not find later. */
	assert_true(host_ask(t, ask));
	resident_choose(core);
	assert_ptr_equal(run_until(UINT64_MAX), t);
	assert_false(host_take(t, got));
}

static void who_is_detached_asks_in_vain(void **state)
{
	struct thread *t = resident(50, 10000, 1000);
	const uint64_t ask[3] = { 1, 2, 3 };

	(void)state;
	resident_choose(core);
	assert_true(host_ask(t, ask));
	resident_choose(core);
	while (!enclave_detach_step(t->enclave))
		;
	assert_ptr_equal(resident_choose(core), t);
	assert_int_equal(t->context.x[0], (uint64_t)-ETIMEDOUT);
	assert_false(host_ask(t, ask));
}

/* Pages are shared with a thread, and requests carried, when it has said that it knows of the change. */
static void test_adopted(void **state)
{
	struct thread *t = resident(50, 10000, 1000);
	struct enclave *e = t->enclave;
	const uint64_t ask[3] = { 1, 2, 3 };

	(void)state;
	resident_choose(core);
	assert_int_equal(enclave_adopt(e), -EPERM);
	e->attach = RM_ATTACH_ROOT;
	assert_int_equal(enclave_adopt(e), -EBUSY);
	assert_int_equal(host_await(t), -EINVAL);
	t->shared_end = PAGE_SIZE;
	for (unsigned int i = 0; i < 40; i++)
		assert_int_equal(space_map_normal(&e->space, thread_region(0) + i * PAGE_SIZE, 0x80000000 + i * PAGE_SIZE), 0);
	while (!enclave_detach_step(e))
		assert_int_equal(enclave_adopt(e), -EBUSY);
	assert_false(host_may_share(t));
	assert_int_equal(enclave_adopt(e), 0);
	assert_int_equal(enclave_adopt(e), -EBUSY);
	host_enter(t);				/* nothing is shared, whatever Linux does */
	assert_false(host_may_share(t) || host_ask(t, ask));
	assert_null(thread_next_wake());
	assert_int_equal(host_await(t), -EAGAIN);
	assert_ptr_equal(thread_next_wake(), t);
	assert_true(host_may_share(t) && host_awaits(t));
	host_enter(t);
	assert_int_equal(host_await(t), -EAGAIN);
	t->shared_end = 5 * PAGE_SIZE;
	host_enter(t);
	assert_false(host_ask(t, ask));
	assert_int_equal(host_await(t), 5 * PAGE_SIZE);
	assert_int_equal(host_await(t), -EINVAL);
	assert_true(host_ask(t, ask));
}

/* As ATTACH does it: until nobody is left. */
static void what_an_earlier_linux_shared_is_taken_away_whole(void **state)
{
	struct thread *t = resident(50, 10000, 1000);
	struct enclave *e = t->enclave;

	(void)state;
	for (unsigned int i = 0; i < 40; i++)
		assert_int_equal(space_map_normal(&e->space, thread_region(0) + i * PAGE_SIZE, 0x80000000 + i * PAGE_SIZE), 0);
	assert_int_equal(e->space.shared_pages, 40);
	while (enclave_any_left())
		enclave_detach_step(enclave_any_left());
	assert_int_equal(e->space.shared_pages, 0);
	assert_true(e->detached);
	assert_int_equal(e->state, ENCLAVE_LIVE);
}

static void a_core_has_so_many_threads_and_no_more(void **state)
{
	const struct rm_resident wanted = { .core = 0, .count = 1, .deadline = 5, .reservation = { { 40, 10000, 100 } } };
	struct thread *first = resident(50, 10000, 1000), *more;
	struct enclave *e;

	(void)state;
	for (unsigned int i = 1; i < RM_RESIDENT_THREADS; i++) {
		assert_true(resident_room(0));
		assert_int_equal(thread_create(first->enclave, RM_RUNTIME_BASE, &more), 0);
	}
	assert_false(resident_room(0));
	assert_int_equal(admit(&e, &wanted), -EDQUOT);
	thread_destroy(more);
	assert_int_equal(admit(&e, &wanted), 0);
}

static void the_end_frees_time_and_memory(void **state)
{
	const struct rm_resident most = { .core = 0, .count = 1, .deadline = 5, .reservation = { { 50, 10000, 7000 } } };
	struct enclave *first, *second, *third;
	uint64_t frames = frames_free();

	(void)state;
	assert_int_equal(admit(&first, &most), 0);
	resident_bind(first->threads[0], &first->reservations[0]);
	assert_int_equal(frames_free(), frames - 64);
	assert_int_equal(admit(&second, &most), -EDQUOT);
	assert_int_equal(admit(&second, &most), -EDQUOT);
	resident_choose(core);
	enclave_end(first, RM_EXIT_EXITED, 0, 0, 0);
	assert_false(enclave_destroy_step(first));	/* its core has not noticed */
	assert_true(core->look);
	assert_null(resident_choose(core));
	assert_int_equal(resident_reserved(core), 0);
	while (!enclave_destroy_step(first))
		;
	assert_int_equal(admit(&third, &most), 0);
	assert_int_equal(resident_reserved(core), 701000);
}

/* Its first thread ended, and the one that it made has not begun. */
static void time_of_an_enclave_without_bound_threads_is_freed(void **state)
{
	struct thread *t = resident(50, 10000, 7000), *child;

	(void)state;
	assert_int_equal(thread_create(t->enclave, RM_RUNTIME_BASE, &child), 0);
	assert_ptr_equal(resident_choose(core), t);
	resident_unbind(t);
	t->ended = true;
	assert_int_equal(resident_reserved(core), 701000);
	enclave_end(child->enclave, RM_EXIT_KILLED, 0, 0, 0);
	assert_null(resident_choose(core));
	assert_int_equal(resident_reserved(core), 0);
}

static void memory_is_promised_or_refused(void **state)
{
	const struct rm_resident wanted = { .core = RM_CORE_ANY, .count = 1, .deadline = 5, .reservation = { { 50, 10000, 100 } } };
	struct enclave *e;
	int error;

	(void)state;
	assert_int_equal(enclave_create(0, &e), 0);	/* all there is, and some is used */
	enclave_create(64, &e);
	frame_account(enclave_owner(e))->limit = frames_total();
	do
		error = resident_admit(e, &wanted);
	while (error == RESIDENT_AGAIN);
	assert_int_equal(error, -ENOMEM);
	assert_false(e->resident);
	assert_int_equal(resident_reserved(core), 0);
	/* A limit below what it has already, as MEMORY_LIMIT can set. */
	frame_account(enclave_owner(e))->limit = 1;
	do
		error = resident_admit(e, &wanted);
	while (error == RESIDENT_AGAIN);
	assert_int_equal(error, -ENOMEM);
}

/*
 * Threads that work for as long as their budget in each period, never more, in sets that are admitted: each has done before its next period, from whatever
 * phases they start, and the core is theirs for no longer than the test says.
 */
#define SETS	300
#define SPAN	(400 * MS)
#define MOST	6

struct worker {
	struct thread *t;
	uint64_t begin, left, jobs;	/* of the present job; jobs done */
};

static bool make_set(struct worker *w, unsigned int count)
{
	static const uint32_t periods[] = { 1000, 2000, 2500, 5000, 10000, 20000, 50000 };

	for (unsigned int i = 0; i < count; i++) {
		uint32_t period = periods[rand() % 7], budget = RM_BUDGET_MIN + (uint32_t)rand() % (period / 4);
		const struct rm_resident wanted = { .core = 0, .count = 1, .deadline = 5,
						    .reservation = { { 1 + (uint32_t)rand() % 5, period, budget } } };
		struct enclave *e;

		if (admit(&e, &wanted) != 0)
			return i > 1;
		resident_bind(e->threads[0], &e->reservations[0]);
		w[i] = (struct worker){ .t = e->threads[0] };
	}
	return true;
}

static struct worker *worker_of(struct worker *w, const struct thread *t)
{
	while (w->t != t)
		w++;
	return w;
}

/* What the thread that runs does next: its job is done, or goes on to the next event. */
static void work(struct worker *w, uint64_t ran)
{
	const struct reservation *r = w->t->reservation;

	assert_true(w->left >= ran);
	w->left -= ran;
	if (w->left > 0)
		return;
	assert_true(machine_time <= w->begin + r->period);
	w->jobs++;
	w->begin += r->period;
	w->left = r->budget;
	sleep_until(w->t, w->begin);
}

static void run_set(struct worker *w, unsigned int count)
{
	uint64_t start = machine_time;

	for (unsigned int i = 0; i < count && w[i].t; i++) {
		w[i].begin = machine_time + (uint64_t)rand() % w[i].t->reservation->period;
		w[i].left = w[i].t->reservation->budget;
	}
	/* The first thing each does is to sleep until it begins. */
	for (struct thread *t = resident_choose(core); t; t = resident_choose(core))
		sleep_until(t, worker_of(w, t)->begin);
	while (machine_time < start + SPAN) {
		struct thread *t = core->running;
		uint64_t before = machine_time, done = t ? machine_time + worker_of(w, t)->left : UINT64_MAX;

		machine_time = timer < done ? timer : done;
		if (t)
			work(worker_of(w, t), machine_time - before);
		resident_tick(core);
		resident_choose(core);
	}
	for (unsigned int i = 0; i < count && w[i].t; i++) {
		assert_true(w[i].jobs + 2 >= SPAN / w[i].t->reservation->period);
		assert_int_equal(enclave_stat(w[i].t->enclave, RM_STAT_THROTTLED), 0);
	}
}

static void no_admitted_thread_is_late(void **state)
{
	struct worker workers[MOST + 1];
	unsigned int sets = 0;

	srand(1);
	for (unsigned int i = 0; i < SETS; i++) {
		setup(state);
		memset(workers, 0, sizeof(workers));
		if (!make_set(workers, 2 + i % (MOST - 1)))
			continue;
		run_set(workers, MOST);
		sets++;
	}
	assert_true(sets > SETS / 4);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_most_urgent_runs), TEST(who_used_up_its_budget_waits_for_the_next_period),
		TEST(an_idle_reservation_begins_its_period_with_its_thread), TEST(threads_of_one_reservation_take_turns),
		TEST(a_request_ends_at_its_deadline_and_no_later_answer_counts), TEST(who_is_detached_asks_in_vain), TEST(test_adopted),
		TEST(what_an_earlier_linux_shared_is_taken_away_whole),
		TEST(a_core_has_so_many_threads_and_no_more), TEST(the_end_frees_time_and_memory), TEST(time_of_an_enclave_without_bound_threads_is_freed),
		TEST(memory_is_promised_or_refused), TEST(no_admitted_thread_is_late),
	};

	return cmocka_run_group_tests_name("kernel.resident", tests, NULL, NULL);
}
