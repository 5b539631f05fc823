/* SPDX-License-Identifier: MIT */
#include "enclave/thread.h"
#include "arch/cpu.h"
#include "arch/gic.h"
#include "arch/layout.h"
#include "arch/page.h"
#include "arch/sysreg.h"
#include "arch/timer.h"
#include "enclave/enclave.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"

static struct thread *wake_first, **wake_last = &wake_first;

/* An index that no living thread has, and whose region Linux has taken back from the last one. The first thread's is never another's. */
static int free_index(const struct enclave *e)
{
	for (unsigned int i = e->threads[0] ? 1 : 0; i < RM_THREAD_MAX; i++) {
		if (e->threads[i] && !e->threads[i]->ended)
			continue;
		const pte_t *shared = table_entry(e->space.root, thread_region(i), e->space.owner, false);

		if (!shared || !pte_used(*shared))
			return (int)i;
	}
	return -EAGAIN;
}

/*
 * The runtime's stack and its block of private data, mapped on touch; the first page of the stride is the guard. What a
 * thread that ended left there is used again, with the block zeroed.
 */
static int reserve_block(struct enclave *e, unsigned int index)
{
	vaddr_t block = thread_block(index);
	vaddr_t stack = block - RM_THREAD_BLOCK + PAGE_SIZE;
	int error;

	if (regions_free(&e->space.regions, stack, block + PAGE_SIZE))
		return regions_add(&e->space.regions, stack, block + PAGE_SIZE, PROT_READ | PROT_WRITE);
	void *page = space_pointer(&e->space, block, PROT_WRITE, &error);

	if (page)
		page_zero(page);
	return error;
}

int thread_create(struct enclave *e, uint64_t pc, struct thread **result)
{
	int index = free_index(e);

	if (index < 0)
		return index;
	/* It ended while it had a core: its frame goes now. */
	if (e->threads[index])
		thread_destroy(e->threads[index]);
	int error = reserve_block(e, (unsigned int)index);

	if (error)
		return error;
	paddr_t frame = frame_alloc(enclave_owner(e));

	if (frame == FRAME_NONE)
		return -ENOMEM;
	struct thread *t = kernel_pointer(frame);

	*t = (struct thread){ .enclave = e, .index = (unsigned int)index, .state = THREAD_READY, .wait_until = WAIT_FOREVER };
	t->context.x[0] = t->index;
	t->context.x[1] = thread_region(t->index);
	t->context.sp = thread_block(t->index);
	t->context.pc = pc;
	t->context.pstate = SPSR_EL0;
	e->threads[index] = t;
	e->thread_count++;
	*result = t;
	return 0;
}

static void wake_remove(struct thread *t)
{
	struct thread **link = &wake_first;

	assert(t->wake_queued);
	while (*link != t)
		link = &(*link)->wake_next;
	*link = t->wake_next;
	if (wake_last == &t->wake_next)
		wake_last = link;
	t->wake_queued = false;
}

void thread_destroy(struct thread *t)
{
	struct enclave *e = t->enclave;

	assert(t->state != THREAD_RUNNING && e->threads[t->index] == t);
	if (t->wake_queued)
		wake_remove(t);
	e->threads[t->index] = NULL;
	e->thread_count -= !t->ended;
	frame_free(kernel_physical(t), enclave_owner(e));
}

void thread_tell_linux(struct thread *t)
{
	assert(t->enclave->threads[t->index] == t);
	if (t->wake_queued)
		return;
	t->wake_queued = true;
	t->wake_next = NULL;
	*wake_last = t;
	wake_last = &t->wake_next;
	gic_doorbell(t->core);
}

static void awaken(struct thread *t)
{
	t->state = THREAD_READY;
	t->futex = 0;
	t->futex_pi = false;
	t->devices = 0;
	t->wait_until = WAIT_FOREVER;
}

void thread_stop(struct thread *t, enum thread_state state, uint64_t until)
{
	assert(t->resident && t->state != state && (state == THREAD_WAITING || state == THREAD_HOST));
	t->state = state;
	t->wait_until = until;
	reservation_leave(t->reservation);
}

void thread_to_the_end(struct thread *t)
{
	static uint64_t turns;

	t->turn = ++turns;
}

/* Its core looks who is next when it leaves the kernel; one that does something else is told. */
void thread_go_on(struct thread *t, uint64_t at)
{
	assert(t->resident && t->state != THREAD_RUNNING);
	awaken(t);
	thread_to_the_end(t);
	reservation_enter(t->reservation, at);
	cpus[t->enclave->core].look = true;
	if (t->enclave->core != cpu_this()->index)
		gic_kick(t->enclave->core);
}

void thread_timeout(struct thread *t)
{
	assert(t->state == THREAD_WAITING);
	if (t->resident)
		thread_go_on(t, t->wait_until);
	else
		awaken(t);
}

void thread_wake(struct thread *t, int64_t result)
{
	assert(t->state == THREAD_WAITING);
	t->context.x[0] = (uint64_t)result;
	if (t->resident) {
		thread_go_on(t, counter());
		return;
	}
	awaken(t);
	thread_tell_linux(t);
}

struct thread *thread_next_wake(void)
{
	struct thread *t = wake_first;

	if (t)
		wake_remove(t);
	return t;
}

bool thread_wakes_left(void)
{
	return wake_first != NULL;
}
