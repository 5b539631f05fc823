/* SPDX-License-Identifier: MIT */
/* Ctrl-C on the terminal ends a looping enclave; Ctrl-\ too. */
#include "spawn.h"

static void end_by(const char *key, int status)
{
	struct t_child *loop = t_spawn_tty(t_run("loop"), NULL);

	MUST(t_expect(loop, "looping", 20));
	t_send(loop, key);
	int got = t_wait(loop, 5);
	if (got != status) {
		T_FAIL("wrong end");
		fprintf(stderr, "\tstatus %d instead of %d\n", got, status);
	}
	t_close(loop);
}

int main(void)
{
	end_by("\003", 130);
	end_by("\034", 131);
	return t_done();
}
