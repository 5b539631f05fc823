/* SPDX-License-Identifier: MIT */
/*
 * Every touch of memory that can vanish or change under us: pages shared with Linux, and what a program's pointers name.
 * The code behind these functions is the only one that may fault; the kernel then lets it go on at a fix-up, and the
 * function returns
 *   -EIO     the address is in the pages shared with Linux: the host took a page away
 *   -EFAULT  any other address: the program named memory it does not have
 * What was read stands in private memory afterwards: check that, never the original.
 */
#ifndef RUNTIME_RING_ACCESS_H
#define RUNTIME_RING_ACCESS_H

#include <stddef.h>
#include <stdint.h>

/* Copies; 0 or an error, with part of the bytes perhaps written. The ranges must not overlap. */
long rm_copy(void *to, const void *from, size_t size);

/* One aligned 32-bit word, once. The acquire form orders everything after it behind it. */
long rm_load32(const void *from, uint32_t *value);
long rm_load32_acquire(const void *from, uint32_t *value);
/* One aligned word; everything before it is visible to Linux once the word is. */
long rm_store32_release(void *to, uint32_t value);
/* The same for 64 bits. */
long rm_load64_acquire(const void *from, uint64_t *value);
/*
 * Bits of an aligned 64-bit word that both sides change, atomically; setting them makes everything before it visible. Clearing
 * returns 1 if any of them was set, else 0. -EAGAIN: the other side does not let us, nothing was done.
 */
long rm_set_bits(void *to, uint64_t bits);
long rm_clear_bits(void *to, uint64_t bits);
/* One aligned word that nobody relies on: a counter. Adding is not atomic. */
long rm_add64(void *to, uint64_t value);
long rm_store64(void *to, uint64_t value);
/* Orders earlier stores before later loads, for Linux too. */
void rm_barrier(void);

/*
 * Copies a NUL-terminated string of a program: its length without NUL, or -ENAMETOOLONG if no NUL stands in the first
 * `size` bytes, -EFAULT. `to` always ends with NUL on success.
 */
long rm_copy_string(char *to, const char *from, size_t size);

#endif
