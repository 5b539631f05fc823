/* SPDX-License-Identifier: MIT */
/*
 * A lock that sleeps in the secure kernel (futex), for threads of one enclave. Zero is unlocked.
 *
 * Order: a description's position lock, then the descriptor table's, then nothing. The table's lock is never held across
 * a wait for Linux; a position lock is, as Linux's own f_pos lock is.
 */
#ifndef RUNTIME_LIB_LOCK_H
#define RUNTIME_LIB_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct rm_lock {
	uint32_t word;	/* 0 free, 1 held, 2 held and somebody sleeps */
};

/* Takes the lock; sleeps as long as another thread has it. */
void rm_lock(struct rm_lock *lock);
/* Takes it if nobody has it. */
bool rm_try_lock(struct rm_lock *lock);
/* Gives it back; the caller must hold it. */
void rm_unlock(struct rm_lock *lock);

#endif
