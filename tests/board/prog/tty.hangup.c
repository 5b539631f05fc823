/* SPDX-License-Identifier: MIT */
/* The terminal goes away: an enclave on it ends, computing or waiting for input. */
#include "spawn.h"

static void hang_up(const char *program, const char *sign)
{
	struct t_child *child = t_spawn_tty(t_run(program), NULL);

	if (sign)
		MUST(t_expect(child, sign, 20));
	else
		usleep(300000);
	close(child->in);
	child->in = child->out = open("/dev/null", O_RDWR | O_CLOEXEC);
	CHECK(t_wait(child, 10) == 129);
	t_close(child);
}

int main(void)
{
	hang_up("loop", "looping");
	hang_up("cat", NULL);
	return t_done();
}
