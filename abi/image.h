/* SPDX-License-Identifier: MIT */
/*
 * Contract 5: a packed, signed enclave: `ringmaster pack` writes it, the runtime checks it in the enclave, before a byte of the program
 * is used.
 *
 *	offset 0			struct rm_image
 *	sizeof(struct rm_image)		the manifest in binary form: struct rm_manifest, strings
 *	RM_IMAGE_ALIGN multiple		the program, an ELF file, to the end of the file; zeroes in between
 *
 * The signature (ECDSA P-256, r || s, big-endian) is of the SHA-256 of everything in struct rm_image in front of it, which holds the
 * hashes of the manifest and of the program. So is every byte of the file: what is not hashed has to be zero. Numbers are little-endian.
 * The runtime knows the public keys whose images it runs (runtime/keys); there is nothing else to a key but being known.
 *
 * A manifest without an image (`ringmaster run --manifest`) goes to the runtime by the boot page, is checked and enforced in the
 * same way, and is as true as the program beside it: Linux chose both. Without any, all that Linux offers is permitted, and debugging.
 *
 * Attacks considered: sizes and offsets that overflow, overlap or lead out of the file; strings without an end, unsorted, twice; flags and
 * versions of the future; bytes changed after they were checked (each is read into private memory once, then checked, then used).
 */
#ifndef RINGMASTER_ABI_IMAGE_H
#define RINGMASTER_ABI_IMAGE_H

#include <stdint.h>

#include "resident.h"

#define RM_IMAGE_MAGIC		0x3165676170676e52ul	/* "Rngpage1" */
#define RM_IMAGE_ALIGN		4096u
#define RM_IMAGE_PROGRAM_MAX	(1ul << 30)
#define RM_HASH_SIZE		32u
#define RM_SIGNATURE_SIZE	64u
#define RM_PUBLIC_KEY_SIZE	64u		/* x || y, big-endian */

struct rm_image {
	uint64_t magic;
	uint32_t version;		/* RM_IMAGE_VERSION */
	uint32_t manifest_size;		/* bytes, at most RM_MANIFEST_MAX */
	uint64_t program_offset;	/* the first multiple of RM_IMAGE_ALIGN behind the manifest */
	uint64_t program_size;
	uint8_t manifest_hash[RM_HASH_SIZE], program_hash[RM_HASH_SIZE];
	uint8_t key[RM_HASH_SIZE];	/* SHA-256 of the public key that signed it */
	uint8_t signature[RM_SIGNATURE_SIZE];
};
#define RM_IMAGE_VERSION	1u
#define RM_IMAGE_SIGNED		128u	/* bytes in front of the signature */

#define RM_MANIFEST_MAGIC	0x747365666e614d52ul	/* "RManfest" */
#define RM_MANIFEST_VERSION	3u
#define RM_MANIFEST_MAX		16384u

/*
 * The lists of a manifest, one behind the other, each as many NUL-terminated strings as count[] says. In front of a path to be read or
 * started, not of a folder, may stand the SHA-256 that the file has to have, as 64 hexadecimal digits in small letters.
 */
enum rm_manifest_list {
	RM_LIST_ARGUMENTS,	/* argv, the program's name included */
	RM_LIST_PASS,		/* names of variables that come from the host; sorted, each once, as the lists below */
	RM_LIST_SET,		/* NAME=value; sorted by name */
	RM_LIST_READ,		/* paths that may be read: absolute, normal; with a / at the end, all below */
	RM_LIST_WRITE,		/* paths that may be read and changed */
	RM_LIST_SPAWN,		/* paths of programs that may be started */
	RM_LIST_COUNT
};

struct rm_manifest {
	uint64_t magic;
	uint32_t version;
	uint32_t size;		/* with all strings */
	uint32_t flags;		/* RM_MANIFEST_*; others are refused */
	uint32_t threads;	/* at most so many at once, 1 to RM_THREAD_MAX */
	uint64_t memory;	/* bytes of secure memory at most; 0: what Linux and the board give */
	uint32_t count[RM_LIST_COUNT];
	uint32_t deadline;	/* milliseconds within which Linux has to do what it owes; 0: any time */
	uint32_t reserved;	/* 0 */
	uint64_t signals;	/* bit i: signal i + 1 may come from the host */
	struct rm_resident resident;	/* with RM_MANIFEST_RESIDENT; its deadline is the one above. Without, zero, as reservations not used */
	uint64_t nonce[2];	/* with RM_MANIFEST_SHUTDOWN: RM_STAT_NONCE_*. Without, zero */
};
#define RM_MANIFEST_DEBUG	1u	/* tracing, reports of faults, core files, gdb */
#define RM_MANIFEST_ARGUMENTS	2u	/* argv is the list's; else the host's, and the list is empty */
#define RM_MANIFEST_ENVIRONMENT	4u	/* the environment is what the lists say; else the host's, and they are empty */
#define RM_MANIFEST_FILES	8u	/* only paths of the lists may be named; else any, and they are empty */
#define RM_MANIFEST_SIGNALS	16u	/* only signals of the set come from the host; else all, and it is empty */
#define RM_MANIFEST_SPAWN	32u	/* only programs of the list may be started; else any (with RM_MANIFEST_FILES none), and it is empty */
#define RM_MANIFEST_RESIDENT	64u	/* time-sensitive: it becomes resident (resident.h) before its first instruction; needs a deadline. Of an image only */
#define RM_MANIFEST_SHUTDOWN	128u	/* no program but an order: end all resident enclaves of the kernel with that nonce. Of an image only, with no other flag */
#define RM_MANIFEST_ALL		255u
#define RM_MANIFEST_DEADLINE_MAX	3600000u

_Static_assert(sizeof(struct rm_image) == RM_IMAGE_SIGNED + RM_SIGNATURE_SIZE, "contract");
_Static_assert(sizeof(struct rm_manifest) == 224, "contract");

#endif
