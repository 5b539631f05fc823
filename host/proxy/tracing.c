/* SPDX-License-Identifier: MIT */
/* The proxy's part of tracing: trace areas in memory of the tracer, and a word to it when there is something to read. */
#include <errno.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "proxy.h"

#define PATIENCE_NS 100000000	/* between looks whether the tracer still lives */

/* Records of one that has run without Linux would not be whole. */
bool tracing_wanted(const struct proxy *proxy, const struct region *region)
{
	return proxy->tracing != NULL && !region->adopted && (region->index == 0 || proxy->tracing->all);
}

/* Puts the thread's part of the tracer's memory behind the region. */
int tracing_map(const struct proxy *proxy, struct region *region)
{
	void *at = mmap(region->base + REGION_SIZE, RM_TRACE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
			proxy->tracing->memory, (off_t)region->index * RM_TRACE_SIZE);

	if (at == MAP_FAILED || madvise(at, RM_TRACE_SIZE, MADV_DONTFORK) != 0)
		return -errno;
	region->trace = at;
	return 0;
}

static void tell(const struct proxy *proxy)
{
	const uint64_t one = 1;

	while (write(proxy->tracing->event, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* The thread came back: are there new records? */
void tracing_tell(const struct proxy *proxy, struct region *region)
{
	uint32_t head;

	if (region->trace == NULL)
		return;
	head = __atomic_load_n(&region->trace->head, __ATOMIC_RELAXED);
	if (head == region->trace_told)
		return;
	region->trace_told = head;
	tell(proxy);
}

/* RM_HOST_TRACE: until the tracer has taken something, or is gone. */
void tracing_wait(const struct proxy *proxy, struct region *region)
{
	const struct timespec patience = { .tv_nsec = PATIENCE_NS };
	uint32_t tail;

	if (region->trace == NULL)
		return;
	tail = __atomic_load_n(&region->trace->tail, __ATOMIC_ACQUIRE);
	if (__atomic_load_n(&region->trace->head, __ATOMIC_RELAXED) == tail)
		return;
	tell(proxy);
	while (__atomic_load_n(&region->trace->tail, __ATOMIC_ACQUIRE) == tail && getppid() == proxy->tracing->tracer)
		syscall(SYS_futex, &region->trace->tail, FUTEX_WAIT, tail, &patience, NULL, 0);
}
