/* SPDX-License-Identifier: MIT */
/* A region: boot page, io_uring and arena in one piece of memory, shared with a thread of the enclave. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proxy.h"

#define POLL_IDLE_MS 50	/* after so long without work the polling thread sleeps, and has to be woken */

struct rm_boot *region_boot(const struct region *region)
{
	return (struct rm_boot *)(void *)region->base;
}

/* With the trace area, if there is one. */
static size_t region_size(const struct region *region)
{
	return REGION_SIZE + (region->trace != NULL ? RM_TRACE_SIZE : 0);
}

/*
 * Where the enclave has it, if nothing is there: then one address serves on both sides. Zero, as io_uring wants it. Pages come when they
 * are shared.
 */
static int map(const struct proxy *proxy, struct region *region)
{
	const size_t size = REGION_SIZE + (tracing_wanted(proxy, region) ? RM_TRACE_SIZE : 0);
	void *wanted = (void *)(RM_SHARE_BASE + region->index * RM_SHARE_STRIDE);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *base = mmap(wanted, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0);

	if (base == MAP_FAILED)
		base = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (base == MAP_FAILED)
		return -errno;
	region->base = base;
	if (madvise(base, size, MADV_DONTFORK) != 0)
		return -errno;
	return size > REGION_SIZE ? tracing_map(proxy, region) : 0;
}

static void ring_parameters(const struct proxy *proxy, struct io_uring_params *params)
{
	memset(params, 0, sizeof(*params));
	params->flags = IORING_SETUP_NO_SQARRAY;
	if (!proxy->poll) {
		params->flags |= IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
		return;
	}
	params->flags |= IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF;
	params->sq_thread_cpu = proxy->poll_cpu;
	params->sq_thread_idle = POLL_IDLE_MS;
	if (proxy->first.ring_fd > 0) {	/* all threads of an enclave share one polling thread */
		params->flags |= IORING_SETUP_ATTACH_WQ;
		params->wq_fd = (unsigned)proxy->first.ring_fd;
	}
}

static uint32_t offset_of(const struct region *region, const void *pointer)
{
	return (uint32_t)((const uint8_t *)pointer - region->base);
}

/* Tells the runtime where liburing put things. */
static void describe_ring(const struct region *region)
{
	const struct io_uring_sq *sq = &region->ring.sq;
	const struct io_uring_cq *cq = &region->ring.cq;

	region_boot(region)->ring = (struct rm_ring_layout){
		.sq_head = offset_of(region, sq->khead),
		.sq_tail = offset_of(region, sq->ktail),
		.sq_flags = offset_of(region, sq->kflags),
		.sq_entries = sq->ring_entries,
		.cq_head = offset_of(region, cq->khead),
		.cq_tail = offset_of(region, cq->ktail),
		.cq_overflow = offset_of(region, cq->koverflow),
		.cq_entries = cq->ring_entries,
		.sqes = offset_of(region, sq->sqes),
		.cqes = offset_of(region, cq->cqes),
	};
}

/* Work that may block is done by threads of Linux, which would interrupt the enclave if they ran on its CPU. */
static int keep_workers_off(const struct proxy *proxy, struct region *region)
{
	cpu_set_t set;

	if (!proxy->poll)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(proxy->poll_cpu, &set);
	return io_uring_register_iowq_aff(&region->ring, sizeof(set), &set);
}

static int make_ring(const struct proxy *proxy, struct region *region)
{
	struct io_uring_params params;
	int ret;

	ring_parameters(proxy, &params);
	ret = io_uring_queue_init_mem(RM_RING_ENTRIES, &region->ring, &params, region->base + REGION_RING,
				      RM_RING_PAGES * PAGE_BYTES);
	if (ret < 0)
		return ret;
	region->ring_fd = region->ring.ring_fd = region->ring.enter_ring_fd =
		descriptor_out_of_the_way(region->ring.ring_fd);
	return keep_workers_off(proxy, region);
}

static void describe_region(const struct proxy *proxy, const struct region *region)
{
	struct rm_boot *boot = region_boot(region);

	boot->magic = RM_BOOT_MAGIC;
	boot->version = RM_ABI_VERSION;
	boot->flags = proxy->poll ? RM_BOOT_POLL : proxy->sync ? RM_BOOT_SYNC : proxy->switchless ? RM_BOOT_SWITCHLESS : 0;
	boot->arena = REGION_ARENA;
	if (region->adopted)
		memcpy(boot->fds, proxy->inherited, sizeof(boot->fds));
	if (region->trace != NULL) {
		boot->flags |= RM_BOOT_TRACE;
		boot->trace = REGION_SIZE;
		boot->trace_string = proxy->tracing->string;
	}
	boot->address = (uint64_t)(uintptr_t)region->base;
	describe_ring(region);
}

static int share(const struct proxy *proxy, struct region *region)
{
	struct rm_ioc_thread thread = {
		.address = (uint64_t)(uintptr_t)region->base,
		.size = region->trace != NULL || region->adopted ? region_size(region) : REGION_ARENA + REGION_FIRST_SLOTS * RM_SLOT_SIZE,
		.limit = region_size(region),
		.thread = region->index,
	};
	int fd = ioctl(proxy->device, RM_IOC_THREAD, &thread);

	if (fd < 0)
		return -errno;
	region->thread_fd = descriptor_out_of_the_way(fd);
	return 0;
}

/* Has at least so many slots of the arena shared: 0 or -errno, and then those that were. */
int region_grow(const struct region *region, uint64_t slots)
{
	struct rm_ioc_grow grow = { .size = REGION_ARENA + (slots < RM_ARENA_SLOTS ? slots : RM_ARENA_SLOTS) * RM_SLOT_SIZE };

	return ioctl(region->thread_fd, RM_IOC_GROW, &grow) == 0 ? 0 : -errno;
}

/*
 * Makes the region of thread `index`, to be served by the calling thread, which alone may submit on its ring. On failure
 * nothing is left.
 */
int region_make(const struct proxy *proxy, uint32_t index, bool adopted, struct region *region, enum region_step *step)
{
	int ret;

	memset(region, 0, sizeof(*region));
	region->index = index;
	region->adopted = adopted;
	region->thread_fd = region->ring_fd = -1;
	*step = REGION_MEMORY;
	ret = map(proxy, region);
	if (ret == 0) {
		*step = REGION_IO_URING;
		ret = make_ring(proxy, region);
	}
	if (ret == 0) {
		describe_region(proxy, region);
		*step = REGION_SHARE;
		ret = share(proxy, region);
	}
	if (ret != 0)
		region_end(region);
	return ret;
}

/* Whether Linux may still be at something that the runtime gave up. */
static bool late(const struct region *region)
{
	const struct rm_report *report = (const struct rm_report *)(const void *)(region->base + RM_REPORT_OFFSET);

	return region->base != NULL && report->count[RM_COUNT_LATE] != 0;
}

/* The enclave's view goes first, the memory last; and not at all if Linux may still write to it. */
void region_end(struct region *region)
{
	if (region->thread_fd >= 0)
		close(region->thread_fd);
	if (late(region))
		return;
	if (region->ring_fd >= 0)
		io_uring_queue_exit(&region->ring);
	if (region->base != NULL)
		munmap(region->base, region_size(region));
	region->base = NULL;
}
