/* SPDX-License-Identifier: MIT */
/* What a manifest lets a program have: show args|env|threads N|memory MIB|open PATH...|cd PATH OPEN... */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void *wait_for(void *barrier)
{
	pthread_mutex_lock(barrier);
	pthread_mutex_unlock(barrier);
	return NULL;
}

static int threads(int count)
{
	static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread[64];
	int made = 0, error = 0;

	pthread_mutex_lock(&gate);
	while (made < count && (error = pthread_create(&thread[made], NULL, wait_for, &gate)) == 0)
		made++;
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < made; i++)
		pthread_join(thread[i], NULL);
	printf("%d threads, %s\n", made + 1, error ? strerror(error) : "no error");
	return 0;
}

/* r:PATH, w:PATH, s:PATH (stat), d:PATH (mkdir), c:PATH (chdir) */
static void try(const char *what)
{
	const char *path = what + 2;
	struct stat status;
	int result = -1;

	errno = 0;
	switch (what[0]) {
	case 'r':
		result = open(path, O_RDONLY);
		break;
	case 'w':
		result = open(path, O_WRONLY | O_CREAT, 0600);
		break;
	case 's':
		result = stat(path, &status);
		break;
	case 'd':
		result = mkdir(path, 0700);
		break;
	case 'c':
		result = chdir(path);
		break;
	case 'a': {
		int folder = open("/tmp/work/given", O_RDONLY | O_DIRECTORY);

		result = openat(folder, path, O_RDONLY);
		break;
	}
	}
	printf("%s %s\n", what, result >= 0 ? "ok" : strerror(errno));
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (strcmp(how, "threads") == 0)
		return threads(atoi(argv[2]));
	if (strcmp(how, "memory") == 0) {
		size_t size = (size_t)atoi(argv[2]) << 20;

		volatile char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		for (size_t i = 0; i < size; i += 4096)
			at[i] = 1;
		puts("touched");
		return 0;
	}
	if (strcmp(how, "open") == 0) {
		for (int i = 2; i < argc; i++)
			try(argv[i]);
		return 0;
	}
	for (int i = 0; i < argc; i++)
		printf("argument %s\n", argv[i]);
	for (char **v = environ; *v; v++)
		printf("variable %s\n", *v);
	return 0;
}
