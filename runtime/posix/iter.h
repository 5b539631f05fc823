/* SPDX-License-Identifier: MIT */
/*
 * A walk over a program's buffers (iovecs) for gathering into the arena and scattering out of it.
 */
#ifndef RUNTIME_POSIX_ITER_H
#define RUNTIME_POSIX_ITER_H

#include "sys/linux.h"

#include <stdbool.h>
#include <stddef.h>

struct rm_thread;

struct rm_iter {
	const struct lx_iovec *at;	/* private copy */
	unsigned left;
	size_t skip;			/* bytes of *at already used */
	uint32_t flags;			/* RWF_* of preadv2() and pwritev2(): for Linux */
	bool whole;			/* in pieces as large as the arena has room for: each is an operation of a device, which takes its time */
};

/* Total bytes of `count` checked iovecs, cut to LX_RW_MAX; -EINVAL if they overflow, -EFAULT if outside a program's memory. */
long rm_iter_total(const struct lx_iovec *vector, unsigned count);
/* Copies the next `size` bytes out of the program's buffers: 0 or -errno. */
long rm_iter_gather(struct rm_iter *iter, void *to, size_t size);
/* Copies `size` bytes into them: 0 or -errno. */
long rm_iter_scatter(struct rm_iter *iter, const void *from, size_t size);
/* The same to and from the arena, where it counts as used (abi/use.h). */
long rm_iter_to_arena(struct rm_thread *t, struct rm_iter *iter, void *to, size_t size);
long rm_iter_from_arena(struct rm_thread *t, struct rm_iter *iter, const void *from, size_t size);

#endif
