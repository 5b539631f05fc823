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
	bool files;			/* paths are restricted: rm_policy_path() */
	uint32_t threads;
	const struct rm_manifest *manifest;	/* NULL: the development manifest */
	const uint8_t *program;		/* verified, of an image; NULL: to be read from the file */
	uint64_t program_size;
};

extern struct rm_policy rm_policy;

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
 * Whether the program may name a path in the call it makes: `path` as given, relative to a directory descriptor (LX_AT_FDCWD: to the
 * current folder). 0, or -EACCES. chdir() that worked is told by rm_policy_moved(), with the path it was given.
 */
long rm_policy_path(struct rm_thread *t, const char *path, int fd, bool change);
void rm_policy_moved(struct rm_thread *t, const char *path);

/* SHA-256; and whether a signature over a hash is a known key's: 0, or an enum rm_failure. */
void rm_hash(uint8_t hash[RM_HASH_SIZE], const void *bytes, size_t size);
int rm_signature_check(const uint8_t key[RM_HASH_SIZE], const uint8_t signature[RM_SIGNATURE_SIZE], const uint8_t hash[RM_HASH_SIZE]);

#endif
