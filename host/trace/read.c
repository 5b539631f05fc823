/* SPDX-License-Identifier: MIT */
/*
 * Records out of a trace area. They come from the enclave, whose program may have written them, so nothing is believed:
 *
 * Attacks considered: sizes that do not fit, items that reach out of their record, too many of them, a head that jumps. A record is
 * copied once and then checked; what is no record throws away what the area holds, which costs records and nothing else.
 */
#include <string.h>

#include "trace/trace.h"

static int parse_item(struct trace_call *call, const uint8_t *at, size_t left)
{
	struct rm_trace_item item;

	if (left < sizeof(item))
		return -1;
	memcpy(&item, at, sizeof(item));
	if (item.arg >= 6 || item.size > left - sizeof(item))
		return -1;
	if (call->count < TRACE_ITEMS)
		call->items[call->count++] = (struct trace_item){ item.arg, item.flags, item.size, at + sizeof(item) };
	return (int)((sizeof(item) + item.size + 7) & ~7ul);
}

int trace_parse(const uint8_t *bytes, size_t size, struct trace_call *call)
{
	size_t at = sizeof(call->record);

	call->count = 0;
	call->record.size = 0;
	if (size < sizeof(call->record))
		return -1;
	memcpy(&call->record, bytes, sizeof(call->record));
	if (call->record.size < sizeof(call->record) || call->record.size % 8 != 0 || call->record.size > size ||
	    call->record.size > RM_TRACE_RECORD_MAX)
		return -1;
	if (call->record.type < RM_TRACE_ENTER || call->record.type > RM_TRACE_SIGNAL)
		return -1;
	memcpy(call->bytes, bytes, call->record.size);
	while (at < call->record.size) {
		int step = parse_item(call, call->bytes + at, call->record.size - at);

		if (step < 0)
			return -1;
		at += (size_t)step;
	}
	return call->record.size;
}

void trace_copy(struct trace_call *to, const struct trace_call *from)
{
	to->record = from->record;
	to->count = from->count;
	memcpy(to->bytes, from->bytes, sizeof(to->bytes));
	for (unsigned i = 0; i < to->count; i++) {
		to->items[i] = from->items[i];
		to->items[i].bytes = to->bytes + (from->items[i].bytes - from->bytes);
	}
}

int trace_peek(struct trace_source *source, struct trace_call *call)
{
	uint32_t head = __atomic_load_n(&source->ring->head, __ATOMIC_ACQUIRE);
	uint32_t available = head - source->tail, start = source->tail & (RM_TRACE_BYTES - 1);
	uint8_t copy[RM_TRACE_RECORD_MAX];
	uint32_t size = available < sizeof(copy) ? available : (uint32_t)sizeof(copy);
	uint32_t first = size < RM_TRACE_BYTES - start ? size : RM_TRACE_BYTES - start;

	if (available == 0)
		return 0;
	call->record.size = 0;
	if (available > RM_TRACE_BYTES)
		return -1;
	memcpy(copy, source->data + start, first);
	memcpy(copy + first, source->data, size - first);
	if (trace_parse(copy, size, call) < 0) {
		call->record.size = 0;
		return -1;
	}
	return 1;
}

void trace_done(struct trace_source *source, const struct trace_call *call)
{
	if (call->record.size != 0)
		source->tail += call->record.size;
	else
		source->tail = __atomic_load_n(&source->ring->head, __ATOMIC_ACQUIRE);
	__atomic_store_n(&source->ring->tail, source->tail, __ATOMIC_RELEASE);
}
