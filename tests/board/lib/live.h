/* SPDX-License-Identifier: MIT */
/*
 * Enclaves of the honest module's that live, while a hostile kernel beside it makes calls in their names. A victim ends by itself; how it went comes
 * by the secure kernel as the exit status of bin/lied.
 */
#ifndef T_LIVE_H
#define T_LIVE_H

#include <sched.h>
#include <sys/stat.h>

#include "../../../abi/hostcall.h"
#include "../../../abi/svc.h"
#include "hostile.h"
#include "spawn.h"

#define LIVE_SECONDS	30		/* for a victim: it takes two or three, or stands still */
#define STILL_SECONDS	8		/* where it may */
#define LIVE_PAGES	48u		/* of thread 0's region, from its start on: boot page, rings, the first slots */

struct live {
	pid_t pid;			/* of its proxy */
	uint64_t handle;
	uint64_t page[LIVE_PAGES];	/* physical addresses; 0: not known */
	int status;			/* as of waitpid(), once it has ended */
	int ended;
};

/*
 * The usual victim. Signed: what Linux changes of a program while it is loaded, is refused; of one that is not signed all bytes are Linux's word. It
 * has a deadline for what Linux owes.
 */
#define LIVE_LIED "ringmaster run ../lied.image -c 5 4"		/* RM_COUNT_VANISHED, four rounds */

/* How a victim may end. */
enum live_end {
	LIVE_WORKED = 1,	/* did its work, believed nothing */
	LIVE_COUNTED = 2,	/* the same, and counted what it was asked to count */
	LIVE_REFUSED = 4,	/* ended before or amid its work, with a message that says why */
	LIVE_STILL = 8,		/* stood still: of what Linux does not owe it */
	LIVE_BROKEN = 16,
};

struct lie {
	const char *name;
	void (*tell)(struct live *v);	/* once more */
	unsigned may;			/* enum live_end */
};

static uint64_t live_random = 20261123;
static uint64_t live_spare;		/* an ordinary page of nobody's */
static struct t_child *live_bystander;

/* Which handle the next enclave will have: the first free slot, its next generation. */
T_UNUSED static uint64_t live_next(void)
{
	struct rm_attack_smc r;

	MUST(attack_smc(&r, RM_SMC_CREATE, 1 << 20, 0, 0, 0, 0) == 0);
	const uint64_t handle = r.x[1];

	MUST(attack_smc(&r, RM_SMC_DESTROY, handle, 0, 0, 0, 0) == 0);
	return handle + 0x100;
}

T_UNUSED static uint64_t live_stat(const struct live *v, enum rm_stat stat)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_STAT, v->handle, (uint64_t)stat, 0, 0, 0) == 0 ? r.x[1] : 0;
}

/* A page at that page of a thread's region, given and taken in the module's name. */
T_UNUSED static long live_share(struct live *v, uint64_t thread, uint64_t address, uint64_t at)
{
	struct rm_attack_smc r;

	smc_entries[0] = address;
	return attack_smc(&r, RM_SMC_SHARE, v->handle, thread, smc_list, 1, at);
}

T_UNUSED static long live_unshare(struct live *v, uint64_t thread, uint64_t at)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_UNSHARE, v->handle, thread, at, 1, 0);
}

/* How often all of it: with FULL=1 with other random numbers each time. */
T_UNUSED static long live_rounds(void)
{
	return t_number("FULL", 0) ? 10 : 1;
}

/* Like everybody's who is root. */
T_UNUSED static void live_find_pages(struct live *v)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", v->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (unsigned i = 0; fd >= 0 && i < LIVE_PAGES; i++) {
		uint64_t entry = 0;

		if (pread(fd, &entry, 8, (off_t)((RM_SHARE_BASE / ATTACK_PAGE + i) * 8)) == 8 && entry >> 63)
			v->page[i] = (entry & ((1ul << 55) - 1)) * ATTACK_PAGE;
	}
	close(fd);
}

/* A command in a folder of its own, with what it says in `err` there. Does not wait for anything. */
T_UNUSED static void live_begin(struct live *v, const char *command)
{
	memset(v, 0, sizeof(*v));
	v->handle = live_next();
	MUST(system("rm -rf live && mkdir live") == 0);
	v->pid = fork();
	MUST(v->pid >= 0);
	if (v->pid)
		return;
	setpgid(0, 0);
	MUST(chdir("live") == 0);
	dup2(open("out", O_WRONLY | O_CREAT, 0644), 1);
	dup2(open("err", O_WRONLY | O_CREAT | O_APPEND, 0644), 2);
	t_exec(command);
}

T_UNUSED static int live_ended(struct live *v)
{
	if (!v->ended)
		v->ended = waitpid(v->pid, &v->status, WNOHANG) == v->pid;
	return v->ended;
}

/* And waits until it runs. */
T_UNUSED static void live_start(struct live *v, const char *command)
{
	live_begin(v, command);
	for (int64_t end = t_now_ns() + 20000000000l; live_stat(v, RM_STAT_ENTRIES) < 3 && !live_ended(v) && t_now_ns() < end;)
		usleep(1000);
	live_find_pages(v);
}

T_UNUSED static int live_said(const char *word)
{
	char line[200];

	snprintf(line, sizeof(line), "grep -qaE '%s' live/err", word);
	return system(line) == 0;
}

/* Ends it, if it has not. */
T_UNUSED static enum live_end live_judge(struct live *v)
{
	if (!live_ended(v)) {
		kill(-v->pid, SIGKILL);
		waitpid(v->pid, &v->status, 0);
		v->ended = 1;
		return LIVE_STILL;
	}
	kill(-v->pid, SIGKILL);
	if (!WIFEXITED(v->status))
		return WTERMSIG(v->status) == SIGKILL ? LIVE_REFUSED : LIVE_BROKEN;
	switch (WEXITSTATUS(v->status)) {
	case 40:
		return LIVE_WORKED;
	case 41:
		return LIVE_COUNTED;
	case 125:
	case 126:
		return live_said("^ringmaster: .*[a-z]") ? LIVE_REFUSED : LIVE_BROKEN;
	default:
		return LIVE_BROKEN;
	}
}

/* Who has nothing to do with any of this. */
T_UNUSED static void live_open(void)
{
	if (!t_enclaves())
		t_skip("needs enclaves");
	live_bystander = t_spawn(t_run("victim"));
	t_send(live_bystander, "B\n");
	t_line(live_bystander, 20);
	MUST(system("cp $T/bin/lied . && echo 'deadline = 250' >lied.toml && ringmaster pack lied -o lied.image 2>pack.err") == 0);
	smc_open();
	live_spare = attack_page();
}

T_UNUSED static int live_close(void)
{
	struct t_child *hello = t_spawn(t_run("hello"));

	CHECK(t_expect(hello, "hello, world\n", 20) && t_wait(hello, 10) == 0);
	const int result = smc_close();

	close(live_bystander->in);
	CHECK(t_wait(live_bystander, 10) == 0);
	return result || t_done();
}

T_UNUSED static const char *live_word(enum live_end end)
{
	switch (end) {
	case LIVE_WORKED: return "worked";
	case LIVE_COUNTED: return "worked, and counted it";
	case LIVE_REFUSED: return "refused";
	case LIVE_STILL: return "stood still";
	default: return "BROKEN";
	}
}

/* A victim that is lied to in this way until it ends. One line with the verdict; the bystander is asked. */
T_UNUSED static enum live_end live_tell(const struct lie *lie, const char *command, int from_start)
{
	struct live v;
	uint64_t told = 0;
	const int64_t end = t_now_ns() + (lie->may & LIVE_STILL ? STILL_SECONDS : LIVE_SECONDS) * 1000000000l;

	if (from_start)
		live_begin(&v, command);
	else
		live_start(&v, command);
	for (; !live_ended(&v) && t_now_ns() < end; told++)
		lie->tell(&v);
	const enum live_end how = live_judge(&v);

	fprintf(stderr, "%-40s %8llu times: %s\n", lie->name, (unsigned long long)told, live_word(how));
	if (!(how & lie->may)) {
		T_FAIL(lie->name);
		if (system("head -n 12 live/err | cut -c 1-160 >&2"))
			fprintf(stderr, "\tand said nothing\n");
		fprintf(stderr, "\tstatus %#x\n", v.status);
	}
	CHECK(told > 0);
	t_send(live_bystander, "?\n");
	CHECK(t_expect(live_bystander, "intact\n", 20));
	return how;
}

T_UNUSED static uint64_t live_pick(uint64_t below)
{
	return t_random(&live_random) % below;
}

#endif
