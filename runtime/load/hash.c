/* SPDX-License-Identifier: MIT */
/* Hashes and signatures: mbedTLS, and the public keys whose images this runtime runs (runtime/keys, made into keys.inc). */
#include "load/policy.h"

#include <mbedtls/sha256.h>
#include <p256-m.h>

#include "lib/string.h"
#include "posix/posix.h"

static const uint8_t keys[][RM_PUBLIC_KEY_SIZE] = {
#include "keys.inc"
};

/* Declared in mbedtls/platform_util.h. */
void mbedtls_platform_zeroize(void *buffer, size_t size);

void mbedtls_platform_zeroize(void *buffer, size_t size)
{
	memset(buffer, 0, size);
	__asm__ __volatile__("" : : "r"(buffer) : "memory");
}

void rm_hash(uint8_t hash[RM_HASH_SIZE], const void *bytes, size_t size)
{
	mbedtls_sha256(bytes, size, hash, 0);
}

int rm_signature_check(const uint8_t key[RM_HASH_SIZE], const uint8_t signature[RM_SIGNATURE_SIZE], const uint8_t hash[RM_HASH_SIZE])
{
	uint8_t name[RM_HASH_SIZE];

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		rm_hash(name, keys[i], sizeof(keys[i]));
		if (memcmp(name, key, sizeof(name)) != 0)
			continue;
		return p256_ecdsa_verify(signature, keys[i], hash, RM_HASH_SIZE) == P256_SUCCESS ? 0 : RM_FAIL_SIGNATURE;
	}
	return RM_FAIL_KEY;
}
