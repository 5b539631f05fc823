/* SPDX-License-Identifier: MIT */
/* A thread that writes into what is shared with the enclave, from another core if there is one, as long as it lives; and the boot page. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "liar.h"

#define PAUSE_NS 50000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct region watched[RM_THREAD_MAX];	/* copies; base is NULL: none. Under lock */

static void put(uint8_t *base, uint64_t offset, uint32_t value)
{
	__atomic_store_n((uint32_t *)(void *)(base + offset), value, __ATOMIC_RELAXED);
}

/* Another value for a moment; what Linux or the proxy stores meanwhile stays. */
static void for_a_moment(uint32_t *word, uint32_t value)
{
	uint32_t was = __atomic_exchange_n(word, value, __ATOMIC_RELAXED);

	for (volatile int i = 0; i < 2000; i++)
		;
	__atomic_compare_exchange_n(word, &value, was, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/*
 * What Linux's own io_uring goes by is left alone: it would do work that nobody asked for. The signals' head is put so far that it cannot be, or
 * so near that there are records that nobody wrote.
 */
static void one_word(const struct region *region)
{
	uint8_t *const base = region->base;
	struct rm_host_signals *const signals = (struct rm_host_signals *)(void *)(base + RM_BOOT_SIGNALS);
	const uint32_t any = (uint32_t)(plan_random() >> plan_random() % 32);

	switch (plan_random() % 6) {
	case 0:
		for_a_moment(region->ring.cq.ktail, *region->ring.cq.ktail + (any | 1u << 24));
		break;
	case 1:
		put(base, RM_BOOT_SIGNALS + offsetof(struct rm_host_signals, head), signals->head + (any % 2 ? any : any % 80));
		break;
	case 2:		/* records of signals */
		lie_bytes(base + RM_BOOT_SIGNALS + 8 + plan_random() % RM_HOST_SIGNALS * sizeof(struct rm_host_signal), sizeof(struct rm_host_signal));
		break;
	case 3:		/* the server is there, or not */
		put(base, RM_SWITCHLESS_OFFSET + offsetof(struct rm_switchless, awake), any);
		break;
	case 4:		/* what only people look at */
		lie_bytes(base + RM_REPORT_OFFSET + plan_random() % 256, 16);
		lie_bytes(base + RM_USE_OFFSET + plan_random() % 120, 8);
		break;
	default:	/* what was read at the start; a new thread may come just now */
		put(base, offsetof(struct rm_boot, thread_result), any);
		for_a_moment((uint32_t *)(void *)(base + offsetof(struct rm_boot, ring) + plan_random() % 10 * 4), any);
		break;
	}
	plan_told(LIE_WORDS);
}

/*
 * Bytes of the arena, each other time as they were. Not where requests begin: they would be done, with the rights of our user; but the result
 * of one that has one.
 */
static void two_values(const struct region *region)
{
	const uint64_t slot = REGION_ARENA + plan_random() % 8 * RM_SLOT_SIZE;
	uint8_t *const at = region->base + slot + 64 + plan_random() % 40 * 8;
	uint64_t *const word = (uint64_t *)(void *)at, was = *word;
	struct rm_host_call *const call = (struct rm_host_call *)(void *)(region->base + slot);
	const int64_t result = __atomic_load_n(&call->result, __ATOMIC_RELAXED);

	for (int i = 0; i < 8; i++) {
		__atomic_store_n(word, plan_random() >> plan_random() % 64, __ATOMIC_RELAXED);
		__atomic_store_n(word, was, __ATOMIC_RELAXED);
	}
	if (result >= -4095 && result < INT32_MAX) {
		__atomic_store_n(&call->result, (int64_t)plan_random(), __ATOMIC_RELAXED);
		__atomic_store_n(&call->result, result, __ATOMIC_RELAXED);
	}
	plan_told(LIE_TWICE);
}

static void *write_words(void *unused)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	(void)unused;
	for (;;) {
		if (plan_armed()) {
			pthread_mutex_lock(&lock);
			for (unsigned i = 0; i < RM_THREAD_MAX; i++) {
				if (watched[i].base == NULL)
					continue;
				if (plan_has(LIE_WORDS))
					one_word(&watched[i]);
				if (plan_has(LIE_TWICE))
					two_values(&watched[i]);
			}
			pthread_mutex_unlock(&lock);
		}
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* With the first region. */
static void start(void)
{
	static bool started;
	pthread_t thread;
	sigset_t old;

	if (started || (!plan_has(LIE_WORDS) && !plan_has(LIE_TWICE)))
		return;
	started = true;
	kick_hold(&old);
	pthread_create(&thread, NULL, write_words, NULL);
	kick_release(&old);
}

void words_watch(const struct region *region)
{
	pthread_mutex_lock(&lock);
	watched[region->index] = *region;
	start();
	pthread_mutex_unlock(&lock);
}

void words_leave(const struct region *region)
{
	pthread_mutex_lock(&lock);
	watched[region->index].base = NULL;
	pthread_mutex_unlock(&lock);
}

/* One word of what every enclave reads at its start. */
void words_boot(struct rm_boot *boot)
{
	static const uint32_t values[] = { 0, 1, 2, 3, 7, 0x1000, 0xfff, 0x20000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	uint32_t *const words = (uint32_t *)(void *)boot;
	const uint64_t word = plan_random() % (sizeof(*boot) / 4), any = plan_random();

	/* Not the address: the enclave puts it into requests, and Linux would write wherever it names in this process. */
	if (word == offsetof(struct rm_boot, address) / 4 || word == offsetof(struct rm_boot, address) / 4 + 1)
		return;
	if (any % 2)
		words[word] = values[any / 2 % (sizeof(values) / sizeof(values[0]))];
	else
		words[word] = any % 4 ? words[word] + (uint32_t)(any >> 40) % 64 : (uint32_t)(any >> 32);
	plan_told(LIE_BOOT);
	dprintf(2, "liar: word %u of the boot page is %#x\n", (unsigned)word, words[word]);
}
