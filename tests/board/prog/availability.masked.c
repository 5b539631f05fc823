/* SPDX-License-Identifier: MIT */
/* Linux masks every interrupt on every core and spins: the secure kernel's heartbeat goes on. */
#include <pthread.h>
#include <sched.h>

#include "hostile.h"

#define MASK_MS 800

static void *mask(void *core)
{
	cpu_set_t set;
	__u32 ms = MASK_MS;

	CPU_ZERO(&set);
	CPU_SET((int)(long)core, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
	MUST(ioctl(attack_fd, RM_ATTACK_MASK, &ms) == 0);
	return NULL;
}

int main(void)
{
	pthread_t threads[16];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t before, after;
	int64_t start;

	smc_open();
	before = smc_counter(RM_STAT_HEARTBEATS);
	start = t_now_ns();
	while (smc_counter(RM_STAT_HEARTBEATS) < before + 5)
		MUST(t_now_ns() < start + 10000000000);
	int64_t period = (t_now_ns() - start) / 5;

	before = smc_counter(RM_STAT_HEARTBEATS);
	for (long i = 0; i < cores && i < 16; i++)
		MUST(pthread_create(&threads[i], NULL, mask, (void *)i) == 0);
	for (long i = 0; i < cores && i < 16; i++)
		pthread_join(threads[i], NULL);
	after = smc_counter(RM_STAT_HEARTBEATS);
	fprintf(stderr, "period %lld us; %llu beats in %d ms\n", (long long)period / 1000, (unsigned long long)(after - before),
		MASK_MS);
	CHECK((int64_t)(after - before) >= MASK_MS * 1000000l / period / 2);
	return smc_close();
}
