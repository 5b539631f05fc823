/* SPDX-License-Identifier: MIT */
/* limit: 300 s */
/* More chunks than there are places; many files; files that are closed while others are read; an enclave that is killed while it reads. */
#include "window.h"

#define CHUNKS (RM_WINDOW_CHUNKS + 90ul)

/* A sparse file with two pages of data in each chunk: each chunk wants a window. */
static int make_wide(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	MUST(fd >= 0 && ftruncate(fd, (off_t)(CHUNKS * CHUNK)) == 0);
	for (uint64_t i = 0; i < CHUNKS; i++)
		window_write(fd, 1, i * CHUNK + i % 500 * PAGE, 2 * PAGE);
	return fd;
}

static void check_wide(void)
{
	int fd = make_wide("wide");
	struct window_reader *r = window_start("wide", "0");

	for (int round = 0; round < 3; round++)
		for (uint64_t i = 0; i < CHUNKS; i++) {
			WINDOW_OK(r, "read %lu 8192 5", i * CHUNK + i % 500 * PAGE);
			WINDOW_OK(r, "range %lu 8192 1", i * CHUNK + i % 500 * PAGE);
		}
	CHECK(window_hits(r) > 3 * CHUNKS);
	CHECK(r->device < 0 || r->filled > RM_WINDOW_CHUNKS - 100);
	/* Changed wherever it is; those that have lost their place, too. */
	for (uint64_t i = 0; i < CHUNKS; i += 7)
		window_write(fd, 2, i * CHUNK + i % 500 * PAGE, 2 * PAGE);
	for (uint64_t i = 0; i < CHUNKS; i++)
		WINDOW_OK(r, "range %lu 8192 %d", i * CHUNK + i % 500 * PAGE, i % 7 ? 1 : 2);
	window_end(r);
	close(fd);
	unlink("wide");
}

/* Descriptors come and go, each with windows of its own, while threads read another file. */
static void check_closing(void)
{
	int other = window_file("other", MIB), fd = window_file("watched", 6 * MIB);
	struct window_reader *r = window_start("watched", "0");
	const char *answer;

	window_warm(r, CHUNK, PAGE);
	WINDOW_OK(r, "watch 3");
	window_hits(r);
	for (int i = 0; i < 6; i++) {
		WINDOW_OK(r, "opened 40 other");
		window_write(fd, 2 + (uint64_t)i, 0, 6 * MIB);
	}
	answer = window_ask(r, "stop");
	if (strncmp(answer, "ok ", 3) != 0)
		T_FAIL(answer);
	CHECK(window_hits(r) > 200);
	WINDOW_OK(r, "whole 7 %lu", 6 * MIB);
	window_end(r);
	close(fd);
	close(other);
}

/* The proxy is killed while its enclave reads by windows; the pages are Linux's again, to be written and given away. */
static void check_kill(void)
{
	int fd = window_file("killed", 6 * MIB);

	for (int i = 0; i < 5; i++) {
		struct window_reader *r = window_start("killed", "0");
		int status;

		window_warm(r, CHUNK, PAGE);
		window_warm(r, 0, PAGE);
		WINDOW_OK(r, "watch 3");
		MUST(ftruncate(fd, 5 * MIB) == 0);
		kill(r->child->pid, SIGKILL);
		window_write(fd, 2, 0, 6 * MIB);
		MUST(waitpid(r->child->pid, &status, 0) == r->child->pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		close(r->device);
	}
	close(fd);
	unlink("killed");
}

int main(void)
{
	check_wide();
	check_closing();
	check_kill();
	return t_done();
}
