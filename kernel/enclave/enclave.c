/* SPDX-License-Identifier: MIT */
#include "enclave/enclave.h"
#include "enclave/runtime_image.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"

static struct enclave enclaves[ENCLAVES_MAX];
static uint64_t totals[RM_STAT_ENCLAVE_COUNT];

static struct enclave *free_slot(void)
{
	for (unsigned int i = 0; i < ENCLAVES_MAX; i++)
		if (enclaves[i].state == ENCLAVE_FREE) {
			enclaves[i].slot = i;
			return &enclaves[i];
		}
	return NULL;
}

static int populate(struct enclave *e)
{
	struct thread *first;
	int error = space_init(&e->space, enclave_owner(e));

	if (!error)
		error = thread_create(e, runtime_image()->start, &first);
	return error;
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

int enclave_create_resident(struct enclave **result)
{
	*result = occupy(0);
	if (!*result)
		return -ENOSPC;
	(*result)->resident = true;
	return space_init(&(*result)->space, enclave_owner(*result));
}

int enclave_create(uint64_t limit, struct enclave **result)
{
	if (limit > frames_total())
		return -EINVAL;
	struct enclave *e = occupy(limit);

	if (!e)
		return -ENOSPC;
	int error = populate(e);

	if (error) {		/* a few pages at most: taken back at once */
		enclave_end(e, RM_EXIT_KILLED, 0, 0, 0);
		while (!enclave_destroy_step(e))
			;
		return error;
	}
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

struct enclave *enclave_any_hosted(void)
{
	for (unsigned int i = 0; i < ENCLAVES_MAX; i++)
		if (enclaves[i].state != ENCLAVE_FREE && !enclaves[i].resident)
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
		if (e->threads[i] && e->threads[i]->state == THREAD_WAITING)
			thread_wake(e->threads[i], -EINTR);
}

void enclave_end_by_memory(struct enclave *e)
{
	const struct frame_account *a = frame_account(enclave_owner(e));

	enclave_end(e, RM_EXIT_NOMEM, a->limit * PAGE_SIZE, a->used * PAGE_SIZE, a->used < a->limit);
}

bool enclave_destroy_step(struct enclave *e)
{
	assert(e->state == ENCLAVE_ENDED);
	if (e->running)
		return false;
	for (; e->threads_gone < RM_THREAD_MAX; e->threads_gone++)
		if (e->threads[e->threads_gone]) {
			thread_destroy(e->threads[e->threads_gone]);
			return false;
		}
	if (e->space.root != FRAME_NONE && !space_destroy_step(&e->space))
		return false;
	assert(frame_account(enclave_owner(e))->used == 0);
	e->state = ENCLAVE_FREE;
	return true;
}

void enclave_count(struct enclave *e, enum rm_stat stat)
{
	assert(stat < RM_STAT_ENCLAVE_COUNT);
	e->stats[stat]++;
	totals[stat]++;
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

unsigned int enclaves_hosted(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ENCLAVES_MAX; i++)
		n += enclaves[i].state != ENCLAVE_FREE && !enclaves[i].resident;
	return n;
}
