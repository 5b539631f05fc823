/* SPDX-License-Identifier: MIT */
/* The calling thread's trace area (abi/trace.h). */
#ifndef RUNTIME_RING_TRACE_H
#define RUNTIME_RING_TRACE_H

#include "abi/trace.h"
#include "ring/thread.h"

/* Appends a record of record->size bytes, items included. May leave for the proxy; drops the record if there is no room even then. */
void rm_trace_put(struct rm_thread *t, const struct rm_trace_record *record);

#endif
