/* SPDX-License-Identifier: MIT */
/* SHA-256 of borrowed bytes: mbedTLS's, with the cores' instructions for it where they have them. */
#include "promise.h"

#include <mbedtls/sha256.h>
#include <string.h>

#define CHUNK	8192u	/* stays in the first cache between copy and hash */

_Static_assert(sizeof(mbedtls_sha256_context) <= sizeof(struct ringmaster_sha256), "room");

static mbedtls_sha256_context *context(struct ringmaster_sha256 *hash)
{
	return (mbedtls_sha256_context *)(void *)hash->state;
}

/* Declared in mbedtls/platform_util.h. */
void mbedtls_platform_zeroize(void *buffer, size_t size);

void mbedtls_platform_zeroize(void *buffer, size_t size)
{
	memset(buffer, 0, size);
	__asm__ __volatile__("" : : "r"(buffer) : "memory");
}

void ringmaster_sha256_start(struct ringmaster_sha256 *hash)
{
	mbedtls_sha256_init(context(hash));
	mbedtls_sha256_starts(context(hash), 0);
}

int ringmaster_sha256_copy(struct ringmaster_sha256 *hash, void *to, ringmaster_promise promise, size_t offset, size_t size)
{
	unsigned char own[CHUNK];

	for (size_t done = 0, piece; done < size; done += piece) {
		unsigned char *chunk = to ? (unsigned char *)to + done : own;

		piece = size - done < CHUNK ? size - done : CHUNK;
		if (ringmaster_copy(chunk, promise, offset + done, piece) != 0)
			return -1;
		mbedtls_sha256_update(context(hash), chunk, piece);
	}
	return 0;
}

void ringmaster_sha256_end(struct ringmaster_sha256 *hash, unsigned char digest[32])
{
	mbedtls_sha256_finish(context(hash), digest);
	mbedtls_sha256_free(context(hash));
}
