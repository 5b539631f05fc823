/* SPDX-License-Identifier: MIT */
/*
 * Host calls without an exit: while they are frequent and a core of Linux is free, a thread of the proxy does them beside us (struct
 * rm_switchless in abi/hostcall.h).
 */
#ifndef RUNTIME_RING_SWITCHLESS_H
#define RUNTIME_RING_SWITCHLESS_H

#include "ring/hostcall.h"

/* Whether there seems to be one just now. */
bool rm_switchless_ready(struct rm_thread *t);

/*
 * Counts a call that any thread may do, and gives it to the server if one watches. False: nothing was done. True: rm_switchless_collect()
 * must follow, before the slots are given back; calls may be collected in any order.
 */
bool rm_switchless_post(struct rm_hostcall *h);

/* Waits for a posted call. True: *result is what the server wrote, unchecked. False: it did not come; the call was not done, nor will it be. */
bool rm_switchless_collect(struct rm_hostcall *h, int64_t *result);

#endif
