/* SPDX-License-Identifier: MIT */
/* Several threads in the file system and on stdout at the same time. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "t.h"

static void *work(void *arg)
{
	long me = (long)arg;
	char name[32];
	unsigned char out[5000], in[5000];

	snprintf(name, sizeof(name), "file%ld", me);
	int fd = open(name, O_CREAT | O_RDWR, 0644);
	MUST(fd >= 0);
	for (int i = 0; i < 60; i++) {
		memset(out, (int)(me * 31 + i), sizeof(out));
		MUST(pwrite(fd, out, sizeof(out), i * 5000) == 5000);
		MUST(pread(fd, in, sizeof(in), i * 5000) == 5000);
		MUST(memcmp(in, out, sizeof(in)) == 0);
	}
	close(fd);
	return NULL;
}

int main(void)
{
	pthread_t threads[4];

	for (long i = 0; i < 4; i++)
		MUST(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	for (int i = 0; i < 4; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
	puts("done");
	return t_done();
}
