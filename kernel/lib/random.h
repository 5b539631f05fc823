/* SPDX-License-Identifier: MIT */
/*
 * Random bytes for enclaves: a fast-key-erasure generator over SHA-256 (mbedTLS). Seeded at boot from what the board gives
 * (device tree seed, counter jitter); every call stirs in the counter. CAVEATS.md says what that is worth on which board.
 */
#ifndef KERNEL_LIB_RANDOM_H
#define KERNEL_LIB_RANDOM_H

#include <stddef.h>

void random_init(void);				/* boot core, once, after normal_init() */
void random_bytes(void *to, size_t size);	/* kernel lock held */

#endif
