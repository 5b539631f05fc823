/* SPDX-License-Identifier: MIT */
/* Linux threads for further threads of the enclave: each has a region, a ring and a loop of its own. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../cli/message.h"
#include "proxy.h"

#define STACK_SIZE (256 * 1024)

struct slot {
	bool used;
	pthread_t thread;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[RM_THREAD_MAX];	/* under lock */
static int serving[RM_THREAD_MAX];		/* Linux's number of the thread that serves; stale ones are harmless */

/* Lives on the stack of the thread that asks, until `ready` is posted. */
struct start {
	struct proxy *proxy;
	uint32_t index;
	bool adopted;
	int result;	/* its number, or -errno */
	sem_t ready;
};

static void *thread_main(void *argument)
{
	struct start *start = argument;
	struct proxy *proxy = start->proxy;
	struct region region;
	enum region_step step;
	int ret;

	rseq_leave();
	ret = region_make(proxy, start->index, start->adopted, &region, &step);
	start->result = ret == 0 ? gettid() : ret;
	sem_post(&start->ready);
	if (ret != 0)
		return NULL;
	report_open(&region);
	serve(proxy, &region);
	report_close(proxy, &region);
	region_end(&region);
	return NULL;
}

/* Signals arrive when it serves. */
static int spawn(void *(*main)(void *), void *argument, pthread_t *thread)
{
	pthread_attr_t attributes;
	sigset_t old;
	int ret;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	kick_hold(&old);
	ret = pthread_create(thread, &attributes, main, argument);
	kick_release(&old);
	pthread_attr_destroy(&attributes);
	return -ret;
}

/* The index may have had a thread before, which the enclave knows to be gone; it may still be on its way out here. */
static int vacate(struct slot *slot)
{
	struct timespec deadline;

	if (!slot->used)
		return 0;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += 1;
	if (pthread_timedjoin_np(slot->thread, NULL, &deadline) != 0)
		return -EEXIST;
	slot->used = false;
	return 0;
}

static int start_locked(struct start *start)
{
	struct slot *slot = &slots[start->index];
	int ret = vacate(slot);

	if (ret == 0)
		ret = spawn(thread_main, start, &slot->thread);
	if (ret != 0)
		return ret;
	while (sem_wait(&start->ready) != 0)
		;
	slot->used = start->result > 0;
	if (!slot->used)
		pthread_join(slot->thread, NULL);
	return start->result;
}

int thread_start(struct proxy *proxy, uint64_t index, bool adopted)
{
	struct start start = { .proxy = proxy, .index = (uint32_t)index, .adopted = adopted };
	int ret;

	if ((index == 0 && !adopted) || index >= RM_THREAD_MAX)
		return -EINVAL;
	sem_init(&start.ready, 0, 0);
	pthread_mutex_lock(&lock);
	ret = start_locked(&start);
	pthread_mutex_unlock(&lock);
	sem_destroy(&start.ready);
	return ret;
}

void threads_join(void)
{
	for (unsigned i = 0; i < RM_THREAD_MAX; i++) {
		pthread_mutex_lock(&lock);
		const struct slot slot = slots[i];

		slots[i].used = false;
		pthread_mutex_unlock(&lock);
		if (slot.used)
			pthread_join(slot.thread, NULL);
	}
}

/* Each as soon as it is ready for it. One that ends meanwhile is none of ours. */
int threads_adopt(struct proxy *proxy)
{
	uint64_t threads;
	int ret = 0;

	for (;;) {
		while (ioctl(proxy->device, RM_IOC_AWAITED, &threads) != 0)
			if (errno != EINTR)
				return -errno;
		for (uint32_t i = 0; i < RM_THREAD_MAX; i++) {
			ret = threads >> i & 1 ? thread_start(proxy, i, true) : 0;
			if (ret < 0 && ret != -ENOENT && ret != -ESTALE && ret != -EBUSY && ret != -EEXIST)
				return ret;
		}
	}
}

static void *watch_main(void *argument)
{
	struct proxy *proxy = argument;
	const int ret = threads_adopt(proxy);

	if (ret != -ENOENT)
		warn("%s (enclave %u): a thread of it goes without Linux: %s", proxy->program, proxy->id, strerror(-ret));
	return NULL;
}

int threads_watch(struct proxy *proxy)
{
	pthread_t thread;

	return spawn(watch_main, proxy, &thread);
}

void thread_serves(uint32_t index)
{
	__atomic_store_n(&serving[index], gettid(), __ATOMIC_RELEASE);
}

void thread_kick(uint64_t index)
{
	const int tid = index < RM_THREAD_MAX ? __atomic_load_n(&serving[index], __ATOMIC_ACQUIRE) : 0;

	if (tid != 0)
		kick_thread(tid);
}
