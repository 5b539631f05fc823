/* SPDX-License-Identifier: MIT */
/* Manifests: from TOML to the binary form of abi/image.h, and images made of them. */
#ifndef RINGMASTER_MANIFEST_MANIFEST_H
#define RINGMASTER_MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "image.h"

/* A manifest in binary form. */
struct manifest {
	_Alignas(8) uint8_t bytes[RM_MANIFEST_MAX];
	size_t size;
};

static inline const struct rm_manifest *manifest_head(const struct manifest *manifest)
{
	return (const struct rm_manifest *)(const void *)manifest->bytes;
}

/* manifest.c: text of a TOML file; name is argv[0] where arguments are fixed. -1: error says line, what, and what to do. */
int manifest_compile(const char *text, size_t size, const char *name, struct manifest *manifest, char *error, size_t error_size);
/* Reads and compiles a file; the error begins with its path. -ENOENT: there is none. */
int manifest_read(const char *path, const char *name, struct manifest *manifest, char *error, size_t error_size);
/* What a program without a manifest gets. */
void manifest_default(struct manifest *manifest, bool debug);
/* An order to end all resident enclaves of the kernel with that nonce. */
void manifest_shutdown(struct manifest *manifest, const uint64_t nonce[2]);
/* describe.c: prints a checked manifest. */
void manifest_print(FILE *out, const struct rm_manifest *manifest);

/* resident.c: how a device is called, or NULL. */
const char *manifest_device(uint32_t device);
/* How an enum rm_attach is written. */
const char *manifest_attach(uint32_t who);

/* admission.c: why the admission test refuses, and what to do; what reservations take of a core, as a sum; a part of a million as "7.5 %". */
#define PERCENT_SIZE	28u
struct rm_admission;
const char *manifest_refusal(const struct rm_reservation *all, unsigned count, const struct rm_admission *why, char *buffer, size_t size);
const char *manifest_sum(const struct rm_reservation *all, unsigned count, char *buffer, size_t size);
const char *manifest_percent(uint64_t millionths, char buffer[PERCENT_SIZE]);

/* Why a kernel that has given `reserved` parts in a million of a core to others refuses it with that errno (svc.h, RESIDENT). */
const char *manifest_not_resident(const struct rm_resident *asked, uint64_t error, uint64_t reserved, char *buffer, size_t size);

/* key.c */
struct key {
	uint8_t private[32], public[RM_PUBLIC_KEY_SIZE];
	uint8_t name[RM_HASH_SIZE];	/* SHA-256 of the public key */
};
/* The key that everybody has. */
void key_development(struct key *key);
bool key_is_development(const uint8_t name[RM_HASH_SIZE]);
/* A private key's file: 64 hexadecimal digits. -1 with a message. */
int key_read(const char *path, struct key *key, char *error, size_t error_size);
/* A new one. */
int key_make(struct key *key);
void key_hash(uint8_t hash[RM_HASH_SIZE], const void *bytes, size_t size);

/* image.c: fills in the head of an image, hashes and signature included. -1: the key does not sign. */
int image_sign(struct rm_image *image, const struct manifest *manifest, const void *program, size_t program_size, const struct key *key);

#endif
