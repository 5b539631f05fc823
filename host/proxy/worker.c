/* SPDX-License-Identifier: MIT */
/*
 * Host calls with a deadline. Linux may hold a thread in a call for as long as it likes, and nothing ends that; so a thread of the enclave
 * has another one do the call, and leaves that behind when time is up. What was left behind writes its result when it has one, and ends.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "proxy.h"

#define STACK_SIZE (256 * 1024)

struct worker {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool job;		/* there is a call to be done */
	bool left;		/* nobody waits for it any more: it frees itself when the call is done */
	const struct proxy *proxy;
	struct region region;	/* as the call needs it: the original may be gone by then, its memory is not (region_end()) */
	uint64_t offset;
};

static void *worker_main(void *argument)
{
	struct worker *w = argument;

	rseq_leave();
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->job && !w->left)
			pthread_cond_wait(&w->changed, &w->lock);
		if (!w->job)
			break;
		pthread_mutex_unlock(&w->lock);
		call_serve_late(w->proxy, &w->region, w->offset);
		pthread_mutex_lock(&w->lock);
		w->job = false;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

/* With the rights that the calling thread has now, and without any signals. NULL: Linux has no thread for us. */
static struct worker *make(void)
{
	struct worker *w = calloc(1, sizeof(*w));
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t old;
	int ret;

	if (w == NULL)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	kick_hold(&old);
	ret = pthread_create(&thread, &attributes, worker_main, w);
	kick_release(&old);
	pthread_attr_destroy(&attributes);
	if (ret == 0)
		return w;
	free(w);
	return NULL;
}

static struct timespec from_now(uint64_t ms)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += (time_t)(ms / 1000);
	time.tv_nsec += (long)(ms % 1000) * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	return time;
}

void worker_serve(const struct proxy *proxy, struct region *region, uint64_t offset, uint64_t ms)
{
	const struct timespec until = from_now(ms < UINT32_MAX ? ms : UINT32_MAX);
	struct worker *w = region->worker;

	if (w == NULL)
		w = region->worker = make();
	if (w == NULL) {
		call_serve(proxy, region, offset);
		return;
	}
	pthread_mutex_lock(&w->lock);
	w->proxy = proxy;
	w->region = *region;
	w->offset = offset;
	w->job = true;
	pthread_cond_signal(&w->changed);
	while (w->job && pthread_cond_clockwait(&w->changed, &w->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	if (w->job) {
		w->left = true;
		region->worker = NULL;
	}
	pthread_mutex_unlock(&w->lock);
}

void worker_forget(struct region *region)
{
	struct worker *w = region->worker;

	if (w == NULL)
		return;
	region->worker = NULL;
	pthread_mutex_lock(&w->lock);
	w->left = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}
