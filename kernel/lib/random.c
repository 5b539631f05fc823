/* SPDX-License-Identifier: MIT */
#include "lib/random.h"
#include <mbedtls/chacha20.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include "arch/timer.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lib/types.h"

#define HASH_SIZE	32
#define JITTER_SAMPLES	1024

static uint8_t key[HASH_SIZE];

/* What mbedTLS calls to wipe secrets; the empty assembly keeps the compiler from dropping it. */
void mbedtls_platform_zeroize(void *buffer, size_t size)
{
	memset(buffer, 0, size);
	__asm__ volatile("" : : "r"(buffer) : "memory");
}

/* key = SHA-256(key | counter | data) */
static void stir(const void *data, size_t size)
{
	mbedtls_sha256_context hash;
	uint64_t now = counter();
	int error;

	mbedtls_sha256_init(&hash);
	error = mbedtls_sha256_starts(&hash, 0);
	error |= mbedtls_sha256_update(&hash, key, sizeof(key));
	error |= mbedtls_sha256_update(&hash, (const uint8_t *)&now, sizeof(now));
	error |= mbedtls_sha256_update(&hash, data, size);
	error |= mbedtls_sha256_finish(&hash, key);
	mbedtls_sha256_free(&hash);
	assert(error == 0);
}

/* How long a piece of memory work took, many times over: what varies between two boots. */
static void stir_jitter(void)
{
	uint64_t samples[64];

	for (int i = 0; i < JITTER_SAMPLES; i++) {
		uint64_t before = counter();

		memset(samples, i, 8);
		isb();
		samples[i % 64] = counter() - before + ((uint64_t)i << 32);
		if (i % 64 == 63)
			stir(samples, sizeof(samples));
	}
}

void random_init(const void *seed, size_t size)
{
	stir(seed, size);
	stir_jitter();
}

void random_bytes(void *to, size_t size)
{
	static const uint8_t zeroes[HASH_SIZE + RANDOM_MAX];
	uint8_t stream[sizeof(zeroes)];
	uint8_t nonce[12] = { 0 };
	uint64_t now = counter();

	assert(size <= RANDOM_MAX);
	memcpy(nonce, &now, sizeof(now));
	if (mbedtls_chacha20_crypt(key, nonce, 0, sizeof(stream), zeroes, stream) != 0)
		panic("no random bytes");
	memcpy(key, stream, sizeof(key));		/* what was given out cannot be computed again */
	memcpy(to, stream + sizeof(key), size);
	mbedtls_platform_zeroize(stream, sizeof(stream));
}
