/* SPDX-License-Identifier: MIT */
/* mbedTLS in the runtime: hashes and signatures of images, nothing else. */
#define MBEDTLS_SHA256_C
#define MBEDTLS_PLATFORM_ZEROIZE_ALT	/* load/hash.c */
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
