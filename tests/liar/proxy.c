/* SPDX-License-Identifier: MIT */
/* Lies where the proxy answers for itself: memory, threads, kicks, the time, windows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "liar.h"

/* As what they stand before. */
__typeof__(region_make) __real_region_make, __wrap_region_make;
__typeof__(region_end) __real_region_end, __wrap_region_end;
__typeof__(region_grow) __real_region_grow, __wrap_region_grow;
__typeof__(boot_fill) __real_boot_fill, __wrap_boot_fill;
__typeof__(thread_start) __real_thread_start, __wrap_thread_start;
__typeof__(thread_kick) __real_thread_kick, __wrap_thread_kick;
__typeof__(kick_timer) __real_kick_timer, __wrap_kick_timer;
__typeof__(window_serve) __real_window_serve, __wrap_window_serve;

int __wrap_region_make(const struct proxy *proxy, uint32_t index, bool adopted, struct region *region, enum region_step *step)
{
	const int ret = __real_region_make(proxy, index, adopted, region, step);

	if (ret != 0)
		return ret;
	ring_forget(index);
	if (index != 0 && plan_armed() && plan_has(LIE_BOOT))
		words_boot(region_boot(region));
	words_watch(region);
	return ret;
}

/* Called with the enclave's thread gone. */
void __wrap_region_end(struct region *region)
{
	words_leave(region);
	__real_region_end(region);
}

int __wrap_region_grow(const struct region *region, uint64_t slots)
{
	return plan_next(LIES(LIE_GROW)) < LIE_COUNT ? 0 : __real_region_grow(region, slots);
}

int __wrap_boot_fill(const struct proxy *proxy, const struct region *region, char **environment)
{
	const int ret = __real_boot_fill(proxy, region, environment);

	if (ret == 0 && plan_armed() && plan_has(LIE_BOOT))
		words_boot(region_boot(region));
	return ret;
}

/* A thread that was made, under a number that is none; or one that never comes, under a good one. */
int __wrap_thread_start(struct proxy *proxy, uint64_t index, bool adopted)
{
	const int numbers[] = { 0, -1, -11, -134, INT32_MIN, INT32_MAX, getpid() };

	if (plan_next(LIES(LIE_THREAD)) == LIE_COUNT)
		return __real_thread_start(proxy, index, adopted);
	if (plan_random() % 8 == 0)
		return getpid() + 1;
	__real_thread_start(proxy, index, adopted);
	return numbers[plan_random() % (sizeof(numbers) / sizeof(numbers[0]))];
}

void __wrap_thread_kick(uint64_t index)
{
	if (plan_next(LIES(LIE_KICK)) == LIE_COUNT)
		__real_thread_kick(index);
}

void __wrap_kick_timer(uint64_t ns)
{
	if (plan_next(LIES(LIE_TIMER)) == LIE_COUNT)
		__real_kick_timer(ns);
}

int64_t __wrap_window_serve(const struct proxy *proxy, const struct rm_host_call *call, const struct region *region)
{
	int64_t ret = 0;

	if (plan_next(LIES(LIE_WINDOW)) == LIE_COUNT)
		return __real_window_serve(proxy, call, region);
	if (plan_random() % 2 == 0)
		ret = __real_window_serve(proxy, call, region);
	if (call->number == RM_CALL_WINDOW && call->arg[4] % 8 == 0 && call->arg[4] <= REGION_SIZE - sizeof(struct rm_window_pages))
		memset(region->base + call->arg[4], 0xff, sizeof(struct rm_window_pages));
	return plan_random() % 4 == 0 ? (int64_t)plan_random() : ret < 0 ? 0 : ret;
}
