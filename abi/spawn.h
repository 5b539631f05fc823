/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn(): our libc -> runtime -> proxy. One request, made by the libc, carried unchanged: the runtime adds which descriptors there
 * are. Natively the call is -ENOSYS, and the libc does what musl does.
 */
#ifndef RINGMASTER_ABI_SPAWN_H
#define RINGMASTER_ABI_SPAWN_H

#include <stdint.h>

/* System call of our libc: spawn(request, size): the new process's number. The same number is the host call:
 * spawn(request, size, descriptors, count). Errors: what a file action, an attribute or execve() failed with; -E2BIG, -EINVAL. */
#define RM_CALL_SPAWN		0x1180	/* not one of svc.h */
#define RM_SPAWN_MAX		(512u * 1024)	/* bytes of a request */

/* Start of a request; actions and then strings follow: the path, the folders to search (if RM_SPAWN_SEARCH), arguments, environment. */
struct rm_spawn {
	uint32_t flags;			/* RM_SPAWN_*; the low ones as in spawn.h */
	int32_t process_group;
	uint32_t actions;		/* their number */
	uint32_t argc, envc;
	uint32_t strings;		/* offset of the first, from the start of the request */
	uint64_t defaults;		/* bit i: signal i + 1 gets its default action */
	uint64_t mask;			/* the new process's signal mask */
};
#define RM_SPAWN_RESET_IDS	1u
#define RM_SPAWN_SET_GROUP	2u
#define RM_SPAWN_SET_DEFAULTS	4u
#define RM_SPAWN_SET_SESSION	128u
#define RM_SPAWN_SEARCH		0x10000u	/* as posix_spawnp() */

enum rm_spawn_kind { RM_SPAWN_CLOSE = 1, RM_SPAWN_DUP, RM_SPAWN_OPEN, RM_SPAWN_CHDIR, RM_SPAWN_FCHDIR };

struct rm_spawn_action {
	uint32_t kind;
	int32_t fd, source;		/* source: of DUP */
	int32_t flags;			/* of OPEN, with mode */
	uint32_t mode;
	uint32_t path;			/* OPEN, CHDIR: offset of it from the start of the request */
};

/* What the runtime adds: a descriptor of the program, and the proxy's for it. */
struct rm_spawn_fd {
	int32_t fd, host_fd;
	uint32_t cloexec, reserved;
};

/* ELF note of programs that ringmaster-cc linked for enclaves. */
#define RM_NOTE_NAME		"Ringmaster"
#define RM_NOTE_ENCLAVE		1u

/* In the environment of host programs that an enclave started: path of `ringmaster`. An enclave program that is started without it sees the
 * variable and starts itself again by `ringmaster run`. */
#define RM_SPAWN_VARIABLE	"RINGMASTER_RUN"

_Static_assert(sizeof(struct rm_spawn) == 40, "contract");
_Static_assert(sizeof(struct rm_spawn_action) == 24, "contract");
_Static_assert(sizeof(struct rm_spawn_fd) == 16, "contract");

#endif
