/* SPDX-License-Identifier: MIT */
/*
 * A time-sensitive program.
 *	plain		prints, reads, has a second thread, sleeps 100 periods, and asks what the manifest grants
 *	overrun		one thread computes without end, another one of a higher priority counts periods meanwhile
 *	silent		makes a call of Linux in each of its periods, until Linux was lost and came back; says what it saw
 *	signals		has handlers: raised, sent by another thread to one that sleeps or reads, by a timer
 *	wait		waits for a byte on its standard input
 *	crowd		makes threads until there may be no more: how many
 *	late		wants to sleep until moments that have passed: how many of them were counted as missed
 *	attached	writes lines to files of two threads, while processes of Linux come and go; SIGTERM ends it
 *	nothing		ends
 *	forever		sleeps
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <ringmaster.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000l
#define STAT_MISSES 12		/* enum rm_stat */
#define STAT_THROTTLED 13

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static void sleep_until(long moment)
{
	const struct timespec t = { moment / (1000 * MS), moment % (1000 * MS) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
		;
}

static int has(pthread_t thread)
{
	struct sched_param param;
	int policy;

	if (pthread_getschedparam(thread, &policy, &param) != 0)
		return -1;
	return policy == SCHED_FIFO ? param.sched_priority : policy == SCHED_OTHER && param.sched_priority == 0 ? 0 : -2;
}

static int set(pthread_t thread, int policy, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	return pthread_setschedparam(thread, policy, &param);
}

static void *second(void *argument)
{
	*(int *)argument = has(pthread_self());
	return NULL;
}

static int plain(void)
{
	const struct sched_param low = { .sched_priority = 10 };
	pthread_attr_t attributes;
	char line[64] = "";
	pthread_t thread;
	cpu_set_t cores;
	int inherited = -3, chosen = -3, fd;
	long begin;

	fd = open("/etc/passwd", O_RDONLY);
	if (fd < 0 || read(fd, line, 5) != 5)
		return 1;
	close(fd);
	printf("read %s\n", line);
	if (pthread_create(&thread, NULL, second, &inherited) != 0 || pthread_join(thread, NULL) != 0)
		return 2;
	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
	pthread_attr_setschedparam(&attributes, &low);
	if (pthread_create(&thread, &attributes, second, &chosen) != 0 || pthread_join(thread, NULL) != 0)
		return 3;
	printf("threads %d %d\n", inherited, chosen);
	printf("main %d", has(pthread_self()));
	printf(" %d", set(pthread_self(), SCHED_FIFO, 10) == 0 ? has(pthread_self()) : -1);
	printf(" %d", set(pthread_self(), SCHED_OTHER, 0) == 0 ? has(pthread_self()) : -1);
	printf(" %d\n", set(pthread_self(), SCHED_FIFO, 50) == 0 ? has(pthread_self()) : -1);
	printf("refused: %s, %s, %s\n", strerror(set(pthread_self(), SCHED_FIFO, 51)), strerror(set(pthread_self(), SCHED_RR, 50)),
	       strerror(set(pthread_self(), SCHED_FIFO, 0)));
	sched_getaffinity(0, sizeof(cores), &cores);
	printf("cores %d, %s\n", CPU_COUNT(&cores), CPU_ISSET(sched_getcpu(), &cores) ? "this one" : "another one");
	printf("mlockall %d\n", mlockall(MCL_CURRENT | MCL_FUTURE));
	begin = now();
	for (int i = 1; i <= 100; i++)
		sleep_until(begin + i * 2 * MS);
	printf("slept %s\n", now() - begin >= 200 * MS ? "200 ms" : "less");
	printf("host %lu\n", ringmaster_host());
	return 0;
}

static volatile int done;

static void *compute(void *argument)
{
	volatile unsigned long *turns = argument;

	while (!done)
		(*turns)++;
	return NULL;
}

static int overrun(void)
{
	const struct sched_param low = { .sched_priority = 10 };
	static volatile unsigned long turns;
	pthread_attr_t attributes;
	pthread_t thread;
	long begin, late = 0, throttled;

	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
	pthread_attr_setschedparam(&attributes, &low);
	if (pthread_create(&thread, &attributes, compute, (void *)&turns) != 0)
		return 1;
	begin = now();
	for (int i = 1; i <= 200; i++) {
		sleep_until(begin + i * 5 * MS);
		late += now() - (begin + i * 5 * MS) > 5 * MS;
	}
	done = 1;
	throttled = syscall(RM_SVC_STAT, STAT_THROTTLED);
	pthread_join(thread, NULL);
	printf("turns %s, periods 200, throttled %s\n", turns > 0 ? "some" : "none", throttled > 20 ? "often" : "seldom");
	fprintf(stderr, "late %ld, throttled %ld\n", late, throttled);
	return 0;
}

static int silent(void)
{
	long begin, longest = 0, at_once = 0, in_vain = 0, good = 0, other = 0, releases = 0;
	struct pollfd nothing = { .fd = 0, .events = POLLPRI };
	char byte;
	int fd = open("/etc/passwd", O_RDONLY);

	puts("ready");
	fflush(stdout);
	begin = now();
	for (releases = 1; releases < 6000 && (ringmaster_host() < 2 || good < 50); releases++) {
		long before, took, result;

		sleep_until(begin + releases * 10 * MS);
		before = now();
		errno = 0;
		result = releases % 2 ? pread(fd, &byte, 1, 0) : poll(&nothing, 1, 1);
		took = now() - before;
		if (result >= 0) {
			good = ringmaster_host() == 2 ? good + 1 : good;
		} else if (errno == ETIMEDOUT) {
			in_vain += took >= 50 * MS;
			at_once += took < 20 * MS;
		} else {
			other++;
		}
		longest = took > longest ? took : longest;
	}
	printf("host %lu, other errors %ld, waited in vain %s, at once %s, longest %s\n", ringmaster_host(), other, in_vain > 0 ? "some" : "none",
	       at_once > 10 * in_vain ? "ten times as many" : "few", longest < 400 * MS ? "in time" : "too long");
	fprintf(stderr, "in vain %ld, at once %ld, longest %ld ms\n", in_vain, at_once, longest / MS);
	return 0;
}

static volatile int handled;

static void handle(int number)
{
	(void)number;
	handled++;
}

static void *send_later(void *to)
{
	sleep_until(now() + 20 * MS);
	pthread_kill(*(pthread_t *)to, SIGUSR1);
	return NULL;
}

static int signals(void)
{
	const struct sigaction action = { .sa_handler = handle };
	const struct itimerval timer = { .it_value.tv_usec = 20000 };
	const struct timespec second = { .tv_sec = 1 };
	pthread_t self = pthread_self(), other;
	int ends[2];
	char byte;

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	raise(SIGUSR1);
	printf("raised %d\n", handled);
	if (pthread_create(&other, NULL, send_later, &self) != 0)
		return 1;
	printf("sleep %d", nanosleep(&second, NULL));
	pthread_join(other, NULL);
	printf(", %d\n", handled);
	if (pipe(ends) != 0 || pthread_create(&other, NULL, send_later, &self) != 0)
		return 2;
	printf("read %zd", read(ends[0], &byte, 1));
	pthread_join(other, NULL);
	printf(", %d\n", handled);
	setitimer(ITIMER_REAL, &timer, NULL);
	printf("timer %d", nanosleep(&second, NULL));
	printf(", %d\n", handled);
	return 0;
}

static int wait_for_byte(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	char byte;

	puts("ready");
	fflush(stdout);
	if (poll(&input, 1, -1) != 1 || read(0, &byte, 1) != 1 || read(0, &byte, 1) != 1)
		return 1;
	printf("got it, host %lu\n", ringmaster_host());
	return 0;
}

static void *sleeper(void *unused)
{
	sleep_until(now() + 2000 * MS);
	return unused;
}

/* A core has RM_RESIDENT_THREADS in all, of which the calling one is one. */
static int crowd(void)
{
	pthread_t threads[64];
	int made = 0, error = 0;

	while (made < 63 && (error = pthread_create(&threads[made], NULL, sleeper, NULL)) == 0)
		made++;
	printf("crowd %s, %s\n", made <= 31 ? "as large as it may be" : "too large", strerror(error));
	for (int i = 0; i < made; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static int late(void)
{
	const long before = syscall(RM_SVC_STAT, STAT_MISSES);

	for (int i = 0; i < 5; i++)
		sleep_until(now() - MS);
	printf("missed %ld of 5\n", syscall(RM_SVC_STAT, STAT_MISSES) - before);
	return 0;
}

/* A line to a file in each period; the file is opened anew when its descriptor is lost. */
static void *write_lines(void *argument)
{
	const char *path = argument;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	char line[32];

	for (long period = 1, begin = now(); !done; period++) {
		int size = sprintf(line, "%ld\n", period);

		if (write(fd, line, size) < 0 && errno == EBADF) {
			close(fd);
			fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
		}
		sleep_until(begin + period * 10 * MS);
	}
	return NULL;
}

static void stop(int number)
{
	(void)number;
	done = 1;
}

static void *never_ask(void *unused)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&mutex);
	for (;;)
		pthread_cond_wait(&never, &mutex);
	return unused;
}

/*
 * Says on its standard output how often the host has changed, whenever it is another number. What was opened for the first process, and is never
 * closed, must be nothing for the next ones.
 */
static int attached(void)
{
	const struct sigaction action = { .sa_handler = stop };
	int held = open("held", O_WRONLY | O_CREAT | O_TRUNC, 0644), wrong = 0;
	unsigned long told = ~0ul, host;
	pthread_t threads[3];

	sigaction(SIGTERM, &action, NULL);
	if (write(held, "first\n", 6) != 6 || pthread_create(&threads[0], NULL, write_lines, "one") != 0 ||
	    pthread_create(&threads[1], NULL, write_lines, "two") != 0 || pthread_create(&threads[2], NULL, never_ask, NULL) != 0)
		return 1;
	while (!done) {
		host = ringmaster_host();
		if (host != told && host % 2 == 0 && printf("host %lu\n", host) > 0 && fflush(stdout) == 0)
			told = host;
		if (host > 0) {
			errno = 0;
			wrong += write(held, "wrong\n", 6) >= 0;
			wrong += errno != EBADF && errno != ETIMEDOUT;
		}
		sleep_until(now() + 10 * MS);
	}
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	printf("wrong %d\n", wrong);
	return 7;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "plain";

	if (strcmp(what, "plain") == 0)
		return plain();
	if (strcmp(what, "overrun") == 0)
		return overrun();
	if (strcmp(what, "silent") == 0)
		return silent();
	if (strcmp(what, "signals") == 0)
		return signals();
	if (strcmp(what, "wait") == 0)
		return wait_for_byte();
	if (strcmp(what, "crowd") == 0)
		return crowd();
	if (strcmp(what, "late") == 0)
		return late();
	if (strcmp(what, "attached") == 0)
		return attached();
	if (strcmp(what, "nothing") == 0)
		return 0;
	puts("ready");
	fflush(stdout);
	for (;;)
		sleep_until(now() + 100 * MS);
}
