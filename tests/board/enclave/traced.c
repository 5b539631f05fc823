/* SPDX-License-Identifier: MIT */
/* Makes calls that a tracer should show: traced [fault|wait|many]. */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void *thread(void *unused)
{
	(void)unused;
	close(open("/etc/hosts", O_RDONLY));
	return NULL;
}

static int many(void)
{
	for (int i = 0; i < 20000; i++)
		if (getppid() == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	struct iovec parts[2] = { { "to ", 3 }, { "null\n", 5 } };
	char text[64];
	struct stat status;
	pthread_t other;
	int fd;

	if (strcmp(how, "many") == 0)
		return many();
	fd = open("traced.file", O_RDWR | O_CREAT | O_EXCL, 0640);
	if (write(fd, "hello, trace\n", 13) != 13 || lseek(fd, 0, SEEK_SET) != 0 || read(fd, text, sizeof(text)) != 13)
		return 1;
	fstat(fd, &status);
	close(fd);
	unlink("traced.file");
	open("traced.missing", O_RDONLY);
	fd = open("/dev/null", O_WRONLY);
	writev(fd, parts, 2);
	syscall(SYS_nfsservctl, 1);
	munmap(mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192);
	pthread_create(&other, NULL, thread, NULL);
	pthread_join(other, NULL);
	if (strcmp(how, "fault") == 0)
		*(volatile int *)(uintptr_t)strtoul("16", NULL, 0) = 1;
	if (strcmp(how, "wait") == 0)
		read(0, text, 1);
	return 7;
}
