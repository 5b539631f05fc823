/* SPDX-License-Identifier: MIT */
/* turns WHAT COUNT: so many turns of an event loop, or of a part of it. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static int turn(const char *what, int set, const int *p, int i)
{
	struct epoll_event event = { .events = i & 1 ? EPOLLIN : EPOLLIN | EPOLLRDHUP };
	struct pollfd polled = { .fd = p[0], .events = POLLIN };
	char text[16];

	if (strcmp(what, "wait") == 0)
		return epoll_wait(set, &event, 1, 0) == 0;
	if (strcmp(what, "poll") == 0)
		return poll(&polled, 1, 0) == 0;
	if (strcmp(what, "change") == 0)
		return epoll_ctl(set, EPOLL_CTL_MOD, p[0], &event) == 0;
	if (strcmp(what, "pass") == 0)
		return write(p[1], "message", 7) == 7 && read(p[0], text, sizeof(text)) == 7;
	return write(p[1], "message", 7) == 7 && epoll_wait(set, &event, 1, -1) == 1 && read(p[0], text, sizeof(text)) == 7;
}

int main(int argc, char **argv)
{
	const int count = argc == 3 ? atoi(argv[2]) : 0, set = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	int p[2];

	if (count == 0 || pipe2(p, O_NONBLOCK) != 0 || epoll_ctl(set, EPOLL_CTL_ADD, p[0], &event) != 0)
		return 2;
	for (int i = 0; i < count; i++) {
		if (!turn(argv[1], set, p, i)) {
			printf("turn %d failed\n", i);
			return 1;
		}
	}
	return 0;
}
