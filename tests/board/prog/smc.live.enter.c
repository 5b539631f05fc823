/* SPDX-License-Identifier: MIT */
/* limit: 240 s */
/*
 * Entries and wakes of a hostile kernel's, for enclaves of the honest module's: wrong names, threads that run or that there are not, what an entry
 * returned thrown away, notifications and wakes in numbers. Who is named wrongly gets an error; a victim works, or ends with a message.
 */
#include "board.h"
#include "live.h"

static void wrong_names(struct live *v)
{
	const uint64_t handles[] = { 0, ~0ul, v->handle + 0x100, v->handle - 0x100, v->handle ^ 0x3f, v->handle | 1ul << 32, v->handle | 0xff };
	const uint64_t threads[] = { 9, 63, 64, 1ul << 32, ~0ul };
	const uint64_t flags[] = { 2, 4, 1ul << 32, ~0ul };
	struct rm_attack_smc r;

	for (size_t i = 0; i < sizeof(handles) / sizeof(*handles); i++)
		CHECK_SMC(attack_smc(&r, RM_SMC_ENTER, handles[i], 0, 0, 0, 0), -ENOENT);
	for (size_t i = 0; i < sizeof(threads) / sizeof(*threads); i++) {
		const long result = attack_smc(&r, RM_SMC_ENTER, v->handle, threads[i], 0, 0, 0);

		CHECK(result == -ESRCH || result == -ENOENT);	/* it may have ended meanwhile */
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		const long result = attack_smc(&r, RM_SMC_ENTER, v->handle, 0, flags[i], 0, 0);

		CHECK(result == -EINVAL || result == -ENOENT);
	}
	usleep(2000);
}

static void steal(struct live *v, uint64_t flags)
{
	struct rm_attack_smc r;

	attack_smc(&r, RM_SMC_ENTER, v->handle, live_pick(4), flags, 0, 0);
}

static void steal_often(struct live *v)
{
	steal(v, live_pick(2));
}

static void steal_now_and_then(struct live *v)
{
	steal(v, 0);
	usleep(500);
}

static void notify(struct live *v)
{
	steal(v, RM_ENTER_NOTIFY);
	usleep(100);
}

static void steal_wakes(struct live *v)
{
	struct rm_attack_smc r;

	(void)v;
	attack_smc(&r, RM_SMC_WAKES, 0, 0, 0, 0, 0);
}

/* The doorbell rings, and nobody is to be woken. */
static void forge_wakes(struct live *v)
{
	const struct t_board *board = t_board();
	struct rm_attack_smc r;

	(void)v;
	MUST(attack_smc(&r, RM_SMC_VERSION, 0, 0, 0, 0, 0) == 0);
	struct rm_attack_assault storm = { .kind = RM_ASSAULT_SPI, .ms = 20, .gicd = board->gicd, .gicr = board->gicr, .intid = r.x[2] };

	MUST(ioctl(attack_fd, RM_ATTACK_ASSAULT, &storm) == 0 && storm.proof > 0);
}

static const struct lie lies[] = {
	{ "wrong names", wrong_names, LIVE_WORKED },
	{ "entries stolen", steal_often, LIVE_WORKED | LIVE_REFUSED },
	{ "entries stolen now and then", steal_now_and_then, LIVE_WORKED | LIVE_REFUSED },
	{ "notified all the time", notify, LIVE_WORKED | LIVE_REFUSED },
	{ "wakes stolen", steal_wakes, LIVE_WORKED },
	{ "wakes forged", forge_wakes, LIVE_WORKED },
};

static void on_core(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)core, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
}

/* It computes on another core: an entry finds it busy, or between two of its own. */
static void check_busy(void)
{
	char command[300];
	struct live v;
	int busy = 0;
	cpu_set_t all;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	sched_getaffinity(0, sizeof(all), &all);
	snprintf(command, sizeof(command), "pin 1 ringmaster run %s/bin/loop", getenv("T"));
	live_begin(&v, command);
	for (const int64_t end = t_now_ns() + 20000000000l; system("grep -qs looping live/out") && t_now_ns() < end;)
		usleep(10000);
	on_core(0);
	for (int i = 0; i < 5000; i++) {
		struct rm_attack_smc r;
		const long result = attack_smc(&r, RM_SMC_ENTER, v.handle, 0, 0, 0, 0);

		busy += result == -EBUSY;
		if (result == -ENOENT || result == RM_EXIT_KILLED)	/* its proxy found it busy, and gave it up */
			break;
		CHECK(result == -EBUSY || result == RM_EXIT_PREEMPTED);
	}
	sched_setaffinity(0, sizeof(all), &all);
	CHECK(busy > 0);
	kill(v.pid, SIGKILL);
	MUST(waitpid(v.pid, &v.status, 0) == v.pid);
	fprintf(stderr, "entered while it runs on another core: busy %d times\n", busy);
}

int main(void)
{
	live_open();
	check_busy();
	for (long round = live_rounds(); round > 0; round--)
		for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
			live_tell(&lies[i], LIVE_LIED, 0);
	return live_close();
}
