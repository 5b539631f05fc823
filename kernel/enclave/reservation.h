/* SPDX-License-Identifier: MIT */
/*
 * A reservation of CPU time (abi/resident.h): a deferrable server. Its periods follow each other without a gap while it has threads
 * to run. Where it was idle, the next begins when its thread was to begin, as soon as the last is over or if nothing of it was used: so a program's periods and
 * its reservation's agree, and those in which it runs still begin no less than a period apart.
 * Times in ticks of the counter. Kernel lock held everywhere.
 */
#ifndef KERNEL_ENCLAVE_RESERVATION_H
#define KERNEL_ENCLAVE_RESERVATION_H

#include "resident.h"
#include "lib/types.h"

struct reservation {
	struct rm_reservation asked;
	uint64_t period, budget;
	uint64_t left;			/* of this period's budget */
	uint64_t next;			/* when the next period begins */
	unsigned int ready;		/* threads that would run */
};

void reservation_init(struct reservation *r, const struct rm_reservation *asked, uint64_t now);

/* A thread of it becomes ready, and was to at that time. */
void reservation_enter(struct reservation *r, uint64_t at);

/* A ready thread of it is ready no more. */
void reservation_leave(struct reservation *r);

/* Begins the periods that are due, if it has ready threads. */
void reservation_refill(struct reservation *r, uint64_t now);

/* A thread of it ran for so long. Whether its budget came to nothing by that, while there are threads that would run. */
bool reservation_charge(struct reservation *r, uint64_t ran);

#endif
