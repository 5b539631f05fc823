/* SPDX-License-Identifier: MIT */
/* The head of an image. */
#include <string.h>

#include <p256-m.h>

#include "manifest/manifest.h"

int image_sign(struct rm_image *image, const struct manifest *manifest, const void *program, size_t program_size, const struct key *key)
{
	uint8_t hash[RM_HASH_SIZE];

	memset(image, 0, sizeof(*image));
	image->magic = RM_IMAGE_MAGIC;
	image->version = RM_IMAGE_VERSION;
	image->manifest_size = (uint32_t)manifest->size;
	image->program_offset = (sizeof(*image) + manifest->size + RM_IMAGE_ALIGN - 1) & ~(uint64_t)(RM_IMAGE_ALIGN - 1);
	image->program_size = program_size;
	key_hash(image->manifest_hash, manifest->bytes, manifest->size);
	key_hash(image->program_hash, program, program_size);
	memcpy(image->key, key->name, sizeof(image->key));
	key_hash(hash, image, RM_IMAGE_SIGNED);
	return p256_ecdsa_sign(image->signature, key->private, hash, sizeof(hash)) == P256_SUCCESS ? 0 : -1;
}
