/* SPDX-License-Identifier: MIT */
/* Job control by a shell: Ctrl-Z stops an enclave, fg and bg go on with it, its status arrives. */
#include "spawn.h"

static void start_shell(struct t_child **shell)
{
	*shell = t_spawn_tty("env PS1=prompt: sh -i", NULL);
	MUST(t_expect(*shell, "prompt:", 20));
}

int main(void)
{
	struct t_child *shell;
	char line[600];

	start_shell(&shell);
	snprintf(line, sizeof(line), "%s\n", t_run("loop"));
	t_send(shell, line);
	MUST(t_expect(shell, "looping", 20));
	t_send(shell, "\032");
	MUST(t_expect(shell, "Stopped", 10) && t_expect(shell, "prompt:", 10));
	t_send(shell, "grep State /proc/$(jobs -p)/status\n");
	CHECK(t_expect(shell, "T (stopped)", 10));
	t_send(shell, "bg; echo 'in background'\n");
	CHECK(t_expect(shell, "\r\nin background", 10));
	t_send(shell, "fg\n");
	CHECK(t_expect(shell, "loop\r\n", 10));
	usleep(100000);
	t_send(shell, "\003");
	CHECK(t_expect(shell, "prompt:", 10));
	t_send(shell, "echo status $?\n");
	CHECK(t_expect(shell, "\r\nstatus 130", 10));

	/* Stopped while it waits for the terminal; then it gets the line. */
	snprintf(line, sizeof(line), "%s\n", t_run("upper"));
	t_send(shell, line);
	usleep(300000);
	t_send(shell, "\032");
	MUST(t_expect(shell, "Stopped", 10) && t_expect(shell, "prompt:", 10));
	t_send(shell, "fg\n");
	CHECK(t_expect(shell, "upper\r\n", 10));
	t_send(shell, "some text\n");
	t_send(shell, "\004");
	CHECK(t_expect(shell, "SOME TEXT", 10));
	CHECK(t_expect(shell, "prompt:", 10));
	t_send(shell, "exit 0\n");
	CHECK(t_wait(shell, 10) == 0);
	return t_done();
}
