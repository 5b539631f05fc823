/* SPDX-License-Identifier: MIT */
/* What needs no privilege, or nearly none: processors and memory that somebody keeps to himself. */
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "assault.h"

#define BLOCK (1ul << 20)

/* Above everything else that Linux runs. */
static uint64_t spin_core(unsigned int core, uint64_t until)
{
	const struct sched_param highest = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };
	uint64_t rounds = 0;

	(void)core;
	MUST(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &highest) == 0);	/* musl has none */
	while (assault_now() < until)
		for (volatile int i = 0; i < 100000; i++)
			rounds++;
	return rounds;
}

static uint64_t spin(uint64_t ms) { return assault_everywhere(spin_core, ms); }

/* Nothing. After what kept this machine busy, enclaves get done what they had to put off. */
static uint64_t quiet(uint64_t ms)
{
	usleep((useconds_t)ms * 1000);
	return 1;
}

static _Noreturn void eat(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	if (!file || fputs("1000", file) < 0 || fclose(file))
		_exit(1);
	for (;;) {
		char *block = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (size_t at = 0; block != MAP_FAILED && at < BLOCK; at += ATTACK_PAGE)
			block[at] = 1;
	}
}

/* All of Linux's memory, until Linux ends who has it. */
static uint64_t memory(uint64_t ms)
{
	uint64_t until = assault_now() + ms * 1000000, killed = 0;

	do {
		int status;
		pid_t pid = fork();

		MUST(pid >= 0);
		if (pid == 0)
			eat();
		MUST(waitpid(pid, &status, 0) == pid);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			return 0;
		killed++;
	} while (assault_now() < until);
	return killed;
}

const struct assault assaults_load[] = {
	{ "load.processors", spin },
	{ "load.memory", memory },
	{ "quiet", quiet },
	{ NULL, NULL },
};
