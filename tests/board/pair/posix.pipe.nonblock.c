/* SPDX-License-Identifier: MIT */
/* O_NONBLOCK on pipes, however it was set: io_uring by itself would wait. */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "t.h"

static char block[65536];

static void empty_and_full(int in, int out)
{
	long total = 0, n;
	char c;

	CHECK_ERRNO(read(in, &c, 1), EAGAIN);
	while ((n = write(out, block, sizeof(block))) > 0)
		total += n;
	printf("filled with %ld, then %ld errno %d\n", total, n, errno);
	while ((n = read(in, block, 5000)) > 0)
		total -= n;
	printf("left %ld, then %ld errno %d\n", total, n, errno);
}

int main(void)
{
	struct pollfd ready = { .events = POLLIN };
	int p[2], on = 1;

	MUST(pipe2(p, O_NONBLOCK) == 0);
	empty_and_full(p[0], p[1]);
	close(p[0]);
	close(p[1]);

	MUST(pipe(p) == 0 && fcntl(p[0], F_SETFL, O_NONBLOCK) == 0 && ioctl(p[1], FIONBIO, &on) == 0);
	empty_and_full(p[0], p[1]);
	ready.fd = p[0];
	printf("poll %d\n", poll(&ready, 1, 10));
	MUST(write(p[1], "x", 1) == 1);
	printf("poll %d, events %d\n", poll(&ready, 1, 1000), ready.revents);
	close(p[1]);
	printf("read %zd, then %zd\n", read(p[0], block, 10), read(p[0], block, 10));
	return t_done();
}
