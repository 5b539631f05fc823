/* SPDX-License-Identifier: MIT */
/* mbedTLS in libringmaster. */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_USE_ARMV8_A_CRYPTO_IF_PRESENT
#define MBEDTLS_PLATFORM_ZEROIZE_ALT	/* hash.c */
