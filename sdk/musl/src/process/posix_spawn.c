/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn() in an enclave is one call, since there is no process here that could be forked: the request carries all that musl's child
 * would do. Where nobody has that call, on plain Linux, musl's own code runs (it is built from its source as __posix_spawn_linux).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "fdop.h"
#include "syscall.h"
#include "../../ringmaster/spawn.h"

hidden int __posix_spawn_linux(pid_t *restrict, const char *restrict, const posix_spawn_file_actions_t *, const posix_spawnattr_t *restrict,
			       char *const[restrict], char *const[restrict]);

/* Where a request is written to; with a null base only its size is found. */
struct out {
	char *base;
	size_t size;
};

static size_t put(struct out *out, const void *from, size_t size)
{
	const size_t at = out->size;

	if (out->base)
		memcpy(out->base + at, from, size);
	out->size += size;
	return at;
}

static size_t put_string(struct out *out, const char *text)
{
	return put(out, text, strlen(text) + 1);
}

static uint32_t put_list(struct out *out, char *const *list)
{
	uint32_t count = 0;

	for (; list && list[count]; count++)
		put_string(out, list[count]);
	return count;
}

static uint32_t action_kind(int command)
{
	switch (command) {
	case FDOP_CLOSE: return RM_SPAWN_CLOSE;
	case FDOP_DUP2: return RM_SPAWN_DUP;
	case FDOP_OPEN: return RM_SPAWN_OPEN;
	case FDOP_CHDIR: return RM_SPAWN_CHDIR;
	case FDOP_FCHDIR: return RM_SPAWN_FCHDIR;
	default: return 0;
	}
}

/* musl keeps the last one first. Their paths come behind all of them. */
static uint32_t put_actions(struct out *out, const posix_spawn_file_actions_t *fa)
{
	struct fdop *op = fa ? fa->__actions : 0, *first;
	struct rm_spawn_action action;
	size_t at = out->size;
	uint32_t count = 0;

	while (op && op->next)
		op = op->next;
	for (first = op; op; op = op->prev, count++)
		put(out, &(struct rm_spawn_action){ 0 }, sizeof(action));
	for (op = first; op; op = op->prev, at += sizeof(action)) {
		action = (struct rm_spawn_action){ .kind = action_kind(op->cmd), .fd = op->fd };
		if (op->cmd == FDOP_DUP2)
			action.source = op->srcfd;
		if (op->cmd == FDOP_OPEN) {
			action.flags = op->oflag;
			action.mode = op->mode;
		}
		if (op->cmd == FDOP_OPEN || op->cmd == FDOP_CHDIR)
			action.path = put_string(out, op->path);
		if (out->base)
			memcpy(out->base + at, &action, sizeof(action));
	}
	return count;
}

static void build(struct out *out, const char *path, const posix_spawn_file_actions_t *fa, const posix_spawnattr_t *attr,
		  const sigset_t *mask, char *const *argv, char *const *envp)
{
	const char *search = getenv("PATH");
	struct rm_spawn head = { 0 };

	put(out, &head, sizeof(head));
	head.actions = put_actions(out, fa);
	head.strings = put_string(out, path);
	memcpy(&head.mask, mask, sizeof(head.mask));
	if (attr) {
		head.flags = attr->__flags;
		head.process_group = attr->__pgrp;
		memcpy(&head.defaults, &attr->__def, sizeof(head.defaults));
		if (attr->__flags & POSIX_SPAWN_SETSIGMASK)
			memcpy(&head.mask, &attr->__mask, sizeof(head.mask));
		if (attr->__fn) {
			head.flags |= RM_SPAWN_SEARCH;
			put_string(out, search ? search : "/usr/local/bin:/bin:/usr/bin");
		}
	}
	head.argc = put_list(out, argv);
	head.envc = put_list(out, envp);
	if (out->base)
		memcpy(out->base, &head, sizeof(head));
}

static long spawn(const char *path, const posix_spawn_file_actions_t *fa, const posix_spawnattr_t *attr, char *const *argv,
		  char *const *envp)
{
	struct out out = { 0 };
	sigset_t mask;
	size_t size;
	long result;

	pthread_sigmask(SIG_SETMASK, 0, &mask);
	build(&out, path, fa, attr, &mask, argv, envp);
	size = out.size;
	if (size > RM_SPAWN_MAX)
		return -E2BIG;
	out = (struct out){ .base = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) };
	if (out.base == MAP_FAILED)
		return -ENOMEM;
	build(&out, path, fa, attr, &mask, argv, envp);
	result = __syscall(RM_CALL_SPAWN, out.base, size);
	munmap(out.base, size);
	return result;
}

int posix_spawn(pid_t *restrict res, const char *restrict path, const posix_spawn_file_actions_t *fa,
		const posix_spawnattr_t *restrict attr, char *const argv[restrict], char *const envp[restrict])
{
	long result;

	/* Asked first, so that nothing is built where there is no such call. */
	if (__syscall(RM_CALL_SPAWN, 0, 0) == -ENOSYS)
		return __posix_spawn_linux(res, path, fa, attr, argv, envp);
	result = spawn(path, fa, attr, argv, envp);
	if (result < 0)
		return -result;
	if (res)
		*res = result;
	return 0;
}
