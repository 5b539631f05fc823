/* SPDX-License-Identifier: MIT */
/*
 * often FILE COUNT THREADS: each thread writes and reads back COUNT numbers at places of its own, as fast as it can; then all are checked.
 * often pipe|socket COUNT: COUNT numbers through a pipe or a pair of sockets, one by one.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fd;
static long count;

static void *work(void *argument)
{
	const uint64_t thread = (uintptr_t)argument;

	for (uint64_t i = 0; i < (uint64_t)count; i++) {
		const off_t at = (off_t)((thread * (uint64_t)count + i) * sizeof(uint64_t));
		uint64_t value = thread << 32 | i, back = 0;

		if (pwrite(fd, &value, sizeof(value), at) != sizeof(value) || pread(fd, &back, sizeof(back), at) != sizeof(back) || back != value)
			return "a number differs";
	}
	return NULL;
}

/* Into one end, out of the other. */
static int through(int in, int out)
{
	for (long i = 0; i < count; i++) {
		long back = ~i;

		if (write(in, &i, sizeof(i)) != sizeof(i) || read(out, &back, sizeof(back)) != sizeof(back) || back != i)
			return 1;
	}
	puts("as written");
	return 0;
}

int main(int argc, char **argv)
{
	int ends[2];
	pthread_t thread[64];
	long threads = argc > 3 ? atol(argv[3]) : 0;
	uint64_t value;

	count = argc > 2 ? atol(argv[2]) : 0;
	if (count > 0 && strcmp(argv[1], "pipe") == 0)
		return pipe(ends) ? 3 : through(ends[1], ends[0]);
	if (count > 0 && strcmp(argv[1], "socket") == 0)
		return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) ? 3 : through(ends[0], ends[1]);
	if (threads < 1 || threads > 64)
		return 2;
	fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	for (long i = 1; i < threads; i++)
		if (pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)i) != 0)
			return 3;
	thread[0] = pthread_self();
	if (work(NULL) != NULL)
		return 1;
	for (long i = 1; i < threads; i++) {
		void *error;

		if (pthread_join(thread[i], &error) != 0 || error != NULL)
			return 1;
	}
	for (uint64_t i = 0; i < (uint64_t)(count * threads); i++)
		if (pread(fd, &value, sizeof(value), (off_t)(i * sizeof(value))) != sizeof(value) ||
		    value != (i / (uint64_t)count << 32 | i % (uint64_t)count))
			return 1;
	puts("as written");
	return 0;
}
