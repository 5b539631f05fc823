/* SPDX-License-Identifier: MIT */
/*
 * Descriptors. The program inherits what is open when we start, and gets numbers as natively: the lowest that is free. So
 * our own ones stand above all numbers that an enclave can have.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy.h"

static uint64_t open_among_64(int first)
{
	struct pollfd fds[64];
	uint64_t word = 0;

	for (int i = 0; i < 64; i++)
		fds[i] = (struct pollfd){ .fd = first + i };
	if (poll(fds, 64, 0) >= 0) {
		for (int i = 0; i < 64; i++)
			word |= (uint64_t)((fds[i].revents & POLLNVAL) == 0) << i;
		return word;
	}
	/* A limit on descriptors below 64. */
	for (int i = 0; i < 64; i++)
		word |= (uint64_t)(fcntl(first + i, F_GETFD) >= 0) << i;
	return word;
}

/* How many descriptors this process has, or more: since 6.2 Linux tells by the size of a folder. */
static unsigned long descriptors_at_most(void)
{
	struct stat folder;

	return stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0 ? (unsigned long)folder.st_size : RM_FD_MAX;
}

/* Which descriptors are open, a bit for each of RM_FD_MAX. */
void descriptors_inherited(uint64_t *bitmap)
{
	unsigned long left = descriptors_at_most();

	for (int i = 0; i < (int)(RM_FD_MAX / 64); i++) {
		bitmap[i] = left > 0 ? open_among_64(i * 64) : 0;
		left -= (unsigned long)__builtin_popcountll(bitmap[i]);
	}
}

/*
 * Moves a descriptor above those an enclave can have, close-on-exec, and returns its new number; where the hard limit
 * leaves no such numbers, it stays. The soft limit, which the program may ask for, is back when this returns.
 */
int descriptor_out_of_the_way(int fd)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct rlimit old, raised;
	int high = -1;

	pthread_mutex_lock(&lock);
	if (getrlimit(RLIMIT_NOFILE, &old) == 0) {
		raised = old;
		if (raised.rlim_cur < 2 * RM_FD_MAX)
			raised.rlim_cur = raised.rlim_max < 2 * RM_FD_MAX ? raised.rlim_max : 2 * RM_FD_MAX;
		setrlimit(RLIMIT_NOFILE, &raised);
		high = fcntl(fd, F_DUPFD_CLOEXEC, RM_FD_MAX);
		setrlimit(RLIMIT_NOFILE, &old);
	}
	pthread_mutex_unlock(&lock);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}
