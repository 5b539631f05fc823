/* SPDX-License-Identifier: MIT */
/*
 * Random bytes for enclaves: a fast-key-erasure generator: ChaCha20 keystream, of which the first 32 bytes become the next
 * key. Seeded at boot through SHA-256 (both mbedTLS) from what the board gives (device tree seed, counter jitter); the counter
 * is each call's nonce. CAVEATS.md says what that is worth on which board.
 */
#ifndef KERNEL_LIB_RANDOM_H
#define KERNEL_LIB_RANDOM_H

#include <stddef.h>

void random_init(const void *seed, size_t size);	/* boot core, once */
void random_bytes(void *to, size_t size);	/* at most RANDOM_MAX; kernel lock held */

#define RANDOM_MAX 32u		/* bytes at a time, so that one block of ChaCha20 is all the work */

#endif
