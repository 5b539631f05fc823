/* SPDX-License-Identifier: MIT */
/*
 * What the enclave's manifest says, and where its program is: found out once, before anything else of the program's is looked at.
 */
#ifndef RUNTIME_LOAD_POLICY_H
#define RUNTIME_LOAD_POLICY_H

#include "load/elf.h"
#include "load/manifest.h"
#include "ring/thread.h"

struct rm_policy {
	bool debug;
	bool firmware;			/* a boot enclave: there is no host */
	bool files;			/* paths are restricted: rm_policy_path() */
	bool spawn;			/* so are programs that it starts: rm_policy_program() */
	uint64_t signals;		/* bit i: signal i + 1 may come from the host */
	uint32_t threads;
	uint64_t deadline;		/* of what Linux owes, in ticks of the counter; 0: none */
	bool resident;			/* it becomes resident before its first instruction */
	uint32_t devices;		/* RM_DEVICE_* that it has then */
	bool order;			/* it is no program, but an order to shut down */
	const struct rm_manifest *manifest;	/* NULL: none, all is permitted */
	const uint8_t *program;		/* verified, of an image; NULL: to be read from the file */
	uint64_t program_size;
};

extern struct rm_policy rm_policy;

/* The image of a boot enclave, which the firmware has brought, in the place of a file. Before rm_policy_start(). */
void rm_policy_firmware(const uint8_t *image, uint64_t size);

/*
 * Reads the manifest of the boot page, or the head of an image with its manifest and its program, checks all of it, and sets rm_policy.
 * 0, or -1 with *error: the enclave has to end.
 */
int rm_policy_start(struct rm_thread *t, const struct rm_boot *boot, struct rm_elf_error *error);
/* A further thread's block is made ready: 0, or -1 if Linux wants it traced and that is not permitted. */
int rm_policy_thread(struct rm_thread *t);
/*
 * Whether the program consents to be looked into: tracing, reports of faults with registers, core files, a debugger. What a manifest says
 * in `debug`; true without one, which is for development; false before rm_policy_start().
 */
bool rm_policy_debug(void);
/* The program was loaded: its verified copy goes. */
void rm_policy_loaded(void);

/*
 * Whether the program may name a path (in LX_PATH_MAX bytes; relative to a directory descriptor, LX_AT_FDCWD: to the current folder) in
 * order to look at it or to change what is there. 0: `path` has become the name that was checked, absolute unless it is empty, and *grant
 * says what may be done. -EACCES, counted, or another -errno.
 */
enum rm_access { RM_ACCESS_LOOK, RM_ACCESS_CHANGE };
struct rm_grant {
	bool read_only;		/* the list permits looking only */
	const char *hash;	/* what the file's SHA-256 has to be, in hexadecimal digits; NULL: anything */
};
long rm_policy_path(struct rm_thread *t, char *path, int fd, enum rm_access access, struct rm_grant *grant);
/* The same for a program that is to be started: 0 or -EACCES, which is not counted yet, or another -errno. */
long rm_policy_program(struct rm_thread *t, char *path, struct rm_grant *grant);
/* Counts: -EACCES. */
long rm_policy_refuse(struct rm_thread *t);

/* SHA-256; and whether a signature over a hash is a known key's: 0, or an enum rm_failure. */
void rm_hash(uint8_t hash[RM_HASH_SIZE], const void *bytes, size_t size);
int rm_signature_check(const uint8_t key[RM_HASH_SIZE], const uint8_t signature[RM_SIGNATURE_SIZE], const uint8_t hash[RM_HASH_SIZE]);

#endif
