/* SPDX-License-Identifier: MIT */
/*
 * Signals from outside: says "ready", then what comes. HOW: handle (in a loop of computing), wait (in a read of stdin), block
 * (until SIGUSR2 comes), sigwait, thread (the first thread ended).
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t last, from, value;

static void told(int signal, siginfo_t *info, void *context)
{
	(void)context;
	from = info->si_pid != 0;
	value = info->si_code == SI_QUEUE ? info->si_value.sival_int : -1;
	last = signal;
}

static void say(void)
{
	const int number = last;

	last = 0;	/* before anybody can send the next */
	printf("signal %d%s %d\n", number, from ? "" : " from nobody", (int)value);
	fflush(stdout);
	if (number == SIGTERM)
		exit(3);
}

static void *compute(void *unused)
{
	for (;;)
		if (last)
			say();
	return unused;
}

/* Blocked but while it waits. */
static void wait_for_input(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		if (ppoll(&input, 1, NULL, &none) > 0)
			exit(4);
		if (last)
			say();
	}
}

static void wait_for_one(sigset_t *set)
{
	siginfo_t info;

	for (;;) {
		if (sigwaitinfo(set, &info) > 0) {
			told(info.si_signo, &info, NULL);
			say();
		}
	}
}

int main(int argc, char **argv)
{
	const int signals[] = { SIGINT, SIGHUP, SIGTERM, SIGUSR1, SIGWINCH, SIGRTMIN + 3, SIGRTMAX };
	struct sigaction action = { .sa_sigaction = told, .sa_flags = SA_SIGINFO };
	const char *how = argc > 1 ? argv[1] : "handle";
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaddset(&set, signals[i]);
		if (strcmp(how, "sigwait") != 0)
			sigaction(signals[i], &action, NULL);
	}
	/* Before anybody knows that we are ready: a signal that came between a look and a wait would be overslept. */
	if (strcmp(how, "block") == 0 || strcmp(how, "wait") == 0 || strcmp(how, "sigwait") == 0)
		sigprocmask(SIG_BLOCK, &set, NULL);
	if (strcmp(how, "block") == 0)
		sigaction(SIGUSR2, &action, NULL);
	puts("ready");
	fflush(stdout);
	if (strcmp(how, "handle") == 0)
		compute(NULL);
	if (strcmp(how, "wait") == 0)
		wait_for_input();
	if (strcmp(how, "sigwait") == 0)
		wait_for_one(&set);
	if (strcmp(how, "thread") == 0) {
		pthread_create(&thread, NULL, compute, NULL);
		pthread_exit(NULL);
	}
	while (last != SIGUSR2)
		;
	say();
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	compute(NULL);
}
