/* SPDX-License-Identifier: MIT */
/* ringmaster top: what the enclaves do, again and again, as differences of their counters. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "message.h"
#include "process.h"
#include "size.h"
#include "smc.h"
#include "use.h"

#define FRAME_SIZE	4096
#define SHOWN_MAX	256	/* enclaves; the secure kernel has fewer */

struct sample {
	struct rm_ioc_list enclave;
	long ticks;
	uint64_t when;		/* CLOCK_BOOTTIME, ns */
};

struct round {
	struct sample samples[SHOWN_MAX];
	unsigned count;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void take(int fd, struct round *round)
{
	struct rm_ioc_list list = { 0 };

	round->count = 0;
	while (round->count < SHOWN_MAX && ioctl(fd, RM_IOC_LIST, &list) == 0)
		round->samples[round->count++] =
			(struct sample){ .enclave = list, .ticks = process_ticks(list.pid), .when = now() };
	if (round->count < SHOWN_MAX && errno != ENOENT)
		die(STATUS_ERROR, "cannot list the enclaves: %s", strerror(errno));
}

static const struct sample *find(const struct round *round, uint32_t id)
{
	for (unsigned i = 0; i < round->count; i++)
		if (round->samples[i].enclave.id == id)
			return &round->samples[i];
	return NULL;
}

/* So many a second; a counter that went back is the host's or the enclave's lie, and shown as nothing. */
static uint64_t rate(uint64_t before, uint64_t after, uint64_t ns)
{
	return after <= before || ns == 0 ? 0 : (uint64_t)((double)(after - before) * 1e9 / (double)ns);
}

/* An enclave that was not there before has done everything since it started. */
static void print_sample(const struct sample *s, const struct sample *before)
{
	static const struct sample none;
	const struct rm_ioc_list *e = &s->enclave, *b = before ? &before->enclave : &none.enclave;
	const uint64_t ns = s->when - (before ? before->when : e->started_ns < s->when ? e->started_ns : s->when);
	const long ticks = s->ticks < 0 ? 0 : s->ticks - (before && before->ticks > 0 ? before->ticks : 0);
	char memory[32], in[32], out[32];
#define RATE(field) rate(b->field, e->field, ns)

	printf("%5u %7u %3u %10s %5.0f %8" PRIu64 " %7" PRIu64 " %8" PRIu64 " %8" PRIu64 " %10s %10s %s\n", e->id, e->pid, e->threads,
	       size_format(e->stats[RM_STAT_FRAMES] * FRAME_SIZE, memory, sizeof(memory)),
	       (double)rate(0, (uint64_t)ticks * 100, ns) / (double)sysconf(_SC_CLK_TCK),
	       RATE(stats[RM_STAT_EXITS_VOLUNTARY]), RATE(stats[RM_STAT_EXITS_INTERRUPT]), RATE(use[RM_USE_HOST_CALLS]),
	       RATE(use[RM_USE_OPERATIONS]), size_format(RATE(use[RM_USE_BYTES_IN]), in, sizeof(in)),
	       size_format(RATE(use[RM_USE_BYTES_OUT]), out, sizeof(out)), e->name);
#undef RATE
}

static void print_round(const struct round *round, const struct round *before)
{
	printf("%5s %7s %3s %10s %5s %8s %7s %8s %8s %10s %10s %s\n", "ID", "PID", "THR", "MEM", "%CPU", "EXITS/s", "IRQS/s", "CALLS/s",
	       "RING/s", "IN/s", "OUT/s", "NAME");
	for (unsigned i = 0; i < round->count; i++)
		print_sample(&round->samples[i], find(before, round->samples[i].enclave.id));
}

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* Waits; true if 'q' was typed, nobody types any more, or a signal says that it is over. */
static bool quit_within(double seconds, bool live)
{
	struct pollfd keys = { .fd = live ? STDIN_FILENO : -1, .events = POLLIN };
	const uint64_t end = now() + (uint64_t)(seconds * 1e9);
	uint64_t t;

	while (!stopped && (t = now()) < end) {
		char key;

		if (poll(&keys, 1, (int)((end - t + 999999) / 1000000)) <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q')
			return true;
	}
	return stopped;
}

static struct termios terminal;

static void restore_terminal(void)
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal);
}

/* Keys come at once and are not shown, until we end, which signals ask us to do. */
static void prepare_terminal(void)
{
	struct sigaction action = { .sa_handler = stop };
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &terminal) != 0)
		return;
	raw = terminal;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	atexit(restore_terminal);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static double number(const char *option, const char *text, double least)
{
	char *end;
	double value = text != NULL ? strtod(text, &end) : 0;

	if (text == NULL || *text == '\0' || *end != '\0' || !(value >= least && value <= 1e6))
		die(STATUS_ERROR, "top: option '%s' needs a number from %g on; see 'ringmaster top --help'", option, least);
	return value;
}

int cli_top(int argc, char **argv)
{
	static struct round rounds[2];
	bool live = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	double delay = 2, turns = -1;
	struct rm_ioc_hello hello;
	int fd;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-b") == 0)
			live = false;
		else if (strcmp(argv[i], "-d") == 0)
			delay = number("-d", argv[++i], 0.1);
		else if (strcmp(argv[i], "-n") == 0)
			turns = number("-n", argv[++i], 1);
		else
			die(STATUS_ERROR, "top: '%s' is unknown; see 'ringmaster top --help'", argv[i]);
	}
	fd = device_open(&hello);
	if (live)
		prepare_terminal();
	take(fd, &rounds[0]);
	for (unsigned turn = 1; turns < 0 || turn <= turns; turn++) {
		if (quit_within(delay, live))
			break;
		take(fd, &rounds[turn % 2]);
		if (live)
			fputs("\033[H\033[2J", stdout);
		print_round(&rounds[turn % 2], &rounds[(turn + 1) % 2]);
		if (fflush(stdout) != 0)
			break;
	}
	return 0;
}
