/* SPDX-License-Identifier: MIT */
#include "sched/resident.h"
#include "admission.h"
#include "arch/timer.h"
#include "enclave/device.h"
#include "enclave/host.h"
#include "enclave/upcall.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "sched/latency.h"

#define NS_PER_MS	1000000ul

static uint32_t grants;		/* so far: with what has ended, what is reserved anywhere has not changed if this has not */

static uint32_t changes(void)
{
	return grants + enclaves_resident_ended();
}

/* What all enclaves of a core have reserved, and behind it what one more wants. All would be more than there can be: one too many. */
static unsigned int reservations_of(const struct cpu *cpu, const struct rm_resident *wanted, struct rm_reservation *all)
{
	unsigned int count = 0;

	for (const struct enclave *e = enclave_next_on(NULL, cpu->index); e; e = enclave_next_on(e, cpu->index))
		for (unsigned int i = 0; i < e->reservation_count; i++)
			all[count++] = e->reservations[i].asked;
	assert(count <= RM_RESERVATIONS_CORE);
	for (unsigned int i = 0; wanted && i < wanted->count && count <= RM_RESERVATIONS_CORE; i++)
		all[count++] = wanted->reservation[i];
	return count;
}

/* The first core from that one on that may have it, or CORES_MAX. */
static unsigned int next_core(const struct rm_resident *wanted, unsigned int from)
{
	while (from < CORES_MAX && (!cpus[from].online || (wanted->core != RM_CORE_ANY && wanted->core != from)))
		from++;
	return from;
}

static void begin(struct enclave *e, const struct rm_resident *wanted, unsigned int core)
{
	e->admission.core = next_core(wanted, core);
	e->admission.changes = changes();
	e->admission.begun = true;
	rm_admission_begin(&e->admission.test);
}

static int grant(struct enclave *e, const struct rm_resident *wanted)
{
	if (!e->builtin && !frame_guarantee(enclave_owner(e)))
		return -ENOMEM;
	grants++;
	e->resident = true;
	e->core = e->admission.core;
	e->host_deadline = counter_from_ns(wanted->deadline * NS_PER_MS);
	for (unsigned int i = 0; i < wanted->count; i++)
		reservation_init(&e->reservations[i], &wanted->reservation[i], counter());
	e->reservation_count = wanted->count;
	e->attach = (enum rm_attach)wanted->attach;
	memcpy(e->name, wanted->name, sizeof(e->name));
	return 0;
}

bool resident_room(unsigned int core)
{
	unsigned int threads = 0;

	for (const struct enclave *e = enclave_next_on(NULL, core); e; e = enclave_next_on(e, core))
		threads += e->thread_count;
	return threads < RM_RESIDENT_THREADS;
}

int resident_admit(struct enclave *e, const struct rm_resident *wanted)
{
	struct rm_reservation all[RM_RESERVATIONS_CORE + 1];

	assert(!e->reservation_count && wanted->count > 0 && wanted->count <= RM_RESERVATIONS_MAX);
	if (!e->admission.begun || e->admission.changes != changes())
		begin(e, wanted, 0);
	if (e->admission.core == CORES_MAX)
		return -ENODEV;
	const struct cpu *cpu = &cpus[e->admission.core];

	if (!rm_admission_step(all, reservations_of(cpu, wanted, all), &e->admission.test))
		return RESIDENT_AGAIN;
	if (e->admission.test.limit == RM_ADMISSION_GOOD && cpu->online && resident_room(cpu->index)) {
		e->admission.begun = false;
		return grant(e, wanted);
	}
	begin(e, wanted, cpu->index + 1);
	e->admission.begun = e->admission.core < CORES_MAX;
	return e->admission.begun ? RESIDENT_AGAIN : -EDQUOT;
}

void resident_bind(struct thread *t, struct reservation *reservation)
{
	struct cpu *cpu = &cpus[t->enclave->core];

	assert(t->enclave->resident && t->state == THREAD_READY);
	t->resident = true;
	t->reservation = reservation;
	t->resident_next = cpu->resident;
	cpu->resident = t;
	t->enclave->bound++;
	thread_go_on(t, counter());
}

void resident_move(struct thread *t, struct reservation *reservation)
{
	bool ready = t->state == THREAD_READY || t->state == THREAD_RUNNING;

	assert(t->resident);
	if (ready)
		reservation_leave(t->reservation);
	t->reservation = reservation;
	if (ready)
		reservation_enter(reservation, counter());
}

static void unlink(struct cpu *cpu, struct thread *t)
{
	struct thread **link = &cpu->resident;

	while (*link != t)
		link = &(*link)->resident_next;
	*link = t->resident_next;
	t->resident_next = NULL;
	assert(t->enclave->bound > 0);
	t->enclave->bound--;
}

/* Takes the core from the thread that has it, and from its reservation the time that it had it for. */
static void stop_running(struct cpu *cpu, uint64_t now)
{
	struct thread *t = cpu->running;
	uint64_t ran = now - cpu->running_since;

	if (!t)
		return;
	assert(t->enclave->running > 0);
	t->enclave->running--;
	t->cpu_time += ran;
	t->enclave->cpu_time += ran;
	if (reservation_charge(cpu->running_for, ran))
		enclave_count(t->enclave, RM_STAT_THROTTLED);
	if (t->state == THREAD_RUNNING)
		t->state = THREAD_READY;
	if (cpu->hosted)
		cpu->lent_since += ran;
	cpu->running = NULL;
}

void resident_unbind(struct thread *t)
{
	struct cpu *cpu = &cpus[t->enclave->core];

	assert(cpu == cpu_this() && cpu->running == t && t->state == THREAD_RUNNING);
	stop_running(cpu, counter());
	reservation_leave(t->reservation);
	unlink(cpu, t);
	cpu->look = true;	/* others may have waited for the core */
}

void resident_yield(struct thread *t)
{
	assert(t->resident && t->state == THREAD_RUNNING);
	thread_to_the_end(t);
}

void resident_released(struct thread *t, uint64_t late)
{
	latency_note(RM_HISTOGRAM_RELEASE, late);
	enclave_count(t->enclave, RM_STAT_RELEASES);
	enclave_longest(t->enclave, counter_to_ns(late));
}

static void wake_due(struct thread *t, uint64_t now)
{
	if (t->notify_later && now - t->notified > counter_from_ns(NOTIFY_NS))
		upcall_notify_by_linux(t);
	if (t->wait_until > now || t->enclave->state != ENCLAVE_LIVE)
		return;
	if (t->state == THREAD_HOST) {
		host_late(t);
	} else if (t->state == THREAD_WAITING) {
		resident_released(t, now - t->wait_until);
		thread_timeout(t);
	}
}

void resident_tick(struct cpu *cpu)
{
	uint64_t now = counter();

	assert(cpu == cpu_this());
	for (struct thread *t = cpu->resident; t; t = t->resident_next)
		wake_due(t, now);
}

static bool ready(const struct thread *t)
{
	return t->state == THREAD_READY || t->state == THREAD_RUNNING;
}

static bool before(const struct thread *a, const struct thread *b)
{
	uint32_t p = a->reservation->asked.priority, q = b->reservation->asked.priority;

	return p != q ? p > q : a->turn < b->turn;
}

/* Of an enclave that ended: its time is free, and its devices are. */
static void drop_ended(struct cpu *cpu)
{
	for (struct thread *t = cpu->resident, *next; t; t = next) {
		next = t->resident_next;
		if (t->enclave->state == ENCLAVE_LIVE)
			continue;
		if (ready(t))
			reservation_leave(t->reservation);
		t->state = THREAD_READY;
		unlink(cpu, t);
		if (!t->enclave->bound)
			devices_release(t->enclave);
	}
}

uint32_t resident_reserved(const struct cpu *cpu)
{
	uint32_t share = 0;

	for (const struct enclave *e = enclave_next_on(NULL, cpu->index); e; e = enclave_next_on(e, cpu->index))
		share += enclave_reserved(e);
	return share;
}

static struct thread *most_urgent(const struct cpu *cpu)
{
	struct thread *best = NULL;

	for (struct thread *t = cpu->resident; t; t = t->resident_next)
		if (ready(t) && t->reservation->left > 0 && (!best || before(t, best)))
			best = t;
	return best;
}

/* Its time goes to the thread of its enclave that is in the middle of what it waits for. */
static struct thread *on_behalf(struct thread *t)
{
	struct thread *changer = t->gives_way ? (struct thread *)t->enclave->space.changer : NULL;

	t->gives_way = false;
	return changer && changer != t && changer->resident && ready(changer) ? changer : t;
}

/* The timer interrupts when anything here may change: a wait ends, a period of a reservation with ready threads begins, the budget is used up. */
static void arm(const struct cpu *cpu, uint64_t now)
{
	uint64_t next = WAIT_FOREVER;

	for (const struct thread *t = cpu->resident; t; t = t->resident_next) {
		if (t->notify_later)
			next = min_u64(next, t->notified + counter_from_ns(NOTIFY_NS) + 1);
		next = min_u64(next, ready(t) ? t->reservation->next : t->wait_until);
	}
	if (cpu->running)
		next = min_u64(next, now + cpu->running_for->left);
	timer_set(next);
}

struct thread *resident_choose(struct cpu *cpu)
{
	uint64_t now = counter();

	assert(cpu == cpu_this());
	cpu->look = false;
	stop_running(cpu, now);
	drop_ended(cpu);
	for (struct thread *t = cpu->resident; t; t = t->resident_next)
		reservation_refill(t->reservation, now);
	struct thread *t = most_urgent(cpu);

	if (t) {
		cpu->running_for = t->reservation;
		t = on_behalf(t);
		t->state = THREAD_RUNNING;
		t->enclave->running++;
		cpu->running = t;
		cpu->running_since = now;
	}
	arm(cpu, now);
	return t;
}

bool resident_on(const struct cpu *cpu)
{
	return cpu->resident != NULL;
}
