/* SPDX-License-Identifier: MIT */
/* A thread that is not the first ends the program while others wait. */
#include <pthread.h>
#include <semaphore.h>

#include "t.h"

static void *wait_forever(void *arg)
{
	static sem_t never;

	sem_wait(&never);
	return arg;
}

static void *leave(void *arg)
{
	(void)arg;
	puts("the other thread ends it");
	exit(23);
}

int main(void)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, wait_forever, NULL) == 0);
	MUST(pthread_create(&thread, NULL, leave, NULL) == 0);
	pthread_join(thread, NULL);
	return t_done();
}
