/* SPDX-License-Identifier: MIT */
/* Between the files that prepare tickets. */
#ifndef RUNTIME_PROMISE_PREPARE_H
#define RUNTIME_PROMISE_PREPARE_H

#include "promise/ticket.h"

/* As rm_ticket_prepare(), for one kind of request. */
typedef long rm_prepare(struct rm_thread *t, struct rm_ticket *ticket, const struct rm_promise_request *request);

/* There is nothing to submit, since this is the result. */
static inline long rm_prepare_done(struct rm_ticket *ticket, long result)
{
	ticket->result = result;
	return RM_PREPARED_DONE;
}

/* move.c */
rm_prepare rm_prepare_read, rm_prepare_write, rm_prepare_send, rm_prepare_recv;

#endif
