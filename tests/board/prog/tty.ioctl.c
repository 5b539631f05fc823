/* SPDX-License-Identifier: MIT */
/* What a program learns of its terminal: that it is one, its size also after a change, echo off and on. */
#include <sys/ioctl.h>

#include "spawn.h"

int main(void)
{
	struct winsize size = { .ws_row = 31, .ws_col = 97 };
	struct t_child *child = t_spawn_tty(t_run("terminal"), &size);

	CHECK(t_expect(child, "isatty 1 1\r\n", 20));
	CHECK(t_expect(child, "size 31 x 97\r\n", 10));
	size.ws_row = 50;
	size.ws_col = 132;
	MUST(ioctl(child->in, TIOCSWINSZ, &size) == 0);
	t_send(child, "next\n");
	CHECK(t_expect(child, "size 50 x 132\r\n", 10));
	CHECK(t_expect(child, "password: ", 10));
	t_send(child, "secret\n");
	CHECK(t_expect(child, "6 letters\r\n", 10));
	CHECK(!strstr(child->text, "secret"));
	CHECK(t_wait(child, 10) == 0);
	return t_done();
}
