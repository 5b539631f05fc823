/* SPDX-License-Identifier: MIT */
/* The end of the enclave becomes the end of this process, in the way the shell knows from native programs. */
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../cli/cli.h"
#include "../cli/message.h"
#include "../cli/size.h"
#include "debug.h"
#include "gdb.h"
#include "proxy.h"
#include "use.h"

#define FRAME_SIZE 4096

static const char *const used[RM_USE_COUNT] = {
	[RM_USE_OPERATIONS] = "ring operations",
	[RM_USE_HOST_CALLS] = "host calls",
	[RM_USE_SWITCHLESS] = "  without an exit",
	[RM_USE_TAKEN_BACK] = "  taken back",
	[RM_USE_SUBMITS] = "exits for the ring",
	[RM_USE_WAKEUPS] = "exits for its poller",
	[RM_USE_SPINS] = "waits by watching",
	[RM_USE_SPINS_VAIN] = "  in vain",
	[RM_USE_COPIES] = "arena copies",
	[RM_USE_BYTES_IN] = "  bytes in",
	[RM_USE_BYTES_OUT] = "  bytes out",
	[RM_USE_WINDOW_READS] = "reads by windows",
	[RM_USE_WINDOW_BYTES] = "  bytes",
	[RM_USE_WINDOWS_FILLED] = "  windows filled",
	[RM_USE_WINDOWS_LOST] = "  pages withdrawn",
	[RM_USE_ARENA_PEAK] = "arena slots at most",
};

static void print_count(const char *what, uint64_t count)
{
	dprintf(STDERR_FILENO, "  %-20s %12" PRIu64 "\n", what, count);
}

static void print_size(const char *what, uint64_t frames)
{
	char text[32];

	dprintf(STDERR_FILENO, "  %-20s %12s\n", what, size_format(frames * FRAME_SIZE, text, sizeof(text)));
}

static void print_stats(const struct proxy *proxy)
{
	struct rm_ioc_stats stats = { .own = 1 };
	const char *name;
	uint64_t count;

	if (!proxy->stats)
		return;
	if (ioctl(proxy->device, RM_IOC_STATS, &stats) != 0) {
		warn("%s (enclave %u): the secure kernel does not tell its counters", proxy->program, proxy->id);
		return;
	}
	warn("%s (enclave %u):", proxy->program, proxy->id);
	print_count("entries", stats.stats[RM_STAT_ENTRIES]);
	print_count("voluntary exits", stats.stats[RM_STAT_EXITS_VOLUNTARY]);
	print_count("interrupt exits", stats.stats[RM_STAT_EXITS_INTERRUPT]);
	print_count("svcs", stats.stats[RM_STAT_SVCS]);
	print_count("reflected", stats.stats[RM_STAT_REFLECTED]);
	print_count("faults", stats.stats[RM_STAT_FAULTS]);
	print_size("memory", stats.stats[RM_STAT_FRAMES]);
	print_size("peak memory", stats.stats[RM_STAT_FRAMES_PEAK]);
	print_size("memory limit", stats.stats[RM_STAT_FRAMES_LIMIT]);
	print_size("shared memory", stats.stats[RM_STAT_SHARED_PAGES]);
	if (proxy->resident.count > 0 || proxy->adopted) {
		print_count("releases", stats.stats[RM_STAT_RELEASES]);
		print_count("  latest, at most, ns", stats.stats[RM_STAT_RELEASE_MAX_NS]);
		print_count("  missed", stats.stats[RM_STAT_MISSES]);
		print_count("throttled", stats.stats[RM_STAT_THROTTLED]);
	}
	for (unsigned i = 0; i < RM_USE_COUNT; i++)
		print_count(used[i], stats.use[i]);
	for (unsigned i = 0; (name = report_count(i, &count)) != NULL; i++)
		if (count != 0)
			print_count(name, count);
}

/* By the signal's default action, so that the shell sees what it would natively; no core file: it would hold nothing. */
_Noreturn static void die_by(int number)
{
	const struct rlimit none = { 0, 0 };
	sigset_t set;

	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);	/* to this thread: one for the process could be taken by another, while this goes on */
	/* A signal that does not end a process by default. */
	_exit(128 + number);
}

_Noreturn static void end_signaled(const struct proxy *proxy, const struct rm_ioc_enter *last)
{
	int number = last->arg[0] > 0 && last->arg[0] < NSIG ? (int)last->arg[0] : SIGKILL;
	char text[128];

	gdb_end(proxy, 'X', rm_gdb_signal((unsigned)number));
	if (last->arg[2] != UINT64_MAX)
		warn("%s (enclave %u): %s", proxy->program, proxy->id,
		     message_fault(last->arg[0], last->arg[1], last->arg[2], text, sizeof(text)));
	die_by(number);
}

_Noreturn static void end_no_memory(const struct proxy *proxy, const struct rm_ioc_enter *last)
{
	char text[256];

	gdb_end(proxy, 'X', SIGKILL);
	warn("%s (enclave %u): %s", proxy->program, proxy->id,
	     message_no_memory(last->arg[0], last->arg[1], last->arg[2] == 1, proxy->memory_total, text, sizeof(text)));
	die_by(SIGKILL);	/* as Linux does when it runs out of memory */
}

/* Why the secure kernel does not make it resident, with what it has given to others. */
static const char *not_resident(const struct proxy *proxy, uint64_t error, char *text, size_t size)
{
	struct rm_ioc_stats stats = { 0 };

	ioctl(proxy->device, RM_IOC_STATS, &stats);
	return manifest_not_resident(&proxy->resident, error, stats.stats[RM_STAT_RESERVED], text, size);
}

_Noreturn static void end_failed(const struct proxy *proxy, const struct rm_ioc_enter *last)
{
	char text[768];

	if (last->arg[0] == RM_FAIL_RESIDENT)
		not_resident(proxy, last->arg[1], text, sizeof(text));
	else
		message_failure(last->arg[0], last->arg[1], text, sizeof(text));
	log_line(proxy, RM_LOG_PROXY, "%s", text);
	warn("%s: %s", proxy->program, text);
	_exit(STATUS_CANNOT_RUN);
}

/* One thread ends the process; the others, which come back from a dead enclave with the same reason, wait for it. */
static void only_once(void)
{
	static atomic_flag ended = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&ended))
		pause();
}

void end(struct proxy *proxy, const struct rm_ioc_enter *last)
{
	only_once();
	report_end(proxy);
	print_stats(proxy);
	switch (last->reason) {
	case RM_EXIT_EXITED:
		gdb_end(proxy, 'W', (unsigned)last->arg[0]);
		_exit((int)(last->arg[0] & 0xff));
	case RM_EXIT_SIGNALED:
		end_signaled(proxy, last);
	case RM_EXIT_NOMEM:
		end_no_memory(proxy, last);
	case RM_EXIT_FAILED:
		end_failed(proxy, last);
	case RM_EXIT_KILLED:
		gdb_end(proxy, 'X', SIGKILL);
		warn("%s (enclave %u): the secure kernel ended it", proxy->program, proxy->id);
		die_by(SIGKILL);
	default:
		warn("%s (enclave %u): came back for an unknown reason (%u)", proxy->program, proxy->id, last->reason);
		_exit(STATUS_ERROR);
	}
}
