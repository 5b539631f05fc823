/* SPDX-License-Identifier: MIT */
#include "enclave/enclave.h"
#include "arch/cpu.h"
#include "arch/gic.h"
#include "enclave/device.h"
#include "enclave/host.h"
#include "enclave/runtime_image.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"
#include "mm/window.h"

#define START_FRAMES	3u	/* of a new one: its tables' root, nodes of regions, thread 0 */

static struct enclave enclaves[ENCLAVES_MAX];
static uint64_t totals[RM_STAT_ENCLAVE_COUNT];
static uint32_t resident_ended;

static struct enclave *free_slot(void)
{
	for (unsigned int i = 0; i < ENCLAVES_MAX; i++)
		if (enclaves[i].state == ENCLAVE_FREE) {
			enclaves[i].slot = i;
			return &enclaves[i];
		}
	return NULL;
}

/* There are START_FRAMES for it. */
static void populate(struct enclave *e)
{
	struct thread *first;
	int error = space_init(&e->space, enclave_owner(e));

	if (!error)
		error = thread_create(e, runtime_image()->start, &first);
	assert(!error && frame_account(enclave_owner(e))->used == START_FRAMES);
}

/* A slot made ready for a new enclave, or NULL. */
static struct enclave *occupy(uint64_t limit)
{
	struct enclave *e = free_slot();

	if (!e)
		return NULL;
	assert(frame_account(enclave_owner(e))->used == 0);
	uint32_t generation = (e->generation + 1) & 0xffffff;

	*e = (struct enclave){ .state = ENCLAVE_LIVE, .slot = e->slot, .generation = generation ? generation : 1 };
	*frame_account(enclave_owner(e)) = (struct frame_account){ .limit = limit ? limit : frames_total() };
	return e;
}

int enclave_create_builtin(struct enclave **result)
{
	*result = occupy(0);
	if (!*result)
		return -ENOSPC;
	(*result)->builtin = true;
	return space_init(&(*result)->space, enclave_owner(*result));
}

int enclave_create(uint64_t limit, struct enclave **result)
{
	if (limit > frames_total())
		return -EINVAL;
	/* Found out first: to take back what there was enough for would mask interrupts twice as long. */
	if ((limit && limit < START_FRAMES) || frames_free() < START_FRAMES)
		return -ENOMEM;
	struct enclave *e = occupy(limit);

	if (!e)
		return -ENOSPC;
	populate(e);
	*result = e;
	return 0;
}

int enclave_load(struct enclave *e)
{
	assert(e->state == ENCLAVE_LIVE && !e->resident && !e->loaded);
	int error = runtime_image_map(&e->space);

	e->loaded = !error;
	return error;
}

struct enclave *enclave_find(uint64_t handle)
{
	uint64_t slot = handle & 0xff;

	if (slot >= ENCLAVES_MAX || enclaves[slot].state == ENCLAVE_FREE || enclave_handle(&enclaves[slot]) != handle)
		return NULL;
	return &enclaves[slot];
}

static bool lives_resident(const struct enclave *e)
{
	return e->state == ENCLAVE_LIVE && e->resident && !e->builtin;
}

/* Nothing of Linux's is left in it: enclave_detach_step() has come to its end, or there never was anything. */
static bool is_alone(const struct enclave *e)
{
	return lives_resident(e) && e->detached && e->shares_gone == 0;
}

struct enclave *enclave_any_left(void)
{
	for (unsigned int i = 0; i < ENCLAVES_MAX; i++)
		if (enclaves[i].state != ENCLAVE_FREE && !enclaves[i].builtin && !is_alone(&enclaves[i]))
			return &enclaves[i];
	return NULL;
}

struct enclave *enclave_abandoned(void)
{
	for (unsigned int i = 0; i < ENCLAVES_MAX; i++)
		if (enclaves[i].state == ENCLAVE_ENDED && enclaves[i].detached)
			return &enclaves[i];
	return NULL;
}

struct enclave *enclave_next_resident(const struct enclave *e)
{
	for (unsigned int i = e ? e->slot + 1 : 0; i < ENCLAVES_MAX; i++)
		if (lives_resident(&enclaves[i]))
			return &enclaves[i];
	return NULL;
}

/* Its core takes its threads out of its list; one that Linux gave up may be waiting for that. */
static void tell_cores(const struct enclave *e)
{
	for (unsigned int i = 0; i < CORES_MAX; i++) {
		if (i != e->core && !cpus[i].held)
			continue;
		cpus[i].look = true;
		if (i != cpu_this()->index)
			gic_kick(i);
	}
}

/* Linux learns it from the next entry. */
static void tell_end(struct thread *t)
{
	if (t->resident)
		thread_tell_linux(t);
	else if (t->state == THREAD_WAITING)
		thread_wake(t, -EINTR);
}

struct enclave *enclave_next_on(const struct enclave *e, unsigned int core)
{
	for (unsigned int i = e ? e->slot + 1 : 0; i < ENCLAVES_MAX; i++)
		if (enclaves[i].state == ENCLAVE_LIVE && enclaves[i].resident &&
		    (core == CORES_MAX || enclaves[i].core == core))
			return &enclaves[i];
	return NULL;
}

void enclave_end(struct enclave *e, uint64_t reason, uint64_t x1, uint64_t x2, uint64_t x3)
{
	assert(e->state != ENCLAVE_FREE);
	if (e->state == ENCLAVE_ENDED)
		return;
	e->state = ENCLAVE_ENDED;
	e->end[0] = reason;
	e->end[1] = x1;
	e->end[2] = x2;
	e->end[3] = x3;
	for (unsigned int i = 0; i < RM_THREAD_MAX; i++)
		if (e->threads[i])
			tell_end(e->threads[i]);
	if (e->resident) {
		resident_ended++;
		tell_cores(e);
	}
}

uint32_t enclaves_resident_ended(void)
{
	return resident_ended;
}

void enclave_end_by_memory(struct enclave *e)
{
	const struct frame_account *a = frame_account(enclave_owner(e));

	enclave_end(e, RM_EXIT_NOMEM, a->limit * PAGE_SIZE, a->used * PAGE_SIZE, a->used < a->limit);
}

bool enclave_detach_step(struct enclave *e)
{
	vaddr_t at = max_u64(e->shares_gone, SPACE_SHARES);

	assert(e->state == ENCLAVE_LIVE && e->resident && !e->builtin);
	e->detached = true;
	e->shares_gone = at < RM_WINDOW_BASE ? space_unmap(&e->space, at, RM_WINDOW_BASE) : window_destroy_step(&e->space, at);
	if (e->shares_gone < USER_END)
		return false;
	e->shares_gone = 0;
	for (unsigned int i = 0; i < RM_THREAD_MAX; i++)
		if (e->threads[i])
			host_leave(e->threads[i]);
	return true;
}

int enclave_adopt(struct enclave *e)
{
	assert(lives_resident(e));
	if (e->attach == RM_ATTACH_NOBODY)
		return -EPERM;
	if (!is_alone(e))
		return -EBUSY;
	e->detached = false;
	e->host_process++;
	return 0;
}

bool enclave_destroy_step(struct enclave *e)
{
	assert(e->state == ENCLAVE_ENDED);
	if (e->running || e->bound)
		return false;
	devices_release(e);
	for (; e->threads_gone < RM_THREAD_MAX; e->threads_gone++)
		if (e->threads[e->threads_gone]) {
			thread_destroy(e->threads[e->threads_gone]);
			return false;
		}
	if (e->space.root != FRAME_NONE && !space_destroy_step(&e->space))
		return false;
	assert(frame_account(enclave_owner(e))->used == 0);
	frame_renounce(enclave_owner(e));
	e->state = ENCLAVE_FREE;
	return true;
}

void enclave_count(struct enclave *e, enum rm_stat stat)
{
	assert(stat < RM_STAT_ENCLAVE_COUNT);
	e->stats[stat]++;
	totals[stat]++;
}

uint32_t enclave_reserved(const struct enclave *e)
{
	uint32_t share = 0;

	for (unsigned int i = 0; i < e->reservation_count; i++)
		share += rm_reservation_share(&e->reservations[i].asked);
	return share;
}

void enclave_longest(struct enclave *e, uint64_t ns)
{
	e->stats[RM_STAT_RELEASE_MAX_NS] = max_u64(e->stats[RM_STAT_RELEASE_MAX_NS], ns);
	totals[RM_STAT_RELEASE_MAX_NS] = max_u64(totals[RM_STAT_RELEASE_MAX_NS], ns);
}

uint64_t enclave_stat(const struct enclave *e, enum rm_stat stat)
{
	assert(stat < RM_STAT_ENCLAVE_COUNT);
	if (!e)
		return totals[stat];
	const struct frame_account *account = frame_account(enclave_owner(e));

	switch (stat) {
	case RM_STAT_FRAMES: return account->used;
	case RM_STAT_FRAMES_PEAK: return account->peak;
	case RM_STAT_FRAMES_LIMIT: return account->limit;
	case RM_STAT_SHARED_PAGES: return e->space.shared_pages;
	default: return e->stats[stat];
	}
}

static bool counts(const struct enclave *e)
{
	return e->state != ENCLAVE_FREE && !e->builtin && !(e->state == ENCLAVE_ENDED && e->detached);
}

unsigned int enclaves_count(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ENCLAVES_MAX; i++)
		n += counts(&enclaves[i]);
	return n;
}
