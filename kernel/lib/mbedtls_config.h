/* SPDX-License-Identifier: MIT */
/* mbedTLS in the kernel: for the random generator, nothing else. */
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_PLATFORM_ZEROIZE_ALT	/* lib/random.c */
