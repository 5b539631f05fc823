/* SPDX-License-Identifier: MIT */
/* limit: 300 s */
/* Linux takes the memory of files that an enclave reads by windows: drops it, reclaims it, moves it, makes large pages of it. */
#include <sys/mount.h>

#include "window.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define SIZE (8 * MIB)

static struct window_reader *reader;
static int fd;

static void tell(const char *file, const char *text)
{
	int f = open(file, O_WRONLY | O_CLOEXEC);

	MUST(f >= 0 && write(f, text, strlen(text)) > 0);
	close(f);
}

/* The enclave reads while something happens, with windows before, during and after. */
static void during(const char *what, void (*happens)(void), int loses)
{
	const char *answer;
	uint64_t lost;

	window_warm(reader, CHUNK + 3 * PAGE, PAGE);
	WINDOW_OK(reader, "watch 2");
	window_hits(reader);
	lost = reader->lost;
	for (int i = 0; i < 5; i++) {
		happens();
		/* Long enough for windows to be there again. */
		for (int64_t end = t_now_ns() + 200000000; t_now_ns() < end;)
			usleep(10000);
	}
	answer = window_ask(reader, "stop");
	if (strncmp(answer, "ok ", 3) != 0) {
		T_FAIL(answer);
		fprintf(stderr, "\t%s\n", what);
	}
	CHECK(window_hits(reader) > 50);
	if (loses && reader->device >= 0 && reader->lost == lost) {
		T_FAIL("nothing was taken");
		fprintf(stderr, "\t%s\n", what);
	}
	WINDOW_OK(reader, "whole 1 %lu", SIZE);
	window_warm(reader, CHUNK + 3 * PAGE, PAGE);
}

/* Linux keeps what is mapped: mostly that windows survive it. */
static void drop_caches(void)
{
	sync();
	tell("/proc/sys/vm/drop_caches", "3");
}

static void compact(void)
{
	tell("/proc/sys/vm/compact_memory", "1");
}

/* The file's pages are this process's in a group of its own, whose memory is made short. */
static void reclaim_begin(void)
{
	MUST(mkdir("groups", 0755) == 0 && mount("none", "groups", "cgroup2", 0, NULL) == 0);
	tell("groups/cgroup.subtree_control", "+memory");
	MUST(mkdir("groups/test", 0755) == 0);
	tell("groups/test/cgroup.procs", "0");
}

static void reclaim_end(void)
{
	rmdir("groups/test");
	umount("groups");
}

/* Twice: pages that were used lately have another chance. */
static void reclaim(void)
{
	for (int i = 0; i < 2; i++) {
		int f = open("groups/test/memory.reclaim", O_WRONLY | O_CLOEXEC);

		MUST(f >= 0);
		if (write(f, "16M", 3) < 0)
			CHECK(errno == EAGAIN);
		close(f);
	}
}

/* Nearly all memory is asked for, and given back. */
static void pressure(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long free_kib = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lu", &free_kib) == 1)
			break;
	MUST(f && free_kib > 65536);
	fclose(f);
	const size_t size = (free_kib - 49152) * 1024;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	MUST(p != MAP_FAILED);
	for (size_t at = 0; at < size; at += PAGE)
		p[at] = 1;
	munmap(p, size);
}

static int collapsed;

static void collapse(void)
{
	char *p = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	MUST(p != MAP_FAILED);
	for (size_t at = 0; at < SIZE; at += CHUNK) {
		char *place = (char *)(((uintptr_t)p + CHUNK - 1) & ~(CHUNK - 1));

		/* At addresses that agree with the file's, or Linux cannot. */
		place = mmap(place, CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, (off_t)at);
		MUST(place != MAP_FAILED);
		if (madvise(place, CHUNK, MADV_COLLAPSE) == 0)
			collapsed++;
	}
	munmap(p, 2 * SIZE);
	/* And apart again: a hole in each. */
	for (size_t at = 0; at < SIZE; at += CHUNK) {
		fallocate(fd, 3 /* PUNCH_HOLE | KEEP_SIZE */, (off_t)(at + 7 * PAGE), PAGE);
		window_write(fd, 1, at + 7 * PAGE, PAGE);
	}
}

static void check_on(const char *path, int disk)
{
	if (disk)
		reclaim_begin();
	fd = window_file(path, SIZE);
	fsync(fd);
	if (disk)
		tell("groups/cgroup.procs", "0");	/* the enclave is to have memory */
	reader = window_start(path, "0");
	if (disk) {
		during("drop_caches", drop_caches, 0);
		during("reclaim", reclaim, 1);
		reclaim_end();
		during("pressure", pressure, 0);
	} else {
		during("collapse", collapse, 0);
	}
	during("compaction", compact, 0);
	window_end(reader);
	close(fd);
	unlink(path);
}

int main(void)
{
	mkdir("huge", 0755);
	int huge = mount("none", "huge", "tmpfs", 0, "huge=advise") == 0;

	check_on("/mnt/disk/window.memory", 1);
	check_on(huge ? "huge/file" : "file", 0);
	if (!collapsed)
		fprintf(stderr, "Linux made no large page\n");
	CHECK(collapsed > 0);
	if (huge)
		umount("huge");
	return t_done();
}
