/* SPDX-License-Identifier: MIT */
/* Calls that a signal interrupts: -EINTR, or made again. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static volatile sig_atomic_t count;
static pthread_t target;
static int ready, ends[2];
static void (*act)(void);

static void counted(int signal)
{
	(void)signal;
	count++;
}

static void set(int flags)
{
	struct sigaction action = { .sa_handler = counted, .sa_flags = flags };

	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	count = 0;
	target = pthread_self();
	case_set(&ready, 0);
}

/* Interrupts the first thread again and again until it has come back, so that no moment is the wrong one. */
static void *disturb(void *unused)
{
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
		usleep(5000);
		pthread_kill(target, SIGUSR1);
	}
	return unused;
}

/* One signal, then what the waiting thread waits for. */
static void *once_then_act(void *unused)
{
	usleep(30000);
	pthread_kill(target, SIGUSR1);
	usleep(30000);
	act();
	return unused;
}

static void write_byte(void)
{
	MUST(write(ends[1], "x", 1) == 1);
}

CASE(read_pipe, "read rt_sigaction")
{
	void *thread;
	char byte;

	MUST(pipe(ends) == 0);
	set(0);
	thread = case_thread(disturb, NULL);
	EXPECT_ERRNO(read(ends[0], &byte, 1), EINTR);
	case_set(&ready, 1);
	case_join(thread);
	EXPECT(count > 0);
}

CASE(read_pipe_restart, "read rt_sigaction")
{
	void *thread;
	char byte = 0;

	MUST(pipe(ends) == 0);
	set(SA_RESTART);
	act = write_byte;
	thread = case_thread(once_then_act, NULL);
	EXPECT_EQ(read(ends[0], &byte, 1), 1);
	EXPECT_EQ(byte, 'x');
	case_join(thread);
	EXPECT_EQ(count, 1);
}

CASE(write_pipe, "write rt_sigaction")
{
	static char many[1 << 20];
	void *thread;

	MUST(pipe(ends) == 0);
	set(0);
	thread = case_thread(disturb, NULL);
	EXPECT_EQ(write(ends[1], many, sizeof(many)), 65536);	/* what had room */
	EXPECT_ERRNO(write(ends[1], many, 1), EINTR);
	case_set(&ready, 1);
	case_join(thread);
}

CASE(sleep, "nanosleep clock_nanosleep rt_sigaction")
{
	struct timespec rest = { 0, 0 };
	void *thread;

	set(SA_RESTART);
	thread = case_thread(disturb, NULL);
	EXPECT_ERRNO(nanosleep(&(struct timespec){ 100, 0 }, &rest), EINTR);
	EXPECT(rest.tv_sec >= 50 && rest.tv_sec < 100);
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ 100, 0 }, &rest), EINTR);
	EXPECT(rest.tv_sec >= 50 && rest.tv_sec < 100);
	EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){ 1ul << 33, 0 }, NULL), EINTR);
	EXPECT(sleep(200) > 100);
	case_set(&ready, 1);
	case_join(thread);
}

CASE(poll_never_restarts, "ppoll pselect6 rt_sigaction")
{
	struct pollfd one;
	void *thread;
	fd_set set_of;

	MUST(pipe(ends) == 0);
	set(SA_RESTART);
	thread = case_thread(disturb, NULL);
	one = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	EXPECT_ERRNO(poll(&one, 1, -1), EINTR);
	EXPECT_ERRNO(poll(&one, 1, 100000), EINTR);
	FD_ZERO(&set_of);
	FD_SET(ends[0], &set_of);
	EXPECT_ERRNO(select(ends[0] + 1, &set_of, NULL, NULL, NULL), EINTR);
	EXPECT_ERRNO(pause(), EINTR);
	case_set(&ready, 1);
	case_join(thread);
}

static void *lock(void *mutex)
{
	pthread_mutex_lock(mutex);
	return NULL;
}

/* Handlers run while a mutex is waited for, and the wait goes on. */
CASE(mutex, "futex tkill")
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	void *waiter, *thread;

	set(0);
	pthread_mutex_lock(&mutex);
	waiter = case_thread(lock, &mutex);
	target = (pthread_t)waiter;
	thread = case_thread(disturb, NULL);
	usleep(60000);
	case_set(&ready, 1);
	case_join(thread);
	pthread_mutex_unlock(&mutex);
	case_join(waiter);
	EXPECT(count > 0);
}

CASE(futex, "futex")
{
	int word = 0;
	void *thread;

	set(0);
	thread = case_thread(disturb, NULL);
	EXPECT_ERRNO(syscall(SYS_futex, &word, 0, 0, NULL, NULL, 0), EINTR);
	EXPECT_ERRNO(syscall(SYS_futex, &word, 0, 0, &(struct timespec){ 100, 0 }, NULL, 0), EINTR);
	case_set(&ready, 1);
	case_join(thread);
}

static void restore(int signal)
{
	counted(signal);
	signal = open("/dev/null", O_RDONLY);	/* calls inside a handler that interrupted a call */
	if (signal >= 0)
		close(signal);
}

CASE(calls_in_handler, "read rt_sigaction")
{
	struct sigaction action = { .sa_handler = restore, .sa_flags = SA_RESTART };
	void *thread;
	char byte = 0;

	MUST(pipe(ends) == 0);
	set(0);
	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	act = write_byte;
	thread = case_thread(once_then_act, NULL);
	EXPECT_EQ(read(ends[0], &byte, 1), 1);
	EXPECT_EQ(byte, 'x');
	case_join(thread);
	EXPECT_EQ(count, 1);
}

CASE(sigpipe, "rt_sigaction write")
{
	struct sigaction action = { .sa_handler = counted };

	MUST(pipe(ends) == 0);
	count = 0;
	MUST(sigaction(SIGPIPE, &action, NULL) == 0);
	close(ends[0]);
	EXPECT_ERRNO(write(ends[1], "x", 1), EPIPE);
	EXPECT_EQ(count, 1);
}

static volatile sig_atomic_t stop;

/* Waits in one way after the other, and is woken from each by a signal. */
static void *waits(void *unused)
{
	int word = 0;
	char byte;

	case_set(&ready, 1);
	while (!stop) {
		EXPECT_ERRNO(read(ends[0], &byte, 1), EINTR);
		if (!stop)
			EXPECT_ERRNO(nanosleep(&(struct timespec){ 1000, 0 }, NULL), EINTR);
		if (!stop)
			EXPECT_ERRNO(syscall(SYS_futex, &word, 0, 0, NULL, NULL, 0), EINTR);
	}
	return unused;
}

/* A single lost wake, and it waits for ever. */
CASE_LIMIT(ten_thousand_kicks, "tkill read", 300)
{
	void *thread;

	MUST(pipe(ends) == 0);
	set(0);
	stop = 0;
	thread = case_thread(waits, NULL);
	case_until(&ready, 1);
	for (int i = 0; i < 10000; i++) {
		stop = i == 9999;
		pthread_kill((pthread_t)thread, SIGUSR1);
		for (int64_t end = case_ms() + 10000; count <= i;) {
			MUST(case_ms() < end);
			sched_yield();
		}
	}
	write_byte();		/* it may have looked at `stop` just before */
	close(ends[1]);
	case_join(thread);
	EXPECT_EQ(count, 10000);
}
