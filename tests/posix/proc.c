/* SPDX-License-Identifier: MIT */
/* /proc/self and /dev/fd: what a program finds out about itself. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static char text[65536];

/* A file of /proc whole, as a string. */
static long slurp(const char *name)
{
	long done = 0, n = 1;
	int fd = open(name, O_RDONLY);

	text[0] = 0;
	if (fd < 0)
		return -1;
	while (n > 0 && done < (long)sizeof(text) - 1) {
		n = read(fd, text + done, sizeof(text) - 1 - (size_t)done);
		done += n > 0 ? n : 0;
	}
	text[done] = 0;
	close(fd);
	return n < 0 ? -1 : done;
}

/* The number behind a key of a file like status, or -1. */
static long value_of(const char *key)
{
	const char *at = strstr(text, key);

	return at ? atol(at + strlen(key)) : -1;
}

CASE(exe, "readlinkat openat")
{
	char path[PATH_MAX] = "", magic[4] = "";
	struct stat st;
	int fd;

	EXPECT(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	EXPECT_EQ(path[0], '/');
	MUST(strstr(path, "/proc.") != NULL);
	EXPECT_EQ(access(path, X_OK), 0);
	MUST(stat("/proc/self/exe", &st) == 0);
	EXPECT(S_ISREG(st.st_mode));
	fd = open("/proc/self/exe", O_RDONLY);
	EXPECT_EQ(read(fd, magic, 4), 4);
	EXPECT(memcmp(magic, "\177ELF", 4) == 0);
}

CASE(exe_by_number, "readlinkat")
{
	char name[64], a[PATH_MAX] = "", b[PATH_MAX] = "";

	snprintf(name, sizeof(name), "//proc/./%d/exe", (int)getpid());
	EXPECT(readlink(name, a, sizeof(a) - 1) > 0);
	EXPECT(readlink("/proc/thread-self/exe", b, sizeof(b) - 1) > 0);
	EXPECT_STR(a, b);
	EXPECT_EQ(readlink("/proc/self", b, sizeof(b)), snprintf(name, sizeof(name), "%d", (int)getpid()));
}

CASE(cmdline, "openat read")
{
	long size = slurp("/proc/self/cmdline");

	EXPECT(size > 0);
	EXPECT_EQ(text[size - 1], 0);
	EXPECT(strstr(text, "proc.") != NULL);
}

CASE(environ, "openat read")
{
	long size = slurp("/proc/self/environ");
	bool found = false;

	for (char *at = text; at < text + size; at += strlen(at) + 1)
		found |= strncmp(at, "BIG=", 4) == 0 && strcmp(at + 4, getenv("BIG")) == 0;
	EXPECT(found);
}

CASE(comm, "prctl openat read")
{
	EXPECT_EQ(prctl(PR_SET_NAME, "first name"), 0);
	EXPECT_EQ(slurp("/proc/self/comm"), 11);
	EXPECT_STR(text, "first name\n");
	EXPECT_EQ(prctl(PR_SET_NAME, "longer than sixteen"), 0);
	EXPECT_EQ(slurp("/proc/thread-self/comm"), 16);
	EXPECT_STR(text, "longer than six\n");
}

CASE(comm_written, "prctl openat write")
{
	char name[17] = "";
	int fd = open("/proc/self/comm", O_WRONLY);

	EXPECT_EQ(write(fd, "written", 7), 7);
	EXPECT_EQ(prctl(PR_GET_NAME, name), 0);
	EXPECT_STR(name, "written");
	close(fd);
	EXPECT_EQ(slurp("/proc/self/comm"), 8);
}

CASE(status, "openat read")
{
	EXPECT_EQ(prctl(PR_SET_NAME, "tester"), 0);
	MUST(slurp("/proc/self/status") > 0);
	EXPECT(strncmp(text, "Name:\ttester\n", 13) == 0);
	EXPECT(strstr(text, "\nState:\tR (running)\n") != NULL);
	EXPECT_EQ(value_of("\nPid:\t"), getpid());
	EXPECT_EQ(value_of("\nTgid:\t"), getpid());
	EXPECT_EQ(value_of("\nPPid:\t"), getppid());
	EXPECT_EQ(value_of("\nUid:\t"), getuid());
	EXPECT_EQ(value_of("\nThreads:\t"), 1);
	EXPECT(value_of("\nVmRSS:\t") > 0);
	EXPECT(value_of("\nVmSize:\t") >= value_of("\nVmRSS:\t") / 2);
	EXPECT(strstr(text, " kB\n") != NULL);
}

static int go;

static void *stay(void *arg)
{
	case_set(arg, 1);
	case_until(&go, 1);
	return NULL;
}

CASE(status_threads, "openat read")
{
	int ready = 0;
	void *thread;

	go = 0;
	thread = case_thread(stay, &ready);
	case_until(&ready, 1);
	MUST(slurp("/proc/self/status") > 0);
	EXPECT_EQ(value_of("\nThreads:\t"), 2);
	case_set(&go, 1);
	case_join(thread);
}

CASE(status_grows, "openat read")
{
	long before, after;
	char *area;

	MUST(slurp("/proc/self/status") > 0);
	before = value_of("\nVmSize:\t");
	area = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(area != MAP_FAILED);
	MUST(slurp("/proc/self/status") > 0);
	after = value_of("\nVmSize:\t");
	EXPECT(after >= before + 8192);
	munmap(area, 8 << 20);
}

/* Line of maps that holds an address: its permissions and name. */
static bool mapped(const void *address, char *permissions, char *name)
{
	unsigned long start, end;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		name[0] = 0;
		if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %250s", &start, &end, permissions, name) >= 3 &&
		    (unsigned long)address >= start && (unsigned long)address < end)
			return true;
	}
	return false;
}

static int variable = 1;

CASE(maps, "openat read")
{
	char permissions[8], name[256], exe[PATH_MAX] = "";
	int local;
	void *heap = malloc(100), *area = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	MUST(slurp("/proc/self/maps") > 0);
	MUST(mapped((void *)(uintptr_t)slurp, permissions, name));
	EXPECT_STR(permissions, "r-xp");
	EXPECT_STR(name, exe);
	MUST(slurp("/proc/self/maps") > 0 && mapped(&variable, permissions, name));
	EXPECT_STR(permissions, "rw-p");
	MUST(slurp("/proc/self/maps") > 0 && mapped(&local, permissions, name));
	EXPECT_STR(permissions, "rw-p");
	EXPECT_STR(name, "[stack]");
	MUST(slurp("/proc/self/maps") > 0 && mapped(area, permissions, name));
	EXPECT_STR(permissions, "r--p");
	MUST(slurp("/proc/self/maps") > 0 && mapped(heap, permissions, name));
	munmap(area, 65536);
	MUST(slurp("/proc/self/maps") > 0);
	EXPECT(!mapped(area, permissions, name) || strcmp(permissions, "r--p") != 0);
	free(heap);
}

CASE(maps_of_file, "openat read")
{
	char path[PATH_MAX + 16], here[PATH_MAX], wanted[64];
	static char content[8192];
	void *area;
	int fd;

	case_write_file("mapped", content, sizeof(content));
	fd = open("mapped", O_RDONLY);
	area = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 4096);
	MUST(area != MAP_FAILED && getcwd(here, sizeof(here)) != NULL);
	close(fd);
	MUST(slurp("/proc/self/maps") > 0);
	snprintf(wanted, sizeof(wanted), "%lx-%lx r--p 00001000 ", (unsigned long)area, (unsigned long)area + 4096);
	EXPECT(strstr(text, wanted) != NULL);
	snprintf(path, sizeof(path), " %s/mapped\n", here);
	EXPECT(strstr(text, path) != NULL);
	munmap(area, 4096);
	MUST(slurp("/proc/self/maps") > 0);
	EXPECT(strstr(text, path) == NULL);
}

CASE(stat_line, "openat read")
{
	char state, *end;
	int pid, ppid, group, session;

	EXPECT_EQ(prctl(PR_SET_NAME, "a) (b"), 0);
	MUST(slurp("/proc/self/stat") > 0);
	EXPECT_EQ(atoi(text), getpid());
	end = strrchr(text, ')');
	MUST(end != NULL && sscanf(end + 2, "%c %d %d %d", &state, &ppid, &group, &session) == 4);
	EXPECT_EQ(state, 'R');
	EXPECT_EQ(ppid, getppid());
	EXPECT_EQ(group, getpgrp());
	EXPECT_EQ(session, getsid(0));
	EXPECT(strstr(text, "(a) (b)") != NULL);
	MUST(sscanf(text, "%d", &pid) == 1);
	int fields = 0;
	for (char *at = end; *at; at++)
		fields += *at == ' ';
	EXPECT_EQ(fields, 50);
}

CASE(statm, "openat read")
{
	unsigned long size, resident;

	MUST(slurp("/proc/self/statm") > 0);
	MUST(sscanf(text, "%lu %lu", &size, &resident) == 2);
	EXPECT(size > 0 && resident > 0);
}

CASE(reread, "openat lseek read")
{
	char first[64];
	int fd;

	EXPECT_EQ(prctl(PR_SET_NAME, "one"), 0);
	fd = open("/proc/self/comm", O_RDONLY);
	EXPECT_EQ(read(fd, first, 2), 2);
	EXPECT_EQ(prctl(PR_SET_NAME, "two"), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(read(fd, first, 64), 4);
	EXPECT(memcmp(first, "two\n", 4) == 0);
	EXPECT_EQ(read(fd, first, 64), 0);
	EXPECT_EQ(pread(fd, first, 2, 1), 2);
	EXPECT(memcmp(first, "wo", 2) == 0);
}

CASE(descriptors_list, "openat getdents64")
{
	bool seen[64] = { false };
	struct dirent *e;
	DIR *dir;
	int fd = open("/dev/null", O_RDONLY), high = fcntl(fd, F_DUPFD, 60);

	dir = opendir("/proc/self/fd");
	MUST(dir != NULL);
	while ((e = readdir(dir)) != NULL) {
		int n = atoi(e->d_name);

		if (e->d_name[0] == '.')
			continue;
		MUST(n >= 0 && n < 64);
		EXPECT(!seen[n]);
		EXPECT_EQ(e->d_type, DT_LNK);
		seen[n] = true;
	}
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(seen[i], fcntl(i, F_GETFD) >= 0);
	EXPECT(seen[high] && seen[fd] && seen[dirfd(dir)]);
	closedir(dir);
}

CASE(descriptor_links, "readlinkat")
{
	char name[64], path[PATH_MAX] = "", wanted[PATH_MAX + 8], here[PATH_MAX];
	int fd, dir;

	case_write_file("file", "x", 1);
	fd = open("file", O_RDONLY);
	MUST(dup2(fd, 57) == 57 && getcwd(here, sizeof(here)) != NULL);
	snprintf(wanted, sizeof(wanted), "%s/file", here);
	EXPECT(readlink("/proc/self/fd/57", path, sizeof(path) - 1) > 0);
	EXPECT_STR(path, wanted);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	memset(path, 0, sizeof(path));
	EXPECT(readlink(name, path, sizeof(path) - 1) > 0);
	EXPECT_STR(path, wanted);
	dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	memset(path, 0, sizeof(path));
	EXPECT(readlinkat(dir, "57", path, sizeof(path) - 1) > 0);
	EXPECT_STR(path, wanted);
	EXPECT_ERRNO(readlink("/proc/self/fd/58", path, sizeof(path)), ENOENT);
	EXPECT_ERRNO(readlink("/proc/self/fd/x", path, sizeof(path)), ENOENT);
}

CASE(descriptor_opened, "openat")
{
	char byte;
	int fd, again;

	case_write_file("file", "abc", 3);
	fd = open("file", O_RDONLY);
	EXPECT_EQ(read(fd, &byte, 1), 1);
	MUST(dup2(fd, 57) == 57);
	again = open("/dev/fd/57", O_RDWR);
	MUST(again > 2);
	EXPECT_EQ(read(again, &byte, 1), 1);
	EXPECT_EQ(byte, 'a');
	EXPECT_EQ(write(again, "x", 1), 1);
	EXPECT_ERRNO(open("/proc/self/fd/58", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("/dev/fd/57/x", O_RDONLY), ENOTDIR);
}

CASE(descriptor_of_pipe, "openat pipe2")
{
	char byte = 0, path[64], link[64] = "";
	int pipes[2], again;

	MUST(pipe(pipes) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pipes[1]);
	again = open(path, O_WRONLY);
	EXPECT_EQ(write(again, "p", 1), 1);
	EXPECT_EQ(read(pipes[0], &byte, 1), 1);
	EXPECT_EQ(byte, 'p');
	EXPECT(readlink(path, link, sizeof(link) - 1) > 0);
	EXPECT(strncmp(link, "pipe:[", 6) == 0);
}

CASE(task, "openat getdents64")
{
	struct dirent *e;
	int found = 0, ready = 0;
	void *thread;
	DIR *dir;

	go = 0;
	thread = case_thread(stay, &ready);
	case_until(&ready, 1);
	dir = opendir("/proc/self/task");
	MUST(dir != NULL);
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.') {
			found++;
			EXPECT(found > 2 || atoi(e->d_name) >= getpid());
		}
	EXPECT_EQ(found, 2);
	closedir(dir);
	case_set(&go, 1);
	case_join(thread);
}

CASE(auxiliary_vector, "openat read")
{
	unsigned long *at = (unsigned long *)text;
	long size = slurp("/proc/self/auxv");
	bool page = false;

	for (long i = 0; i + 1 < size / 8; i += 2)
		page |= at[i] == 6 && at[i + 1] == 4096;
	EXPECT(page);
}

CASE(errors, "openat")
{
	char byte;
	int fd = open("/proc/self/maps", O_RDONLY);

	EXPECT(fd > 2);
	EXPECT_ERRNO(write(fd, "x", 1), EBADF);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_ERRNO(open("/proc/self/missing", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("/proc/self/maps/x", O_RDONLY), ENOTDIR);
	EXPECT_ERRNO(read(open("/proc/self/fd", O_RDONLY), &byte, 1), EISDIR);
	EXPECT_ERRNO(syscall(SYS_getdents64, fd, text, 1000), ENOTDIR);
	EXPECT_ERRNO(open("/proc/self/maps", O_RDONLY | O_DIRECTORY), ENOTDIR);
}

CASE(of_the_machine, "openat read")
{
	EXPECT(slurp("/proc/cpuinfo") > 0);
	EXPECT(strstr(text, "processor\t: 0") != NULL);
	EXPECT(slurp("/proc/version") > 0);
	EXPECT(strncmp(text, "Linux version ", 14) == 0);
	EXPECT(slurp("/proc/self/limits") > 0);
	EXPECT(strstr(text, "Max open files") != NULL);
	EXPECT(slurp("/proc/self/mountinfo") > 0);
}
