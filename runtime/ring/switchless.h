/* SPDX-License-Identifier: MIT */
/*
 * Host calls without an exit: while they are frequent and a core of Linux is free, a thread of the proxy does them beside us (struct
 * rm_switchless in abi/hostcall.h).
 */
#ifndef RUNTIME_RING_SWITCHLESS_H
#define RUNTIME_RING_SWITCHLESS_H

#include "ring/hostcall.h"

/* Whether there may be a server. What has a deadline is not for it: it is not given up when it is late. */
static inline bool rm_switchless(const struct rm_thread *t)
{
	return t->switchless && t->deadline == 0;
}

/* Whether there seems to be one just now. */
bool rm_switchless_ready(struct rm_thread *t);

/* Whether a call that is about to leave shall wake it (RM_HOST_CALL_SERVER). */
bool rm_switchless_wanted(struct rm_thread *t);

/*
 * A call that the server could have done, or begun, left, and was back after so many ticks: the server is wanted when that is where time
 * goes. waits: perhaps not for Linux.
 */
void rm_switchless_left(struct rm_thread *t, uint64_t spent, bool waits);

/* Ticks to wait for the server, or for what it is to find: as long as it takes to leave, so that a wait in vain costs no more than again as much. */
uint64_t rm_switchless_patience(const struct rm_thread *t);

/*
 * Whether to have something done by the server that wakes somebody else, who may then take the server's CPU: whichever took less time of late, and now and
 * then the other. What it took must be said after.
 */
bool rm_choice_serve(struct rm_choice *choice);
void rm_choice_learn(struct rm_choice *choice, bool served, uint64_t spent);

/*
 * Gives a call that any thread may do to the server if one watches. False: nothing was done. True: rm_switchless_collect()
 * must follow, before the slots are given back; calls may be collected in any order.
 */
bool rm_switchless_post(struct rm_hostcall *h);

/* Waits for a posted call. True: *result is what the server wrote, unchecked. False: it did not come; the call was not done, nor will it be. */
bool rm_switchless_collect(struct rm_hostcall *h, int64_t *result);

#endif
