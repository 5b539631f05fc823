/* SPDX-License-Identifier: MIT */
/* A conversation by lines: output is there before the next input is asked for; Ctrl-D ends it. */
#include "spawn.h"

int main(void)
{
	struct t_child *child = t_spawn_tty(t_run("cat"), NULL);

	t_send(child, "first\n");
	CHECK(t_expect(child, "first\r\nfirst\r\n", 20));
	t_send(child, "second\n");
	CHECK(t_expect(child, "second\r\nsecond\r\n", 10));
	t_send(child, "\004");
	CHECK(t_wait(child, 10) == 0);
	return t_done();
}
