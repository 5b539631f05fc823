/* SPDX-License-Identifier: MIT */
/* Keys and signatures: mbedTLS's P-256 and SHA-256. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/sha256.h>
#include <p256-m.h>

#include "manifest/manifest.h"

#define DIGITS 64

/* What mbedTLS calls for randomness, and to wipe memory. */
int psa_generate_random(uint8_t *output, size_t size);
void mbedtls_platform_zeroize(void *buffer, size_t size);

int psa_generate_random(uint8_t *output, size_t size)
{
	return getrandom(output, size, 0) == (ssize_t)size ? 0 : -1;
}

void mbedtls_platform_zeroize(void *buffer, size_t size)
{
	explicit_bzero(buffer, size);
}

void key_hash(uint8_t hash[RM_HASH_SIZE], const void *bytes, size_t size)
{
	mbedtls_sha256(bytes, size, hash, 0);
}

static int complete(struct key *key)
{
	if (p256_public_from_private(key->public, key->private) != P256_SUCCESS)
		return -1;
	key_hash(key->name, key->public, sizeof(key->public));
	return 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int parse(const char *text, struct key *key)
{
	for (int i = 0; i < DIGITS; i += 2) {
		int high = digit(text[i]), low = high >= 0 ? digit(text[i + 1]) : -1;

		if (low < 0)
			return -1;
		key->private[i / 2] = (uint8_t)(high << 4 | low);
	}
	return complete(key);
}

void key_development(struct key *key)
{
	static const char text[] =
#include "development_key.inc"
		;

	parse(text, key);
}

bool key_is_development(const uint8_t name[RM_HASH_SIZE])
{
	struct key key;

	key_development(&key);
	return memcmp(key.name, name, RM_HASH_SIZE) == 0;
}

int key_read(const char *path, struct key *key, char *error, size_t error_size)
{
	char text[DIGITS + 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	int problem = errno, result = -1;

	if (fd >= 0)
		close(fd);
	if (size < 0)
		snprintf(error, error_size, "%s: %s", path, strerror(problem));
	else if (size < DIGITS || (size > DIGITS && text[DIGITS] != '\n') || size > DIGITS + 1 || parse(text, key) != 0)
		snprintf(error, error_size, "%s: is not a private key (64 hexadecimal digits); make one with 'ringmaster keygen'", path);
	else
		result = 0;
	explicit_bzero(text, sizeof(text));
	return result;
}

int key_make(struct key *key)
{
	if (p256_gen_keypair(key->private, key->public) != P256_SUCCESS)
		return -1;
	return complete(key);
}
