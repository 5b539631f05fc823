/* SPDX-License-Identifier: MIT */
/*
 * Writes trace records for a tracer on Linux. One of the files that touch shared words.
 *
 * Attacks considered: head is private and only copied out; a tail that cannot be is taken as "no room". Nothing else of the area
 * is read. A tracer that stops costs one exit a record and the records.
 */
#include "ring/trace.h"

#include "ring/access.h"
#include "ring/ring.h"

static bool room(struct rm_thread *t, uint32_t size)
{
	uint32_t tail;

	if (rm_load32_acquire(t->region + t->trace + offsetof(struct rm_trace_ring, tail), &tail) != 0)
		return false;
	return t->trace_head - tail <= RM_TRACE_BYTES - size;
}

static void drop(struct rm_thread *t)
{
	t->trace_dropped++;
	rm_store32_release(t->region + t->trace + offsetof(struct rm_trace_ring, dropped), t->trace_dropped);
}

void rm_trace_put(struct rm_thread *t, const struct rm_trace_record *record)
{
	const uint8_t *from = (const uint8_t *)record;
	uint8_t *data = t->region + t->trace + RM_TRACE_DATA;
	const uint32_t start = t->trace_head & (RM_TRACE_BYTES - 1);
	const uint32_t first = record->size < RM_TRACE_BYTES - start ? record->size : RM_TRACE_BYTES - start;

	if (!room(t, record->size)) {
		/* Not counted as an exit of the program's. */
		const uint64_t exits = t->exits;

		rm_ring_host(t, RM_HOST_TRACE, 0, 0);
		t->exits = exits;
		if (!room(t, record->size)) {
			drop(t);
			return;
		}
	}
	if (rm_copy(data + start, from, first) != 0 || rm_copy(data, from + first, record->size - first) != 0)
		return;
	t->trace_head += record->size;
	/* Release: the record before the head that announces it. */
	rm_store32_release(t->region + t->trace + offsetof(struct rm_trace_ring, head), t->trace_head);
}
