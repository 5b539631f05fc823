/* SPDX-License-Identifier: MIT */
/*
 * wakes: as many threads as there can be wait for one word, are moved to another all at once, and woken all at once; then random bytes; then an
 * end while so many wait: what takes the kernel long.
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT 63

static uint32_t first, second;

static long futex(uint32_t *word, int operation, long value, long moves, uint32_t *to)
{
	return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, moves, to, 0);
}

static void *wait_for_first(void *arg)
{
	/* Woken on the word that it was moved to. */
	if (futex(&first, FUTEX_WAIT, 0, 0, NULL) != 0)
		return arg;
	return NULL;
}

int main(void)
{
	pthread_t threads[COUNT];
	void *result;
	char bytes[4096];
	long moved = 0;

	for (long i = 0; i < COUNT; i++)
		if (pthread_create(&threads[i], NULL, wait_for_first, (void *)(i + 1)) != 0)
			return 1;
	while (moved < COUNT) {
		moved += futex(&first, FUTEX_REQUEUE, 0, INT_MAX, &second);
		sched_yield();
	}
	if (futex(&second, FUTEX_REQUEUE, 0, INT_MAX, &first) != COUNT)
		return 2;
	if (futex(&first, FUTEX_WAKE, INT_MAX, 0, NULL) != COUNT)
		return 3;
	for (long i = 0; i < COUNT; i++)
		if (pthread_join(threads[i], &result) != 0 || result)
			return 4;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return 5;
	for (long i = 0; i < COUNT; i++)
		if (pthread_create(&threads[i], NULL, wait_for_first, NULL) != 0)
			return 6;
	for (moved = 0; moved < COUNT; sched_yield())
		moved += futex(&first, FUTEX_REQUEUE, 0, INT_MAX, &second);
	puts("done");
	return 0;
}
