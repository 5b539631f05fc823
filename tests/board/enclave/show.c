/* SPDX-License-Identifier: MIT */
/* What a manifest lets a program have: show args|env|threads N|again N|memory MIB|open WHAT...|signals|spawn[p] PROGRAM [OUTPUT]|late FOLDER|exhaust FOLDER|content PATH */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
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

/* One beside the first, count times. */
static int again(int count)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;
	int made = 0, error = 0;

	while (made < count && (error = pthread_create(&thread, NULL, wait_for, &gate)) == 0 && (error = pthread_join(thread, NULL)) == 0)
		made++;
	printf("%d times, %s\n", made, error ? strerror(error) : "no error");
	return 0;
}

/* By openat2(). */
static int open_read_only(const char *path)
{
	const struct { uint64_t flags, mode, resolve; } how = { .flags = O_RDONLY };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int connect_to(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof(name));
}

/*
 * r:PATH (open to read), w:PATH (to write), o:PATH (openat2 to read), a:PATH (openat from given/), s:PATH (stat), d:PATH (mkdir), c:PATH (chdir),
 * f:PATH (fchdir), m:PATH (fchmod of what was opened to read), t:PATH (its times), l:PATH (symlink), u:PATH (connect), x:COMMAND
 */
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
	case 'a':
		result = openat(open("/tmp/work/given", O_RDONLY | O_DIRECTORY), path, O_RDONLY);
		break;
	case 'f':
		result = fchdir(open(path, O_RDONLY | O_DIRECTORY));
		break;
	case 'm':
		result = fchmod(open(path, O_RDONLY), 0600);
		break;
	case 't':
		result = futimens(open(path, O_RDONLY), NULL);
		break;
	case 'o':
		result = open_read_only(path);
		break;
	case 'l':
		result = symlink("/etc/passwd", path);
		break;
	case 'u':
		result = connect_to(path);
		break;
	case 'x':
		result = system(path);
		break;
	}
	printf("%s %s\n", what, result >= 0 ? "ok" : strerror(errno));
}

static void tell(int signal)
{
	const char *name = signal == SIGTERM ? "TERM\n" : signal == SIGUSR1 ? "USR1\n" : "USR2\n";

	(void)!write(STDOUT_FILENO, name, strlen(name));
}

/* Tells which signals come, until its input ends. */
static int signals(void)
{
	const struct sigaction action = { .sa_handler = tell, .sa_flags = SA_RESTART };
	char byte;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR2);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

#define DEADLINE	200	/* milliseconds: of the manifest */

static struct timespec before;

static void begin(void)
{
	clock_gettime(CLOCK_MONOTONIC, &before);
}

/* In time is: not before the deadline, and not much after it even on a busy machine. */
static void end(const char *what, long result)
{
	const int error = errno;
	struct timespec now;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (now.tv_sec - before.tv_sec) * 1000 + (now.tv_nsec - before.tv_nsec) / 1000000;
	printf("%s: %s", what, result >= 0 ? "ok" : strerror(error));
	if (result < 0)
		printf(ms < DEADLINE ? " too early, after %ld ms" : ms > 100 * DEADLINE ? " too late, after %ld ms" : " in time", ms);
	putchar('\n');
}

static void hear(void)
{
	char line[8];

	fflush(stdout);
	(void)!read(STDIN_FILENO, line, sizeof(line));
}

/* What came too late is done by Linux when it can, and nobody says when that is. */
static void pause_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

/* In a folder whose file system is frozen as soon as we say so, and thawed again. */
static int late(const char *folder)
{
	static char block[65536];
	char text[8] = "";
	int fd;

	if (chdir(folder) != 0 || (fd = open("late", O_RDWR | O_CREAT, 0600)) < 0)
		return 1;
	(void)!pwrite(fd, "before", 6, 0);
	puts("freeze");
	hear();
	begin(), end("pwrite", pwrite(fd, "after", 5, 0));
	begin(), end("mkdir", mkdir("folder", 0700));
	begin(), end("truncate", truncate("late", 3));
	begin(), end("chmod", chmod("late", 0640));
	begin(), end("create", open("new", O_WRONLY | O_CREAT, 0600));
	begin(), end("large", pwrite(fd, block, sizeof(block), 4096));
	begin(), end("pread", pread(fd, text, 6, 0));
	puts("thaw");
	hear();
	begin(), end("fsync", fsync(fd));
	for (int i = 0; i < 500 && rmdir("folder") != 0; i++)
		pause_a_little();
	puts(access("folder", F_OK) != 0 ? "rmdir: ok" : "rmdir: never");
	for (int i = 0; i < 200; i++)
		if (pwrite(fd, block, sizeof(block), 4096) != sizeof(block))
			return 2;
	printf("read %zd %.3s\n", pread(fd, text, 3, 0), text);
	return 0;
}

/* So many calls that are late that no slot is left for another; after the thaw all are there again. */
static int exhaust(const char *folder)
{
	static char block[65536];
	struct timespec start, now;
	int fd, timed_out = 0, quick = 0;

	if (chdir(folder) != 0 || (fd = open("late", O_RDWR | O_CREAT, 0600)) < 0)
		return 1;
	puts("freeze");
	hear();
	for (int i = 0; i < 40; i++) {
		clock_gettime(CLOCK_MONOTONIC, &start);
		timed_out += pwrite(fd, block, sizeof(block), 0) == -1 && errno == ETIMEDOUT;
		clock_gettime(CLOCK_MONOTONIC, &now);
		quick += (now.tv_sec - start.tv_sec) * 1000000000l + now.tv_nsec - start.tv_nsec < DEADLINE * 1000000l;
	}
	printf("%d timed out, %s\n", timed_out, quick > 0 ? "the last ones at once" : "none at once");
	puts("thaw");
	hear();
	for (int i = 0; i < 500 && pwrite(fd, block, sizeof(block), 0) != sizeof(block); i++)
		pause_a_little();
	for (int i = 0; i < 200; i++)
		if (pwrite(fd, block, sizeof(block), 0) != sizeof(block))
			return 2;
	puts("again");
	return 0;
}

/* What a file holds, by each way to see it; and again after a line of input. */
static int content(const char *path)
{
	char all[64] = "", behind[64] = "";
	struct stat status;
	const char *mapped;
	ssize_t size;
	int fd = open(path, O_RDONLY), again;

	if (fd < 0) {
		puts(strerror(errno));
		return 0;
	}
	for (int i = 0; i < 2; i++) {
		again = dup(fd);
		fstat(fd, &status);
		lseek(again, 0, SEEK_SET);
		size = read(fd, all, sizeof(all) - 1);
		(void)!pread(again, behind, sizeof(behind) - 1, 4);
		mapped = mmap(NULL, 4096, PROT_READ, i == 0 ? MAP_PRIVATE : MAP_SHARED, fd, 0);
		printf("%ld %zd %ld %s|%s|%s|", (long)status.st_size, size, (long)lseek(fd, 0, SEEK_END), all, behind, mapped);
		printf("%d %d\n", mapped[100], (int)write(again, "x", 1));
		close(again);
		if (i == 0)
			hear();
	}
	return 0;
}

/* Starts a program, search: by posix_spawnp(), with its output in a file if there is one; tells how it ended. */
static int start(const char *program, int search, const char *output)
{
	char *const argv[] = { (char *)program, (char *)"-c", (char *)"echo started", NULL };
	posix_spawn_file_actions_t actions;
	int error, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (output)
		posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	error = (search ? posix_spawnp : posix_spawn)(&pid, program, &actions, NULL, argv, environ);
	if (error == 0 && waitpid(pid, &status, 0) == pid)
		printf("%s: status %d\n", program, WEXITSTATUS(status));
	else
		printf("%s: %s\n", program, strerror(error ? error : errno));
	return 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (strcmp(how, "signals") == 0)
		return signals();
	if (strcmp(how, "late") == 0)
		return late(argv[2]);
	if (strcmp(how, "content") == 0)
		return content(argv[2]);
	if (strcmp(how, "exhaust") == 0)
		return exhaust(argv[2]);
	if (strcmp(how, "spawn") == 0 || strcmp(how, "spawnp") == 0)
		return start(argv[2], how[5] == 'p', argc > 3 ? argv[3] : NULL);

	if (strcmp(how, "threads") == 0)
		return threads(atoi(argv[2]));
	if (strcmp(how, "again") == 0)
		return again(atoi(argv[2]));
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
