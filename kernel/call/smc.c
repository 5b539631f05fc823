/* SPDX-License-Identifier: MIT */
/*
 * Calls from the Normal world (abi/smc.h). Attacks considered: any register value, any function number, stale and forged
 * handles, threads entered twice, lists in secure memory or devices, lists that change while they are read, shares outside
 * the region, calls in any order and from several cores at once (the kernel lock makes them one after the other).
 */
#include "smc.h"
#include "arch/gic.h"
#include "arch/mmu.h"
#include "arch/timer.h"
#include "board.h"
#include "call/svc.h"
#include "enclave/host.h"
#include "enclave/upcall.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/normal.h"
#include "mm/window.h"
#include "sched/heartbeat.h"
#include "sched/latency.h"
#include "sched/resident.h"

#define RESIDENT_SHARE_PAGES	512u	/* of a region: what one last-level table maps */

struct smc {
	uint64_t x[8];		/* x0-x7 as called */
	uint64_t out[4];	/* x0-x3 to return */
};

/* An enclave that Linux made: built-in ones are not its to name. */
static struct enclave *find(uint64_t handle)
{
	struct enclave *e = enclave_find(handle);

	return e && !e->builtin ? e : NULL;
}

static int64_t smc_uid(struct smc *c)
{
	c->out[1] = RM_UID_1;
	c->out[2] = RM_UID_2;
	c->out[3] = RM_UID_3;
	return RM_UID_0;
}

static int64_t smc_revision(struct smc *c)
{
	c->out[1] = 0;
	return RM_ABI_VERSION;
}

static int64_t smc_version(struct smc *c)
{
	c->out[1] = RM_ABI_VERSION;
	c->out[2] = BOARD_DOORBELL;
	c->out[3] = frames_total() * PAGE_SIZE;
	return 0;
}

static int64_t smc_wakes(struct smc *c)
{
	struct thread *t = thread_next_wake();

	if (!t)
		return -ENOENT;
	c->out[1] = enclave_handle(t->enclave);
	c->out[2] = t->index;
	c->out[3] = thread_wakes_left();
	return 0;
}

static uint64_t cores_online(void)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < CORES_MAX; i++)
		n += cpus[i].online;
	return n;
}

static uint64_t residents(void)
{
	uint64_t n = 0;

	for (const struct enclave *e = enclave_next_resident(NULL); e; e = enclave_next_resident(e))
		n++;
	return n;
}

/* One walk for all cores: interrupts are masked. */
static uint64_t reserved_most(void)
{
	uint32_t share[CORES_MAX] = { 0 };
	uint64_t most = 0;

	for (const struct enclave *e = enclave_next_on(NULL, CORES_MAX); e; e = enclave_next_on(e, CORES_MAX)) {
		share[e->core] += enclave_reserved(e);
		most = max_u64(most, share[e->core]);
	}
	return most;
}

static int64_t kernel_stat(uint64_t stat, uint64_t *value)
{
	switch (stat) {
	case RM_STAT_FRAMES: *value = frames_total() - frames_free(); return 0;
	case RM_STAT_FRAMES_FREE: *value = frames_free(); return 0;
	case RM_STAT_FRAMES_LIMIT:
	case RM_STAT_FRAMES_TOTAL: *value = frames_total(); return 0;
	case RM_STAT_ENCLAVES: *value = enclaves_count(); return 0;
	case RM_STAT_MASKED_MAX_NS: *value = latency_max(RM_HISTOGRAM_MASKED); return 0;
	case RM_STAT_HEARTBEATS: *value = heartbeat_count(); return 0;
	case RM_STAT_HEARTBEATS_LATE_MAX_NS: *value = latency_max(RM_HISTOGRAM_RELEASE); return 0;
	case RM_STAT_CORES: *value = cores_online(); return 0;
	case RM_STAT_RESIDENTS: *value = residents(); return 0;
	case RM_STAT_RESERVED: *value = reserved_most(); return 0;
	case RM_STAT_NONCE_0:
	case RM_STAT_NONCE_1: *value = resident_nonce((unsigned int)stat - RM_STAT_NONCE_0); return 0;
	default:
		if (stat >= RM_STAT_ENCLAVE_COUNT)
			return -EINVAL;
		*value = enclave_stat(NULL, (enum rm_stat)stat);
		return 0;
	}
}

static int64_t smc_stat(struct smc *c)
{
	if (c->x[1] == 0)
		return kernel_stat(c->x[2], &c->out[1]);
	const struct enclave *e = enclave_find(c->x[1]);

	if (!e)
		return -ENOENT;
	if (c->x[2] >= RM_STAT_ENCLAVE_COUNT)
		return -EINVAL;
	c->out[1] = enclave_stat(e, (enum rm_stat)c->x[2]);
	return 0;
}

static int64_t smc_core(struct smc *c)
{
	c->out[1] = resident_reserved(cpu_this());
	return 0;
}

static int64_t smc_histogram(struct smc *c)
{
	if (c->x[1] >= RM_HISTOGRAM_COUNT || c->x[2] >= RM_HISTOGRAM_BUCKETS)
		return -EINVAL;
	c->out[1] = latency_bucket((enum rm_histogram)c->x[1], (unsigned int)c->x[2]);
	return 0;
}

static bool lives_resident(const struct enclave *e)
{
	return e->resident && e->state == ENCLAVE_LIVE;
}

/* What a Linux that is gone left: hosted enclaves end, resident ones go on without it. */
static int64_t smc_attach(struct smc *c)
{
	if (c->x[1] != RM_ABI_VERSION)
		return -EPROTO;
	struct enclave *e = enclave_any_left();

	if (!e)
		return 0;
	if (lives_resident(e)) {
		enclave_detach_step(e);
	} else {
		enclave_end(e, RM_EXIT_KILLED, 0, 0, 0);
		enclave_destroy_step(e);
	}
	return -RM_EAGAIN_WORK;
}

static int64_t smc_detach(struct smc *c)
{
	struct enclave *e = find(c->x[1]);

	if (!e || !lives_resident(e))
		return -ENOENT;
	return enclave_detach_step(e) ? 0 : -RM_EAGAIN_WORK;
}

static int64_t smc_adopt(struct smc *c)
{
	struct enclave *e = find(c->x[1]);

	if (!e || !lives_resident(e))
		return -ENOENT;
	return enclave_adopt(e);
}

static int64_t smc_awaited(struct smc *c)
{
	const struct enclave *e = find(c->x[1]);

	if (!e || e->state != ENCLAVE_LIVE)
		return -ENOENT;
	for (unsigned int i = 0; i < RM_THREAD_MAX && !e->detached; i++)
		if (e->threads[i] && host_awaits(e->threads[i]))
			c->out[1] |= 1ul << i;
	return 0;
}

static int64_t smc_resident(struct smc *c)
{
	const struct enclave *e = enclave_next_resident(NULL);

	while (e && e->slot < c->x[1])
		e = enclave_next_resident(e);
	if (!e)
		return -ENOENT;
	c->out[1] = enclave_handle(e);
	c->out[2] = e->attach;
	c->out[3] = e->detached;
	return 0;
}

static int64_t smc_name(struct smc *c)
{
	const struct enclave *e = find(c->x[1]);

	if (!e)
		return -ENOENT;
	memcpy(&c->out[1], e->name, sizeof(e->name));
	return 0;
}

/* First what resident enclaves left that ended when Linux had nothing more to do with them: nobody else gives their memory back. */
static int64_t smc_create(struct smc *c)
{
	struct enclave *e = enclave_abandoned();

	if (e) {
		enclave_destroy_step(e);
		return -RM_EAGAIN_WORK;
	}
	uint64_t limit = c->x[1] / PAGE_SIZE + (c->x[1] % PAGE_SIZE != 0);
	int error = enclave_create(limit, &e);

	if (!error)
		c->out[1] = enclave_handle(e);
	return error;
}

static int64_t smc_destroy(struct smc *c)
{
	struct enclave *e = find(c->x[1]);

	if (!e)
		return -ENOENT;
	if (lives_resident(e))
		return -EPERM;
	enclave_end(e, RM_EXIT_KILLED, 0, 0, 0);
	do {
		if (enclave_destroy_step(e))
			return 0;
	} while (!e->running && sched_masked_shortly(cpu_this()));
	return -RM_EAGAIN_WORK;
}

static struct thread *find_thread(const struct enclave *e, uint64_t index)
{
	return index < RM_THREAD_MAX ? e->threads[index] : NULL;
}

static bool in_region(uint64_t page, uint64_t count)
{
	uint64_t pages = RM_SHARE_STRIDE / PAGE_SIZE;

	return count > 0 && count <= RM_SHARE_MAX && page < pages && count <= pages - page;
}

static int64_t unshare(struct enclave *e, vaddr_t start, uint64_t count)
{
	vaddr_t end = start + count * PAGE_SIZE, va = start;
	uint64_t before = e->space.shared_pages;

	while (va < end)	/* at most RM_SHARE_MAX pages: bounded */
		va = space_unmap(&e->space, va, end);
	return e->space.shared_pages < before ? 0 : -ENOENT;
}

/* Copies the list, checks each address, maps; takes everything back if one is refused. */
static int64_t share(struct enclave *e, vaddr_t start, paddr_t list, uint64_t count)
{
	static uint64_t pages[RM_SHARE_MAX];	/* the kernel lock is held */
	int error = normal_read(pages, list, count * sizeof(pages[0]));

	if (error)
		return error;
	for (uint64_t i = 0; i < count && !error; i++) {
		if (!page_aligned(pages[i]) || !normal_is_ram(pages[i], PAGE_SIZE))
			error = -EFAULT;
		else
			error = space_map_normal(&e->space, start + i * PAGE_SIZE, pages[i]);
		if (error && i > 0)
			unshare(e, start, i);
	}
	return error;
}

static int64_t smc_share(struct smc *c)
{
	struct enclave *e = find(c->x[1]);
	struct thread *t = e ? find_thread(e, c->x[2]) : NULL;

	if (!t || t->ended)
		return -ENOENT;
	if (e->state != ENCLAVE_LIVE)
		return -EBUSY;
	if (!in_region(c->x[5], c->x[4]) || !page_aligned(c->x[3]))
		return -EINVAL;
	/* Not so many tables that what a resident one was promised is gone. */
	if (e->resident && (e->detached || c->x[5] + c->x[4] > RESIDENT_SHARE_PAGES))
		return -EBUSY;
	if (!host_may_share(t))
		return -ESTALE;
	int64_t error = share(e, thread_region(t->index) + c->x[5] * PAGE_SIZE, c->x[3], c->x[4]);

	if (!error)
		t->shared_end = max_u64(t->shared_end, (c->x[5] + c->x[4]) * PAGE_SIZE);
	return error;
}

static int64_t smc_unshare(struct smc *c)
{
	struct enclave *e = find(c->x[1]);

	if (!e || c->x[2] >= RM_THREAD_MAX)
		return -ENOENT;
	if (!in_region(c->x[3], c->x[4]))
		return -EINVAL;
	return unshare(e, thread_region((unsigned int)c->x[2]) + c->x[3] * PAGE_SIZE, c->x[4]);
}

static int64_t smc_window_map(struct smc *c)
{
	static uint64_t pages[RM_WINDOW_MAX];	/* the kernel lock is held */
	struct enclave *e = find(c->x[1]);
	uint64_t count = c->x[3];

	if (!e)
		return -ENOENT;
	/* Tables for windows are the enclave's memory: not for Linux to take from one whose memory is promised. */
	if (e->state != ENCLAVE_LIVE || e->resident)
		return -EBUSY;
	if (count > RM_WINDOW_MAX || !window_in_place(c->x[4], count) || c->x[2] % sizeof(pages[0]))
		return -EINVAL;
	int error = normal_read(pages, c->x[2], count * sizeof(pages[0]));

	if (!error && !normal_are_pages(pages, count))
		error = -EFAULT;
	return error ? error : window_map(&e->space, c->x[4], pages, count);
}

static int64_t smc_window_unmap(struct smc *c)
{
	struct enclave *e = find(c->x[1]);

	if (!e)
		return -ENOENT;
	if (!window_in_place(c->x[2], c->x[3]))
		return -EINVAL;
	window_unmap(&e->space, c->x[2], c->x[3]);
	return 0;
}

/* Still asleep? Then Linux goes on sleeping for what is left. */
static bool still_waiting(struct smc *c, struct thread *t)
{
	uint64_t now = counter();

	if (t->state != THREAD_WAITING)
		return false;
	if (t->wait_until <= now) {
		thread_timeout(t);
		return false;
	}
	c->out[1] = t->wait_until == WAIT_FOREVER ? WAIT_FOREVER : counter_to_ns(t->wait_until - now);
	return true;
}

static int64_t ended(struct smc *c, const struct enclave *e)
{
	for (int i = 1; i < 4; i++)
		c->out[i] = e->end[i];
	return (int64_t)e->end[0];
}

/* The step before the first entry. Linux takes its interrupts and enters again. */
static int64_t load(struct smc *c, struct enclave *e)
{
	if (enclave_load(e) == 0)
		return RM_EXIT_PREEMPTED;
	enclave_end_by_memory(e);
	return ended(c, e);
}

static void first_entry(struct thread *t)
{
	if (!t->entered)
		t->context.x[2] = t->shared_end;
	t->entered = true;
}

/* Its Linux thread is here: what it had in hand is done, and it gets what is next. A further thread begins when it first is. */
static int64_t enter_resident(struct smc *c, struct thread *t)
{
	t->core = cpu_this()->index;
	host_done(t);
	host_enter(t);
	if (!t->resident) {
		first_entry(t);
		resident_bind(t, t->reservation);
	}
	if (host_take(t, &c->out[1]))
		return RM_EXIT_HOST;
	c->out[1] = WAIT_FOREVER;
	return RM_EXIT_WAIT;
}

static int64_t smc_enter(struct smc *c)
{
	struct cpu *cpu = cpu_this();
	struct enclave *e = find(c->x[1]);
	struct thread *t = e ? find_thread(e, c->x[2]) : NULL;

	if (!t)
		return e && e->state == ENCLAVE_LIVE ? -ESRCH : -ENOENT;
	if (c->x[3] & ~(uint64_t)RM_ENTER_NOTIFY)
		return -EINVAL;
	if (t->held || (t->state == THREAD_RUNNING && !t->resident))
		return -EBUSY;
	if (e->state == ENCLAVE_ENDED)
		return ended(c, e);
	if (t->ended)
		return RM_EXIT_THREAD;
	if (c->x[3] & RM_ENTER_NOTIFY)
		upcall_notify_by_linux(t);
	if (e->resident)
		return e->detached ? -ENOENT : enter_resident(c, t);
	if (!e->loaded)
		return load(c, e);
	if (still_waiting(c, t))
		return RM_EXIT_WAIT;
	t->state = THREAD_READY;
	first_entry(t);
	enclave_count(e, RM_STAT_ENTRIES);
	sched_lend(cpu, t);
	return 0;
}

static int64_t dispatch(struct smc *c)
{
	switch (c->x[0]) {
	case RM_SMC_UID: return smc_uid(c);
	case RM_SMC_REVISION: return smc_revision(c);
	case RM_SMC_VERSION: return smc_version(c);
	case RM_SMC_WAKES: return smc_wakes(c);
	case RM_SMC_STAT: return smc_stat(c);
	case RM_SMC_CORE: return smc_core(c);
	case RM_SMC_HISTOGRAM: return smc_histogram(c);
	case RM_SMC_ATTACH: return smc_attach(c);
	case RM_SMC_CREATE: return smc_create(c);
	case RM_SMC_DESTROY: return smc_destroy(c);
	case RM_SMC_DETACH: return smc_detach(c);
	case RM_SMC_ADOPT: return smc_adopt(c);
	case RM_SMC_AWAITED: return smc_awaited(c);
	case RM_SMC_RESIDENT: return smc_resident(c);
	case RM_SMC_NAME: return smc_name(c);
	case RM_SMC_SHARE: return smc_share(c);
	case RM_SMC_UNSHARE: return smc_unshare(c);
	case RM_SMC_WINDOW_MAP: return smc_window_map(c);
	case RM_SMC_WINDOW_UNMAP: return smc_window_unmap(c);
	case RM_SMC_ENTER: return smc_enter(c);
	default: return -1;		/* SMCCC: unknown function */
	}
}

/* Entry by SMC, from arch/boot.S: args are x0-x7 on this core's stack. */
_Noreturn void normal_smc(const uint64_t *args)
{
	struct cpu *cpu = sched_enter();
	struct smc c = { .out = { 0 } };

	for (int i = 0; i < 8; i++)
		c.x[i] = args[i];
	assert(!cpu->hosted);
	cpu->entry = NORMAL_SMC;
	c.out[0] = (uint64_t)dispatch(&c);
	for (int i = 0; i < 4; i++)
		cpu->result[i] = c.out[i];
	sched_leave(cpu);
}
