/* SPDX-License-Identifier: MIT */
/*
 * One core, a looping enclave and a shell on it: both progress, and Ctrl-C ends the enclave within 100 ms. Times are the
 * guest's; the best of a few attempts counts, since the machine under the guest may be busy with something else.
 */
#include <sched.h>

#include "spawn.h"

#define LIMIT_NS 100000000

static struct t_child *start_loop(void)
{
	struct t_child *loop = t_spawn_tty(t_run("loop"), NULL);

	MUST(t_expect(loop, "looping", 20));
	return loop;
}

static int64_t interrupt_time(void)
{
	struct t_child *loop = start_loop();
	int64_t start;

	usleep(50000);
	start = t_now_ns();
	t_send(loop, "\003");
	CHECK(t_wait(loop, 5) == 130);
	t_close(loop);
	return t_now_ns() - start;
}

static long cpu_ticks(pid_t pid)
{
	char path[64];
	long user = 0, system = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	MUST(f);
	CHECK(fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system) == 2);
	fclose(f);
	return user + system;
}

int main(void)
{
	cpu_set_t one;
	int64_t best = INT64_MAX;
	long ticks, work = 0;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	MUST(sched_setaffinity(0, sizeof(one), &one) == 0);

	for (int i = 0; i < 5 && best > LIMIT_NS; i++) {
		int64_t took = interrupt_time();

		best = took < best ? took : best;
	}
	fprintf(stderr, "Ctrl-C took %lld us\n", (long long)best / 1000);
	CHECK(best <= LIMIT_NS);

	struct t_child *loop = start_loop(), *shell = t_spawn("sh");
	t_send(shell, "while :; do echo x; done\n");
	ticks = cpu_ticks(loop->pid);
	for (int64_t end = t_now_ns() + 2000000000; t_now_ns() < end; work++)
		MUST(t_expect(shell, "x\n", 10));
	ticks = cpu_ticks(loop->pid) - ticks;
	fprintf(stderr, "two seconds: the shell wrote %ld lines, the enclave had %ld ticks of 10 ms\n", work, ticks);
	CHECK(work > 100);
	CHECK(ticks > 40);
	t_send(loop, "\003");
	CHECK(t_wait(loop, 5) == 130);
	kill(shell->pid, SIGKILL);
	CHECK(t_wait(shell, 5) == 137);
	return t_done();
}
