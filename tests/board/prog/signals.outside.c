/* SPDX-License-Identifier: MIT */
/* Signals that other processes and the terminal send to an enclave: handled, waited for, held back, or the end. */
#include "spawn.h"

static struct t_child *start(const char *how)
{
	char command[300];
	struct t_child *child;

	snprintf(command, sizeof(command), "%s %s", t_run("signals"), how);
	child = t_spawn(command);
	MUST(t_expect(child, "ready\n", 20));
	return child;
}

static void expect_signal(struct t_child *child, int number, int value)
{
	char line[64];

	snprintf(line, sizeof(line), "signal %d %d\n", number, value);
	CHECK(t_expect(child, line, 10));
}

static void end(struct t_child *child)
{
	kill(child->pid, SIGTERM);
	expect_signal(child, SIGTERM, -1);
	CHECK(t_wait(child, 10) == 3);
	t_close(child);
}

static void check(const char *how)
{
	static const int plain[] = { SIGINT, SIGHUP, SIGUSR1, SIGWINCH };
	struct t_child *child = start(how);

	for (int round = 0; round < 5; round++)
		for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
			kill(child->pid, plain[i]);
			expect_signal(child, plain[i], -1);
		}
	sigqueue(child->pid, SIGRTMIN + 3, (union sigval){ .sival_int = 4711 });
	expect_signal(child, SIGRTMIN + 3, 4711);
	sigqueue(child->pid, SIGRTMAX, (union sigval){ .sival_int = 12 });
	expect_signal(child, SIGRTMAX, 12);
	kill(child->pid, SIGSTOP);
	kill(child->pid, SIGCONT);
	end(child);
}

static void check_blocked(void)
{
	struct t_child *child = start("block");

	kill(child->pid, SIGINT);
	kill(child->pid, SIGUSR1);
	kill(child->pid, SIGUSR1);
	usleep(100000);
	CHECK(kill(child->pid, 0) == 0);
	kill(child->pid, SIGUSR2);
	expect_signal(child, SIGUSR2, -1);
	usleep(100000);
	end(child);
}

static void check_terminal(void)
{
	char command[300];
	struct t_child *child;

	snprintf(command, sizeof(command), "%s wait", t_run("signals"));
	child = t_spawn_tty(command, NULL);
	MUST(t_expect(child, "ready\r\n", 20));
	for (int i = 0; i < 3; i++) {
		t_send(child, "\003");
		CHECK(t_expect(child, "signal 2", 10));
	}
	t_send(child, "\034");		/* SIGQUIT has no handler */
	CHECK(t_wait(child, 10) == 131);
	t_close(child);
}

int main(void)
{
	check("handle");
	check("wait");
	check("sigwait");
	check("thread");
	check_blocked();
	check_terminal();
	return t_done();
}
