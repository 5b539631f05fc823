/* SPDX-License-Identifier: MIT */
/*
 * Counters of what the host was used for (abi/use.h). Some instructions each, so that they may stand on the data path: they live in the
 * page that is shared, and are never copied. A page that has gone is nobody's loss.
 */
#ifndef RUNTIME_RING_USE_H
#define RUNTIME_RING_USE_H

#include "abi/use.h"
#include "ring/access.h"
#include "ring/thread.h"

static inline void *rm_use_at(const struct rm_thread *t, enum rm_use what)
{
	return t->region + RM_USE_OFFSET + sizeof(uint64_t) * what;
}

static inline void rm_use(const struct rm_thread *t, enum rm_use what, uint64_t n)
{
	rm_add64(rm_use_at(t, what), n);
}

/* So many bytes were copied from the arena, or into it. */
static inline void rm_use_in(const struct rm_thread *t, uint64_t bytes)
{
	rm_use(t, RM_USE_COPIES, 1);
	rm_use(t, RM_USE_BYTES_IN, bytes);
}

static inline void rm_use_out(const struct rm_thread *t, uint64_t bytes)
{
	rm_use(t, RM_USE_COPIES, 1);
	rm_use(t, RM_USE_BYTES_OUT, bytes);
}

#endif
