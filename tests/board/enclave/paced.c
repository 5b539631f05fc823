/* SPDX-License-Identifier: MIT */
/*
 * paced PERIODS PERIOD [MISSES [threads]]: a time-sensitive program whose host is not to be trusted. Its first thread has something to do in each
 * period (microseconds) and asks nobody for anything; the second, of a lower priority, asks Linux for a bit of everything
 * meanwhile, and believes nothing; also by threads that it makes, each of which runs, if it was made.
 *
 * How it went is the exit status, which comes by the secure kernel: 40 all was so, + 1 and the runtime counted violations by the
 * host, + 2 but the first thread missed more than MISSES periods (one in twenty, for a machine that has others to serve);
 * 1 memory changed, or a result was none.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "abi/smc.h"
#include "ringmaster.h"
#include "runtime/ring/thread.h"

#define MARK	0x6c696100	/* tests/liar/liar.h */
#define SECRET	8192
#define NS_PER_S 1000000000l

static volatile unsigned char secret[SECRET];
static volatile bool done, broken, threads;
static uint64_t counted;
static long rounds;

#define MUST(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

static void fail(const char *what, int line)
{
	broken = true;
	fprintf(stderr, "paced: line %d: %s, errno %d\n", line, what, errno);
}

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 37 + (i >> 8) * 11 + 5);
}

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The first thread's work: a part of its memory is as it was. */
static void work(long period)
{
	for (size_t i = 0; i < 256; i++) {
		const size_t at = ((size_t)period * 256 + i) % SECRET;

		if (secret[at] != pattern(at))
			broken = true;
	}
}

static void pace(long periods, long period)
{
	const long begin = now_ns() + period;

	for (long i = 0; i < periods; i++) {
		const long next = begin + i * period;
		const struct timespec at = { .tv_sec = next / NS_PER_S, .tv_nsec = next % NS_PER_S };

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
			;
		work(i);
	}
}

static bool possible(long result, long limit)
{
	return result >= -1 && result <= limit && (result != -1 || (errno > 0 && errno < 134));
}

static void ask_of_files(unsigned char *buffer)
{
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	MUST(possible(fd, 1023));
	MUST(possible(pwrite(fd, buffer, 3000, 100), 3000));
	MUST(possible(pread(fd, buffer, 4000, 0), 4000));
	MUST(possible(fstat(fd, &st), 0));
	MUST(possible(fsync(fd), 0));
	MUST(possible(ftruncate(fd, 5000), 0));
	if (fd > 2)
		MUST(possible(close(fd), 0));
	MUST(possible(stat("/etc/passwd", &st), 0));
	MUST(getcwd((char *)buffer, 200) == NULL || memchr(buffer, 0, 200) != NULL);
	MUST(possible(access("file", R_OK), 0));
	MUST(possible(rename("file", "other"), 0));
	MUST(possible(unlink("other"), 0));
}

static void ask_of_others(unsigned char *buffer)
{
	struct pollfd nobody = { .fd = -1 };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0) {
		MUST(possible(send(ends[0], buffer, 1000, MSG_NOSIGNAL), 1000));
		MUST(possible(recv(ends[1], buffer, 2000, MSG_DONTWAIT), 2000));
		close(ends[0]);
		close(ends[1]);
	}
	MUST(possible(poll(&nobody, 1, 1), 1));
	MUST(getpid() > 0);
}

static void *ask_shortly(void *argument)
{
	MUST(possible(access("/etc/passwd", R_OK), 0));
	return argument;
}

static void ask_by_a_thread(void *argument)
{
	pthread_t thread;
	void *result;
	const int error = pthread_create(&thread, NULL, ask_shortly, argument);

	MUST(error == 0 || error == EAGAIN);
	if (error == 0)
		MUST(pthread_join(thread, &result) == 0 && result == argument);
}

static void *ask(void *unused)
{
	unsigned char *buffer = malloc(8192);
	const struct rm_thread *self;

	for (; !done && buffer; rounds++) {
		memset(buffer, 0x5a, 8192);
		ask_of_files(buffer);
		ask_of_others(buffer);
		if (threads)
			ask_by_a_thread(buffer);
		for (int i = 4096; i < 8192; i++)
			if (buffer[i] != 0x5a)
				fail("bytes behind a buffer", i);
	}
	free(buffer);
	__asm__ volatile("mrs %0, tpidrro_el0" : "=r"(self));
	for (int i = 0; i < RM_COUNT_COUNT; i++)
		counted += i == RM_COUNT_UNSUPPORTED ? 0 : self->count[i];
	return unused;
}

int main(int argc, char **argv)
{
	const long periods = argc > 1 ? atol(argv[1]) : 1000, period = (argc > 2 ? atol(argv[2]) : 2000) * 1000;
	const long allowed = argc > 3 ? atol(argv[3]) : periods / 20;
	const struct sched_param low = { .sched_priority = 10 };
	const long before = syscall(RM_SVC_STAT, RM_STAT_MISSES);
	pthread_attr_t attributes;
	pthread_t other;

	for (size_t i = 0; i < SECRET; i++)
		secret[i] = pattern(i);
	threads = argc > 4;
	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
	pthread_attr_setschedparam(&attributes, &low);
	if (pthread_create(&other, &attributes, ask, NULL) != 0)
		return 3;
	syscall(SYS_getpgid, MARK + 1);
	pace(periods, period);
	const long misses = syscall(RM_SVC_STAT, RM_STAT_MISSES) - before;

	done = true;
	syscall(SYS_getpgid, MARK);
	pthread_join(other, NULL);
	for (size_t i = 0; i < SECRET; i++)
		MUST(secret[i] == pattern(i));
	fprintf(stderr, "paced: %ld periods, %ld missed; %ld rounds, %lu counted, host %lu\n", periods, misses, rounds,
		(unsigned long)counted, ringmaster_host());
	_exit(broken ? 1 : 40 + (counted ? 1 : 0) + (misses > allowed ? 2 : 0));
}
