/* SPDX-License-Identifier: MIT */
/*
 * A proxy that lies: the launcher's own objects, and between them (ld --wrap) what makes its answers false. The shipped program has none of this.
 * Files: plan.c says which answer is a lie, call.c lies about host calls, ring.c about completions, words.c writes into what is shared while
 * the enclave works, proxy.c lies where the proxy answers itself.
 *
 * The environment says how (the words stand at the lies below):
 *	LIAR=NAME[,NAME...]	these lies in turn, or `random`: any; without it the proxy is honest
 *	LIAR_EVERY=N		one in N answers that can be such a lie is one (1: all)
 *	LIAR_OWED=1		only those that Linux owes within a manifest's deadline
 *	LIAR_SEED=N		of all that is random (1)
 *	LIAR_FROM=start		from the start on; otherwise a victim says when, by a call that no program makes: getpgid(LIAR_MARK + 1), + 0 to end
 * At the end it says on standard error how many lies it told.
 */
#ifndef TESTS_LIAR_H
#define TESTS_LIAR_H

#include "proxy/proxy.h"

#define LIAR_MARK 0x6c696100

enum lie {
	/* Results, of host calls and completions. */
	LIE_RESULT,	/* any number at all */
	LIE_MORE,	/* one more than was asked for */
	LIE_LESS,	/* half of it, though all was done */
	LIE_ZERO,
	LIE_ERRNO,	/* an error that exists, though it was done */
	LIE_NO_ERRNO,	/* an error that does not exist */
	LIE_EINTR,	/* again, and again */
	LIE_ALIAS,	/* a descriptor that the enclave has already */
	/* What stands behind pointers. */
	LIE_BYTES,	/* junk */
	LIE_ABSURD,	/* lengths, strings, directory entries, names, messages that cannot be */
	/* Completions. */
	LIE_REPEAT,	/* twice */
	LIE_FORGE,	/* of nothing */
	LIE_STALE,	/* of an earlier use of the promise */
	LIE_SWAP,	/* under each other's names */
	LIE_EARLY,	/* before it is done, and again when it is */
	LIE_DELAY,	/* later than others */
	LIE_DROP,	/* never; a host call is never answered either */
	LIE_CQ_TAIL,	/* a tail that cannot be */
	LIE_SQ_HEAD,
	/* The proxy's own affairs. */
	LIE_GROW,	/* says that it shared memory, and did not */
	LIE_THREAD,	/* a number for a new thread that is none, or another's, or a thread that never comes */
	LIE_KICK,	/* makes nobody look */
	LIE_TIMER,	/* forgets the time */
	LIE_NOTIFY,	/* has the enclave look for news that there are none */
	LIE_WINDOW,	/* pages in a window that are not there, or windows that are not there at all */
	/* Of no answer: words.c does these all the time. */
	LIE_WORDS,	/* heads, tails, flags, counters, signals of the boot page */
	LIE_TWICE,	/* bytes that change while they are read */
	LIE_BOOT,	/* the boot page, before the first entry */
	LIE_COUNT
};

/* plan.c: whether this answer is to be a lie, one of the set; LIE_COUNT: it is true. */
enum lie plan_next(uint64_t set);
bool plan_has(enum lie lie);	/* may come at all */
bool plan_armed(void);
bool plan_spares(bool owed);	/* an answer that is owed, or not */
void plan_arm(bool armed);
void plan_told(enum lie lie);
uint64_t plan_random(void);

#define LIES(lie) (1ul << (lie))
#define LIES_RESULT (LIES(LIE_RESULT) | LIES(LIE_MORE) | LIES(LIE_LESS) | LIES(LIE_ZERO) | LIES(LIE_ERRNO) | LIES(LIE_NO_ERRNO))

/* call.c: what answers are made of, for ring.c as well. A size that the caller asked for is `asked`. */
int64_t lie_result(enum lie lie, int64_t result, uint64_t asked);
void lie_bytes(uint8_t *at, size_t size);
void lie_name(uint8_t *name, uint32_t *size);
void lie_directory(uint8_t *records, size_t size);
void lie_message(uint8_t *base, uint64_t there, uint64_t offset);
void lie_string(uint8_t *text, size_t size);
/* The last descriptors that the enclave got. */
void lie_remember(int64_t fd);
int64_t lie_alias(void);
int64_t lie_spared(int64_t fd);

/* ring.c */
void ring_forget(uint32_t index);

/* words.c */
void words_watch(const struct region *region);
void words_leave(const struct region *region);
void words_boot(struct rm_boot *boot);

#endif
